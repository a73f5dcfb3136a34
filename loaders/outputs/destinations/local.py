"""A folder on this machine. Staged files stand in it already, so that publishing is a rename."""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from loaders.errors import DestinationUnavailable, OutputMismatch, UsageError
from loaders.failpoints import failpoint
from loaders.outputs.destinations.base import STAGING, WRITING
from loaders.outputs.durable import destination_errors, make_folders, sha256_of, sync_folder, sync_folders


def open_destination(uri: str, _scratch: Path) -> LocalDestination:
    """The folder of a path or a file:// URI. Writes nothing. Raises UsageError for a URI of another machine."""
    if "://" not in uri:
        return LocalDestination(Path(uri))
    parts = urlsplit(uri)
    if parts.netloc not in ("", "localhost") or not parts.path:
        raise UsageError(f"{uri} names no folder of this machine", hint="write file:///folder, or the path alone")
    return LocalDestination(Path(unquote(parts.path)))


class LocalDestination:
    is_remote = False

    def __init__(self, root: Path) -> None:
        self._root = root

    @property
    def uri(self) -> str:
        return str(self._root)

    @contextmanager
    def held(self) -> Iterator[None]:
        with destination_errors(self._root):
            make_folders(self._root / "_manifest")
            descriptor = os.open(self._root / "_manifest" / "lock", os.O_RDWR | os.O_CREAT, 0o666)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise DestinationUnavailable(
                    f"{self._root} is being written by another run", hint="wait for it (`loaders jobs list`) or stop it"
                ) from error
            yield
        finally:
            os.close(descriptor)

    def workspace(self, job_id: str) -> Path:
        folder = self._root / STAGING / job_id
        with destination_errors(self._root):
            folder.mkdir(parents=True, exist_ok=True)
        return folder

    def stage(self, _job_id: str, _path: str) -> None:
        # A complete file of the workspace is staged: both are one folder here.
        failpoint("outputs.local.staged")

    def staged(self, job_id: str) -> dict[str, int]:
        return {path: size for path, size in self.files(f"{STAGING}/{job_id}/").items() if not path.endswith(WRITING)}

    def discard(self, job_id: str, path: str) -> None:
        with destination_errors(self._root):
            (self._root / STAGING / job_id / path).unlink(missing_ok=True)

    def publish(self, job_id: str, path: str) -> None:
        with destination_errors(self._root):
            target = self._root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            (self._root / STAGING / job_id / path).replace(target)

    def settle(self, paths: Sequence[str]) -> None:
        # New folders are entries of those above them.
        folders = {folder for path in paths for folder in PurePosixPath(path).parents}
        with destination_errors(self._root):
            sync_folders(self._root / folder for folder in sorted(folders))

    def clear(self, job_id: str) -> None:
        with destination_errors(self._root):
            if (self._root / STAGING / job_id).is_dir():
                shutil.rmtree(self._root / STAGING / job_id)
            # Another job's staged files may be there, to be resumed.
            with suppress(OSError):
                (self._root / STAGING).rmdir()

    def files(self, folder: str) -> dict[str, int]:
        base = self._root / folder
        found: dict[str, int] = {}
        with destination_errors(self._root):
            for path in sorted(base.rglob("*")):
                # Other threads give finished files their names meanwhile: what is gone by now was not finished.
                with suppress(FileNotFoundError):
                    status = path.stat()
                    if stat.S_ISREG(status.st_mode):
                        found[path.relative_to(base).as_posix()] = status.st_size
        return found

    def size(self, path: str) -> int | None:
        with destination_errors(self._root):
            try:
                return (self._root / path).stat().st_size
            except FileNotFoundError:
                return None

    def read(self, path: str) -> bytes | None:
        with destination_errors(self._root):
            try:
                return (self._root / path).read_bytes()
            except FileNotFoundError:
                return None

    def sha256(self, path: str) -> str | None:
        with destination_errors(self._root):
            try:
                return sha256_of(self._root / path)
            except FileNotFoundError:
                return None

    def fetch(self, path: str, target: Path) -> None:
        with destination_errors(self._root):
            shutil.copyfile(self._root / path, target)

    def create(self, path: str, content: bytes) -> None:
        target = self._root / path
        aside = target.with_name(f"{target.name}{WRITING}")
        with destination_errors(self._root):
            make_folders(target.parent)
            with aside.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            failpoint("outputs.local.before_create")
            try:
                # A link fails where a rename would replace, and like it shows the whole file or none.
                os.link(aside, target)
            except FileExistsError as error:
                raise OutputMismatch(
                    f"{target} was written by another run meanwhile",
                    hint="run again, on top of that run's files",
                ) from error
            finally:
                aside.unlink(missing_ok=True)
            sync_folder(target.parent)

    def remove(self, path: str) -> None:
        target = self._root / path
        with destination_errors(self._root):
            target.unlink(missing_ok=True)
            for folder in target.parents:
                if folder in (self._root, *self._root.parents):
                    break
                # Not empty yet, or gone already: both are as wanted.
                with suppress(OSError):
                    folder.rmdir()

"""Files that are whole or not there: written aside, brought to the disk, renamed."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from loaders.errors import DestinationUnavailable
from loaders.failpoints import failpoint

_AT_ONCE = 8
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_READ_ONLY = {errno.EROFS, errno.EACCES, errno.EPERM}
_GONE = {errno.ENOENT, errno.ENOTDIR, errno.ESTALE, errno.ENODEV, errno.EIO}


@contextmanager
def destination_errors(where: Path | str) -> Iterator[None]:
    """Turns errors of the file system into one line that names the destination and its trouble."""
    try:
        yield
    except OSError as error:
        raise destination_fault(where, error.errno or 0, error.strerror or str(error)) from error


def destination_fault(where: Path | str, number: int, text: str) -> DestinationUnavailable:
    """The error for `errno` `number` at `where`."""
    if number in _FULL:
        return DestinationUnavailable(
            f"{where}: no space left ({text})",
            hint="free space and go on with --resume-latest; nothing of this run is visible, finished parts are kept",
        )
    if number in _READ_ONLY:
        return DestinationUnavailable(f"{where} cannot be written ({text})", hint="choose a folder that may be written")
    if number in _GONE:
        return DestinationUnavailable(
            f"{where} is gone ({text})", hint="bring it back and go on with --resume-latest, or choose another --to"
        )
    return DestinationUnavailable(f"{where}: {text}", hint="mend that and go on with --resume-latest")


def make_folders(folder: Path) -> None:
    """Makes a folder and those above it that are lacking, durably."""
    if folder.is_dir():
        return
    make_folders(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def sync_folders(folders: Iterable[Path]) -> None:
    """Brings the entries of folders to the disk, side by side: a file system settles many at the price of few."""
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="sync") as pool:
        for done in [pool.submit(sync_folder, folder) for folder in folders]:
            done.result()


def sync_folder(folder: Path) -> None:
    """Brings a folder's entries to the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_file(path: Path) -> None:
    """Brings a file's bytes to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def settled_sha256_of(path: Path, settle: Callable[[], None] | None = None) -> str:
    """The hex SHA-256 of a file's bytes, which `settle` brings to the disk meanwhile [default: `sync_file`].

    For files that nobody writes any more: DuckDB's threads write a file at several places at once, so that what lies
    before its end may still be to come.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="sync") as pool:
        synced = pool.submit(settle or partial(sync_file, path))
        digest = sha256_of(path)
        synced.result()
    return digest


def replace(source: Path, target: Path) -> None:
    """Renames a durable file to its place, over what was there, durably."""
    source.replace(target)
    sync_folder(target.parent)


def write_whole(path: Path, content: bytes) -> None:
    """Puts `content` at `path`: a reader, and a restart after a crash, finds the old content or the new one."""
    aside = path.with_name(f"{path.name}.writing")
    with aside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    failpoint("outputs.file.before_rename")
    replace(aside, path)


def sha256_of(path: Path) -> str:
    """The hex SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

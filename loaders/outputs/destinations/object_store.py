"""An S3-compatible store, through Arrow's own client. Staged files stand under `_staging/` and the server copies them.

Settings come from the environment, as every S3 tool reads them: credentials and region from the AWS variables or files,
AWS_ENDPOINT_URL (or AWS_ENDPOINT_URL_S3) for a store that is not Amazon's. An object appears whole or not at all.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import pyarrow.fs as fs

from loaders.errors import DestinationUnavailable, DestinationUnreachable, OutputMismatch, UsageError
from loaders.failpoints import failpoint
from loaders.outputs.destinations.base import STAGING

if TYPE_CHECKING:
    from typing import BinaryIO

# One part of a multipart upload; Arrow uploads several at once, so this times a few is what an upload holds in memory.
_BLOCK: Final = 8 * 2**20
# What S3 copies in one call.
_LARGEST: Final = 5 * 2**30
_CONNECT_SECONDS: Final = 5
_REQUEST_SECONDS: Final = 60


def open_destination(uri: str, scratch: Path) -> ObjectStore:
    """The prefix of `s3://bucket/prefix`, every character of it as it is. Connects to nothing yet.

    Raises UsageError without a bucket, for a folder without a name, and for an endpoint that is no URL.
    """
    place = uri.partition("://")[2].rstrip("/")
    if not all(place.split("/")):
        raise UsageError(f"{uri} lacks the name of a bucket or folder", hint="write it like s3://bucket/folder")
    return ObjectStore(uri.rstrip("/"), place, _client(), scratch / "parts")


class ObjectStore:
    is_remote = True

    def __init__(self, uri: str, root: str, client: fs.FileSystem, scratch: Path) -> None:
        self.uri = uri
        self._root = root
        self._client = client
        self._scratch = scratch

    @contextmanager
    def held(self) -> Iterator[None]:
        # A store has no locks. Of two runs, the later one is refused when it publishes.
        yield

    def workspace(self, _job_id: str) -> Path:
        self._scratch.mkdir(parents=True, exist_ok=True)
        return self._scratch

    def stage(self, job_id: str, path: str, /) -> None:
        local = self._scratch / path
        if local.stat().st_size >= _LARGEST:
            raise DestinationUnavailable(
                f"{self.uri}/{path} has {local.stat().st_size:,} bytes, more than a store copies in one step",
                hint="write several files: --rows-per-file",
            )
        with self._errors(), local.open("rb") as source, self._output(self._staged_path(job_id, path)) as target:
            while block := source.read(_BLOCK):
                target.write(block)
        failpoint("outputs.store.staged")
        local.unlink()

    def staged(self, job_id: str) -> dict[str, int]:
        return self.files(f"{STAGING}/{job_id}/")

    def discard(self, job_id: str, path: str) -> None:
        self._delete(self._staged_path(job_id, path))

    def publish(self, job_id: str, path: str) -> None:
        staged = self._staged_path(job_id, path)
        with self._errors():
            self._client.copy_file(staged, f"{self._root}/{path}")
        self._delete(staged)

    def settle(self, paths: Sequence[str]) -> None:
        """A store's answer to the copy says that it lasts."""

    def clear(self, job_id: str) -> None:
        for path in self.staged(job_id):
            self._delete(self._staged_path(job_id, path))

    def files(self, folder: str) -> dict[str, int]:
        base = f"{self._root}/{folder}"
        with self._errors():
            selector = fs.FileSelector(base.rstrip("/"), recursive=True, allow_not_found=True)
            found = [each for each in self._client.get_file_info(selector) if each.type == fs.FileType.File]
        return {each.path.removeprefix(base): each.size for each in found}

    def size(self, path: str) -> int | None:
        with self._errors():
            info = self._client.get_file_info(f"{self._root}/{path}")
        return info.size if info.type == fs.FileType.File else None

    def read(self, path: str) -> bytes | None:
        if self.size(path) is None:
            return None
        with self._errors(), self._client.open_input_stream(f"{self._root}/{path}") as stream:
            content: bytes = stream.read()
        return content

    def sha256(self, path: str) -> str | None:
        if self.size(path) is None:
            return None
        digest = hashlib.sha256()
        with self._errors(), self._client.open_input_stream(f"{self._root}/{path}") as stream:
            while block := stream.read(_BLOCK):
                digest.update(block)
        return digest.hexdigest()

    def fetch(self, path: str, target: Path) -> None:
        with (
            self._errors(),
            self._client.open_input_stream(f"{self._root}/{path}") as stream,
            target.open("wb") as file,
        ):
            while block := stream.read(_BLOCK):
                file.write(block)

    def create(self, path: str, content: bytes) -> None:
        there = self.read(path)
        if there is None:
            with self._errors(), self._output(f"{self._root}/{path}") as target:
                target.write(content)
            # Of two runs that found nothing there, one wrote later; the other sees it here.
            there = self.read(path)
        if there != content:
            raise OutputMismatch(
                f"{self.uri}/{path} was written by another run meanwhile", hint="run again, on top of that run's files"
            )

    def remove(self, path: str) -> None:
        self._delete(f"{self._root}/{path}")

    def _staged_path(self, job_id: str, path: str) -> str:
        return f"{self._root}/{STAGING}/{job_id}/{path}"

    def _output(self, path: str) -> BinaryIO:
        stream: BinaryIO = self._client.open_output_stream(path)
        return stream

    def _delete(self, path: str) -> None:
        with self._errors():
            try:
                self._client.delete_file(path)
            except FileNotFoundError:
                return

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Arrow tells a network's error from a refusal only in words; trying a refusal again does no harm."""
        try:
            yield
        except OSError as error:
            cause = " ".join(str(error).split())
            raise DestinationUnreachable(
                f"{self.uri}: {cause}",
                hint="check the endpoint, the bucket and the AWS_… variables, then go on with --resume-latest",
            ) from error


def _client() -> fs.FileSystem:
    url = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or ""
    own: dict[str, object] = {}
    if url:
        endpoint = urlsplit(url)
        if endpoint.scheme not in ("http", "https") or not endpoint.netloc:
            # Without it the rows would go to Amazon.
            raise UsageError(
                f"AWS_ENDPOINT_URL is no http or https URL: {url}", hint="write it like http://127.0.0.1:9000"
            )
        own = {"endpoint_override": endpoint.netloc, "scheme": endpoint.scheme, "force_virtual_addressing": False}
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if region:
        own["region"] = region
    # One attempt here: trying again is the caller's, who can be stopped meanwhile.
    retry = fs.AwsStandardS3RetryStrategy(max_attempts=1)
    return fs.S3FileSystem(
        connect_timeout=_CONNECT_SECONDS, request_timeout=_REQUEST_SECONDS, retry_strategy=retry, **own
    )

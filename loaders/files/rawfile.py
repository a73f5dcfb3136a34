"""One regular file behind one descriptor: every byte that is hashed, parsed or checked is read through it.

A path may be replaced or removed at any moment; the descriptor goes on giving the bytes of the file that was opened.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import stat as status
from typing import TYPE_CHECKING

from loaders.errors import FileRefused, FileUnstable
from loaders.files.shapes import FileStat

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from _typeshed import WriteableBuffer

HASH_BYTES = 1024 * 1024
KINDS = (
    (status.S_ISDIR, "a directory"),
    (status.S_ISFIFO, "a named pipe"),
    (status.S_ISSOCK, "a socket"),
    (status.S_ISCHR, "a character device"),
    (status.S_ISBLK, "a block device"),
)


def kind_of(mode: int) -> str | None:
    """What `mode` stands for, in words; None for a regular file."""
    if status.S_ISREG(mode):
        return None
    return next((words for test, words in KINDS if test(mode)), "no regular file")


def not_regular(display: str, kind: str) -> FileRefused:
    return FileRefused(display, f"this is {kind}, not a regular file", hint="write the data to a file and ingest that")


class RawFile:
    """An open file of fixed size: bytes added after opening are not read, and `verify` reports them."""

    def __init__(self, descriptor: int, display: str, stat: FileStat) -> None:
        self.descriptor = descriptor
        self.display = display
        self.stat = stat

    @classmethod
    def open(cls, path: Path, display: str) -> RawFile:
        """Open without ever blocking (a named pipe would). Raises FileRefused for what is no readable regular file."""
        try:
            # Links were followed and judged when the file was found; one put in its place since then is refused.
            real = os.path.realpath(path, strict=True)
            descriptor = os.open(real, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW)
        except OSError as error:
            raise unreadable(display, error) from error
        seen = os.fstat(descriptor)
        kind = kind_of(seen.st_mode)
        if kind is not None:
            os.close(descriptor)
            raise not_regular(display, kind)
        return cls(descriptor, display, _stat_of(seen))

    def close(self) -> None:
        os.close(self.descriptor)

    def read_at(self, offset: int, size: int) -> bytes:
        """Up to `size` bytes at `offset`, short only at the end. Raises FileUnstable where the file has shrunk."""
        wanted = min(size, self.stat.size_bytes - offset)
        if wanted <= 0:
            return b""
        block = self._pread(wanted, offset)
        while len(block) < wanted:
            more = self._pread(wanted - len(block), offset + len(block))
            if not more:
                raise self._unstable(f"it shrank from {self.stat.size_bytes} bytes while it was read")
            block += more
        return block

    def fingerprint(self, on_bytes: Callable[[int], None]) -> str:
        """SHA-256 of the stored bytes, hex; `on_bytes` hears of each block's size. Raises FileUnstable on change."""
        digest = hashlib.sha256()
        offset = 0
        while block := self.read_at(offset, HASH_BYTES):
            digest.update(block)
            offset += len(block)
            on_bytes(len(block))
        self.verify()
        return digest.hexdigest()

    def verify(self) -> bool:
        """True if the file still has a name. Raises FileUnstable where size or modification time moved."""
        try:
            seen = os.fstat(self.descriptor)
        except OSError as error:
            raise unreadable(self.display, error) from error
        now = _stat_of(seen)
        if now.size_bytes != self.stat.size_bytes:
            raise self._unstable(f"it went from {self.stat.size_bytes} to {now.size_bytes} bytes while it was read")
        if now.modified_ns != self.stat.modified_ns:
            raise self._unstable("it was written to while it was read")
        return seen.st_nlink > 0

    def as_stream(self) -> io.RawIOBase:
        """The file as a seekable stream that shares no position with any other reader of it."""
        return _Stream(self)

    def _pread(self, size: int, offset: int) -> bytes:
        try:
            return os.pread(self.descriptor, size, offset)
        except OSError as error:
            raise unreadable(self.display, error) from error

    def _unstable(self, reason: str) -> FileUnstable:
        return FileUnstable(
            self.display, reason, hint="nothing of it was landed; ingest again once its writer has finished"
        )


class _Stream(io.RawIOBase):
    def __init__(self, raw: RawFile) -> None:
        self._raw = raw
        self._offset = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._offset, os.SEEK_END: self._raw.stat.size_bytes}[whence]
        if base + offset < 0:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        self._offset = base + offset
        return self._offset

    def tell(self) -> int:
        return self._offset

    def read(self, size: int = -1) -> bytes:
        block = self._raw.read_at(self._offset, self._raw.stat.size_bytes if size < 0 else size)
        self._offset += len(block)
        return block

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer)
        block = self.read(len(view))
        view[: len(block)] = block
        return len(block)


def unreadable(display: str, error: OSError) -> FileRefused:
    """The refusal for an operating system error; retryable where trying again may help."""
    cause = os.strerror(error.errno) if error.errno else str(error)
    if error.errno in (errno.EACCES, errno.EPERM):
        return FileRefused(display, f"cannot be read: {cause}", hint="give the account that runs this read permission")
    if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.ENXIO):
        return FileRefused(display, f"cannot be opened: {cause}", hint="check the path and the links in it")
    return FileUnstable(display, f"cannot be read: {cause}", hint="check the disk or network share, then ingest again")


def _stat_of(seen: os.stat_result) -> FileStat:
    return FileStat(size_bytes=seen.st_size, modified_ns=seen.st_mtime_ns, inode=seen.st_ino, device=seen.st_dev)

"""Bytes as a file that a parser can open by path, in memory where the system has such files."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

_READ_BYTES: Final = 2**24
_HAS_MEMORY_FILES: Final = hasattr(os, "memfd_create") and Path("/proc/self/fd").is_dir()


class MemoryFile:
    """A private file that is gone once closed. Where the system has no memory files, a temporary one on disk."""

    def __init__(self, pieces: Iterable[bytes | memoryview]) -> None:
        self._temporary: Path | None = None
        self.size_bytes = 0
        if _HAS_MEMORY_FILES:
            self._descriptor = os.memfd_create("landfall", os.MFD_CLOEXEC)
            self.path = f"/proc/self/fd/{self._descriptor}"
        else:
            self._descriptor, self.path = tempfile.mkstemp(prefix="landfall-")
            self._temporary = Path(self.path)
        try:
            for piece in pieces:
                self._write(memoryview(piece))
        except BaseException:
            self.close()
            raise

    def blocks(self, start: int) -> Iterator[bytes]:
        """What was written, from offset `start` on, in blocks."""
        while block := os.pread(self._descriptor, _READ_BYTES, start):
            yield block
            start += len(block)

    def close(self) -> None:
        """Gives the memory back; further calls do nothing."""
        if self._descriptor < 0:
            return
        os.close(self._descriptor)
        self._descriptor = -1
        if self._temporary is not None:
            self._temporary.unlink()

    def _write(self, rest: memoryview) -> None:
        self.size_bytes += len(rest)
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]

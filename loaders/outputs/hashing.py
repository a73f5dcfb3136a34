"""The SHA-256 of a file while it is still being written, so that nobody waits for it afterwards.

DuckDB appends to the file it writes, one write after the other: what is there does not change any more.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from loaders.outputs.durable import sha256_of
from loaders.outputs.following import Follower

# Large enough that hashing lets other threads run meanwhile, small enough to stay in the processor's cache.
_BLOCK: Final = 2**18
_SECONDS_BETWEEN_LOOKS: Final = 0.02


class FollowedFile(Follower):
    """A file that grows. `digest` may be called once its writer is done."""

    def __init__(self, path: Path) -> None:
        self._hash = hashlib.sha256()
        self._hashed = 0
        super().__init__(path, "hash", _SECONDS_BETWEEN_LOOKS)

    def digest(self) -> str:
        """The hex digest of the whole file; hashed once more where the file could not be followed."""
        self.stop()
        # Its writer meets a fault of the disk too and names it; should it not, reading the file anew does.
        if self._fault is not None or self._hashed != self._path.stat().st_size:
            return sha256_of(self._path)
        return self._hash.hexdigest()

    def _follow(self) -> None:
        block = memoryview(bytearray(_BLOCK))
        with self._path.open("rb", buffering=0) as file:
            while True:
                # Asked for before the last read, or bytes written between the two would be missed.
                ended = self._ended.is_set()
                while size := file.readinto(block):
                    self._hash.update(block[:size])
                    self._hashed += size
                if ended:
                    return
                self._ended.wait(self._pause)

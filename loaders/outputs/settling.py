"""A growing file brought to the disk while it is still being written, so that little is left to wait for at its end."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from loaders.outputs.durable import sync_file
from loaders.outputs.following import Follower

# Small enough that a disk takes it in a fraction of a second, large enough that its commits do not count.
_STEP: Final = 32 * 2**20
_SECONDS_BETWEEN_LOOKS: Final = 0.05


class SettlingFile(Follower):
    """A file that grows. Once its writer is done: `finish`, or `stop` where it is given up."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "settle", _SECONDS_BETWEEN_LOOKS)

    def finish(self) -> None:
        """Brings the whole file to the disk. Raises OSError.

        An error of an earlier step counts too: the system tells each fault once, so nobody else would hear of it.
        """
        self.stop()
        if self._fault is not None:
            raise self._fault
        sync_file(self._path)

    def _follow(self) -> None:
        descriptor = os.open(self._path, os.O_RDONLY)
        try:
            settled = 0
            while not self._ended.wait(self._pause):
                size = os.fstat(descriptor).st_size
                if size - settled >= _STEP:
                    os.fsync(descriptor)
                    settled = size
        finally:
            os.close(descriptor)

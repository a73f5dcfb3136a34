"""A growing file brought to the disk while it is still being written, so that little is left to wait for at its end."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Final

from loaders.outputs.durable import sync_file

# Small enough that a disk takes it in a fraction of a second, large enough that its commits do not count.
_STEP: Final = 32 * 2**20
_SECONDS_BETWEEN_LOOKS: Final = 0.05


class SettlingFile:
    """A file that grows. Once its writer is done: `finish`, or `stop` where it is given up."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._ended = threading.Event()
        self._fault: OSError | None = None
        self._thread = threading.Thread(target=self._run, name="settle", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Waits until what is under way is done; nothing else begins."""
        self._ended.set()
        self._thread.join()

    def finish(self) -> None:
        """Brings the whole file to the disk. Raises OSError.

        An error of an earlier step counts too: the system tells each fault once, so nobody else would hear of it.
        """
        self.stop()
        if self._fault is not None:
            raise self._fault
        sync_file(self._path)

    def _run(self) -> None:
        while not self._path.exists():
            if self._ended.wait(_SECONDS_BETWEEN_LOOKS):
                return
        try:
            self._follow()
        except OSError as error:
            self._fault = error

    def _follow(self) -> None:
        descriptor = os.open(self._path, os.O_RDONLY)
        try:
            settled = 0
            while not self._ended.wait(_SECONDS_BETWEEN_LOOKS):
                size = os.fstat(descriptor).st_size
                if size - settled >= _STEP:
                    os.fsync(descriptor)
                    settled = size
        finally:
            os.close(descriptor)

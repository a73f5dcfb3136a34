"""A thread beside a file that somebody else writes."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from pathlib import Path


class Follower(ABC):
    """Follows the file at `path`, looking every `pause` seconds, from when it is there until `stop`."""

    def __init__(self, path: Path, name: str, pause: float) -> None:
        self._path = path
        self._pause = pause
        self._ended = threading.Event()
        self._fault: OSError | None = None
        """What `_follow` raised."""
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Waits until what is under way is done; nothing else begins."""
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._path.exists():
            if self._ended.wait(self._pause):
                return
        try:
            self._follow()
        except OSError as error:
            self._fault = error

    @abstractmethod
    def _follow(self) -> None:
        """Runs in the thread until `_ended` is set. Raises OSError."""

"""Stopping, pausing and going on: what the thread that watches tells the threads that write."""

from __future__ import annotations

import threading


class Stopped(Exception):
    """The run is being stopped; the thread that watches knows why."""


class Control:
    """Shared by all threads of a run."""

    def __init__(self) -> None:
        self._may_go = threading.Event()
        self._may_go.set()
        self._stopped = threading.Event()

    @property
    def stopped(self) -> bool:
        return self._stopped.is_set()

    @property
    def paused(self) -> bool:
        return not self._may_go.is_set()

    def pause(self) -> None:
        self._may_go.clear()

    def go_on(self) -> None:
        self._may_go.set()

    def stop(self) -> None:
        """Stops for good; threads that wait wake up."""
        self._stopped.set()
        self._may_go.set()

    def pass_through(self) -> None:
        """Returns when writing may go on; raises Stopped when it may not any more."""
        self._may_go.wait()
        if self.stopped:
            raise Stopped

    def rest(self, seconds: float) -> None:
        """Waits, for a new try; raises Stopped as soon as the run is stopped."""
        if self._stopped.wait(seconds):
            raise Stopped

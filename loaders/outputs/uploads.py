"""A bounded queue of parts on their way to the disk or the network: the encoder goes on meanwhile, and waits when they
are slower. And tries again, for what a remote place failed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, TypeVar

from loaders.errors import LandfallError

if TYPE_CHECKING:
    from loaders.outputs.control import Control

T = TypeVar("T")

_WORKERS: Final = 2
# Parts that are encoded and wait; each holds local disk until it is through.
_WAITING: Final = 4
_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 30.0


def with_retries(action: Callable[[], T], retries: int, control: Control) -> T:
    """`action`, tried again up to `retries` times after an error that may pass by itself. Raises Stopped."""
    pause = _FIRST_PAUSE
    for _ in range(retries):
        try:
            return action()
        except LandfallError as error:
            if not error.retryable:
                raise
        control.rest(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)
    return action()


class Uploads:
    """The queue of one table's task. Every error comes out of `submit` or `drain`."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="upload")
        self._places = threading.Semaphore(_WORKERS + _WAITING)
        self._lock = threading.Lock()
        self._pending: list[Future[Any]] = []

    def submit(self, action: Callable[[], T]) -> Future[T]:
        """Queues `action`; waits while the queue is full. Any thread may call it."""
        self._places.acquire()
        submitted = self._pool.submit(self._run, action)
        with self._lock:
            done = [each for each in self._pending if each.done()]
            self._pending = [each for each in self._pending if not each.done()] + [submitted]
        for future in done:
            future.result()
        return submitted

    def drain(self) -> None:
        """Waits until everything is through."""
        for future in self._pending:
            future.result()
        self._pool.shutdown()

    def abandon(self) -> None:
        """Drops what has not begun and waits for what has."""
        self._pool.shutdown(cancel_futures=True)

    def _run(self, action: Callable[[], T]) -> T:
        try:
            return action()
        finally:
            self._places.release()

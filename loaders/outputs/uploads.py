"""A bounded queue of steps to a remote place, with tries again: the encoder waits when the network is slower."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, TypeVar

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

    def __init__(self, retries: int, control: Control) -> None:
        self._retries = retries
        self._control = control
        self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="upload")
        self._places = threading.Semaphore(_WORKERS + _WAITING)
        self._pending: list[Future[None]] = []

    def submit(self, action: Callable[[], None]) -> None:
        """Queues `action`; waits while the queue is full."""
        for future in [each for each in self._pending if each.done()]:
            self._pending.remove(future)
            future.result()
        self._places.acquire()
        self._pending.append(self._pool.submit(self._run, action))

    def drain(self) -> None:
        """Waits until everything is through."""
        for future in self._pending:
            future.result()
        self._pool.shutdown()

    def abandon(self) -> None:
        """Drops what has not begun and waits for what has."""
        self._pool.shutdown(cancel_futures=True)

    def _run(self, action: Callable[[], None]) -> None:
        try:
            with_retries(action, self._retries, self._control)
        finally:
            self._places.release()

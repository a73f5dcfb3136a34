"""Reads a file's windows one ahead, so that reading and hashing go on while the engine parses."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from hashlib import sha256

from loaders.files.reading import Window


class Ahead:
    """Iterates over windows with the next one being read in a helper thread, which also hashes."""

    def __init__(self, windows: Iterator[Window], helper: ThreadPoolExecutor) -> None:
        self._windows = windows
        self._helper = helper
        self._next = self._read()

    def __iter__(self) -> Iterator[Window]:
        return self

    def __next__(self) -> Window:
        window = self._next.result()
        if window is None:
            raise StopIteration
        self._next = self._read()
        return window

    def sha256(self, data: bytes | memoryview) -> Future[str]:
        """The hash of `data`, once the helper comes to it."""
        return self._helper.submit(lambda: sha256(data).hexdigest())

    def _read(self) -> Future[Window | None]:
        return self._helper.submit(next, self._windows, None)


@contextmanager
def read_ahead(windows: Iterator[Window]) -> Iterator[Ahead]:
    """Windows of one file; the helper has ended when the context has."""
    with ThreadPoolExecutor(1, thread_name_prefix="landfall-read") as helper:
        yield Ahead(windows, helper)

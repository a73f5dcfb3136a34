"""An iterator that a thread runs ahead of its reader, as far as the reader lets it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from queue import Empty, Queue
from threading import Event
from typing import Final, TypeVar

_Item = TypeVar("_Item")
_SECONDS_BETWEEN_LOOKS: Final = 0.02


@contextmanager
def in_background(items: Callable[[], Generator[_Item, None, None]], ahead: int = 2) -> Iterator[Iterator[_Item]]:
    """What the generator gives; the thread that runs it waits while `ahead` items wait to be read.

    Its error is raised behind the last item before it. Leaving the context ends generator and thread, however far
    they are.
    """
    waiting: Queue[tuple[_Item] | None] = Queue(ahead)
    stopped = Event()

    def make() -> None:
        try:
            with closing(items()) as running:
                for item in running:
                    waiting.put((item,))
                    if stopped.is_set():
                        return
        finally:
            waiting.put(None)

    with ThreadPoolExecutor(1, thread_name_prefix="landfall-background") as helper:
        made = helper.submit(make)

        def items_read() -> Iterator[_Item]:
            while (item := waiting.get()) is not None:
                yield item[0]
                del item
            made.result()

        try:
            yield items_read()
        finally:
            stopped.set()
            while not made.done():
                # Whoever waits to hand something on must get rid of it to see that nobody wants it.
                with suppress(Empty):
                    waiting.get(timeout=_SECONDS_BETWEEN_LOOKS)

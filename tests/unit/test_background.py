from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterator

import pytest

from loaders.background import in_background

SECONDS = 10


class Numbers:
    """Counts up from 1 and keeps in mind how far it came, in which thread, and whether it was closed."""

    def __init__(self, most: int, error: Exception | None = None) -> None:
        self.most = most
        self.error = error
        self.reached = 0
        self.thread: threading.Thread | None = None
        self.closed = False

    def __call__(self) -> Generator[int, None, None]:
        self.thread = threading.current_thread()
        try:
            while self.reached < self.most:
                self.reached += 1
                yield self.reached
            if self.error is not None:
                raise self.error
        finally:
            self.closed = True

    def waits_at(self, number: int) -> bool:
        """Whether it comes to `number` and does not go on."""
        deadline = time.monotonic() + SECONDS
        while self.reached < number and time.monotonic() < deadline:
            time.sleep(0.001)
        time.sleep(0.05)
        return self.reached == number


def stopped_by_hand(items: Iterator[int]) -> None:
    assert next(items) == 1
    raise KeyboardInterrupt


def test_items_come_in_order_from_another_thread() -> None:
    numbers = Numbers(1000)
    with in_background(numbers, 3) as items:
        assert list(items) == list(range(1, 1001))
    assert numbers.thread is not threading.current_thread()


def test_it_runs_only_so_far_ahead() -> None:
    numbers = Numbers(1000)
    with in_background(numbers, 3) as items:
        # Three wait, and a fourth is made for the first place that is free.
        assert numbers.waits_at(4)
        assert next(items) == 1
        assert numbers.waits_at(5)


def test_an_error_comes_behind_the_last_item_before_it() -> None:
    with in_background(Numbers(2, ValueError("of the maker")), 3) as items:
        assert [next(items), next(items)] == [1, 2]
        with pytest.raises(ValueError, match="of the maker"):
            next(items)


def test_a_reader_that_fails_ends_the_maker_too() -> None:
    numbers = Numbers(10**9)
    with pytest.raises(KeyboardInterrupt), in_background(numbers, 1) as items:
        stopped_by_hand(items)
    assert numbers.closed
    assert numbers.thread is not None
    assert not numbers.thread.is_alive()


def test_an_error_nobody_came_to_read_hides_no_other() -> None:
    failing = Numbers(2, ValueError("of the maker"))
    with pytest.raises(KeyboardInterrupt), in_background(failing, 3) as items:
        stopped_by_hand(items)

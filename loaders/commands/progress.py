"""The one place that draws a job's progress: bars on a terminal, a line now and then where there is none."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import TaskID

    from loaders.jobs.model import ProgressEvent
    from loaders.jobs.run import Listener

_SECONDS_BETWEEN_LINES: Final = 5.0
_WIDEST_NAME: Final = 40


@contextmanager
def shown_progress(*, quiet: bool = False, console: Console | None = None) -> Iterator[Listener | None]:
    """A listener for a job's events that draws them on stderr (or `console`) while inside; None with `quiet`."""
    if quiet:
        yield None
    elif console is not None or sys.stderr.isatty():
        with _bars(console) as listener:
            yield listener
    else:
        yield Lines(lambda line: print(line, file=sys.stderr, flush=True)).listen


@contextmanager
def _bars(console: Console | None) -> Iterator[Listener]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    # Fixed, narrow columns: a terminal that is made smaller must not wrap lines that are drawn over.
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=16),
        TextColumn("{task.fields[amount]}"),
        TextColumn("{task.fields[rate]}"),
        TextColumn("{task.fields[left]}"),
    )
    tasks: dict[str, TaskID] = {}
    with Progress(*columns, console=console or Console(stderr=True), transient=True) as bars:

        def listen(event: ProgressEvent) -> None:
            key = _key(event)
            if key not in tasks:
                tasks[key] = bars.add_task("", total=None, amount="", rate="", left="")
            done, total = _amount(event)
            bars.update(
                tasks[key],
                description=_what(event),
                completed=done,
                total=total,
                amount=amount_text(event),
                rate=f"{event.rows_per_second:,.0f} rows/s",
                left=left_text(event),
            )

        yield listen


class Lines:
    """Writes a line for a count at most every five seconds, and none for what is over before."""

    def __init__(self, write: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._write = write
        self._clock = clock
        self._last: dict[str, float] = {}

    def listen(self, event: ProgressEvent) -> None:
        now = self._clock()
        if now - self._last.setdefault(_key(event), now) < _SECONDS_BETWEEN_LINES:
            return
        self._last[_key(event)] = now
        self._write(line_text(event))


def line_text(event: ProgressEvent) -> str:
    """An event as one plain line."""
    parts = [_what(event), amount_text(event), f"{event.rows_per_second:,.0f} rows/s", left_text(event)]
    return "  ".join(part for part in parts if part)


def amount_text(event: ProgressEvent) -> str:
    """How much is done: a share where the total is known, rows and bytes; what was spilled."""
    done, total = _amount(event)
    share = f"{min(done / total, 1):.0%} " if total else ""
    spilled = f", {event.progress.rows_spilled:,} spilled" if event.progress.rows_spilled else ""
    return f"{share}{event.progress.rows:,} rows {size_text(event.progress.bytes_done)}{spilled}"


def left_text(event: ProgressEvent) -> str:
    """The time left, as people say it; nothing where it is unknown."""
    if event.eta_seconds is None:
        return ""
    seconds = round(event.eta_seconds)
    if seconds < 60:
        return f"{seconds} s left"
    minutes, seconds = divmod(seconds, 60)
    return f"{minutes}:{seconds:02d} left" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02d} h left"


def size_text(size: int) -> str:
    """Bytes in powers of 1,024."""
    amount = float(size)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if amount < 1024:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:.1f} TiB"


def _key(event: ProgressEvent) -> str:
    return event.progress.table or "" if event.progress.per_table else ""


def _what(event: ProgressEvent) -> str:
    at = event.progress
    name = (at.table if at.per_table else at.file or at.table) or ""
    partition = f" {at.partition_key}" if at.partition_key else ""
    return f"{at.phase} {name}{partition}"[:_WIDEST_NAME]


def _amount(event: ProgressEvent) -> tuple[int, int | None]:
    at = event.progress
    if at.bytes_total is None and at.rows_total is not None:
        return at.rows, at.rows_total
    return at.bytes_done, at.bytes_total

"""One table's task: its cursor, how far it is, and the steps it takes, each of which can be stopped or paused."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from loaders.outputs.control import Control, Stopped
from loaders.outputs.session import Cursor, Interrupted, Session

if TYPE_CHECKING:
    from loaders.outputs.checkpoint import Checkpoint
    from loaders.outputs.model import Part, WrittenPart

T = TypeVar("T")

DONE: Final = "written"
"""The phase after the last part."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a task is; `rows` and `bytes` as written so far, in this run and before it was resumed."""

    phase: str
    partition: str | None
    rows: int
    bytes: int
    spill_count: int
    rows_spilled: int
    seconds: float


@dataclass(slots=True)
class _Step:
    """What one thread does now: the rows it will have written at its end, those it has got through, and where."""

    cursor: Cursor
    rows: int
    file: Path | None
    done: int = 0

    def rows_done(self) -> int:
        if self.done or not self.rows:
            return self.done
        return int(self.rows * self.cursor.share_done())


class Desk:
    """Belongs to the threads that write the table; `standing` and `interrupt` are for the one that watches."""

    def __init__(self, table: str, rows_total: int, cursor: Cursor, control: Control, checkpoint: Checkpoint) -> None:
        self.cursor = cursor
        self.checkpoint = checkpoint
        self.control = control
        self._table = table
        self._rows_total = rows_total
        self._lock = threading.Lock()
        self._phase = ""
        self._began = 0.0
        self._ended: float | None = None
        self._partition: str | None = None
        self._rows = 0
        self._bytes = 0
        self._cursors = [cursor]
        self._steps: dict[int, _Step] = {}
        self.spill_count = 0
        self.rows_spilled = 0

    def begin(self) -> None:
        """The task has begun; before that it has no standing, and progress does not time it."""
        self._phase = "begin"
        self._began = time.monotonic()

    def another_cursor(self) -> Cursor:
        """A cursor for one more thread that writes the table; stopped with the others."""
        cursor = self.cursor.another()
        with self._lock:
            self._cursors.append(cursor)
        return cursor

    def step(
        self,
        action: Callable[[], T],
        rows: int = 0,
        file: Path | None = None,
        partition: str | None = None,
        cursor: Cursor | None = None,
    ) -> T:
        """Runs `action`; when a pause stops it midway, once more from its start. Raises Stopped.

        `rows` is what it will have written at its end, `file` the file or folder that grows meanwhile, `cursor` what it
        uses where that is not the desk's own. Each thread has one step at a time.
        """
        me = threading.get_ident()
        while True:
            self.control.pass_through()
            with self._lock:
                self._steps[me] = _Step(cursor or self.cursor, rows, file)
                self._partition = partition
            try:
                return action()
            except Interrupted as error:
                if self.control.stopped:
                    raise Stopped from error
            finally:
                with self._lock:
                    del self._steps[me]

    def phase(self, name: str) -> None:
        """Says what the task does now."""
        self._phase = name
        if name == DONE:
            self._ended = time.monotonic()

    def spilled(self, rows: int, session: Session) -> None:
        """Notes how much of a copy of `rows` rows did not fit into memory."""
        files, _, share = session.spilled()
        self.spill_count = files
        self.rows_spilled = round(rows * share) if files else 0

    def count(self, rows: int, size: int) -> None:
        """Counts rows and bytes as written."""
        with self._lock:
            self._rows += rows
            self._bytes += size

    def finish(self, part: Part, written: WrittenPart, *, is_remote: bool) -> None:
        """Counts a part as written and notes it in the checkpoint. May be called by another thread. Writes."""
        self.count(written.rows, written.bytes)
        self.checkpoint.note(self._table, part, written, at_once=is_remote)

    def advance(self, rows: int) -> None:
        """Rows that this thread's step has got through; they count as written when it ends well."""
        with self._lock:
            self._steps[threading.get_ident()].done += rows

    def interrupt(self) -> None:
        """Stops the statements that run."""
        with self._lock:
            cursors = list(self._cursors)
        for cursor in cursors:
            cursor.interrupt()

    def standing(self) -> Standing | None:
        """How far the task is now, running steps included; None before it has begun."""
        if not self._phase:
            return None
        with self._lock:
            rows, size, steps = self._rows, self._bytes, list(self._steps.values())
        rows += sum(step.rows_done() for step in steps)
        for file in (step.file for step in steps if step.file is not None):
            try:
                found = [*file.glob("*/*")] if file.is_dir() else [file]
                size += sum(each.stat().st_size for each in found)
            except OSError:
                # It does not exist yet, or was renamed just now and is counted next time.
                size += 0
        rows = min(rows, self._rows_total)
        seconds = (self._ended or time.monotonic()) - self._began
        return Standing(self._phase, self._partition, rows, size, self.spill_count, self.rows_spilled, seconds)

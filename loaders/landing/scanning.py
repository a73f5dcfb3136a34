"""The careful way of cutting a text: every record scanned, malformed lines set aside, the good records handed on.

It goes in steps, whose good records are handed on at once: beside the text only one step is held twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from loaders.errors import LandingMismatch
from loaders.files.records import Scan, scan
from loaders.files.shapes import Malformed, RecordShape
from loaders.landing.rows import Cut, RowSegment, Tally, Text
from loaders.warehouses.memory_files import MemoryFile

_STEP_BYTES: Final = 8 * 2**20


def cut_carefully(
    text: Text, shape: RecordShape, segments: int, keep: Callable[[Iterable[bytes]], bytes | MemoryFile] = b"".join
) -> Cut:
    """Every record scanned, the good ones in about `segments` equal segments; `keep` makes each of its pieces.

    Raises LandingMismatch when the scanner's bytes or lines do not add up.
    """
    scanning = _Scanning(text, shape)
    parts = []
    for number in range(1, segments + 1):
        rows = scanning.tally.landed_rows
        pieces = scanning.good_until(len(text.data) * number // segments)
        first = next(pieces, None)
        if first is not None:
            data = keep(chain((first,), pieces))
            parts.append(RowSegment(data, scanning.tally.landed_rows - rows))
    return Cut(tuple(parts), scanning.tally, tuple(scanning.malformed), scanning.done)


@dataclass(slots=True)
class _Scanning:
    """How far a text has been scanned: `done` bytes are consumed, which held what `tally` and `malformed` say."""

    text: Text
    shape: RecordShape
    tally: Tally = field(default_factory=Tally)
    malformed: list[Malformed] = field(default_factory=list)
    done: int = 0
    reached: int = 0

    def good_until(self, target: int) -> Iterator[bytes]:
        """Scans the lines that end before `target`; the good records of each step that has any."""
        data = self.text.data
        while self.reached < target:
            self.reached = min(self.reached + _STEP_BYTES, target)
            end = self.reached
            if end < len(data):
                end = data.rfind(self.text.newline, self.done, end) + 1
            if end > self.done:
                found = self._scan(end)
                if found.records:
                    yield found.good_text

    def _scan(self, end: int) -> Scan:
        found = scan(
            self.text.data[self.done : end],
            self.shape,
            last=self.text.last and end == len(self.text.data),
            first_line_number=self.text.first_line_number + self.tally.lines,
            byte_start=self.text.byte_start + self.done,
        )
        step = _tally(found)
        _check(self.text, found, step, self.done)
        self.malformed += [self.text.in_file(each) for each in found.malformed]
        self.tally += step
        self.done += found.consumed
        return found


def _tally(found: Scan) -> Tally:
    malformed_lines = sum(each.lines for each in found.malformed)
    return Tally(
        lines=found.record_lines + found.blank_lines + found.comment_lines + malformed_lines,
        blank_lines=found.blank_lines,
        comment_lines=found.comment_lines,
        landed_lines=found.record_lines,
        landed_rows=found.records,
        malformed_lines=malformed_lines,
        malformed_rows=len(found.malformed),
    )


def _check(text: Text, found: Scan, step: Tally, start: int) -> None:
    """Conservation of one scan: no byte and no line is in two places or in none."""
    scanned = sum(end - begin for begin, end in found.good) + sum(len(each.raw) for each in found.malformed)
    scanned += found.blank_bytes + found.comment_bytes
    stop = start + found.consumed
    lines = text.data.count(text.newline, start, stop)
    if stop == len(text.data):
        lines += text.unended_lines
    if scanned != found.consumed or lines != step.lines:
        raise LandingMismatch(
            f"bytes {text.byte_start + start} to {text.byte_start + stop}: {found.consumed} bytes in {lines} lines "
            f"were read, {scanned} bytes in {step.lines} lines are accounted for",
            hint="this is a fault of Landfall; please report it with the file",
        )

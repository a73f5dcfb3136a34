"""Cuts a stretch of a file's text into segments for the strict parse, with the count of rows each must give.

Two ways, one result. The fast way takes every line for a row, so that a segment may start after any newline; the
strict parse proves it by giving as many rows as there are lines. Where it cannot, the careful way
(`loaders.landing.scanning`) scans every record, sets malformed lines aside and hands on only well-formed ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

from loaders.files.fastway import must_scan
from loaders.files.reading import Window
from loaders.files.shapes import Malformed, RecordShape
from loaders.files.windows import in_file
from loaders.warehouses.memory_files import MemoryFile


@dataclass(frozen=True, slots=True)
class Tally:
    """Lines and rows of a stretch of records. Lines are physical; malformed rows may cover several."""

    lines: int = 0
    blank_lines: int = 0
    comment_lines: int = 0
    landed_lines: int = 0
    landed_rows: int = 0
    malformed_lines: int = 0
    malformed_rows: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.lines + other.lines,
            self.blank_lines + other.blank_lines,
            self.comment_lines + other.comment_lines,
            self.landed_lines + other.landed_lines,
            self.landed_rows + other.landed_rows,
            self.malformed_lines + other.malformed_lines,
            self.malformed_rows + other.malformed_rows,
        )


@dataclass(frozen=True, slots=True)
class Text:
    """A stretch of text that starts at a record's start, made of the windows in `sources`."""

    data: bytes
    byte_start: int
    first_line_number: int
    newlines: int
    last: bool
    newline: bytes
    """The byte that ends a physical line."""
    sources: tuple[Window, ...]

    @classmethod
    def of(cls, window: Window, shape: RecordShape) -> Text:
        return cls(
            window.data,
            window.byte_start,
            window.first_line_number,
            window.newlines,
            window.last,
            shape.newline[-1:],
            (window,),
        )

    def rest(self, consumed: int, lines: int) -> Text:
        """What is left after `consumed` bytes that held `lines` lines."""
        data, start = self.data[consumed:], self.byte_start + consumed
        return Text(
            data,
            start,
            self.first_line_number + lines,
            data.count(self.newline),
            self.last,
            self.newline,
            tuple(window for window in self.sources if window.byte_end > start),
        )

    def start(self, consumed: int, lines: int) -> Text:
        """The first `consumed` bytes, which hold `lines` lines; more text follows them."""
        data = self.data[:consumed]
        return replace(self, data=data, newlines=lines, last=False)

    def followed_by(self, text: Text) -> Text:
        """This text with the one that comes next in the file behind it."""
        return Text(
            self.data + text.data,
            self.byte_start,
            self.first_line_number,
            self.newlines + text.newlines,
            text.last,
            self.newline,
            (*self.sources, *text.sources),
        )

    def emptied(self) -> Text:
        """The same place without the bytes, which may be many."""
        return replace(self, data=b"", sources=tuple(replace(window, data=b"") for window in self.sources))

    def forgotten(self) -> Text:
        """The same place without anything that could give its bytes again."""
        return replace(self, data=b"", sources=())

    def filled(self, data: bytes) -> Text:
        """An emptied text with its bytes again."""
        return replace(self, data=data)

    def in_file(self, malformed: Malformed) -> Malformed:
        """With offset and bytes as they stand in the file; its lines may go on from one window into the next."""
        return in_file(malformed, [window for window in self.sources if malformed.byte_offset < window.byte_end])

    @property
    def lines(self) -> int:
        """Physical lines, a last one without newline included."""
        return self.newlines + self.unended_lines

    @property
    def unended_lines(self) -> int:
        return int(bool(self.data) and self.last and not self.data.endswith(self.newline))


@dataclass(frozen=True, slots=True)
class RowSegment:
    """Bytes that must give `rows` rows."""

    data: bytes | memoryview | MemoryFile
    rows: int


@dataclass(frozen=True, slots=True)
class Cut:
    """A text cut for the strict parse; `consumed` bytes of it, the rest belongs to the next text."""

    segments: tuple[RowSegment, ...]
    tally: Tally
    malformed: tuple[Malformed, ...]
    consumed: int


def needs_care(text: Text, shape: RecordShape) -> bool:
    """Whether the fast way could take for a row what is none."""
    # Where a blank line is a row, the parser must read empty text as NULL, and then drops a surplus empty field.
    return (shape.fields == 1 and shape.blank_lines == "row") or must_scan(text.data, shape)


def cut_fast(text: Text, segments: int, keep: Callable[[memoryview], memoryview | MemoryFile] = lambda it: it) -> Cut:
    """Every line taken for a row: about `segments` equal segments, each what `keep` makes of its bytes.

    Not for text that `needs_care`.
    """
    data, newline = text.data, text.newline
    view = memoryview(data)
    cuts = [0]
    for number in range(1, segments):
        cuts.append(max(cuts[-1], data.rfind(newline, 0, len(data) * number // segments) + 1))
    cuts.append(len(data))
    parts = []
    left = text.lines
    for start, end in pairwise(cuts):
        if start < end:
            rows = left if end == len(data) else data.count(newline, start, end)
            left -= rows
            parts.append(RowSegment(keep(view[start:end]), rows))
    tally = Tally(lines=text.lines, landed_lines=text.lines, landed_rows=text.lines)
    return Cut(tuple(parts), tally, (), len(data))

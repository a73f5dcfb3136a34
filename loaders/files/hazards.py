"""Finds what the grammar cannot see: bytes that make a well-shaped record malformed all the same.

Each finder answers "where is the next one at or after this line start" and remembers the answer, so that asking along
a scan costs one pass over the data in all.
"""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from loaders.files.grammar import Grammar
    from loaders.files.shapes import Kind, RecordShape

DECODE_BYTES = 256 * 1024
BYTE_ORDER_MARK = codecs.BOM_UTF8


class Hazard(Protocol):
    """`at_start_only`: it counts only for a record that begins there."""

    kind: Kind
    at_start_only: bool

    def at(self, position: int) -> int:
        """Offset of the first one at or after `position` (a line start); the data's length where there is none."""
        ...


class NulBytes:
    kind: Kind = "nul"
    at_start_only = False

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._next = -1

    def at(self, position: int) -> int:
        if self._next < position:
            found = self._data.find(b"\0", position)
            self._next = len(self._data) if found < 0 else found
        return self._next


class UndecodableBytes:
    kind: Kind = "encoding"
    at_start_only = False

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._next = len(data) if data.isascii() else -1

    def at(self, position: int) -> int:
        if self._next < position:
            self._next = self._search(position)
        return self._next

    def _search(self, position: int) -> int:
        data, size = self._data, len(self._data)
        while position < size:
            block = data[position : position + DECODE_BYTES]
            final = position + DECODE_BYTES >= size
            try:
                position += len(block) if block.isascii() else codecs.utf_8_decode(block, "strict", final)[1]
            except UnicodeDecodeError as error:
                return position + error.start
        return size


class LongLines:
    kind: Kind = "too_long"
    at_start_only = False

    def __init__(self, data: bytes, grammar: Grammar, limit: int) -> None:
        self._data = data
        self._line_end = grammar.line_end
        self._limit = limit
        self._next = -1

    def at(self, position: int) -> int:
        if self._next < position:
            self._next = self._search(position)
        return self._next

    def _search(self, position: int) -> int:
        """Hops from newline to newline as far apart as the limit allows: a hop that finds none is a long line."""
        while position + self._limit < len(self._data):
            reach = position + self._limit + 1
            found = self._data.rfind(self._line_end, position, reach)
            if found < 0 and self._data[reach - 1 : reach + 1] == b"\r\n":
                found = reach
            if found < 0:
                return position
            position = found + 1
        return len(self._data)


class RepeatedHeaders:
    kind: Kind = "header_row"
    at_start_only = True

    def __init__(self, data: bytes, grammar: Grammar) -> None:
        self._data = data
        self._grammar = grammar
        self._next: list[int] = [-1] * len(grammar.repeated_header)

    def at(self, position: int) -> int:
        for index, text in enumerate(self._grammar.repeated_header):
            if self._next[index] < position:
                self._next[index] = self._search(text, position)
        return min(self._next)

    def _search(self, text: bytes, position: int) -> int:
        found = self._data.find(text, position)
        while found >= 0:
            start = self._line_start(found)
            if start >= position and self._ends_line(found + len(text)):
                return start
            found = self._data.find(text, found + 1)
        return len(self._data)

    def _line_start(self, found: int) -> int:
        """Where the line with the header text begins, -1 if other text stands before it on the line."""
        if self._data[max(found - 3, 0) : found] == BYTE_ORDER_MARK:
            found -= 3
        at_start = found == 0 or self._data[found - 1 : found] == self._grammar.line_end
        return found if at_start else -1

    def _ends_line(self, end: int) -> bool:
        return end >= len(self._data) or self._data[end : end + 1] in (b"\r", b"\n")


def hazards_of(data: bytes, shape: RecordShape, grammar: Grammar) -> tuple[Hazard, ...]:
    """The finders that apply, the most telling cause first."""
    hazards: list[Hazard] = [LongLines(data, grammar, shape.max_line_bytes)]
    if grammar.repeated_header:
        hazards.append(RepeatedHeaders(data, grammar))
    if shape.nul == "reject":
        hazards.append(NulBytes(data))
    hazards.append(UndecodableBytes(data))
    return tuple(hazards)

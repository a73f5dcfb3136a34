"""Says why the text at a record's start is no record, and which physical lines that costs.

After a quoting fault only the lines up to the one that opened the quote are given up: what follows is read afresh, so
that one stray quote cannot swallow a file. A record with too few or too many fields is given up whole, one that is
too long up to the end of the line in which it exceeds the limit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from loaders.files.grammar import Grammar
    from loaders.files.shapes import Kind, RecordShape


@dataclass(frozen=True, slots=True)
class Fault:
    """`end` is the offset after the last byte that is given up."""

    end: int
    kind: Kind
    message: str


@dataclass(frozen=True, slots=True)
class Text:
    """What is looked at: `final` says nothing follows `data`."""

    data: bytes
    shape: RecordShape
    grammar: Grammar
    final: bool


@dataclass(frozen=True, slots=True)
class _Step:
    """After one field: the offset behind it, where its quote opened (-1 without), a fault's kind and message."""

    end: int
    opened: int = -1
    kind: Kind | None = None
    message: str = ""


def explain(text: Text, start: int) -> Fault | None:
    """The fault of the record starting at `start`; None where only more data can tell."""
    fields, position = 0, start
    stop = start + text.shape.max_line_bytes + 1
    while True:
        step = _field(text, position, stop)
        if step is None:
            return None
        if step.kind is not None:
            return _fault(text, max(step.opened, position), step.kind, step.message)
        if step.end >= stop:
            return _fault(text, max(start, min(stop, len(text.data)) - 1), "too_long", _too_long(text))
        fields += 1
        if text.data[step.end : step.end + 1] == text.shape.delimiter:
            position = step.end + 1
            continue
        return _ended(text, fields, position, step.end)


def _field(text: Text, position: int, stop: int) -> _Step | None:
    opening = text.grammar.opening and text.grammar.opening.match(text.data, position)
    if opening:
        return _quoted_field(text, opening.start(), opening.end(), stop)
    match = text.grammar.text.match(text.data, position, stop)
    end = match.end() if match else position
    if end == len(text.data) and not text.final:
        return None
    return _Step(end)


def _quoted_field(text: Text, opened: int, position: int, stop: int) -> _Step | None:
    data, size = text.data, len(text.data)
    match = text.grammar.body.match(data, position, stop) if text.grammar.body else None
    close = match.end() if match else position
    if close >= size or data[close : close + 1] != text.shape.quote or close >= stop:
        return _unclosed(text, opened, stop)
    after = text.grammar.padding.match(data, close + 1)
    end = after.end() if after else close + 1
    if end >= size:
        return _Step(end, opened) if text.final else None
    if data[end : end + 1] in (text.shape.delimiter, b"\n", b"\r"):
        return _Step(end, opened)
    return _Step(end, opened, "quoting", f"text after the closing {_shown(text.shape.quote)} of a quoted field")


def _unclosed(text: Text, opened: int, stop: int) -> _Step | None:
    """A quote open at the data's end may close in what follows; one open past the longest record never does."""
    if stop > len(text.data) and not text.final:
        return None
    line = _line_end(text, opened)
    if line is None:
        return None
    if line - opened > text.shape.max_line_bytes + len(text.shape.newline):
        return _Step(stop, opened, "too_long", _too_long(text))
    within = "in the rest of the file" if stop > len(text.data) else f"within {text.shape.max_line_bytes} bytes"
    return _Step(stop, opened, "quoting", f"a field opens with {_shown(text.shape.quote)} that is not closed {within}")


def _ended(text: Text, fields: int, position: int, end: int) -> Fault | None:
    """Judge a record whose last field spans `position` to `end`."""
    data, shape = text.data, text.shape
    after = _newline_end(text, end)
    if after is None:
        return _fault(text, end, "newline", "a lone carriage return or line feed outside quotes")
    if fields != shape.fields:
        kind: Kind = "short" if fields < shape.fields else "long"
        return Fault(after, kind, f"{fields} fields instead of {shape.fields}")
    if shape.trailing_delimiter and end > position:
        return Fault(after, "long", "text after the delimiter that ends each line")
    return Fault(after, "quoting", f"unreadable as {shape.fields} fields: {data[position:end][:40]!r}")


def _newline_end(text: Text, end: int) -> int | None:
    """The offset after the newline at `end`; None where what stands there ends no record."""
    data, newline = text.data, text.shape.newline
    if end >= len(data):
        return end
    if newline == b"\r":
        return end + 1 if data[end : end + 1] == b"\r" else None
    if data[end : end + 1] == b"\n":
        return end + 1
    if data[end : end + 2] == b"\r\n":
        return end + 2
    return end + 1 if newline == b"\r\n" and end + 1 == len(data) and text.final else None


def _too_long(text: Text) -> str:
    return f"more than {text.shape.max_line_bytes} bytes in one record"


def _fault(text: Text, position: int, kind: Kind, message: str) -> Fault | None:
    end = _line_end(text, position)
    return None if end is None else Fault(end, kind, message)


def _line_end(text: Text, position: int) -> int | None:
    """The offset after the physical line that `position` stands in; None where it goes on past the data."""
    found = text.data.find(text.grammar.line_end, position)
    if found >= 0:
        return found + 1
    return len(text.data) if text.final else None


def _shown(mark: bytes) -> str:
    return mark.decode("ascii", "backslashreplace")

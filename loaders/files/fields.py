"""Takes one record apart into its cells; for headers, never for whole files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loaders.files.grammar import grammar_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loaders.files.explain import Text
    from loaders.files.shapes import RecordShape


def record_end(text: Text, start: int) -> tuple[int, int] | None:
    """Where the record at `start` ends, without and with its newline; None where the data ends first.

    A field with a quoting fault ends the record with its line: the cells will show what is wrong.
    """
    position = start
    for _, end in _field_ranges(text.data, text.shape, start):
        position = end
    data = text.data
    newline = next((mark for mark in (b"\r\n", b"\n", b"\r") if data.startswith(mark, position)), None)
    if newline is None and position < len(data):
        found = data.find(text.grammar.line_end, position)
        if found >= 0:
            return found, found + 1
    if newline is None:
        return (len(data), len(data)) if text.final else None
    if text.shape.newline == b"\r":
        newline = b"\r"
    return position, position + len(newline)


def cells_of(record: bytes, shape: RecordShape) -> list[bytes]:
    """The record's values, quotes and escapes resolved."""
    return [_value(record[start:end], shape) for start, end in _field_ranges(record, shape, 0)]


def _field_ranges(data: bytes, shape: RecordShape, position: int) -> Iterator[tuple[int, int]]:
    grammar = grammar_of(shape)
    while True:
        start = position
        opening = grammar.opening.match(data, position) if grammar.opening else None
        if opening and grammar.body:
            inside = grammar.body.match(data, opening.end())
            position = min((inside.end() if inside else opening.end()) + 1, len(data))
        text = grammar.text.match(data, position)
        position = text.end() if text else position
        yield start, position
        if data[position : position + 1] != shape.delimiter:
            return
        position += 1


def _value(cell: bytes, shape: RecordShape) -> bytes:
    bare = cell.strip(b" ")
    if not shape.quote or len(bare) < 2 or not (bare.startswith(shape.quote) and bare.endswith(shape.quote)):
        return cell
    inside = bare[1:-1]
    if not shape.escape:
        return inside
    if shape.escape == shape.quote:
        return inside.replace(shape.quote * 2, shape.quote)
    pieces = inside.split(shape.escape * 2)
    return shape.escape.join(piece.replace(shape.escape, b"") for piece in pieces)

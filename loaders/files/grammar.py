"""Compiles a record shape into the regexes that the scanner runs: whole runs of records in one call.

The grammar is what a strict parse of DuckDB accepts: a field starting with the quote (one space may stand before it,
any number after the closing quote) is quoted, every other field is text in which quotes mean nothing. One thing is
stricter on purpose: `"a" "b"`, which that parser reads as `a b`, is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from loaders.files.shapes import RecordShape

MOST_FIELDS_WRITTEN_OUT = 64
"""A written-out pattern runs a third faster than a repeat, but takes long to compile for thousands of fields."""

OTHER_NEWLINE = {b"\n": b"\r\n", b"\r\n": b"\n"}
"""Newlines that also end a record. None for `\\r`: a window may end between `\\r` and `\\n`."""


@dataclass(frozen=True, slots=True)
class Grammar:
    """`run` and `uneven_run` match any number of one-line records with the file's, or the other, newline.

    `record` matches one record that may span lines, `final` also one that ends with the data; group 1 is its text.
    `blank` matches blank lines, `text` an unquoted field, `opening` what opens a quoted field, `body` its inside.
    `line_end` is the byte that ends physical lines; `repeated_header` the texts that a header line can have.
    """

    run: re.Pattern[bytes]
    uneven_run: re.Pattern[bytes] | None
    record: re.Pattern[bytes]
    final: re.Pattern[bytes]
    blank: re.Pattern[bytes]
    text: re.Pattern[bytes]
    opening: re.Pattern[bytes] | None
    body: re.Pattern[bytes] | None
    padding: re.Pattern[bytes]
    line_end: bytes
    repeated_header: tuple[bytes, ...]


@lru_cache(maxsize=64)
def grammar_of(shape: RecordShape) -> Grammar:
    """The grammar of `shape`, compiled once."""
    line_end = b"\r" if shape.newline == b"\r" else b"\n"
    newline = re.escape(shape.newline)
    other = OTHER_NEWLINE.get(shape.newline)
    one_line = _record(shape, _field(shape, line_end))
    any_lines = _record(shape, _field(shape, b""))
    ends = newline + (b"|" + re.escape(other) if other else b"")
    # A strict parse takes a file cut between \r and \n for whole; so do we.
    cut = rb"\r?\Z" if shape.newline == b"\r\n" else rb"\Z"
    spaces = b"" if shape.delimiter == b" " else b" "
    return Grammar(
        run=_compile(b"(?:" + one_line + newline + b")*+"),
        uneven_run=_compile(b"(?:" + one_line + re.escape(other) + b")++") if other else None,
        record=_compile(b"(" + any_lines + b")(?:" + ends + b")"),
        final=_compile(b"(" + any_lines + b")(?:" + ends + b"|" + cut + b")"),
        blank=_compile(b"(?:" + ends + (rb"|\r\Z" if shape.newline == b"\r\n" else b"") + b")++"),
        text=_compile(_text(shape) + b"*+"),
        opening=_compile((b" ?" if spaces else b"") + re.escape(shape.quote)) if shape.quote else None,
        body=_compile(_body(shape, b"")) if shape.quote else None,
        padding=_compile(b" *+" if spaces else b""),
        line_end=line_end,
        repeated_header=_header_texts(shape),
    )


def _compile(pattern: bytes) -> re.Pattern[bytes]:
    return re.compile(pattern, re.DOTALL)


def _text(shape: RecordShape) -> bytes:
    return b"[^" + re.escape(shape.delimiter) + rb"\r\n]"


def _body(shape: RecordShape, line_end: bytes) -> bytes:
    """The inside of a quoted field; with `line_end`, only one that stays on its line."""
    quote, escape, end = re.escape(shape.quote), re.escape(shape.escape), re.escape(line_end)
    if not shape.escape:
        return b"[^" + quote + end + b"]*+"
    if shape.escape == shape.quote:
        plain = b"[^" + quote + end + b"]*+"
        return plain + b"(?:" + quote + quote + plain + b")*+"
    plain = b"[^" + quote + escape + end + b"]*+"
    escaped = escape + (b"[^" + end + b"]" if end else b".")
    return plain + b"(?:" + escaped + plain + b")*+"


def _field(shape: RecordShape, line_end: bytes) -> bytes:
    """One field. In a one-column file an empty unquoted one is a blank line, for the scanner to judge."""
    text = _text(shape) + (b"++" if shape.fields == 1 else b"*+")
    if not shape.quote:
        return text
    quote = re.escape(shape.quote)
    before, after = (b"", b"") if shape.delimiter == b" " else (b" ?", b" *+")
    quoted = before + quote + _body(shape, line_end) + quote + after
    return b"(?:(?!" + before + quote + b")" + text + b"|" + quoted + b")"


def _record(shape: RecordShape, field: bytes) -> bytes:
    no_comment = b"(?!" + re.escape(shape.comment) + b")" if shape.comment else b""
    delimiter = re.escape(shape.delimiter)
    rest, closing = shape.fields - 1, b""
    if shape.trailing_delimiter:
        rest, closing = rest - 1, delimiter
    if rest > MOST_FIELDS_WRITTEN_OUT:
        return no_comment + field + b"(?:" + delimiter + field + b"){" + str(rest).encode() + b"}+" + closing
    return no_comment + field + (delimiter + field) * rest + closing


def _header_texts(shape: RecordShape) -> tuple[bytes, ...]:
    """The header as this file spells it, and with no and with every cell quoted: files of several makers get joined."""
    if not shape.header:
        return ()
    texts = {shape.header_line} if shape.header_line else set()
    cells = [cell.encode() for cell in shape.header]
    closing = shape.delimiter if shape.trailing_delimiter else b""
    special = {shape.delimiter, shape.quote, shape.escape, b"\r", b"\n"} - {b""}
    if not any(mark in cell for cell in cells for mark in special):
        texts.add(shape.delimiter.join(cells) + closing)
        texts.add(shape.delimiter.join(shape.quote + cell + shape.quote for cell in cells) + closing)
    return tuple(sorted(texts))

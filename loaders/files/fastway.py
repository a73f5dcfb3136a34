"""Says which windows a strict parse of DuckDB may be trusted with, without scanning them record by record.

A strict parse is lenient in a few ways that would hide a fault or change a value. Each check here is one pass of C
code, ordered so that ordinary files pay for as few as possible.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from loaders.files.grammar import grammar_of
from loaders.files.hazards import LongLines, RepeatedHeaders

if TYPE_CHECKING:
    from loaders.files.grammar import Grammar
    from loaders.files.shapes import RecordShape


def must_scan(data: bytes, shape: RecordShape) -> bool:
    """True where a strict parse could take for rows what `scan` would not: such data is not for the fast way.

    False promises: if a strict parse of DuckDB (delimiter, quote, escape and newline of the shape, as many text
    columns as fields, a null text that the data does not hold, no comment, no sniffing) accepts `data` and gives
    exactly one row per physical line, then `scan` finds those rows and nothing else. `data` starts at a record's
    start and ends before one, or with the file.
    """
    if not data:
        return False
    grammar = grammar_of(shape)
    return (
        data.startswith(shape.newline)  # a newline is dropped from the very start
        or shape.delimiter == b" "  # spaces around quotes and delimiters cannot be told apart
        or (shape.nul == "reject" and b"\0" in data)
        or _ends_escaped(data, shape)
        or _holds_other_newlines(data, shape)
        or _may_hold_comments(data, shape, grammar)
        or _reopens_quotes(data, shape)
        or _may_repeat_header(data, grammar)
        or (shape.trailing_delimiter and not _all_end_with_delimiter(data, shape))
        # A parser takes lines past the contract's limit as long as they stay within its own.
        or LongLines(data, grammar, shape.max_line_bytes).at(0) < len(data)
    )


def _ends_escaped(data: bytes, shape: RecordShape) -> bool:
    """An open quote counts as closed where the data ends with an escape."""
    return shape.escape not in (b"", shape.quote) and data.endswith(shape.escape)


def _holds_other_newlines(data: bytes, shape: RecordShape) -> bool:
    """After a delimiter, a quote or a newline, half of a newline or another one ends a field, a record, or is dropped.

    Inside quotes it would do no harm, but telling where it stands takes a scan.
    """
    if shape.newline == b"\r\n":
        return data.count(b"\r") != data.count(b"\r\n")
    return (b"\r" if shape.newline == b"\n" else b"\n") in data


def _may_hold_comments(data: bytes, shape: RecordShape, grammar: Grammar) -> bool:
    if not shape.comment:
        return False
    return data.startswith(shape.comment) or grammar.line_end + shape.comment in data


def _reopens_quotes(data: bytes, shape: RecordShape) -> bool:
    """`"a" "b"` is one value, `a b`."""
    if not shape.quote or shape.quote not in data or shape.quote + b" " not in data:
        return False
    quote = re.escape(shape.quote)
    return re.search(quote + b" ++" + quote, data) is not None


def _may_repeat_header(data: bytes, grammar: Grammar) -> bool:
    """Looks for the header's rarest byte before looking for the header: mostly that byte does not occur at all."""
    if not grammar.repeated_header:
        return False
    sample = data[: 64 * 1024]
    needed = set.intersection(*(set(text) for text in grammar.repeated_header))
    if not needed:
        return True
    rarest = min(sorted(needed), key=lambda byte: sample.count(byte))
    if bytes((rarest,)) not in data:
        return False
    return RepeatedHeaders(data, grammar).at(0) < len(data)


def _all_end_with_delimiter(data: bytes, shape: RecordShape) -> bool:
    ended = data if data.endswith(shape.newline) else data + shape.newline
    return ended.count(shape.delimiter + shape.newline) == ended.count(shape.newline)

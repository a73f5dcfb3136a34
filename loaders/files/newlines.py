"""Finds a file's newline in its first record, outside quotes, never from a byte inside a value."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from loaders.files.grammar import grammar_of
from loaders.files.shapes import RecordShape

if TYPE_CHECKING:
    from loaders.contracts.model import Dialect

DECLARED = {"lf": "\n", "crlf": "\r\n", "cr": "\r"}
FIRST_NEWLINE = re.compile(rb"\r\n|\n|\r")


def shape_of(dialect: Dialect, fields: int, newline: str = "\n") -> RecordShape:
    """The shape of `dialect`'s records, without a header."""
    return RecordShape(
        fields=fields,
        delimiter=dialect.delimiter.encode(),
        quote=dialect.quote.encode(),
        escape=dialect.escape.encode() if dialect.quote else b"",
        newline=newline.encode(),
        comment=(dialect.comment or "").encode(),
        nul=dialect.nul,
        max_line_bytes=dialect.max_line_bytes,
        blank_lines=dialect.blank_lines,
        trailing_delimiter=dialect.trailing_delimiter,
    )


def newline_of(head: bytes, dialect: Dialect) -> str:
    """The newline that ends the first record in `head` (UTF-8), or the declared one; `\\n` where there is none.

    Lines that the contract skips are not records, quotes mean nothing in them: the first of those decides.
    """
    if dialect.newline != "auto":
        return DECLARED[dialect.newline]
    in_preamble = dialect.skip_lines > 0 or bool(dialect.comment and head.startswith(dialect.comment.encode()))
    position = 0 if in_preamble else _record_end(head, dialect)
    match = FIRST_NEWLINE.search(head, position)
    return match[0].decode() if match else "\n"


def _record_end(head: bytes, dialect: Dialect) -> int:
    """Where the first record's last field ends; past quoted fields, whatever stands in them."""
    grammar = grammar_of(shape_of(dialect, 1))
    position = 0
    while position < len(head):
        opening = grammar.opening.match(head, position) if grammar.opening else None
        if opening and grammar.body:
            inside = grammar.body.match(head, opening.end())
            close = inside.end() if inside else opening.end()
            if close >= len(head):
                # Never closed: the quote is a fault, and the first newline after it as good as any.
                return opening.end()
            position = close + 1
        text = grammar.text.match(head, position)
        position = text.end() if text else position
        if head[position : position + 1] != dialect.delimiter.encode():
            return position
        position += 1
    return position

"""Tells records from malformed lines, in plain bytes, fast enough to be used on whole files."""

from __future__ import annotations

from dataclasses import dataclass

from loaders.files.shapes import Malformed, RecordShape


@dataclass(frozen=True, slots=True)
class Scan:
    """What stands in a window of text.

    `good` are byte ranges of the scanned data holding only well-formed records, each range ending after a record's
    newline; `records` and `record_lines` count what they hold. `consumed` is less than the data only when not `last`:
    the rest may be an unfinished record. `blank_bytes` and `comment_bytes` make the bytes add up:
    consumed = good + malformed raw + blank + comment.
    """

    good: tuple[tuple[int, int], ...]
    records: int
    record_lines: int
    blank_lines: int
    comment_lines: int
    malformed: tuple[Malformed, ...]
    consumed: int
    blank_bytes: int
    comment_bytes: int
    good_text: bytes
    """The good ranges joined, each record ending with the shape's newline (mixed newlines are evened out)."""


def must_scan(data: bytes, shape: RecordShape) -> bool:
    """True where a strict parse could take for rows what `scan` would not: such data is not for the fast way."""
    raise NotImplementedError


def scan(data: bytes, shape: RecordShape, *, last: bool, first_line_number: int, byte_start: int) -> Scan:
    """Split `data`, which starts at a record's start, into good ranges and malformed lines."""
    raise NotImplementedError

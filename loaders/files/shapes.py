"""What passes between the reader, the scanner and their callers: frozen values without behaviour of their own.

Positions are offsets into the file's text stream: its decompressed bytes, or for a file in another encoding than
UTF-8 the UTF-8 bytes it is transcoded to. A physical line ends with `\\n`, or with `\\r` where that is the file's
newline; so line numbers agree with editors, and a quoted newline counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["short", "long", "encoding", "quoting", "too_long", "nul", "header_row", "newline"]


@dataclass(frozen=True, slots=True)
class FileStat:
    """`modified_ns` is nanoseconds since the epoch; `inode` and `device` name the file behind every path to it."""

    size_bytes: int
    modified_ns: int
    inode: int
    device: int


@dataclass(frozen=True, slots=True)
class Position:
    """Start of a physical line: 0-based byte of the text stream, 1-based line number."""

    byte: int
    line: int


@dataclass(frozen=True, slots=True)
class RecordShape:
    """How the records of one file look. All bytes are UTF-8; `delimiter`, `quote`, `escape` are one byte or empty."""

    fields: int
    delimiter: bytes = b","
    quote: bytes = b'"'
    escape: bytes = b'"'
    newline: bytes = b"\n"
    comment: bytes = b""
    header: tuple[str, ...] = ()
    """The header's cells as the file spells them: a later line with exactly these cells is no row."""
    header_line: bytes = b""
    """The header's text in this file, without its newline."""
    nul: Literal["reject", "strip", "keep"] = "reject"
    max_line_bytes: int = 2_097_152
    blank_lines: Literal["skip", "row"] = "skip"
    trailing_delimiter: bool = False
    """`fields` counts the empty field after the last delimiter; a record with text there is malformed (long)."""


@dataclass(frozen=True, slots=True)
class Preamble:
    """What stands before a file's records, and how the records look.

    `header` holds the cells as spelt in the file (empty without one), `fields` the fields per record, `columns` the
    position in the file of each contract column in contract order (None = the file lacks it), `extra` name and
    position of fields the contract does not know. `body_start` is where the first record may begin; the lines before
    it are `header_lines` + `skipped_lines`. `empty` says there is no byte after `body_start`.
    """

    newline: str
    header: tuple[str, ...]
    fields: int
    columns: tuple[int | None, ...]
    extra: tuple[tuple[str, int], ...]
    header_lines: int
    skipped_lines: int
    body_start: int
    empty: bool
    warnings: tuple[str, ...]
    encoding: str
    container: str
    shape: RecordShape

    @property
    def start(self) -> Position:
        """Where reading the records begins."""
        return Position(self.body_start, self.header_lines + self.skipped_lines + 1)


@dataclass(frozen=True, slots=True)
class Malformed:
    """Whole physical lines that are no record. `raw` keeps every byte, the line's own newline included.

    `line_number` is the first line (1-based), `lines` how many are covered, `byte_offset` where `raw` starts.
    """

    line_number: int
    byte_offset: int
    raw: bytes
    kind: Kind
    message: str
    lines: int


@dataclass(frozen=True, slots=True)
class FileEnd:
    """A file read to its end. `content_bytes` is decompressed, `raw_bytes` as stored, `text_bytes` of the stream.

    `lines` counts every physical line from the file's first byte, a last line without newline included.
    """

    content_bytes: int
    raw_bytes: int
    text_bytes: int
    lines: int
    warnings: tuple[str, ...]

"""The landing layout every engine shares: its tables, their columns and the rows that pass in and out.

Column types are logical words; each engine maps them in one table of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Final, Literal

ColumnType = Literal["text", "bigint", "date", "timestamp"]
LedgerState = Literal["landing", "landed", "superseded", "quarantined", "deleted"]

LANDING_SCHEMA: Final = "landing"
EXTRA_COLUMN: Final = "_extra"
LINEAGE_COLUMNS: Final[tuple[tuple[str, ColumnType], ...]] = (
    ("_landed_file_id", "text"),
    ("_row_number", "bigint"),
    ("_job_id", "text"),
    ("_landed_at", "timestamp"),
)


@dataclass(frozen=True, slots=True)
class LandingTable:
    """One contract table as it lands: every column as text in contract order, `_extra` where captured, lineage."""

    contract: str
    table: str
    columns: tuple[str, ...]
    captures_extra: bool = False
    long_text: frozenset[str] = frozenset()
    """Columns likely to hold long texts that differ from row to row: an engine may store them otherwise."""

    @property
    def name(self) -> str:
        """`<contract>__<table>`, without schema."""
        return f"{self.contract}__{self.table}"

    @property
    def text_columns(self) -> tuple[str, ...]:
        return (*self.columns, EXTRA_COLUMN) if self.captures_extra else self.columns


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One file version. Times are UTC without zone; counts are of the whole file, bytes of its decompressed content.

    `modified_ns` is None where the file was modified too short before it was hashed for its stat to prove anything.
    """

    file_id: str
    contract: str
    contract_version: str
    table_name: str
    path: str
    size_bytes: int
    modified_ns: int | None
    inode: int
    content_sha256: str
    parse_fingerprint: str
    file_date: date | None
    state: LedgerState
    lines: int | None
    header_lines: int | None
    skipped_lines: int | None
    blank_lines: int | None
    comment_lines: int | None
    landed_lines: int | None
    malformed_lines: int | None
    landed_rows: int | None
    malformed_rows: int | None
    content_bytes: int | None
    header: str | None
    job_id: str
    started_at: datetime
    landed_at: datetime | None
    superseded_by: str | None
    error: str | None
    tool_version: str


@dataclass(frozen=True, slots=True)
class ChunkEntry:
    """One committed range [byte_start, byte_end) of a file's text; `sha256` is of those bytes."""

    file_id: str
    chunk_number: int
    byte_start: int
    byte_end: int
    sha256: str
    lines: int
    blank_lines: int
    comment_lines: int
    landed_lines: int
    landed_rows: int
    malformed_lines: int
    malformed_rows: int
    first_row_number: int
    first_line_number: int
    job_id: str
    committed_at: datetime


@dataclass(frozen=True, slots=True)
class MalformedEntry:
    """Whole physical lines that are no row; `raw` is their text, or base64 where they are no clean UTF-8."""

    file_id: str
    line_number: int
    byte_offset: int
    raw: str
    raw_encoding: Literal["utf-8", "base64"]
    kind: str
    message: str
    job_id: str
    landed_at: datetime


Entry = LedgerEntry | ChunkEntry | MalformedEntry

LEDGER: Final = "ledger"
CHUNKS: Final = "chunks"
MALFORMED_ROWS: Final = "malformed_rows"

_LOGICAL: Final[dict[str, ColumnType]] = {"str": "text", "int": "bigint", "date": "date", "datetime": "timestamp"}


def columns_of(
    entry: type[LedgerEntry] | type[ChunkEntry] | type[MalformedEntry],
) -> tuple[tuple[str, ColumnType], ...]:
    """Name and logical type of each column of the table that holds such entries, in order."""
    # Annotations are text here: `int | None` is a nullable bigint, a Literal or LedgerState is text.
    return tuple((field.name, _LOGICAL.get(str(field.type).split(" ")[0], "text")) for field in fields(entry))


BOOKKEEPING: Final = {
    LEDGER: columns_of(LedgerEntry),
    CHUNKS: columns_of(ChunkEntry),
    MALFORMED_ROWS: columns_of(MalformedEntry),
}


def by_column(entries: Sequence[Entry]) -> list[list[object]]:
    """The entries turned on their side: one list of values per column."""
    names = [field.name for field in fields(entries[0])] if entries else []
    return [[getattr(entry, name) for entry in entries] for name in names]

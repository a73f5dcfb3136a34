"""The protocol between landing and an engine.

An engine offers two things: reads that never write, and a `LandingUnit`, inside which everything becomes visible
together or not at all. Where an engine has no transaction that wide, its unit writes the ledger entry last, and readers
see only rows whose file the ledger calls landed. Rows arrive as bytes with the options to parse them: DuckDB is the
parser for every engine (`loaders.warehouses.parsing`), so that a byte means the same everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal, Protocol

from loaders.warehouses.layout import ChunkEntry, LandingTable, LedgerEntry, MalformedEntry
from loaders.warehouses.memory_files import MemoryFile

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class LoadEvent:
    """What became of one uploaded part: rows and bytes (as uploaded) of it, seconds the step took.

    `warehouse_job_id` is the engine's own id of the load (query id, job id), by which it is found there.
    """

    state: Literal["uploaded", "loading", "loaded"]
    table: str
    part: str
    rows: int
    size_bytes: int
    seconds: float
    warehouse_job_id: str | None = None


@dataclass(frozen=True, slots=True)
class OpenOptions:
    """`lock_timeout` is seconds to wait for another process, `memory_bytes` what the engine's own process may use.

    Engines that rows are uploaded to also heed `stage` (where to, instead of their own place), `retries` of a step
    whose connection broke, and tell `on_load` of every part.
    """

    lock_timeout: float = 10.0
    memory_bytes: int = 400 * 2**20
    threads: int | None = None
    stage: str | None = None
    retries: int = 0
    on_load: Callable[[LoadEvent], None] | None = None
    read_only: bool = False
    """For callers that write nothing: a database file that is not there is not made."""


@dataclass(frozen=True, slots=True)
class ParseOptions:
    """How a file's records are cut into fields, and which field lands where.

    `columns` gives the 0-based field of each landing column (None: the file lacks it, NULL lands); `extra` the header
    and field of each column that lands in `_extra`.
    """

    fields: int
    columns: tuple[int | None, ...]
    extra: tuple[tuple[str, int], ...] = ()
    delimiter: str = ","
    quote: str = '"'
    escape: str = '"'
    newline: str = "\n"
    max_line_bytes: int = 2_097_152
    blank_is_row: bool = False
    """In a file of one field: a blank line is a row with an empty text."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of rows of one file; `first_row_number` is that of its first row in the file (1-based)."""

    file_id: str
    first_row_number: int
    rows: int


@dataclass(frozen=True, slots=True)
class Segment:
    """Whole records as UTF-8 bytes, which must give the rows of `pieces`, one piece after the other.

    Several pieces may share a segment only where every row is one line: then no row can slip into another's piece
    without the segment giving fewer rows. A file must come from `parsing.segment_file`.
    """

    data: bytes | memoryview | MemoryFile
    pieces: tuple[Piece, ...]

    @property
    def size_bytes(self) -> int:
        return self.data.size_bytes if isinstance(self.data, MemoryFile) else len(self.data)

    @property
    def rows(self) -> int:
        return sum(piece.rows for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Part:
    """Segments parsed alike, for one table and one unit. `display` names the file(s) in messages."""

    table: LandingTable
    options: ParseOptions
    segments: tuple[Segment, ...]
    job_id: str
    landed_at: datetime
    display: str

    @property
    def rows(self) -> int:
        return sum(segment.rows for segment in self.segments)

    @property
    def file_ids(self) -> set[str]:
        """The files the rows are of."""
        return {piece.file_id for segment in self.segments for piece in segment.pieces}


@dataclass(frozen=True, slots=True)
class FileCount:
    """What is really there for a file id, beside what its ledger entry and chunks say should be."""

    table: str
    file_id: str
    expected_rows: int
    actual_rows: int
    expected_malformed: int
    actual_malformed: int


LANDING: Final = "{landing}"


@dataclass(frozen=True, slots=True)
class Checkup:
    """What `loaders doctor` asks an engine: settings its output must have, and statements of one row and column.

    `clock` gives the time in UTC; each of `permissions` (what for, statement, how to mend) gives whether it is granted.
    In their texts LANDING stands for the target's landing schema.
    """

    required: tuple[str, ...]
    version: str
    clock: str
    permissions: tuple[tuple[str, str, str], ...] = ()

    def permissions_in(self, landing_schema: str) -> Iterator[tuple[str, str, str]]:
        """`permissions` of a target that lands in this schema."""
        for name, statement, hint in self.permissions:
            yield (
                name.replace(LANDING, landing_schema),
                statement.replace(LANDING, landing_schema.replace("'", "''")),
                hint.replace(LANDING, landing_schema),
            )


LARGEST_WINDOW: Final = 128 * 2**20
"""Of engines that each unit costs a commit: from here on larger ones are hardly faster."""


class LandingUnit(Protocol):
    """Writes that become visible together when the unit ends well, and never otherwise."""

    def insert_rows(self, part: Part) -> None:
        """Parses and inserts `part.rows` rows. Raises FileRefused when the strict parse refuses the bytes or gives
        another number of rows; the unit is then lost and must end."""

    def insert_malformed(self, entries: Sequence[MalformedEntry]) -> None: ...

    def insert_chunk(self, entry: ChunkEntry) -> None: ...

    def put_ledger(self, entries: Sequence[LedgerEntry]) -> None:
        """Writes entries, each in place of an older one with its file id."""

    def remove_file(self, table: LandingTable, file_id: str) -> None:
        """Takes a file's rows, malformed rows and chunks out; its ledger entry stays."""


class Warehouse(Protocol):
    """One open warehouse. Not thread-safe: one thread lands."""

    @property
    def opened_after_crash(self) -> bool:
        """Whether the last process that had it open seems not to have closed it."""

    @property
    def largest_window(self) -> int:
        """So many bytes of a file at most should come by one unit; fewer are as good."""

    def close(self) -> None: ...

    def prepare_landing(self, tables: Sequence[LandingTable]) -> None:
        """Makes the schema, the bookkeeping tables, these landing tables and columns that they lack. Writes."""

    def ledger(self, contract: str, table_name: str) -> list[LedgerEntry]:
        """Every entry of a contract table, oldest start first; none where nothing ever landed."""

    def chunks(self, file_id: str) -> list[ChunkEntry]:
        """A file's committed chunks in file order."""

    def landing(self) -> AbstractContextManager[LandingUnit]:
        """A unit of landing: ends in a commit, or on any error in a rollback."""

    def mismatches(self, table: LandingTable, file_ids: Sequence[str] | None = None) -> list[FileCount]:
        """Files of the table (all, or the given) whose rows or malformed rows are not what the ledger says."""

    def query(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[object, ...]]:
        """All rows of a statement of the caller's own."""

    def stream(self, sql: str, batch_rows: int = 122_880) -> Iterator[pa.RecordBatch]:
        """A statement's rows as Arrow batches, never all in memory; where there are none, one batch that tells the
        columns. Decimals of open scale come as text, their field marked `arrow.OPEN_DECIMAL`."""

    def tables(self) -> list[tuple[str, str]]:
        """Schema and name, as the engine spells them, of every table and view it offers; its own catalogue may be
        among them."""

    def landing_name(self, table: str) -> str:
        """The full name of a table of the landing schema, quoted for this engine."""

    def quote(self, identifier: str) -> str:
        """An identifier, quoted for this engine."""

"""What landing units have written and no publishing step has made visible yet."""

from __future__ import annotations

import tempfile
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

import pyarrow as pa

from loaders.background import in_background
from loaders.warehouses.arrow import scalar
from loaders.warehouses.base import Part
from loaders.warehouses.layout import (
    CHUNKS,
    LEDGER,
    ChunkEntry,
    LandingTable,
    LedgerEntry,
    MalformedEntry,
)
from loaders.warehouses.parser import Parser
from loaders.warehouses.staged.load import Load, Statement
from loaders.warehouses.staged.spool import GROUP_ROWS, PART_BYTES, Spool
from loaders.warehouses.statements import LandingSql, marks

_LOAD_BYTES: Final = 4 * PART_BYTES
"""Four parts a load: an engine reads files beside each other, and a kill costs at most their parsing."""


@dataclass(slots=True)
class Pending:
    """Entries and removals of one unit or of several; `rows` are parsed and not yet on disk."""

    removed: list[tuple[LandingTable, str]] = field(default_factory=list)
    rows: list[tuple[Part, deque[pa.RecordBatch]]] = field(default_factory=list)
    malformed: list[MalformedEntry] = field(default_factory=list)
    chunks: list[ChunkEntry] = field(default_factory=list)
    ledger: dict[str, LedgerEntry] = field(default_factory=dict)
    adds_rows: bool = False

    @property
    def can_wait(self) -> bool:
        """Whether nobody would see a difference: chunks of files that stay invisible."""
        return bool(self.chunks) and all(entry.state == "landing" for entry in self.ledger.values())

    @property
    def tables(self) -> set[str]:
        """Landing tables that something is written of."""
        named = {f"{entry.contract}__{entry.table_name}" for entry in self.ledger.values()}
        return named | {table.name for table, _ in self.removed}

    @property
    def file_ids(self) -> set[str]:
        """Files with something to be added."""
        return {chunk.file_id for chunk in self.chunks} | {row.file_id for row in self.malformed} | self.ledger.keys()

    def take(self, later: Pending) -> None:
        """Adds a later unit's writes, except for its rows."""
        self.removed += later.removed
        self.malformed += later.malformed
        self.chunks += later.chunks
        self.ledger |= later.ledger
        self.adds_rows |= bool(later.rows or later.chunks)

    def guards(self, sql: LandingSql) -> list[Statement]:
        """What must hold when it is this publisher's turn: nobody else has landed these files or chunks."""
        removed = {file_id for _, file_id in self.removed}
        chunks = {chunk.file_id: chunk.chunk_number for chunk in reversed(self.chunks) if chunk.file_id not in removed}
        landed = {entry.file_id for entry in self.ledger.values() if entry.state == "landed" and entry.landed_rows}
        ids = sorted((landed | chunks.keys()) - removed) if self.adds_rows else []
        file_id, state, number = map(sql.quote, ("file_id", "state", "chunk_number"))
        count = "select count(*) from"
        guards = [
            Statement(f"{count} {sql.name(CHUNKS)} where {file_id} = ? and {number} >= ?", key, gives=0)
            for key in chunks.items()
        ]
        if ids:
            among = f"{file_id} in ({marks(len(ids))}) and {state} = 'landed'"
            guards.append(Statement(f"{count} {sql.name(LEDGER)} where {among}", tuple(ids), gives=0))
        return guards


class StagedUnit:
    """Collects a unit's writes; nothing leaves this machine."""

    def __init__(self, parser: Parser) -> None:
        self._parser = parser
        self.pending = Pending()

    def insert_rows(self, part: Part) -> None:
        file_ids = part.file_ids
        # One id for all rows need not be made for each of them.
        shared = file_ids.pop() if len(file_ids) == 1 else None
        columns = (*part.table.text_columns, *(() if shared else ("_landed_file_id",)), "_row_number")
        with in_background(lambda: self._parser.batches(part, columns, GROUP_ROWS)) as batches:
            rows = deque(_with_file_id(batch, shared) for batch in batches)
        self.pending.rows.append((part, rows))

    def insert_malformed(self, entries: Sequence[MalformedEntry]) -> None:
        self.pending.malformed += entries

    def insert_chunk(self, entry: ChunkEntry) -> None:
        self.pending.chunks.append(entry)

    def put_ledger(self, entries: Sequence[LedgerEntry]) -> None:
        self.pending.ledger |= {entry.file_id: entry for entry in entries}

    def remove_file(self, table: LandingTable, file_id: str) -> None:
        self.pending.removed.append((table, file_id))


def _with_file_id(rows: pa.RecordBatch, shared: str | None) -> pa.RecordBatch:
    """The rows with their file's id before their number, as a dictionary."""
    number = rows.schema.get_field_index("_row_number")
    if shared is None:
        ids = rows.column(number - 1).dictionary_encode()
        return rows.set_column(number - 1, "_landed_file_id", ids)
    first = pa.repeat(scalar(0), rows.num_rows).cast(pa.int32())
    ids = pa.DictionaryArray.from_arrays(first, pa.repeat(scalar(shared), 1))
    return rows.add_column(number, "_landed_file_id", ids)


class Workbench:
    """The parts of all tables that wait for one publishing step, in a temporary folder."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="landfall-parts-")
        self._spools: dict[LandingTable, tuple[Spool, str, datetime]] = {}

    def add(self, rows: Sequence[tuple[Part, deque[pa.RecordBatch]]]) -> None:
        """Appends parsed rows to their tables' parts."""
        for part, table in rows:
            if part.table not in self._spools:
                folder = Path(self._folder.name) / part.table.name
                folder.mkdir()
                self._spools[part.table] = (Spool(folder), part.job_id, part.landed_at)
            self._spools[part.table][0].add(table)

    @property
    def full(self) -> bool:
        return sum(spool.size_bytes for spool, _, _ in self._spools.values()) >= _LOAD_BYTES

    def loads(self) -> Iterator[Load]:
        """Ends all parts; one load per table."""
        for table, (spool, job_id, landed_at) in self._spools.items():
            yield Load(table, spool.parts(), job_id, landed_at)

    def close(self) -> None:
        """Takes the folder away."""
        for spool, _, _ in self._spools.values():
            spool.parts()
        self._spools = {}
        self._folder.cleanup()

"""Publishing where only single statements are atomic.

Readers see the rows of a file that the ledger calls landed, so the ledger is written last, in one statement, and
whatever leaves is deleted after it. Before the first row a file is claimed: the ledger calls it `landing`, with the job
and the moment that this publisher read it at. Claims are the lock: who claims later has the file, and the statement
that writes the ledger does so only where all claims still hold.

Rows are added only where they are not there: a file id stands for the content and the way it is parsed, so rows of the
same file id and number are the same, whoever adds them. Every statement may therefore run again, after a kill, a lost
answer or a lost race (Delta lets the second of two changes to the same part of a table fail).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final, TypeVar

from loaders.errors import WarehouseLocked, WarehouseUnavailable
from loaders.failpoints import failpoint
from loaders.warehouses.delta.connection import Conflict
from loaders.warehouses.delta.statements import DeltaSql
from loaders.warehouses.layout import CHUNKS, MALFORMED_ROWS, ChunkEntry, Entry, LandingTable, LedgerEntry
from loaders.warehouses.staged.again import Again
from loaders.warehouses.staged.engine import LoadingEngine
from loaders.warehouses.staged.load import Load, by_load_table, check
from loaders.warehouses.staged.pending import Pending
from loaders.warehouses.staged.publisher import is_published
from loaders.warehouses.statements import LandingSql

_ENTRIES_AT_ONCE: Final = 2000
_IDS_AT_ONCE: Final = 500

Item = TypeVar("Item")


class DeltaPublisher:
    """Publishes over one engine's connection; waits up to `lock_timeout` seconds for others that change a table."""

    leaves_unseen_rows = True

    def __init__(self, engine: LoadingEngine, again: Again, where: str, lock_timeout: float) -> None:
        self._engine = engine
        self._again = again
        self._where = where
        self._lock_timeout = lock_timeout
        self._sql = LandingSql(engine.dialect)
        self._delta = DeltaSql(engine.dialect)

    def prepare(self, tables: Sequence[LandingTable], existing: set[str]) -> None:
        """Takes out what publishers that died have left of files that are gone."""
        for table in tables:
            if table.name.lower() in existing:
                gone = [row[0] for row in self._engine.rows(self._delta.gone_files(table))]
                self._remove_gone(table, gone)

    def publish(self, pending: Pending, loads: Sequence[Load]) -> None:
        for guard in pending.guards(self._sql):
            check(self._where, guard, int(self._engine.rows(guard.sql, guard.parameters)[0][0]))
        claimed = claimed_by(pending)
        removed = {file_id for _, file_id in pending.removed}
        if claimed:
            self._change(self._delta.claim(claimed, sorted(removed)))
            failpoint("delta.after_claim")
            self._empty(pending, [entry for entry in claimed if entry.file_id in removed])
        for load in loads:
            self._insert_rows(load)
        failpoint("delta.after_rows")
        self._insert(MALFORMED_ROWS, pending.malformed)
        self._insert(CHUNKS, pending.chunks)
        failpoint("delta.after_entries")
        if pending.ledger:
            self._compare([entry for entry in claimed if entry.state == "landed"])
            failpoint("delta.before_ledger")
            self._change(self._delta.flip(list(pending.ledger.values()), claimed))
            failpoint("delta.after_ledger")
        if not self._is_own(pending):
            raise self._overtaken()
        claimed_ids = {entry.file_id for entry in claimed}
        for table, file_id in pending.removed:
            if file_id not in claimed_ids:
                self._remove_gone(table, [file_id])

    def _insert_rows(self, load: Load) -> None:
        """Adds a load's rows. Others that load the same rows share its table, and may empty or drop it meanwhile."""
        for table, parts in by_load_table(load, self._engine.load_tables(load)).items():
            there = self._engine.has_table(table)
            ids = self._engine.rows(self._delta.file_ids(table, "_landed_file_id")) if there else []
            file_ids = sorted(row[0] for row in ids)
            if not file_ids:
                raise self._overtaken()
            self._change(self._delta.insert_rows(load, table, file_ids))
            landed = self._engine.rows(self._delta.count_landed(load.table, table, file_ids))[0][0]
            if int(landed) != sum(part.rows for part in parts):
                raise self._overtaken()

    def _overtaken(self) -> WarehouseLocked:
        return WarehouseLocked(
            f"{self._where}: another process lands the same files", hint="run again: the ledger tells what has landed"
        )

    def _insert(self, table: str, entries: Sequence[Entry]) -> None:
        for some in _grouped(entries, _ENTRIES_AT_ONCE):
            self._change(self._delta.insert_entries(table, some))

    def _empty(self, pending: Pending, claimed: Sequence[LedgerEntry]) -> None:
        """Takes out what is there of files that land once more; chunks first, or a kill would leave a false promise."""
        tables = {file_id: table for table, file_id in pending.removed}
        for name, column in ((CHUNKS, "file_id"), (MALFORMED_ROWS, "file_id")):
            if claimed:
                self._change(self._delta.delete_claimed(name, column, claimed))
        for table in sorted({tables[entry.file_id] for entry in claimed}, key=lambda table: table.name):
            own = [entry for entry in claimed if tables[entry.file_id] == table]
            self._change(self._delta.delete_claimed(table.name, "_landed_file_id", own))
        if claimed:
            failpoint("delta.after_emptying")

    def _remove_gone(self, table: LandingTable, file_ids: Sequence[str]) -> None:
        """Takes out what there is of files that the ledger calls gone."""
        for some in _grouped(file_ids, _IDS_AT_ONCE):
            for name, column in ((table.name, "_landed_file_id"), (MALFORMED_ROWS, "file_id"), (CHUNKS, "file_id")):
                there = [row[0] for row in self._engine.rows(self._delta.file_ids(name, column, some))]
                if there:
                    failpoint("delta.before_removal")
                    self._change(self._delta.delete_gone(name, column, sorted(there)))

    def _compare(self, claimed: Sequence[LedgerEntry]) -> None:
        """Raises WarehouseUnavailable where rows are not as many as the ledger is about to say."""
        tables = {f"{entry.contract}__{entry.table_name}" for entry in claimed}
        for table in sorted(tables):
            expected = {e.file_id: e.landed_rows for e in claimed if f"{e.contract}__{e.table_name}" == table}
            expected = {file_id: rows for file_id, rows in expected.items() if rows}
            found: dict[str, int] = {}
            for some in _grouped(sorted(expected), _IDS_AT_ONCE):
                found |= {row[0]: int(row[1]) for row in self._engine.rows(self._delta.counts(table, some))}
            wrong = sorted(file_id for file_id in expected if found.get(file_id, 0) != expected[file_id])
            if wrong:
                raise WarehouseUnavailable(
                    f"{self._where}: landing.{table}, file {wrong[0]}: {found.get(wrong[0], 0)} rows are there, "
                    f"{expected[wrong[0]]} should be",
                    hint="nothing of it is visible; run again with --reload",
                )

    def _is_own(self, pending: Pending) -> bool:
        """Whether ledger and chunks hold what this publisher wrote."""
        sent = {(chunk.file_id, chunk.chunk_number, chunk.job_id, chunk.committed_at) for chunk in pending.chunks}
        there = {
            (chunk.file_id, chunk.chunk_number, chunk.job_id, chunk.committed_at)
            for file_id in sorted({chunk.file_id for chunk in pending.chunks})
            for chunk in (ChunkEntry(*row) for row in self._engine.rows(self._sql.select_chunks(), [file_id]))
        }
        return sent <= there and (not pending.ledger or is_published(self._engine, self._sql, pending))

    def _change(self, sql: str) -> None:
        """Runs a statement that may run again; after a lost race at once, as long as waiting is allowed."""
        deadline = time.monotonic() + self._lock_timeout
        while True:
            try:
                self._again(partial(self._engine.rows, sql))
            except Conflict:
                if time.monotonic() >= deadline:
                    raise
            else:
                return


def claimed_by(pending: Pending) -> list[LedgerEntry]:
    """The entries of files that this publishing adds something to, or keeps from being seen."""
    removed = {file_id for _, file_id in pending.removed}
    added = removed | {row.file_id for row in pending.malformed} | {chunk.file_id for chunk in pending.chunks}
    return [
        entry
        for entry in pending.ledger.values()
        if entry.state == "landing"
        or (entry.state == "landed" and (entry.file_id in added or (pending.adds_rows and entry.landed_rows)))
    ]


def _grouped(items: Sequence[Item], at_once: int) -> Iterator[Sequence[Item]]:
    return (items[start : start + at_once] for start in range(0, len(items), at_once))

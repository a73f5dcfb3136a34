"""The warehouse protocol for engines that rows are uploaded to.

A unit's writes are collected; leaving the unit publishes them, unless all it holds is a chunk of a file that is not
visible yet: those wait until there is enough for parts of a good size, or until something visible follows.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from loaders.errors import WarehouseUnavailable
from loaders.failpoints import failpoint
from loaders.warehouses.base import FileCount, OpenOptions
from loaders.warehouses.layout import BOOKKEEPING, LEDGER, ChunkEntry, LandingTable, LedgerEntry
from loaders.warehouses.parser import Parser
from loaders.warehouses.staged.again import Again
from loaders.warehouses.staged.engine import LoadingEngine, StagedEngine
from loaders.warehouses.staged.load import Load, part_counts
from loaders.warehouses.staged.pending import Pending, StagedUnit, Workbench
from loaders.warehouses.staged.publisher import Publisher
from loaders.warehouses.staged.transaction import TransactionPublisher
from loaders.warehouses.statements import LandingSql

if TYPE_CHECKING:
    import pyarrow as pa

_logger = logging.getLogger(__name__)
_IDS_AT_ONCE = 500
# Units wait here for parts to fill, so that small ones cost nothing. Memory of less than 32 MiB the C library keeps for
# the next window; more comes as new pages each time, which the system must clear first.
_LARGEST_WINDOW = 30 * 2**20


def transactional(engine: StagedEngine, options: OpenOptions) -> StagedWarehouse:
    """The warehouse of an engine that publishes in one transaction."""
    again = Again(engine.reconnect, options.retries)
    return StagedWarehouse(engine, TransactionPublisher(engine, again), again, options)


class StagedWarehouse:
    """One engine, one parser, and what waits to be published."""

    def __init__(self, engine: LoadingEngine, publisher: Publisher, again: Again, options: OpenOptions) -> None:
        self._engine = engine
        self._publisher = publisher
        self._again = again
        self._sql = LandingSql(engine.dialect)
        self._parser = Parser(options)
        self._pending = Pending()
        self._bench: Workbench | None = None

    @property
    def opened_after_crash(self) -> bool:
        """The service mends itself before it lets anybody in."""
        return False

    @property
    def largest_window(self) -> int:
        return _LARGEST_WINDOW

    def close(self) -> None:
        self._drop_pending()
        self._parser.close()
        self._engine.close()

    def prepare_landing(self, tables: Sequence[LandingTable]) -> None:
        existing = self._engine.existing_columns()
        if not existing:
            self._engine.rows(self._sql.create_schema())
        for name in BOOKKEEPING:
            if name not in existing:
                self._engine.rows(self._sql.create_bookkeeping(name))
        for table in tables:
            if table.name.lower() not in existing:
                self._engine.rows(self._sql.create_landing(table))
                continue
            known = {column.lower() for column in existing[table.name.lower()]}
            for column in table.text_columns:
                if column.lower() not in known:
                    self._engine.rows(self._sql.add_column(table, column))
        self._engine.prepare()
        self._publisher.prepare(tables, set(existing))

    def ledger(self, contract: str, table_name: str) -> list[LedgerEntry]:
        if not self._engine.has_table(LEDGER):
            return []
        return [LedgerEntry(*row) for row in self._engine.rows(self._sql.select_ledger(), [contract, table_name])]

    def chunks(self, file_id: str) -> list[ChunkEntry]:
        return [ChunkEntry(*row) for row in self._engine.rows(self._sql.select_chunks(), [file_id])]

    @contextmanager
    def landing(self) -> Iterator[StagedUnit]:
        unit = StagedUnit(self._parser)
        yield unit
        failpoint("staged.before_take")
        self._take(unit.pending)

    def mismatches(self, table: LandingTable, file_ids: Sequence[str] | None = None) -> list[FileCount]:
        if file_ids is None:
            return self._mismatches(table, None)
        groups = [file_ids[start : start + _IDS_AT_ONCE] for start in range(0, len(file_ids), _IDS_AT_ONCE)]
        return [wrong for group in groups for wrong in self._mismatches(table, group)]

    def query(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[object, ...]]:
        return self._engine.rows(sql, parameters)

    def stream(self, sql: str, batch_rows: int = 122_880) -> Iterator[pa.RecordBatch]:
        return self._engine.stream(sql, batch_rows)

    def tables(self) -> list[tuple[str, str]]:
        return self._engine.tables()

    def landing_name(self, table: str) -> str:
        return self._sql.name(table)

    def quote(self, identifier: str) -> str:
        return self._engine.dialect.quote(identifier)

    def _mismatches(self, table: LandingTable, file_ids: Sequence[str] | None) -> list[FileCount]:
        ids = list(file_ids or ())
        statement = self._sql.mismatches(
            table, None if file_ids is None else len(ids), landed_only=self._publisher.leaves_unseen_rows
        )
        rows = self._engine.rows(statement, [table.contract, table.table, *ids, *ids, *ids])
        return [FileCount(table.name, file_id, *map(int, counts)) for file_id, *counts in rows]

    def _take(self, unit: Pending) -> None:
        removed = {file_id for _, file_id in unit.removed}
        if self._pending.file_ids & removed:
            if self._pending.file_ids <= removed:
                self._drop_pending()
            else:
                self._publish()
        if unit.rows:
            self._bench = self._bench or Workbench()
            self._bench.add(unit.rows)
        self._pending.take(unit)
        if not unit.can_wait or (self._bench is not None and self._bench.full):
            self._publish()

    def _drop_pending(self) -> None:
        self._pending = Pending()
        bench, self._bench = self._bench, None
        if bench is not None:
            bench.close()

    def _publish(self) -> None:
        """Makes everything that waits visible at once. Afterwards nothing waits, however it went."""
        try:
            loads = list(self._bench.loads()) if self._bench is not None else []
            for load in loads:
                self._again(partial(self._engine.upload, load))
                failpoint("staged.after_upload")
                self._again(partial(self._fill, load))
                failpoint("staged.after_load")
            self._publisher.publish(self._pending, loads)
            failpoint("staged.after_publish")
            for load in loads:
                self._clean(load)
        finally:
            self._drop_pending()

    def _fill(self, load: Load) -> None:
        """Fills the load tables, unless a run that died has done it, and counts them part by part."""
        self._engine.settle(load)
        expected = {part.number: part.rows for part in load.parts}
        if self._counted(load) == expected:
            return
        self._engine.load(load)
        found = self._counted(load)
        if found != expected:
            raise WarehouseUnavailable(
                f"load {load.key} of landing.{load.table.name}: rows by part are {found}, {expected} were sent",
                hint="nothing of it is visible; run again, and report it if it happens again",
            )

    def _counted(self, load: Load) -> dict[int, int]:
        """Rows by part in the load tables that are there."""
        there = [table for table in self._engine.load_tables(load) if self._engine.has_table(table)]
        counts = [self._engine.rows(part_counts(self._sql, table)) for table in there]
        return {int(part): int(rows) for rows_of_table in counts for part, rows in rows_of_table}

    def _clean(self, load: Load) -> None:
        try:
            self._engine.clean(load)
        except WarehouseUnavailable as error:
            # The rows are published; what lies about costs storage, and no data.
            _logger.warning("load %s could not be tidied away: %s", load.key, error)

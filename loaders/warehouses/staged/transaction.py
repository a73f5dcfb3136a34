"""Publishing where an engine has a transaction over several tables: everything in one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from secrets import token_hex

from loaders.errors import WarehouseUnavailable
from loaders.warehouses.layout import CHUNKS, LEDGER, MALFORMED_ROWS, LandingTable
from loaders.warehouses.staged.again import Again
from loaders.warehouses.staged.engine import StagedEngine
from loaders.warehouses.staged.load import (
    PUBLISHING,
    PUBLISHING_COLUMNS,
    Load,
    Statement,
    hold,
    insert_entries,
    publish_rows,
)
from loaders.warehouses.staged.pending import Pending
from loaders.warehouses.staged.publisher import is_published
from loaders.warehouses.statements import LandingSql


class TransactionPublisher:
    """Publishers of a landing table take turns by its row in `publishing`."""

    leaves_unseen_rows = False

    def __init__(self, engine: StagedEngine, again: Again) -> None:
        self._engine = engine
        self._again = again
        self._sql = LandingSql(engine.dialect)

    def prepare(self, tables: Sequence[LandingTable], existing: set[str]) -> None:
        if PUBLISHING not in existing:
            self._engine.rows(self._sql.create_table(PUBLISHING, PUBLISHING_COLUMNS))
        column = self._sql.names(["table_name"])
        taking_turns = {row[0] for row in self._engine.rows(f"select {column} from {self._sql.name(PUBLISHING)}")}
        for table in tables:
            if table.name not in taking_turns:
                self._engine.publish([self._turn_of(table)], token_hex(12))

    def publish(self, pending: Pending, loads: Sequence[Load]) -> None:
        statements = [
            *hold(self._sql, pending.tables | {load.table.name for load in loads}),
            *pending.guards(self._sql),
            *self._removals(pending),
        ]
        for load in loads:
            statements += publish_rows(self._sql, load, self._engine.load_tables(load))
        statements += self._entries(pending)
        token = token_hex(12)
        try:
            self._engine.publish(statements, token)
        except WarehouseUnavailable:
            # The answer may have been lost behind a commit: only the warehouse knows.
            self._again(self._engine.reconnect)
            if is_published(self._engine, self._sql, pending):
                return
            if not self._again.retries:
                raise
            self._again(partial(self._engine.publish, statements, token))

    def _removals(self, pending: Pending) -> list[Statement]:
        """What goes before the rows."""
        return [
            Statement(self._sql.delete_file(name, column), (file_id,))
            for table, file_id in pending.removed
            for name, column in ((table.name, "_landed_file_id"), (MALFORMED_ROWS, "file_id"), (CHUNKS, "file_id"))
        ]

    def _entries(self, pending: Pending) -> list[Statement]:
        """What goes behind the rows; the ledger last."""
        entries = list(pending.ledger.values())
        statements = [
            *insert_entries(self._sql, MALFORMED_ROWS, pending.malformed),
            *insert_entries(self._sql, CHUNKS, pending.chunks),
        ]
        if entries:
            statements.append(Statement(self._sql.delete_ledger(len(entries)), tuple(pending.ledger)))
            statements += insert_entries(self._sql, LEDGER, entries)
        return statements

    def _turn_of(self, table: LandingTable) -> Statement:
        """Gives the table its row to take turns by, where it lacks one."""
        name, column = self._sql.name(PUBLISHING), self._sql.names(["table_name"])
        return Statement(
            f"insert into {name} ({self._sql.names(['table_name', 'turn'])}) "
            f"select {self._sql.cast_mark('text')}, 0 from (select count(*) as turns from {name} where {column} = ?) "
            "as known where turns = 0",
            (table.name, table.name),
        )

"""An engine with Delta tables as one that takes uploaded files."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from loaders.failpoints import failpoint
from loaders.warehouses.base import LoadEvent, OpenOptions
from loaders.warehouses.delta.connection import DeltaConnection
from loaders.warehouses.delta.literals import bound
from loaders.warehouses.delta.publisher import DeltaPublisher
from loaders.warehouses.delta.statements import DeltaSql, delta_dialect
from loaders.warehouses.staged.again import Again
from loaders.warehouses.staged.load import Load
from loaders.warehouses.staged.warehouse import StagedWarehouse
from loaders.warehouses.statements import LandingSql

if TYPE_CHECKING:
    import pyarrow as pa


def delta_warehouse(connection: DeltaConnection, options: OpenOptions) -> StagedWarehouse:
    """The warehouse over a connection."""
    engine = DeltaEngine(connection, options)
    again = Again(engine.reconnect, options.retries)
    publisher = DeltaPublisher(engine, again, connection.where, options.lock_timeout)
    return StagedWarehouse(engine, publisher, again, options)


class DeltaEngine:
    """One connection."""

    def __init__(self, connection: DeltaConnection, options: OpenOptions) -> None:
        self._connection = connection
        self._options = options
        self.dialect = delta_dialect(connection.schema)
        self._sql = LandingSql(self.dialect)
        self._delta = DeltaSql(self.dialect)

    def close(self) -> None:
        self._connection.close()

    def reconnect(self) -> None:
        self._connection.reconnect()

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        return self._connection.rows(bound(sql, parameters))

    def stream(self, sql: str, batch_rows: int) -> Iterator[pa.RecordBatch]:
        return self._connection.stream(sql, batch_rows)

    def tables(self) -> list[tuple[str, str]]:
        """Asked schema by schema: Spark's own catalogue has no schema of information."""
        return [
            (str(schema), str(name))
            for (schema, *_) in self.rows("show schemas")
            for (_, name, is_temporary, *_) in self.rows(f"show tables in {self.dialect.quote(str(schema))}")
            if not is_temporary
        ]

    def existing_columns(self) -> dict[str, set[str]]:
        return {table.lower(): columns for table, columns in self._connection.columns().items()}

    def has_table(self, name: str) -> bool:
        return self._connection.has_table(name)

    def prepare(self) -> None:
        self._connection.prepare()

    def upload(self, load: Load) -> None:
        self._connection.upload(load)

    def load_tables(self, load: Load) -> list[str]:
        return [load.load_table]

    def settle(self, load: Load) -> None:
        """Nothing to wait for: whoever fills a load table, by one statement, fills it with the same rows."""

    def load(self, load: Load) -> None:
        started = time.monotonic()
        failpoint("delta.before_fill")
        statement_id = self._connection.run(self._delta.fill(load, load.load_table, self._connection.urls(load)))
        failpoint("delta.after_fill")
        if self._options.on_load is not None:
            seconds = time.monotonic() - started
            for part in load.parts:
                self._options.on_load(
                    LoadEvent("loaded", load.table.name, part.name, part.rows, part.size_bytes, seconds, statement_id)
                )

    def clean(self, load: Load) -> None:
        self.rows(f"drop table if exists {self._sql.name(load.load_table)}")
        failpoint("delta.before_remove")
        self._connection.remove(load)

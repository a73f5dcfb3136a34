"""The DuckDB that reads, sorts and encodes: the warehouse's own file opened to read, or one in memory."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import duckdb

from loaders.errors import WarehouseLocked, WarehouseUnavailable
from loaders.machine import processors
from loaders.warehouses.duckdb.connection import check_version, translated
from loaders.warehouses.parsing import literal, quote_identifier

if TYPE_CHECKING:
    import pyarrow as pa

# Python with Arrow loaded, and what DuckDB's limit does not count.
_BESIDE_DUCKDB: Final = 256 * 2**20
_LEAST_FOR_DUCKDB: Final = 128 * 2**20
_LONGEST_PAUSE: Final = 1.0
# With less, a thread cannot hold what it encodes, and gets in the way of those that can.
_LEAST_PER_THREAD: Final = 64 * 2**20
_ROWS_HELD_APART: Final = 16_384
SPOOL: Final = "memory.main"
"""The schema for copies of rows: in memory, spilled, and shared by all cursors, as temporary tables are not."""


class Interrupted(Exception):
    """A running statement was stopped on purpose; whoever stopped it knows why."""


@dataclass(frozen=True, slots=True)
class Limits:
    """`memory_bytes` is for the whole process; what exceeds it spills into `spill_folder`."""

    memory_bytes: int
    spill_folder: Path
    lock_timeout: float = 10.0


def duckdb_memory(memory_bytes: int) -> int:
    """Of the bytes a process may take, those that are DuckDB's."""
    return max(memory_bytes - _BESIDE_DUCKDB, _LEAST_FOR_DUCKDB)


def duckdb_threads(memory_bytes: int) -> int:
    """How many threads of DuckDB that memory is enough for; not more than there are processors."""
    return max(1, min(processors(), duckdb_memory(memory_bytes) // _LEAST_PER_THREAD))


class Session:
    """One DuckDB instance. `cursor()` may be called from any thread; each cursor belongs to one."""

    def __init__(self, where: Path, connection: duckdb.DuckDBPyConnection, catalog: str) -> None:
        self.where = where
        self._connection = connection
        self._catalog = catalog

    @classmethod
    def open(cls, database: Path | None, limits: Limits) -> Session:
        """Opens `database` to read only (so that others may read beside us, and nobody changes it under us), or a
        database in memory. Raises WarehouseLocked, WarehouseUnavailable."""
        check_version(duckdb.__version__)
        where = database or Path(":memory:")
        if database is not None and not database.is_file():
            raise WarehouseUnavailable(
                f"{database} does not exist",
                hint="run `loaders ingest` and `dbt build` first, or check the profile",
            )
        deadline = time.monotonic() + limits.lock_timeout
        pause = 0.05
        while True:
            try:
                with translated(where):
                    return cls(where, _connect(database, limits), _catalog(database) if database else "memory")
            except WarehouseLocked:
                if time.monotonic() + pause > deadline:
                    raise
            time.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    def cursor(self) -> Cursor:
        """A connection of its own into the same instance."""
        return Cursor(self.where, self._connection.cursor(), self._catalog)

    def spilled(self) -> tuple[int, int, float]:
        """Spill files there are now, their bytes, and the share of temporary rows that is in them (0 to 1)."""
        cursor = self.cursor()
        files, size = cursor.rows("select count(*), coalesce(sum(size), 0) from duckdb_temporary_files()")[0]
        memory, spilled = cursor.rows(
            "select sum(memory_usage_bytes), sum(temporary_storage_bytes) from duckdb_memory() "
            "where tag in ('BASE_TABLE', 'IN_MEMORY_TABLE', 'ORDER_BY', 'COLUMN_DATA')"
        )[0]
        return int(files), int(size), float(spilled) / max(float(memory) + float(spilled), 1.0)

    def close(self) -> None:
        with translated(self.where):
            self._connection.close()


class Cursor:
    """Runs statements for one thread; `interrupt` and `share_done` may be called from another."""

    def __init__(self, where: Path, connection: duckdb.DuckDBPyConnection, catalog: str) -> None:
        self._where = where
        self._connection = connection
        self._catalog = catalog
        self._running = False
        with translated(where):
            connection.execute(f"use {quote_identifier(catalog)}")
            # Settings of the client, which a new cursor does not inherit. Printing is ours.
            connection.execute("set enable_progress_bar = true")
            connection.execute("set enable_progress_bar_print = false")
            connection.execute("set progress_bar_time = 0")
            # Partitions of a timestamp with time zone must not depend on where this runs.
            connection.execute("set timezone = 'UTC'")

    def another(self) -> Cursor:
        """One more cursor into the same instance, for another thread."""
        return Cursor(self._where, self._connection.cursor(), self._catalog)

    def rows(self, sql: str, parameters: list[object] | None = None) -> list[tuple[Any, ...]]:
        """All rows of a statement. Raises Interrupted, WarehouseUnavailable."""
        with self.running():
            return self._connection.execute(sql, parameters).fetchall()

    def raw(self, sql: str) -> list[tuple[Any, ...]]:
        """As `rows`, but DuckDB's own errors come out as they are: for statements that write files."""
        with self._mark():
            return self._connection.execute(sql).fetchall()

    def stream(self, sql: str, batch_rows: int) -> pa.RecordBatchReader:
        """A statement's rows as Arrow batches, never all in memory."""
        with translated(self._where):
            return self._connection.sql(sql).to_arrow_reader(batch_rows)

    def load(self, name: str, reader: pa.RecordBatchReader, order_by: str) -> None:
        """Makes the table `name` (quoted) of Arrow batches, ordered. Writes to memory and spill only."""
        with self.running():
            self._connection.register("incoming_batches", reader)
            self._connection.execute(f"create or replace table {name} as from incoming_batches order by {order_by}")
            self._connection.unregister("incoming_batches")

    @contextmanager
    def running(self) -> Iterator[None]:
        with translated_or_interrupted(self._where), self._mark():
            yield

    @contextmanager
    def _mark(self) -> Iterator[None]:
        self._running = True
        try:
            yield
        finally:
            self._running = False

    def interrupt(self) -> None:
        """Stops the statement that runs, if one does."""
        if self._running:
            self._connection.interrupt()

    def share_done(self) -> float:
        """How much of the running statement is done, 0 to 1; 0 when nobody knows."""
        if not self._running:
            return 0.0
        return max(self._connection.query_progress(), 0.0) / 100


@contextmanager
def translated_or_interrupted(where: Path) -> Iterator[None]:
    """DuckDB's errors as ours; a stopped statement as Interrupted."""
    try:
        with translated(where):
            yield
    except KeyboardInterrupt as error:
        if isinstance(error.__cause__, duckdb.InterruptException):
            raise Interrupted from error
        raise


def _catalog(database: Path) -> str:
    """The name that DuckDB gives a database opened from this file, and that dbt's views hold."""
    name = database.name.lstrip(".").split(".")[0]
    return f"{name}_db" if name.lower() in ("main", "temp", "system") else name


def _connect(database: Path | None, limits: Limits) -> duckdb.DuckDBPyConnection:
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": f"{duckdb_memory(limits.memory_bytes) // 2**20}MiB",
        "threads": str(duckdb_threads(limits.memory_bytes)),
        "temp_directory": str(limits.spill_folder),
        "autoinstall_known_extensions": "false",
        # A part is the rows between two places in storage order; a resumed run counts on finding the same there.
        "preserve_insertion_order": "true",
        # Of rows that go to many files at once: each file's row groups are then what is held, and little else.
        "partitioned_write_flush_threshold": str(_ROWS_HELD_APART),
    }
    connection = duckdb.connect(":memory:", config=settings)
    if database is not None:
        name = quote_identifier(_catalog(database))
        connection.execute(f"attach {literal(str(database))} as {name} (read_only)")
    return connection

"""The warehouse protocol on one DuckDB file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from loaders.errors import FileRefused
from loaders.failpoints import failpoint
from loaders.warehouses.base import LARGEST_WINDOW, FileCount, OpenOptions, Part
from loaders.warehouses.duckdb.connection import connect, first_line, storage_version, translated
from loaders.warehouses.duckdb.session import Session
from loaders.warehouses.duckdb.statements import Statements
from loaders.warehouses.layout import (
    BOOKKEEPING,
    CHUNKS,
    LANDING_SCHEMA,
    LEDGER,
    MALFORMED_ROWS,
    ChunkEntry,
    Entry,
    LandingTable,
    LedgerEntry,
    MalformedEntry,
    by_column,
)
from loaders.warehouses.parsing import landing_columns, quote_identifier, readable_paths, select_rows

if TYPE_CHECKING:
    import pyarrow as pa

    from loaders.warehouses.profile import Target

_FIRST_WITH_ZSTD = (1, 2)
# What the strict parse raises about the bytes it was given.
_PARSE_ERRORS = (duckdb.InvalidInputException, duckdb.ConversionException)


def open_warehouse(target: Target, options: OpenOptions) -> DuckDBWarehouse:
    """Opens the target's database file. Raises WarehouseLocked, WarehouseUnavailable, ProfileInvalid."""
    return DuckDBWarehouse.open(target.database_path, options, target.landing_schema)


class DuckDBWarehouse:
    """One open DuckDB file."""

    def __init__(
        self, path: Path, connection: duckdb.DuckDBPyConnection, opened_after_crash: bool, schema: str = LANDING_SCHEMA
    ) -> None:
        self._path = path
        self._session = Session(connection)
        self._opened_after_crash = opened_after_crash
        ((self._catalog, version),) = self._rows(Statements.file(), [])
        self._statements = Statements(self._catalog, schema, has_zstd=storage_version(version) >= _FIRST_WITH_ZSTD)

    @classmethod
    def open(cls, path: Path, options: OpenOptions | None = None, schema: str = LANDING_SCHEMA) -> DuckDBWarehouse:
        """Opens or makes the file at `path`; see `connect` for what it raises."""
        # A process that closes well leaves no write-ahead log behind.
        with translated(path):
            left_open = path.with_name(path.name + ".wal").exists()
            warehouse = cls(path, connect(path, options or OpenOptions()), left_open, schema)
            failpoint("duckdb.after_open")
        return warehouse

    @property
    def opened_after_crash(self) -> bool:
        return self._opened_after_crash

    @property
    def largest_window(self) -> int:
        return LARGEST_WINDOW

    def close(self) -> None:
        with translated(self._path):
            self._session.close()

    def prepare_landing(self, tables: Sequence[LandingTable]) -> None:
        existing = self._existing_columns()
        statements = [] if set(BOOKKEEPING) <= existing.keys() else [self._statements.create_schema()]
        statements += [self._statements.create_bookkeeping(name) for name in BOOKKEEPING if name not in existing]
        for table in tables:
            if table.name not in existing:
                statements.append(self._statements.create_landing(table))
                continue
            lacking = [column for column in table.text_columns if column not in existing[table.name]]
            statements += [self._statements.add_column(table, column) for column in lacking]
        if not statements:
            return
        with translated(self._path):
            for statement in statements:
                self._session.rows(statement)
                failpoint("duckdb.after_ddl")
            failpoint("duckdb.before_checkpoint_after_ddl")
            # DDL that is still in the write-ahead log is what a kill has made files unreadable with.
            self._session.see_through("checkpoint")
        failpoint("duckdb.after_checkpoint")

    def ledger(self, contract: str, table_name: str) -> list[LedgerEntry]:
        if LEDGER not in self._existing_columns():
            return []
        return [LedgerEntry(*row) for row in self._rows(self._statements.select_ledger(), [contract, table_name])]

    def chunks(self, file_id: str) -> list[ChunkEntry]:
        return [ChunkEntry(*row) for row in self._rows(self._statements.select_chunks(), [file_id])]

    @contextmanager
    def landing(self) -> Iterator[DuckDBUnit]:
        with translated(self._path):
            self._session.see_through("begin transaction")
        try:
            failpoint("duckdb.after_begin")
            yield DuckDBUnit(self._path, self._session, self._statements)
            failpoint("duckdb.before_commit")
            with translated(self._path):
                self._session.see_through("commit")
        except BaseException:
            self._rollback()
            raise
        failpoint("duckdb.after_commit")

    def mismatches(self, table: LandingTable, file_ids: Sequence[str] | None = None) -> list[FileCount]:
        parameters: list[object] = [table.contract, table.table]
        if file_ids is not None:
            parameters.append(list(file_ids))
        rows = self._rows(self._statements.mismatches(table, some_files=file_ids is not None), parameters)
        return [FileCount(table.name, *row) for row in rows]

    def query(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[object, ...]]:
        return self._rows(sql, list(parameters))

    def stream(self, sql: str, batch_rows: int = 122_880) -> Iterator[pa.RecordBatch]:
        from loaders.warehouses.arrow import nothing

        with translated(self._path):
            reader: pa.RecordBatchReader = self._session.cursor().sql(sql).to_arrow_reader(batch_rows)
            batch = None
            for batch in reader:
                yield batch
            if batch is None:
                yield nothing(reader.schema)

    def tables(self) -> list[tuple[str, str]]:
        found = self.query("select table_schema, table_name from information_schema.tables")
        return [(str(schema), str(name)) for schema, name in found]

    def landing_name(self, table: str) -> str:
        return self._statements.name(table)

    def quote(self, identifier: str) -> str:
        return quote_identifier(identifier)

    def _existing_columns(self) -> dict[str, set[str]]:
        existing: dict[str, set[str]] = {}
        for table, column in self._rows(self._statements.existing_columns(), [self._catalog]):
            existing.setdefault(table, set()).add(column)
        return existing

    def _rows(self, sql: str, parameters: list[object]) -> list[tuple[Any, ...]]:
        with translated(self._path):
            return self._session.rows(sql, parameters)

    def _rollback(self) -> None:
        try:
            self._session.see_through("rollback")
        except duckdb.Error:
            # There is nothing left to roll back when COMMIT itself failed or the database was invalidated by a fatal
            # error; the error on its way up says so.
            return


class DuckDBUnit:
    """One transaction."""

    def __init__(self, path: Path, session: Session, statements: Statements) -> None:
        self._path = path
        self._session = session
        self._statements = statements

    def insert_rows(self, part: Part) -> None:
        with readable_paths(part) as paths:
            columns = landing_columns(part)
            statement = self._statements.insert_rows(part.table, columns, select_rows(part, paths))
            with translated(self._path):
                try:
                    ((inserted,),) = self._session.rows(statement)
                except _PARSE_ERRORS as error:
                    raise _refused(part, f"the strict parse refused it: {first_line(error)}") from error
        failpoint("duckdb.after_rows")
        if inserted != part.rows:
            raise _refused(part, f"the strict parse gave {inserted} rows where {part.rows} stand")

    def insert_malformed(self, entries: Sequence[MalformedEntry]) -> None:
        self._insert(MALFORMED_ROWS, entries)
        failpoint("duckdb.after_malformed")

    def insert_chunk(self, entry: ChunkEntry) -> None:
        self._insert(CHUNKS, [entry])
        failpoint("duckdb.after_chunk")

    def put_ledger(self, entries: Sequence[LedgerEntry]) -> None:
        self._execute(self._statements.delete_ledger(), [[entry.file_id for entry in entries]])
        self._insert(LEDGER, entries)
        failpoint("duckdb.after_ledger")

    def remove_file(self, table: LandingTable, file_id: str) -> None:
        for name, id_column in ((table.name, "_landed_file_id"), (MALFORMED_ROWS, "file_id"), (CHUNKS, "file_id")):
            self._execute(self._statements.delete_file(name, id_column), [file_id])
        failpoint("duckdb.after_remove")

    def _insert(self, table: str, entries: Sequence[Entry]) -> None:
        if entries:
            self._execute(self._statements.insert_entries(table), by_column(entries))

    def _execute(self, sql: str, parameters: list[Any]) -> None:
        with translated(self._path):
            self._session.rows(sql, parameters)


def _refused(part: Part, reason: str) -> FileRefused:
    return FileRefused(part.display, reason, hint="mend the file or the dialect in its contract")

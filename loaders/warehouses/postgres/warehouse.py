"""The warehouse protocol on one Postgres database.

Runs keep apart by an advisory lock per landing table, held by the session: a server that still works for a run that
died keeps it until that work is undone or done.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import astuple
from datetime import datetime
from typing import TYPE_CHECKING, Final

from psycopg import errors as pg

from loaders.background import in_background
from loaders.errors import FileRefused, WarehouseUnavailable
from loaders.failpoints import failpoint
from loaders.warehouses.base import LANDING, LARGEST_WINDOW, Checkup, FileCount, OpenOptions, Part
from loaders.warehouses.layout import (
    BOOKKEEPING,
    CHUNKS,
    LANDING_SCHEMA,
    LEDGER,
    LINEAGE_COLUMNS,
    MALFORMED_ROWS,
    ChunkEntry,
    ColumnType,
    Entry,
    LandingTable,
    LedgerEntry,
    MalformedEntry,
)
from loaders.warehouses.parser import Parser, check_count
from loaders.warehouses.parsing import quote_identifier
from loaders.warehouses.postgres.binary import copy_stream
from loaders.warehouses.postgres.connection import Connection, connection_settings, lock_key
from loaders.warehouses.statements import Dialect, LandingSql

if TYPE_CHECKING:
    import pyarrow as pa

    from loaders.warehouses.profile import Target

TYPES: Final[dict[ColumnType, str]] = {"text": "text", "bigint": "bigint", "date": "date", "timestamp": "timestamp"}
# Binary COPY takes the bytes of a text for a number where the column is one: other types than these are refused.
_STORED_AS: Final[dict[ColumnType, tuple[str, ...]]] = {
    "text": ("text", "varchar"),
    "bigint": ("int8",),
    "timestamp": ("timestamp",),
}
# As much of a file as its rows are sent at once: small, so that the server never waits long for the first ones.
_BATCH_BYTES: Final = 4 * 2**20
_MAY_WRITE: Final = "has_schema_privilege(oid, 'create') and has_schema_privilege(oid, 'usage')"
CHECKUP: Final = Checkup(
    ("host", "user", "dbname"),
    "select 'PostgreSQL ' || current_setting('server_version')",
    "select cast(clock_timestamp() at time zone 'utc' as timestamp)",
    (
        (
            "make schemas",
            "select has_database_privilege(current_database(), 'create')",
            "grant create on database … to …; dbt makes schemas too",
        ),
        (
            f"write into schema {LANDING}",
            f"select coalesce(bool_and({_MAY_WRITE}), true) from pg_namespace where nspname = '{LANDING}'",
            f"grant usage, create on schema {LANDING} to …",
        ),
        (
            "hold every character (UTF8)",
            "select current_setting('server_encoding') = 'UTF8'",
            "create the database with encoding 'UTF8'",
        ),
    ),
)


def open_warehouse(target: Target, options: OpenOptions) -> PostgresWarehouse:
    """Connects as the target says. Raises WarehouseUnavailable."""
    connection = Connection(target.name, connection_settings(target.settings))
    return PostgresWarehouse(connection, options, target.landing_schema)


class PostgresWarehouse:
    """One connection and one parser."""

    def __init__(self, connection: Connection, options: OpenOptions, schema: str = LANDING_SCHEMA) -> None:
        self._connection = connection
        self._options = options
        self._schema = schema
        self._sql = LandingSql(Dialect(TYPES, quote_identifier, quote_identifier(schema)))
        self._parser = Parser(options)

    @property
    def opened_after_crash(self) -> bool:
        """The server mends itself before it lets anybody in."""
        return False

    @property
    def largest_window(self) -> int:
        return LARGEST_WINDOW

    def close(self) -> None:
        self._parser.close()
        self._connection.close()

    def prepare_landing(self, tables: Sequence[LandingTable]) -> None:
        # Always in one order, or two runs could wait for each other.
        for name in sorted(table.name for table in tables):
            self._connection.lock(f"{self._schema}.{name}", self._options.lock_timeout)
        self._refuse_other_types(tables)
        if not any(self._preparations(tables)):
            return
        with self._connection.transaction():
            # Runs over other tables make the same bookkeeping tables.
            self._connection.execute("select pg_advisory_xact_lock(?)", [lock_key(f"{self._schema}.bookkeeping")])
            for statement in list(self._preparations(tables)):
                self._connection.execute(statement)

    def ledger(self, contract: str, table_name: str) -> list[LedgerEntry]:
        if (LEDGER, "file_id") not in self._existing():
            return []
        return [LedgerEntry(*row) for row in self._connection.rows(self._sql.select_ledger(), [contract, table_name])]

    def chunks(self, file_id: str) -> list[ChunkEntry]:
        return [ChunkEntry(*row) for row in self._connection.rows(self._sql.select_chunks(), [file_id])]

    @contextmanager
    def landing(self) -> Iterator[PostgresUnit]:
        with self._connection.transaction():
            yield PostgresUnit(self._connection, self._sql, self._parser)
            failpoint("postgres.before_commit")
        failpoint("postgres.after_commit")

    def mismatches(self, table: LandingTable, file_ids: Sequence[str] | None = None) -> list[FileCount]:
        if file_ids is not None and not file_ids:
            return []
        ids = list(file_ids or ())
        statement = self._sql.mismatches(table, None if file_ids is None else len(ids))
        rows = self._connection.rows(statement, [table.contract, table.table, *ids, *ids, *ids])
        return [FileCount(table.name, file_id, *map(int, counts)) for file_id, *counts in rows]

    def query(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[object, ...]]:
        return self._connection.rows(sql, parameters)

    def stream(self, sql: str, batch_rows: int = 122_880) -> Iterator[pa.RecordBatch]:
        return self._connection.stream(sql, batch_rows)

    def tables(self) -> list[tuple[str, str]]:
        found = self.query("select table_schema, table_name from information_schema.tables")
        return [(str(schema), str(name)) for schema, name in found]

    def landing_name(self, table: str) -> str:
        return self._sql.name(table)

    def quote(self, identifier: str) -> str:
        return quote_identifier(identifier)

    def _preparations(self, tables: Sequence[LandingTable]) -> Iterator[str]:
        existing = self._existing()
        # Asked beforehand: `if not exists` wants the right to make one even where it is there.
        if not self._connection.rows("select 1 from pg_namespace where nspname = ?", [self._schema]):
            yield self._sql.create_schema()
        yield from (self._sql.create_bookkeeping(name) for name in BOOKKEEPING if (name, "file_id") not in existing)
        for table in tables:
            if (table.name, "_landed_file_id") not in existing:
                yield self._sql.create_landing(table)
            else:
                lacking = [column for column in table.text_columns if (table.name, column) not in existing]
                yield from (self._sql.add_column(table, column) for column in lacking)

    def _refuse_other_types(self, tables: Sequence[LandingTable]) -> None:
        existing = self._existing()
        for table in tables:
            text: list[tuple[str, ColumnType]] = [(name, "text") for name in table.text_columns]
            for column, kind in (*text, *LINEAGE_COLUMNS):
                found = existing.get((table.name, column))
                if found is not None and found not in _STORED_AS[kind]:
                    raise WarehouseUnavailable(
                        f"{self._connection.where}: column {column} of {self._schema}.{table.name} is {found}, "
                        f"and rows land as they are, in {TYPES[kind]}",
                        hint="give the column that type, or the table another name: ingest makes the one it needs",
                    )

    def _existing(self) -> dict[tuple[str, str], str]:
        """The type of each (table, column) of the landing schema."""
        statement = "select table_name, column_name, udt_name from information_schema.columns where table_schema = ?"
        return {(table, column): kind for table, column, kind in self._connection.rows(statement, [self._schema])}


class PostgresUnit:
    """One transaction."""

    def __init__(self, connection: Connection, sql: LandingSql, parser: Parser) -> None:
        self._connection = connection
        self._sql = sql
        self._parser = parser

    def insert_rows(self, part: Part) -> None:
        file_ids = part.file_ids
        # Only where all rows are of one file is its id the same in all of them.
        shared = len(file_ids) == 1
        columns = (*part.table.text_columns, *(() if shared else ("_landed_file_id",)), "_row_number")
        constants: dict[str, str | datetime] = {"_job_id": part.job_id, "_landed_at": part.landed_at}
        if shared:
            constants["_landed_file_id"] = file_ids.pop()
        names = self._sql.names((*columns, *constants))
        statement = f"copy {self._sql.name(part.table.name)} ({names}) from stdin (format binary)"

        def blocks() -> Generator[bytes | memoryview, None, None]:
            with closing(self._parser.batches(part, columns, _rows_at_once(part))) as batches:
                yield from copy_stream(batches, list(constants.values()))

        try:
            with in_background(blocks) as made:
                copied = self._connection.copy(statement, made)
        except WarehouseUnavailable as error:
            if isinstance(error.__cause__, pg.CharacterNotInRepertoire | pg.UntranslatableCharacter):
                raise _not_storable(part) from error
            raise
        check_count(part, copied)
        failpoint("postgres.after_rows")

    def insert_malformed(self, entries: Sequence[MalformedEntry]) -> None:
        self._insert(MALFORMED_ROWS, entries)
        failpoint("postgres.after_malformed")

    def insert_chunk(self, entry: ChunkEntry) -> None:
        self._insert(CHUNKS, [entry])
        failpoint("postgres.after_chunk")

    def put_ledger(self, entries: Sequence[LedgerEntry]) -> None:
        if entries:
            ids = [entry.file_id for entry in entries]
            self._connection.execute(self._sql.delete_ledger(len(ids)), ids)
            self._insert(LEDGER, entries)
        failpoint("postgres.after_ledger")

    def remove_file(self, table: LandingTable, file_id: str) -> None:
        for name, id_column in ((table.name, "_landed_file_id"), (MALFORMED_ROWS, "file_id"), (CHUNKS, "file_id")):
            self._connection.execute(self._sql.delete_file(name, id_column), [file_id])
        failpoint("postgres.after_remove")

    def _insert(self, table: str, entries: Sequence[Entry]) -> None:
        if entries:
            self._connection.execute_many(self._sql.insert_entries(table, 1), [astuple(entry) for entry in entries])


def _rows_at_once(part: Part) -> int:
    """Rows that stand in about so many bytes of the part."""
    size = sum(segment.size_bytes for segment in part.segments)
    return max(1, part.rows * _BATCH_BYTES // max(size, 1))


def _not_storable(part: Part) -> FileRefused:
    return FileRefused(
        part.display,
        "a value holds a NUL character, which Postgres cannot store in text",
        hint="write `nul: strip` or `nul: reject` into the dialect in its contract",
    )

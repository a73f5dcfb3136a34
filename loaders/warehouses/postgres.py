"""Postgres: DuckDB parses, `COPY` carries the rows, and everything of a landing unit is one transaction.

Runs keep apart by an advisory lock per landing table, held by the session: a server that still works for a run that
died keeps it until that work is undone or done.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple
from hashlib import sha256
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, LiteralString, cast

import psycopg
from psycopg import errors as pg

from loaders.errors import FileRefused, LandfallError, WarehouseLocked, WarehouseUnavailable
from loaders.failpoints import failpoint
from loaders.secrets import Secret
from loaders.warehouses.base import FileCount, OpenOptions, Part
from loaders.warehouses.layout import (
    BOOKKEEPING,
    CHUNKS,
    LANDING_SCHEMA,
    LEDGER,
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
from loaders.warehouses.statements import Dialect, LandingSql

if TYPE_CHECKING:
    import pyarrow as pa

    from loaders.warehouses.profile import Target

TYPES: Final[dict[ColumnType, str]] = {"text": "text", "bigint": "bigint", "date": "date", "timestamp": "timestamp"}
# What is the same in every row of a COPY does not travel with each row: the column's default reads it from the
# session. With it every row of a narrow table would be twice as long on the wire.
_DEFAULTS: Final = {
    "_file_id": "current_setting('landfall.file_id', true)",
    "_job_id": "current_setting('landfall.job_id', true)",
    "_landed_at": "cast(nullif(current_setting('landfall.landed_at', true), '') as timestamp)",
}
_SETTINGS: Final = "select set_config('landfall.file_id', ?, true), set_config('landfall.job_id', ?, true), "
_SETTINGS_END: Final = "set_config('landfall.landed_at', ?, true)"
# A peer that is gone without a word is noticed within a minute.
_KEEPALIVE: Final = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3, "tcp_user_timeout": 60000}
_PASSED_ON: Final = ("sslmode", "sslcert", "sslkey", "sslrootcert", "keepalives_idle", "application_name")
_PAUSE: Final = 0.2
_LITERAL_OR_MARK: Final = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\?|%")
_HOLDER: Final = """
select coalesce(string_agg(distinct activity.pid::text || ' (' || activity.application_name || ')', ', '), 'unknown')
from pg_locks join pg_stat_activity as activity on activity.pid = pg_locks.pid
where pg_locks.locktype = 'advisory' and pg_locks.granted
    and (pg_locks.classid::bigint << 32) + pg_locks.objid::bigint = ?"""


def open_warehouse(target: Target, options: OpenOptions) -> PostgresWarehouse:
    """Connects as the target says. Raises WarehouseUnavailable."""
    return PostgresWarehouse(target.name, connection_settings(target.settings), options)


def connection_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The driver's words for a dbt output; the password is known to the masking from here on."""
    password = settings.get("password", settings.get("pass"))
    if password:
        Secret(str(password))
    return {
        "host": settings.get("host"),
        "port": settings.get("port", 5432),
        "user": settings.get("user"),
        "password": password,
        "dbname": settings.get("dbname", settings.get("database")),
        "connect_timeout": settings.get("connect_timeout", 10),
        "application_name": "landfall",
        **_KEEPALIVE,
        **{name: settings[name] for name in _PASSED_ON if settings.get(name) is not None},
    }


class PostgresWarehouse:
    """One connection."""

    def __init__(self, name: str, settings: Mapping[str, Any], options: OpenOptions) -> None:
        self._where = f"postgres {settings['host']}:{settings['port']}/{settings['dbname']} (target {name})"
        self._options = options
        self._sql = LandingSql(Dialect(TYPES, quote_identifier, quote_identifier(LANDING_SCHEMA)))
        self._parser = Parser(options, in_order=False)
        with self.translated():
            self._connection = psycopg.connect(**settings, client_encoding="utf8", autocommit=True)
            self._connection.execute("set timezone to 'UTC'")

    @property
    def opened_after_crash(self) -> bool:
        """The server mends itself before it lets anybody in."""
        return False

    def close(self) -> None:
        self._parser.close()
        self._connection.close()

    def prepare_landing(self, tables: Sequence[LandingTable]) -> None:
        # Always in one order, or two runs could wait for each other.
        for name in sorted(table.name for table in tables):
            self._lock(name)
        with self._transaction():
            self._run("select pg_advisory_xact_lock(?)", [lock_key("bookkeeping")])
            for statement in self._preparations(tables):
                self._run(statement)

    def ledger(self, contract: str, table_name: str) -> list[LedgerEntry]:
        if (LEDGER, "file_id") not in self._existing():
            return []
        return [LedgerEntry(*row) for row in self.rows(self._sql.select_ledger(), [contract, table_name])]

    def chunks(self, file_id: str) -> list[ChunkEntry]:
        return [ChunkEntry(*row) for row in self.rows(self._sql.select_chunks(), [file_id])]

    @contextmanager
    def landing(self) -> Iterator[PostgresUnit]:
        with self._transaction():
            yield PostgresUnit(self, self._sql, self._parser)
            failpoint("postgres.before_commit")
        failpoint("postgres.after_commit")

    def mismatches(self, table: LandingTable, file_ids: Sequence[str] | None = None) -> list[FileCount]:
        if file_ids is not None and not file_ids:
            return []
        ids = list(file_ids or ())
        statement = self._sql.mismatches(table, None if file_ids is None else len(ids))
        parameters: list[object] = [table.contract, table.table, *ids, *ids, *ids]
        return [FileCount(table.name, row[0], *map(int, row[1:])) for row in self.rows(statement, parameters)]

    def query(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[object, ...]]:
        return self.rows(sql, parameters)

    def stream(self, sql: str, batch_rows: int = 122_880) -> Iterator[pa.RecordBatch]:
        from loaders.warehouses.arrow import batches

        with self.translated(), self._connection.transaction(), self._connection.cursor("landfall") as cursor:
            cursor.execute(cast("LiteralString", sql))
            columns = [(each.name, _arrow_type(each)) for each in cursor.description or ()]
            yield from batches(columns, iter(lambda: cursor.fetchmany(batch_rows), []))

    def quote(self, identifier: str) -> str:
        return quote_identifier(identifier)

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of a statement with `?` for its parameters."""
        with self.translated():
            return self._run(sql, parameters).fetchall()

    def run_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Runs a statement once per row of parameters."""
        with self.translated(), self._connection.cursor() as cursor:
            cursor.executemany(native(sql), rows)

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> None:
        """Runs a statement that gives no rows."""
        with self.translated():
            self._run(sql, parameters)

    def copy(self, sql: str, blocks: Iterator[bytes]) -> int:
        """Sends CSV blocks to a COPY; the rows it took."""
        with self.translated(), self._connection.cursor() as cursor:
            with cursor.copy(cast("LiteralString", sql)) as copy:
                for block in blocks:
                    copy.write(block)
            return cursor.rowcount

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Turns the driver's errors into ours, the cause kept."""
        try:
            yield
        except pg.QueryCanceled as error:
            raise WarehouseUnavailable(
                f"{self._where}: the server ended a statement: {_first_line(error)}", hint="run the command again"
            ) from error
        except psycopg.Error as error:
            raise self._ours(error) from error

    def _ours(self, error: psycopg.Error) -> LandfallError:
        text = f"{self._where}: {_first_line(error)}"
        if isinstance(error, pg.InsufficientPrivilege):
            return WarehouseUnavailable(text, hint="grant it as docs/warehouses.md says; `loaders doctor` lists more")
        if isinstance(error, pg.DiskFull | pg.OutOfMemory):
            return WarehouseUnavailable(text, hint="make room on the server and run again; what had landed is intact")
        return WarehouseUnavailable(
            text,
            hint="run the command again: a unit that was not committed has left nothing, one that was is in the ledger",
        )

    def _run(self, sql: str, parameters: Sequence[object] = ()) -> psycopg.Cursor[tuple[Any, ...]]:
        return self._connection.execute(native(sql) if parameters else cast("LiteralString", sql), parameters or None)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self.translated():
            self._run("begin")
            try:
                yield
                self._run("commit")
            except BaseException:
                if not self._connection.closed:
                    self._connection.rollback()
                raise

    def _lock(self, table: str) -> None:
        deadline = time.monotonic() + self._options.lock_timeout
        key = lock_key(table)
        while not self.rows("select pg_try_advisory_lock(?)", [key])[0][0]:
            if time.monotonic() + _PAUSE > deadline:
                raise WarehouseLocked(
                    f"{self._where}: {LANDING_SCHEMA}.{table} is held by server process {self.rows(_HOLDER, [key])[0][0]}",
                    hint="wait for that run, end it, or give --lock-timeout more seconds",
                )
            time.sleep(_PAUSE)

    def _preparations(self, tables: Sequence[LandingTable]) -> Iterator[str]:
        existing = self._existing()
        if not existing:
            yield self._sql.create_schema()
        yield from (self._sql.create_bookkeeping(name) for name in BOOKKEEPING if (name, "file_id") not in existing)
        for table in tables:
            if (table.name, "_file_id") not in existing:
                yield self._sql.create_landing(table)
            else:
                lacking = [column for column in table.text_columns if (table.name, column) not in existing]
                yield from (self._sql.add_column(table, column) for column in lacking)
            for column, default in _DEFAULTS.items():
                if existing.get((table.name, column)) is None:
                    yield f"alter table {self._sql.name(table.name)} alter column {column} set default {default}"

    def _existing(self) -> dict[tuple[str, str], str | None]:
        """(table, column) of everything in the landing schema, with its default."""
        statement = "select table_name, column_name, column_default from information_schema.columns "
        return {(row[0], row[1]): row[2] for row in self.rows(statement + "where table_schema = ?", [LANDING_SCHEMA])}


class PostgresUnit:
    """One transaction."""

    def __init__(self, warehouse: PostgresWarehouse, sql: LandingSql, parser: Parser) -> None:
        self._warehouse = warehouse
        self._sql = sql
        self._parser = parser

    def insert_rows(self, part: Part) -> None:
        for file_id, segments in groupby(part.segments, key=lambda segment: segment.file_id):
            self._copy(
                Part(part.table, part.options, tuple(segments), part.job_id, part.landed_at, part.display), file_id
            )
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
            self._warehouse.execute(self._sql.delete_ledger(len(ids)), ids)
            self._insert(LEDGER, entries)
        failpoint("postgres.after_ledger")

    def remove_file(self, table: LandingTable, file_id: str) -> None:
        for name, id_column in ((table.name, "_file_id"), (MALFORMED_ROWS, "file_id"), (CHUNKS, "file_id")):
            self._warehouse.execute(self._sql.delete_file(name, id_column), [file_id])
        failpoint("postgres.after_remove")

    def _copy(self, part: Part, file_id: str) -> None:
        constants = [file_id, part.job_id, part.landed_at.isoformat(sep=" ")]
        self._warehouse.execute(_SETTINGS + _SETTINGS_END, constants)
        columns = (*part.table.text_columns, "_row_number")
        statement = f"copy {self._sql.name(part.table.name)} ({self._sql.names(columns)}) from stdin (format csv)"
        try:
            with self._parser.csv(part, columns) as blocks:
                copied = self._warehouse.copy(statement, blocks)
        except WarehouseUnavailable as error:
            if isinstance(error.__cause__, pg.CharacterNotInRepertoire | pg.UntranslatableCharacter):
                raise _not_storable(part) from error
            raise
        check_count(part, copied)

    def _insert(self, table: str, entries: Sequence[Entry]) -> None:
        if entries:
            self._warehouse.run_many(self._sql.insert_entries(table, 1), [astuple(entry) for entry in entries])


def lock_key(name: str) -> int:
    """The advisory lock's number (signed, 64 bits) for a table of the landing schema."""
    return int.from_bytes(sha256(f"landfall:{LANDING_SCHEMA}.{name}".encode()).digest()[:8], signed=True)


def native(sql: str) -> LiteralString:
    """`?` outside of literals and quoted names as the driver's `%s`, its own sign doubled."""
    text = _LITERAL_OR_MARK.sub(lambda match: "%s" if match[0] == "?" else match[0].replace("%", "%%"), sql)
    return cast("LiteralString", text)


def _not_storable(part: Part) -> FileRefused:
    return FileRefused(
        part.display,
        "a value holds a NUL character, which Postgres cannot store in text",
        hint="write `nul: strip` or `nul: reject` into the dialect in its contract",
    )


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).split("\n", 1)[0]


def _arrow_type(column: psycopg.Column) -> pa.DataType:
    import pyarrow as pa

    if column.type_code == psycopg.adapters.types["numeric"].oid:
        return pa.decimal128(column.precision or 38, column.scale or 0)
    return {
        "bool": pa.bool_(),
        "int2": pa.int16(),
        "int4": pa.int32(),
        "int8": pa.int64(),
        "float4": pa.float32(),
        "float8": pa.float64(),
        "date": pa.date32(),
        "time": pa.time64("us"),
        "timestamp": pa.timestamp("us"),
        "timestamptz": pa.timestamp("us", tz="UTC"),
    }.get(column.type_display, pa.string())

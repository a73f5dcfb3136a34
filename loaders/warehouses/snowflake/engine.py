"""A session of Snowflake as an engine that takes uploaded files."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import snowflake.connector
from snowflake.connector import errors as driver

from loaders.errors import LandfallError, WarehouseUnavailable
from loaders.failpoints import failpoint
from loaders.warehouses.arrow import nothing
from loaders.warehouses.base import Checkup, LoadEvent, OpenOptions
from loaders.warehouses.layout import ColumnType
from loaders.warehouses.snowflake.columns import retyped, types_of
from loaders.warehouses.snowflake.settings import connection_settings, quote
from loaders.warehouses.snowflake.stage import Stage
from loaders.warehouses.staged.load import Load, Statement, check
from loaders.warehouses.staged.warehouse import StagedWarehouse, transactional
from loaders.warehouses.statements import Dialect, LandingSql

if TYPE_CHECKING:
    import pyarrow as pa

    from loaders.warehouses.profile import Target

_logger = logging.getLogger(__name__)

TYPES: Final[dict[ColumnType, str]] = {
    "text": "varchar",
    "bigint": "number(38, 0)",
    "date": "date",
    "timestamp": "timestamp_ntz",
}
CHECKUP: Final = Checkup(
    ("account", "user", "database", "warehouse"),
    "select 'Snowflake ' || current_version()",
    "select cast(sysdate() as timestamp_ntz)",
    (
        ("use a database", "select current_database() is not null", "grant usage on database … to role …"),
        ("use a warehouse", "select current_warehouse() is not null", "grant usage on warehouse … to role …"),
    ),
)
# Only about this user's statements of the last hours, which is who could have left one running.
_RUNNING_COPY: Final = """
select query_id from table(information_schema.query_history_by_user(result_limit => 1000))
where query_tag = ? and query_type = 'COPY'
    and execution_status in ('RUNNING', 'QUEUED', 'BLOCKED', 'RESUMING_WAREHOUSE')"""
_LONGEST_PAUSE: Final = 5.0
_NOT_AUTHORISED: Final = 3001


def open_warehouse(target: Target, options: OpenOptions) -> StagedWarehouse:
    """Connects as the target says. Raises WarehouseUnavailable."""
    return transactional(Snowflake(target, options), options)


class Snowflake:
    """One session."""

    def __init__(self, target: Target, options: OpenOptions) -> None:
        settings = target.settings
        database = str(settings.get("database"))
        self._where = f"snowflake {settings.get('account')}/{database} (target {target.name})"
        self._settings = connection_settings(settings)
        self._options = options
        self._schema = target.landing_schema
        self.dialect = Dialect(TYPES, quote, f"{quote(database)}.{quote(self._schema)}")
        self._sql = LandingSql(self.dialect)
        own_stage = f"{database}.{self._schema}.landfall_stage"
        self._stage = Stage(self, self._where, own_stage, settings.get("warehouse"), options)
        self._connection = self._connect()

    def close(self) -> None:
        with self._translated():
            self._connection.close()

    def reconnect(self) -> None:
        self._connection = self._connect()

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with self._translated(), self._connection.cursor() as cursor:
            cursor.execute(sql, list(parameters) or None)
            return [tuple(row) for row in cursor.fetchall()]

    def stream(self, sql: str, batch_rows: int) -> Iterator[pa.RecordBatch]:
        with self._translated(), self._connection.cursor() as cursor:
            cursor.execute(sql)
            types = types_of(cursor.description, sql, self.rows)
            if cursor.rowcount == 0:
                yield nothing(retyped(cursor.fetch_arrow_all(force_return_table=True), types).schema)
                return
            # Nanoseconds hold no year past 2262.
            for table in cursor.fetch_arrow_batches(force_microsecond_precision=True):
                yield from retyped(table, types).to_batches(batch_rows)

    def tables(self) -> list[tuple[str, str]]:
        found = self.rows("select table_schema, table_name from information_schema.tables")
        return [(str(schema), str(name)) for schema, name in found]

    def existing_columns(self) -> dict[str, set[str]]:
        existing: dict[str, set[str]] = {}
        statement = (
            "select lower(table_name), lower(column_name) from information_schema.columns where table_schema = ?"
        )
        for table, column in self.rows(statement, [self._schema.upper()]):
            existing.setdefault(table, set()).add(column)
        return existing

    def has_table(self, name: str) -> bool:
        statement = "select 1 from information_schema.tables where table_schema = ? and lower(table_name) = ?"
        return bool(self.rows(statement, [self._schema.upper(), name]))

    def prepare(self) -> None:
        self._stage.prepare()

    def upload(self, load: Load) -> None:
        self._stage.upload(load)

    def load_tables(self, load: Load) -> list[str]:
        return [load.load_table]

    def settle(self, load: Load) -> None:
        """A COPY goes on when the process that sent it dies; one sent beside it could fill the table twice."""
        for (query_id,) in self.rows(_RUNNING_COPY, [load.key]):
            _logger.warning("query %s of an earlier run still loads %s; waiting for it", query_id, load.key)
            with self._translated():
                self._wait_for(query_id, LoadEvent("loading", load.table.name, "", 0, 0, 0.0, query_id))

    def load(self, load: Load) -> None:
        create = self._sql.create_table(load.load_table, load.columns)
        self.rows(create.replace("create table if not exists", "create or replace transient table", 1))
        failpoint("snowflake.before_copy")
        # FORCE, because Snowflake would skip files that it remembers from an earlier table of the name; this one is
        # new, and nobody else writes to it.
        query_id = self._copy(
            f"copy into {self._sql.name(load.load_table)} from {self._stage.folder(load)} "
            "file_format = (type = parquet) match_by_column_name = case_insensitive "
            "on_error = abort_statement force = true",
            load,
        )
        _logger.debug("load %s is query %s", load.key, query_id)
        failpoint("snowflake.after_copy")

    def publish(self, statements: Sequence[Statement], token: str) -> None:
        _logger.debug("publishing %s", token)
        self.rows("begin")
        try:
            for statement in statements:
                self._change(statement)
            failpoint("snowflake.before_commit")
            self.rows("commit")
        except BaseException:
            self._rollback()
            raise
        failpoint("snowflake.after_commit")

    def clean(self, load: Load) -> None:
        self.rows(f"drop table if exists {self._sql.name(load.load_table)}")
        failpoint("snowflake.before_remove")
        self.rows(f"remove {self._stage.folder(load)}")

    def _change(self, statement: Statement) -> None:
        with self._translated(), self._connection.cursor() as cursor:
            cursor.execute(statement.sql, list(statement.parameters) or None)
            found = cursor.rowcount if statement.gives is None else int(cursor.fetchone()[0])
        check(self._where, statement, found)

    def _rollback(self) -> None:
        try:
            self.rows("rollback")
        except WarehouseUnavailable:
            # A session that is gone rolls back by itself; the error on its way up says why.
            return

    def _copy(self, sql: str, load: Load) -> str:
        """Sends a COPY and waits for its end, however long; its query id."""
        started = time.monotonic()
        parts = f"{len(load.parts)} parts"
        size = sum(part.size_bytes for part in load.parts)
        with self._translated(), self._connection.cursor() as cursor:
            cursor.execute_async(sql, _statement_params={"QUERY_TAG": load.key})
            query_id = str(cursor.sfqid)
            failpoint("snowflake.copy_sent")
            self._wait_for(query_id, LoadEvent("loading", load.table.name, parts, load.rows, size, 0.0, query_id))
            cursor.get_results_from_sfqid(query_id)
        for part in load.parts:
            event = LoadEvent(
                "loaded", load.table.name, part.name, part.rows, part.size_bytes, _since(started), query_id
            )
            self._tell(event)
        return query_id

    def _wait_for(self, query_id: str, event: LoadEvent) -> None:
        pause = 0.1
        while True:
            status = self._connection.get_query_status_throw_if_error(query_id)
            if not self._connection.is_still_running(status):
                return
            self._tell(event)
            time.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    def _tell(self, event: LoadEvent) -> None:
        if self._options.on_load is not None:
            self._options.on_load(event)

    def _connect(self) -> snowflake.connector.SnowflakeConnection:
        with self._translated():
            return snowflake.connector.connect(**self._settings)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turns the driver's errors into ours, the cause kept."""
        try:
            yield
        except driver.Error as error:
            raise self._ours(error) from error

    def _ours(self, error: driver.Error) -> LandfallError:
        text = f"{self._where}: {' '.join(str(error.msg or error).split())}"
        if error.errno == _NOT_AUTHORISED or "Insufficient privileges" in text:
            return WarehouseUnavailable(text, hint="grant it as docs/warehouses.md says; `loaders doctor` lists more")
        return WarehouseUnavailable(
            text, hint="run again: what was not published is invisible, what was is in the ledger"
        )


def _since(started: float) -> float:
    return time.monotonic() - started

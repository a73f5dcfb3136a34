"""One connection to Postgres: its settings, statements with `?`, and the one place where its errors become ours."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import psycopg
from psycopg import errors as pg
from psycopg.types.string import TextLoader

from loaders.errors import LandfallError, WarehouseLocked, WarehouseUnavailable
from loaders.secrets import Secret

if TYPE_CHECKING:
    import pyarrow as pa

# A peer that is gone without a word is noticed within a minute.
_KEEPALIVE: Final = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3, "tcp_user_timeout": 60000}
_PASSED_ON: Final = ("sslmode", "sslcert", "sslkey", "sslrootcert", "keepalives_idle", "application_name")
_PAUSE: Final = 0.2
_LITERAL_OR_MARK: Final = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\?|%")
_HOLDER: Final = """
select coalesce(string_agg(distinct cast(activity.pid as text) || ' (' || activity.application_name || ')', ', '), '?')
from pg_locks join pg_stat_activity as activity on activity.pid = pg_locks.pid
where pg_locks.locktype = 'advisory' and pg_locks.granted
    and (cast(pg_locks.classid as bigint) << 32) | cast(pg_locks.objid as bigint) = ?"""


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


class Connection:
    """Statements are given with `?` for their parameters. Each commits by itself outside of `transaction`."""

    def __init__(self, name: str, settings: Mapping[str, Any]) -> None:
        self.where = f"postgres {settings['host']}:{settings['port']}/{settings['dbname']} (target {name})"
        with self.translated():
            self._driver = psycopg.connect(**settings, client_encoding="utf8", autocommit=True)
            self._driver.execute("set timezone to 'UTC'")

    def close(self) -> None:
        self._driver.close()

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of a statement; none where it gives none."""
        with self.translated():
            cursor = self._run(sql, parameters)
            return cursor.fetchall() if cursor.description else []

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> None:
        """Runs a statement that gives no rows."""
        with self.translated():
            self._run(sql, parameters)

    def execute_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Runs a statement once per row of parameters."""
        with self.translated(), self._driver.cursor() as cursor:
            cursor.executemany(native(sql), rows)

    def copy(self, sql: str, blocks: Iterable[bytes | memoryview]) -> int:
        """Sends blocks to a COPY; the rows it took."""
        with self.translated(), self._driver.cursor() as cursor:
            with cursor.copy(sql) as copy:
                for block in blocks:
                    copy.write(block)
            return cursor.rowcount

    def stream(self, sql: str, batch_rows: int) -> Iterator[pa.RecordBatch]:
        """A statement's rows in batches, read through a server-side cursor."""
        import pyarrow as pa

        from loaders.warehouses.arrow import OPEN_DECIMAL, batches

        with self.transaction(), self._driver.cursor("landfall") as cursor:
            cursor.execute(sql)
            columns = []
            for each in cursor.description or ():
                kind = _arrow_type(each)
                is_open = kind == "string" and _base_type(each) == "numeric"
                if kind == "string" and not is_open:
                    # As the server writes it; the driver would make objects of JSON and arrays.
                    cursor.adapters.register_loader(each.type_code, TextLoader)
                columns.append(pa.field(each.name, kind, metadata=OPEN_DECIMAL if is_open else None))
            yield from batches(columns, iter(lambda: cursor.fetchmany(batch_rows), []))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commits at the end; rolls back on any error."""
        with self.translated():
            self._run("begin")
            try:
                yield
                self._run("commit")
            except BaseException:
                if not self._driver.closed:
                    self._driver.rollback()
                raise

    def lock(self, table: str, timeout: float) -> None:
        """Holds a landing table (`schema.name`), waiting up to `timeout` seconds. Raises WarehouseLocked."""
        deadline = time.monotonic() + timeout
        key = lock_key(table)
        while not self.rows("select pg_try_advisory_lock(?)", [key])[0][0]:
            if time.monotonic() + _PAUSE > deadline:
                ((holder,),) = self.rows(_HOLDER, [key])
                raise WarehouseLocked(
                    f"{self.where}: {table} is held by server process {holder}",
                    hint="wait for that run, end it, or give --lock-timeout more seconds",
                )
            time.sleep(_PAUSE)

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Turns the driver's errors into ours, the cause kept."""
        try:
            yield
        except psycopg.Error as error:
            raise self._ours(error) from error

    def _run(self, sql: str, parameters: Sequence[object] = ()) -> psycopg.Cursor[tuple[Any, ...]]:
        return self._driver.execute(native(sql) if parameters else sql, parameters or None)

    def _ours(self, error: psycopg.Error) -> LandfallError:
        text = f"{self.where}: {first_line(error)}"
        if isinstance(error, pg.InsufficientPrivilege):
            return WarehouseUnavailable(text, hint="grant it as docs/warehouses.md says; `loaders doctor` lists more")
        if not hasattr(self, "_driver"):
            return WarehouseUnavailable(text, hint="check host, port, user and password of the dbt profile's output")
        if isinstance(error, pg.DiskFull | pg.OutOfMemory):
            return WarehouseUnavailable(text, hint="make room on the server and run again; what had landed is intact")
        return WarehouseUnavailable(
            text, hint="run again: a unit that was not committed left nothing, one that was is in the ledger"
        )


def lock_key(name: str) -> int:
    """The advisory lock's number (signed, 64 bits) for a landing table, `schema.name`."""
    return int.from_bytes(sha256(f"landfall:{name}".encode()).digest()[:8], signed=True)


def native(sql: str) -> str:
    """`?` outside of literals and quoted names as the driver's `%s`, its own sign doubled."""
    return _LITERAL_OR_MARK.sub(lambda match: "%s" if match[0] == "?" else match[0].replace("%", "%%"), sql)


def first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).split("\n", 1)[0]


def _arrow_type(column: psycopg.Column) -> pa.DataType:
    import pyarrow as pa

    base = _base_type(column)
    if base == "numeric":
        # Declared without digits it may have any number of them after the point, which only text holds.
        return pa.string() if column.precision is None else pa.decimal128(column.precision, column.scale or 0)
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
    }.get(base, pa.string())


def _base_type(column: psycopg.Column) -> str:
    """The type's name without digits: `timestamp(3)` is a timestamp; an array keeps its brackets."""
    return re.sub(r"\(.*\)", "", column.type_display)

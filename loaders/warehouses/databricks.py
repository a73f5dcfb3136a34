"""Databricks: Parquet parts by PUT into a Unity Catalog volume (or into the stage), read from there.

It has never met the service itself: the calls follow the documentation of its connector, the statements run on Spark.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from databricks import sql as driver
from databricks.sql import exc

from loaders.errors import ProfileInvalid, WarehouseUnavailable
from loaders.failpoints import failpoint
from loaders.secrets import Secret
from loaders.warehouses.arrow import nothing
from loaders.warehouses.base import Checkup, LoadEvent, OpenOptions
from loaders.warehouses.delta.connection import Conflict, is_conflict
from loaders.warehouses.delta.engine import delta_warehouse
from loaders.warehouses.delta.literals import quote
from loaders.warehouses.staged.load import Load
from loaders.warehouses.staged.stages import copy_to_stage, remove_from_stage
from loaders.warehouses.staged.warehouse import StagedWarehouse

if TYPE_CHECKING:
    import pyarrow as pa

    from loaders.warehouses.profile import Target

CHECKUP: Final = Checkup(
    ("host", "http_path", "catalog", "token"),
    "select concat('Databricks ', current_version().dbsql_version)",
    "select cast(current_timestamp() as timestamp_ntz)",
    (("use a catalog", "select current_catalog() is not null", "grant use catalog on catalog … to …"),),
)
_VOLUME: Final = "landfall_stage"


def open_warehouse(target: Target, options: OpenOptions) -> StagedWarehouse:
    """Connects as the target says. Raises ProfileInvalid, WarehouseUnavailable."""
    return delta_warehouse(Databricks(target, options), options)


class Databricks:
    """One session of a SQL warehouse."""

    def __init__(self, target: Target, options: OpenOptions) -> None:
        settings = target.settings
        lacking = [key for key in CHECKUP.required if not settings.get(key)]
        if lacking:
            raise ProfileInvalid(
                f"target {target.name}: {', '.join(lacking)} not set",
                hint="landing in Databricks needs a catalog and a token",
            )
        Secret(str(settings["token"]))
        self._catalog = str(settings["catalog"])
        self._schema = target.landing_schema
        self.schema = f"{quote(self._catalog)}.{quote(self._schema)}"
        self.where = f"databricks {settings['host']}/{self._catalog} (target {target.name})"
        self._settings = settings
        self._options = options
        self._connection = self._connect()

    def close(self) -> None:
        with self._translated():
            self._connection.close()

    def reconnect(self) -> None:
        self._connection = self._connect()

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self._translated(), self._connection.cursor() as cursor:
            return _rows(cursor.execute(sql))

    def stream(self, sql: str, batch_rows: int) -> Iterator[pa.RecordBatch]:
        with self._translated(), self._connection.cursor() as cursor:
            cursor.execute(sql)
            table = cursor.fetchmany_arrow(batch_rows)
            if not table.num_rows:
                yield nothing(table.schema)
            while table.num_rows:
                yield from table.to_batches(batch_rows)
                table = cursor.fetchmany_arrow(batch_rows)

    def columns(self) -> dict[str, set[str]]:
        existing: dict[str, set[str]] = {}
        with self._translated(), self._connection.cursor() as cursor:
            # Catalog, schema, table, column: the first of the fields that JDBC names.
            for _, _, table, column, *_ in _rows(cursor.columns(self._catalog, self._schema)):
                existing.setdefault(table, set()).add(column)
        return existing

    def has_table(self, name: str) -> bool:
        with self._translated(), self._connection.cursor() as cursor:
            # `_` stands for any character there.
            return any(row[2] == name for row in _rows(cursor.tables(self._catalog, self._schema, name)))

    def prepare(self) -> None:
        if self._options.stage is None:
            self.run(f"create volume if not exists {self.schema}.{quote(_VOLUME)}")

    def upload(self, load: Load) -> None:
        for part in load.parts:
            started = time.monotonic()
            if self._options.stage is None:
                with self._translated(), self._connection.cursor() as cursor, part.path.open("rb") as file:
                    target = _text(f"{self._folder(load)}/{part.name}")
                    cursor.execute(f"PUT '__input_stream__' INTO {target} OVERWRITE", input_stream=file)
            else:
                copy_to_stage(self._options.stage, f"{load.folder}/{part.name}", part.path)
            failpoint("databricks.after_put")
            if self._options.on_load is not None:
                seconds = time.monotonic() - started
                self._options.on_load(
                    LoadEvent("uploaded", load.table.name, part.name, part.rows, part.size_bytes, seconds)
                )

    def urls(self, load: Load) -> list[str]:
        return [f"{self._folder(load)}/{part.name}" for part in load.parts]

    def run(self, sql: str) -> str | None:
        with self._translated(), self._connection.cursor() as cursor:
            query_id: str | None = cursor.execute(sql).query_id
            return query_id

    def remove(self, load: Load) -> None:
        if self._options.stage is not None:
            remove_from_stage(self._options.stage, load.folder)
            return
        for url in self.urls(load):
            self.run(f"REMOVE {_text(url)}")

    def _folder(self, load: Load) -> str:
        base = self._options.stage or f"/Volumes/{self._catalog}/{self._schema}/{_VOLUME}"
        return f"{base.rstrip('/')}/{load.folder}"

    def _connect(self) -> Any:
        with self._translated():
            return driver.connect(
                server_hostname=str(self._settings["host"]),
                http_path=str(self._settings["http_path"]),
                access_token=str(self._settings["token"]),
                catalog=self._catalog,
                session_configuration={"timezone": "UTC"},
                user_agent_entry="landfall",
            )

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turns the driver's errors into ours, the cause kept."""
        try:
            yield
        except (exc.Error, OSError) as error:
            text = f"{self.where}: {' '.join(str(error).split())[:1000]}"
            if is_conflict(text):
                raise Conflict(text, hint="run again: another process changed the same table") from error
            if "PERMISSION_DENIED" in text or "INSUFFICIENT_PERMISSIONS" in text:
                raise WarehouseUnavailable(
                    text, hint="grant it as docs/warehouses.md says; `loaders doctor` lists more"
                ) from error
            raise WarehouseUnavailable(text, hint="run again: what is not in the ledger is invisible") from error


def _rows(cursor: Any) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in cursor.fetchall()]


def _text(path: str) -> str:
    """A path as a text that PUT and REMOVE take, which is no expression."""
    return "'" + path.replace("\\", "\\\\").replace("'", "\\'") + "'"

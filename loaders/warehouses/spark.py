"""Spark with Delta: a session of this process, or of the Spark Connect server that SPARK_REMOTE names, as dbt has it.

The session reads parts where they lie: on this machine, or in the stage.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from itertools import islice
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from pyspark.errors import PySparkException
from pyspark.sql import SparkSession
from pyspark.sql.pandas.types import to_arrow_schema

from loaders.errors import ProfileInvalid, UsageError, WarehouseUnavailable
from loaders.failpoints import failpoint
from loaders.warehouses.arrow import batches
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
    ("method",),
    "select concat('Spark ', version())",
    "select cast(current_timestamp() as timestamp_ntz)",
)
_JVM: Final = "py4j.protocol"
_DRIVER_ERRORS: Final[tuple[type[Exception], ...]] = (
    PySparkException,
    OSError,
    # Spark Connect's own client comes without it.
    *((import_module(_JVM).Py4JError,) if find_spec("py4j") else ()),
)
_REMOTE: Final = "SPARK_REMOTE"
_HERE: Final = ("localhost", "127.0.0.1", "::1")


def open_warehouse(target: Target, options: OpenOptions) -> StagedWarehouse:
    """Takes the session that dbt would have. Raises ProfileInvalid, UsageError, WarehouseUnavailable."""
    return delta_warehouse(Spark(target, options), options)


class Spark:
    """One session, which belongs to the process: it is never stopped here."""

    def __init__(self, target: Target, options: OpenOptions) -> None:
        settings = target.settings
        method = settings.get("method", "session")
        if method != "session":
            raise ProfileInvalid(
                f"target {target.name}: Spark is landed in by a session, not by the method {method!r}",
                hint=f"set `method: session`, and {_REMOTE} where a Spark Connect server is to be used",
            )
        remote = os.environ.get(_REMOTE, "")
        if remote and options.stage is None and urlsplit(remote).hostname not in _HERE:
            raise UsageError(
                f"the Spark server {urlsplit(remote).hostname} cannot read files of this machine",
                hint="give --warehouse-stage a folder that both reach, like s3://bucket/folder",
            )
        self.where = f"spark {urlsplit(remote).hostname if remote else 'in this process'} (target {target.name})"
        self._settings: Mapping[str, Any] = {} if remote else settings.get("server_side_parameters") or {}
        self._schema = target.landing_schema
        self.schema = quote(self._schema)
        self._options = options
        self._session = self._connect()

    def close(self) -> None:
        """The session stays: a server would forget what it keeps for it, and dbt may share it."""

    def reconnect(self) -> None:
        self._session = self._connect()

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self._translated():
            return [tuple(row) for row in self._session.sql(sql).collect()]

    def stream(self, sql: str, batch_rows: int) -> Iterator[pa.RecordBatch]:
        with self._translated():
            frame = self._session.sql(sql)
            columns = [(field.name, field.type) for field in to_arrow_schema(frame.schema)]
            rows = frame.toLocalIterator()
            yield from batches(columns, iter(lambda: list(islice(rows, batch_rows)), []))

    def columns(self) -> dict[str, set[str]]:
        with self._translated():
            if not self._session.catalog.databaseExists(self._schema):
                return {}
            tables = [row[1] for row in self._session.sql(f"show tables in {self.schema}").collect()]
            return {table: set(self._session.table(f"{self.schema}.{quote(table)}").columns) for table in tables}

    def has_table(self, name: str) -> bool:
        with self._translated():
            return bool(self._session.catalog.tableExists(f"{self.schema}.{quote(name)}"))

    def prepare(self) -> None:
        """Nothing is needed: parts are read where they lie."""

    def upload(self, load: Load) -> None:
        if self._options.stage is None:
            return
        for part in load.parts:
            started = time.monotonic()
            copy_to_stage(self._options.stage, f"{load.folder}/{part.name}", part.path)
            failpoint("spark.after_upload")
            if self._options.on_load is not None:
                seconds = time.monotonic() - started
                self._options.on_load(
                    LoadEvent("uploaded", load.table.name, part.name, part.rows, part.size_bytes, seconds)
                )

    def run(self, sql: str) -> str | None:
        self.rows(sql)
        return None

    def remove(self, load: Load) -> None:
        if self._options.stage is not None:
            remove_from_stage(self._options.stage, load.folder)

    def urls(self, load: Load) -> list[str]:
        if self._options.stage is None:
            return [part.path.as_uri() for part in load.parts]
        return [f"{self._options.stage.rstrip('/')}/{load.folder}/{part.name}" for part in load.parts]

    def _connect(self) -> SparkSession:
        # As dbt-spark does, so that both find the same tables.
        builder = SparkSession.builder.appName("landfall").enableHiveSupport()
        for name, value in self._settings.items():
            builder = builder.config(name, value)
        with self._translated():
            session = builder.getOrCreate()
            session.conf.set("spark.sql.session.timeZone", "UTC")
            return session

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turns the driver's errors into ours, the cause kept."""
        try:
            yield
        except _DRIVER_ERRORS as error:
            text = f"{self.where}: {' '.join(str(error).split())[:1000]}"
            if is_conflict(text):
                raise Conflict(text, hint="run again: another process changed the same table") from error
            raise WarehouseUnavailable(
                text, hint="run again: what is not in the ledger is invisible; docs/warehouses.md has Spark's settings"
            ) from error

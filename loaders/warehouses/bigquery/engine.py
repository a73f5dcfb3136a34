"""Load jobs and publishing scripts.

A job id says what it does, so that a job whose answer was lost is found again instead of being run twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal

from google.api_core import exceptions as api
from google.cloud import bigquery

from loaders.errors import WarehouseUnavailable
from loaders.failpoints import failpoint
from loaders.warehouses.base import Checkup, LoadEvent, OpenOptions
from loaders.warehouses.bigquery.connection import ANOTHER, Connection
from loaders.warehouses.layout import ColumnType
from loaders.warehouses.staged.load import BuiltPart, Load, Statement
from loaders.warehouses.staged.stages import copy_to_stage, remove_from_stage
from loaders.warehouses.staged.warehouse import StagedWarehouse, transactional
from loaders.warehouses.statements import Dialect

if TYPE_CHECKING:
    import pyarrow as pa

    from loaders.warehouses.profile import Target


TYPES: Final[dict[ColumnType, str]] = {"text": "string", "bigint": "int64", "date": "date", "timestamp": "datetime"}
CHECKUP: Final = Checkup(("project",), "select 'BigQuery'", "select current_datetime('UTC')")
_FORGOTTEN_AFTER: Final = timedelta(days=7)
"""A load table that nobody came back for goes away by itself."""
_ATTEMPTS: Final = 100
_PAUSE: Final = 0.5


def open_warehouse(target: Target, options: OpenOptions) -> StagedWarehouse:
    """Makes a client as the target says. Raises ProfileInvalid, WarehouseUnavailable."""
    return transactional(BigQuery(target, options), options)


def quote(identifier: str) -> str:
    """An identifier for GoogleSQL."""
    return "`" + identifier.replace("\\", "\\\\").replace("`", "\\`") + "`"


class BigQuery:
    """One client, and the landing dataset of one project."""

    def __init__(self, target: Target, options: OpenOptions) -> None:
        self._options = options
        self._connection = Connection(target)
        self._dataset = f"{self._connection.project}.{target.landing_schema}"
        schema = f"{quote(self._connection.project)}.{quote(target.landing_schema)}"
        rows_of_json = "unnest(json_query_array(?)) as entry"
        self.dialect = Dialect(TYPES, quote, schema, rows_of_json=rows_of_json, json_field="json_value(entry, '$.{}')")

    def close(self) -> None:
        self._connection.close()

    def reconnect(self) -> None:
        self._connection.reconnect()

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        return self._connection.rows(sql, parameters)

    def stream(self, sql: str, batch_rows: int) -> Iterator[pa.RecordBatch]:
        return self._connection.stream(sql, batch_rows)

    def tables(self) -> list[tuple[str, str]]:
        return self._connection.tables()

    def existing_columns(self) -> dict[str, set[str]]:
        existing: dict[str, set[str]] = {}
        columns = f"{self.dialect.schema}.INFORMATION_SCHEMA.COLUMNS"
        try:
            found = self.rows(f"select lower(table_name), lower(column_name) from {columns}")
        except WarehouseUnavailable as error:
            if isinstance(error.__cause__, api.NotFound):
                return {}
            raise
        for table, column in found:
            existing.setdefault(table, set()).add(column)
        return existing

    def has_table(self, name: str) -> bool:
        with self._connection.translated():
            try:
                self._connection.client.get_table(f"{self._dataset}.{name}", retry=self._connection.retry)
            except api.NotFound:
                return False
            return True

    def prepare(self) -> None:
        """Nothing is needed: parts go with their load jobs, or into a bucket that is there."""

    def upload(self, load: Load) -> None:
        if self._options.stage is None:
            return
        for part in load.parts:
            started = time.monotonic()
            copy_to_stage(self._options.stage, f"{load.folder}/{part.name}", part.path)
            self._tell("uploaded", load, part, started)
        failpoint("bigquery.after_upload")

    def load_tables(self, load: Load) -> list[str]:
        return [f"{load.load_table}_{part.number:05d}" for part in load.parts]

    def settle(self, load: Load) -> None:
        for part in load.parts:
            for attempt in range(1, _ATTEMPTS):
                job = self._connection.job(_job_id(load, part, attempt))
                if job is None:
                    break
                self._wait(job, load, part)

    def load(self, load: Load) -> None:
        for part, table in zip(load.parts, self.load_tables(load), strict=True):
            started = time.monotonic()
            job = self._start(load, part, table)
            failpoint("bigquery.load_sent")
            self._wait(job, load, part)
            with self._connection.translated():
                job.result(retry=self._connection.retry)
            failpoint("bigquery.after_load")
            self._tell("loaded", load, part, started, job.job_id)

    def publish(self, statements: Sequence[Statement], token: str) -> None:
        parameters = [value for statement in statements for value in statement.parameters]
        script = "\n".join(["begin transaction;", *map(_guarded, statements), "commit transaction;"])
        failpoint("bigquery.before_publish")
        with self._connection.translated():
            self._script(script, parameters, token).result(retry=self._connection.retry, job_retry=None)
        failpoint("bigquery.after_commit")

    def clean(self, load: Load) -> None:
        with self._connection.translated():
            for table in self.load_tables(load):
                name = f"{self._dataset}.{table}"
                self._connection.client.delete_table(name, retry=self._connection.retry, not_found_ok=True)
        if self._options.stage is not None:
            remove_from_stage(self._options.stage, load.folder)

    def _script(self, script: str, parameters: Sequence[object], token: str) -> Any:
        """The job of a publishing: the one that runs or ended well, or a new one where all before it were undone."""
        for attempt in range(1, _ATTEMPTS):
            job_id = f"ldr_publish_{token}_a{attempt}"
            try:
                with self._connection.translated():
                    return self._connection.send(script, parameters, job_id)
            except WarehouseUnavailable as error:
                # It was sent before, or the answer got lost: then the job is there, and perhaps still at work.
                job = self._connection.job(job_id)
                if job is None:
                    raise
                self._until_done(job)
                if job.error_result is None:
                    return job
                if not isinstance(error.__cause__, api.Conflict):
                    raise
        raise self._in_vain(f"publishing {token}")

    def _start(self, load: Load, part: BuiltPart, table: str) -> Any:
        """Sends a part's load job, under the first id that was not used before."""
        reference = bigquery.Table(
            f"{self._dataset}.{table}", [bigquery.SchemaField(name, TYPES[kind]) for name, kind in load.columns]
        )
        reference.expires = datetime.now(UTC) + _FORGOTTEN_AFTER
        with self._connection.translated():
            self._connection.client.create_table(reference, exists_ok=True, retry=self._connection.retry)
        for attempt in range(1, _ATTEMPTS):
            job_id = _job_id(load, part, attempt)
            # Asked beforehand, because a job that was there before is refused only after the whole upload.
            if self._connection.job(job_id) is not None:
                continue
            try:
                with self._connection.translated():
                    return self._send(load, part, reference, job_id)
            except WarehouseUnavailable as error:
                job = self._connection.job(job_id) if isinstance(error.__cause__, api.Conflict) else None
                if job is None:
                    raise
                # It came in between: our own whose answer was lost, or that of another run with the same rows.
                return job
        raise self._in_vain(f"part {part.name}")

    def _send(self, load: Load, part: BuiltPart, reference: bigquery.Table, job_id: str) -> Any:
        settings = bigquery.LoadJobConfig(
            source_format=bigquery.SourceFormat.PARQUET,
            schema=reference.schema,
            write_disposition=bigquery.WriteDisposition.WRITE_TRUNCATE,
            labels={"landfall_load": load.key, "landfall_table": load.table.name.lower()[:63]},
        )
        client = self._connection.client
        named = {"job_id": job_id, "job_config": settings, "location": self._connection.location}
        if self._options.stage is not None:
            uri = f"{self._options.stage.rstrip('/')}/{load.folder}/{part.name}"
            return client.load_table_from_uri(uri, reference, retry=self._connection.retry, **named)
        with part.path.open("rb") as file:
            return client.load_table_from_file(file, reference, size=part.size_bytes, **named)

    def _wait(self, job: Any, load: Load, part: BuiltPart) -> None:
        started = time.monotonic()
        self._until_done(job, lambda: self._tell("loading", load, part, started, job.job_id))

    def _until_done(self, job: Any, tell: Callable[[], None] = lambda: None) -> None:
        with self._connection.translated():
            while not job.done(retry=self._connection.retry):
                tell()
                time.sleep(_PAUSE)

    def _in_vain(self, what: str) -> WarehouseUnavailable:
        return self._connection.unavailable(
            f"{what} was sent {_ATTEMPTS} times in vain", "look at its jobs in BigQuery"
        )

    def _tell(
        self,
        state: Literal["uploaded", "loading", "loaded"],
        load: Load,
        part: BuiltPart,
        started: float,
        job_id: str | None = None,
    ) -> None:
        if self._options.on_load is not None:
            seconds = time.monotonic() - started
            event = LoadEvent(state, load.table.name, part.name, part.rows, part.size_bytes, seconds, job_id)
            self._options.on_load(event)


def _job_id(load: Load, part: BuiltPart, attempt: int) -> str:
    return f"ldr_{load.table.name}_{load.key}_{part.number:05d}_a{attempt}"


def _guarded(statement: Statement) -> str:
    """The statement in a script, with what ends the script, and so its transaction, unless it brings what it must."""
    fail = f"then raise using message = '{ANOTHER}'; end if;"
    if statement.gives is not None:
        return f"if ({statement.sql}) != {statement.gives} {fail}"
    if statement.changes is not None:
        return f"{statement.sql};\nif @@row_count != {statement.changes} {fail}"
    return f"{statement.sql};"

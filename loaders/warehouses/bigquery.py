"""BigQuery: Parquet parts by load jobs of known ids, each into its own table; one scripted transaction publishes them.

A job id says what it does, so that a job whose answer was lost is found again instead of being run twice.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from google.api_core import exceptions as api
from google.api_core.client_options import ClientOptions
from google.auth import exceptions as auth
from google.cloud import bigquery

from loaders.errors import LandfallError, ProfileInvalid, WarehouseLocked, WarehouseUnavailable
from loaders.failpoints import failpoint
from loaders.secrets import Secret
from loaders.warehouses.base import Checkup, LoadEvent, OpenOptions
from loaders.warehouses.layout import LANDING_SCHEMA, ColumnType
from loaders.warehouses.staged.load import BuiltPart, Load, Statement
from loaders.warehouses.staged.stages import copy_to_stage, remove_from_stage
from loaders.warehouses.staged.warehouse import StagedWarehouse
from loaders.warehouses.statements import Dialect

if TYPE_CHECKING:
    import pyarrow as pa
    from google.auth.credentials import Credentials

    from loaders.warehouses.profile import Target

_logger = logging.getLogger(__name__)

TYPES: Final[dict[ColumnType, str]] = {"text": "string", "bigint": "int64", "date": "date", "timestamp": "datetime"}
CHECKUP: Final = Checkup(("project",), "select 'BigQuery'", "select current_datetime('UTC')")
_FORGOTTEN_AFTER: Final = timedelta(days=7)
"""A load table that nobody came back for goes away by itself."""
_ATTEMPTS: Final = 100
_PAUSE: Final = 0.5
_ANOTHER: Final = "landfall: another process has published in between"


def open_warehouse(target: Target, options: OpenOptions) -> StagedWarehouse:
    """Makes a client as the target says. Raises ProfileInvalid, WarehouseUnavailable."""
    return StagedWarehouse(BigQuery(target.name, target.settings, options), options)


def quote(identifier: str) -> str:
    """An identifier for GoogleSQL."""
    return "`" + identifier.replace("\\", "\\\\").replace("`", "\\`") + "`"


class BigQuery:
    """One client."""

    def __init__(self, name: str, settings: Mapping[str, Any], options: OpenOptions) -> None:
        self._project = str(settings.get("project", settings.get("database")))
        self._where = f"bigquery {self._project} (target {name})"
        self._settings = settings
        self._options = options
        schema = f"{quote(self._project)}.{quote(LANDING_SCHEMA)}"
        rows_of_json = "unnest(json_query_array(?)) as entry"
        self.dialect = Dialect(TYPES, quote, schema, rows_of_json=rows_of_json, json_field="json_value(entry, '$.{}')")
        self._client = self._connect()

    def close(self) -> None:
        self._client.close()

    def reconnect(self) -> None:
        self._client = self._connect()

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with self._translated():
            return [tuple(row.values()) for row in self._query(sql, parameters).result()]

    def stream(self, sql: str, batch_rows: int) -> Iterator[pa.RecordBatch]:
        with self._translated():
            result = self._client.query(sql, location=self._location).result(page_size=batch_rows)
            for batch in result.to_arrow_iterable():
                yield from (batch.slice(start, batch_rows) for start in range(0, batch.num_rows, batch_rows))

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
        with self._translated():
            try:
                self._client.get_table(f"{self._project}.{LANDING_SCHEMA}.{name}")
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
                job = self._job(_job_id(load, part, attempt))
                if job is None:
                    break
                self._wait(job, load, part)

    def load(self, load: Load) -> None:
        for part, table in zip(load.parts, self.load_tables(load), strict=True):
            started = time.monotonic()
            job = self._start(load, part, table)
            failpoint("bigquery.load_sent")
            self._wait(job, load, part)
            with self._translated():
                job.result()
            failpoint("bigquery.after_load")
            self._tell("loaded", load, part, started, job.job_id)

    def publish(self, statements: Sequence[Statement], token: str) -> None:
        parameters = [value for statement in statements for value in statement.parameters]
        script = "\n".join(["begin transaction;", *map(_guarded, statements), "commit transaction;"])
        job_id = f"ldr_publish_{token}"
        failpoint("bigquery.before_publish")
        with self._translated():
            try:
                self._query(script, parameters, job_id).result()
            except api.Conflict:
                self._client.get_job(job_id, location=self._location).result()
        failpoint("bigquery.after_commit")

    def clean(self, load: Load) -> None:
        with self._translated():
            for table in self.load_tables(load):
                self._client.delete_table(f"{self._project}.{LANDING_SCHEMA}.{table}", not_found_ok=True)
        if self._options.stage is not None:
            remove_from_stage(self._options.stage, load.folder)

    def _start(self, load: Load, part: BuiltPart, table: str) -> Any:
        """Sends a part's load job, under the first id that was not used before."""
        reference = bigquery.Table(
            f"{self._project}.{LANDING_SCHEMA}.{table}",
            [bigquery.SchemaField(name, TYPES[kind]) for name, kind in load.columns],
        )
        reference.expires = datetime.now(UTC) + _FORGOTTEN_AFTER
        settings = bigquery.LoadJobConfig(
            source_format=bigquery.SourceFormat.PARQUET,
            schema=reference.schema,
            write_disposition=bigquery.WriteDisposition.WRITE_TRUNCATE,
            labels={"landfall_load": load.key, "landfall_table": load.table.name.lower()[:63]},
        )
        with self._translated():
            self._client.create_table(reference, exists_ok=True)
            for attempt in range(1, _ATTEMPTS):
                name = {"job_id": _job_id(load, part, attempt), "job_config": settings, "location": self._location}
                try:
                    if self._options.stage is not None:
                        uri = f"{self._options.stage.rstrip('/')}/{load.folder}/{part.name}"
                        return self._client.load_table_from_uri(uri, reference, **name)
                    with part.path.open("rb") as file:
                        return self._client.load_table_from_file(file, reference, size=part.size_bytes, **name)
                except api.Conflict:
                    _logger.debug("job %s has run before", name["job_id"])
        raise WarehouseUnavailable(
            f"{self._where}: part {part.name} was loaded {_ATTEMPTS} times in vain", hint="look at its jobs in BigQuery"
        )

    def _job(self, job_id: str) -> Any | None:
        with self._translated():
            try:
                return self._client.get_job(job_id, location=self._location)
            except api.NotFound:
                return None

    def _wait(self, job: Any, load: Load, part: BuiltPart) -> None:
        started = time.monotonic()
        with self._translated():
            while not job.done():
                self._tell("loading", load, part, started, job.job_id)
                time.sleep(_PAUSE)

    def _query(self, sql: str, parameters: Sequence[object], job_id: str | None = None) -> Any:
        bound = [
            bigquery.ScalarQueryParameter(None, "INT64" if isinstance(value, int) else "STRING", value)
            for value in parameters
        ]
        settings = bigquery.QueryJobConfig(query_parameters=bound, labels={"tool": "landfall"})
        if job_id is None:
            return self._client.query(sql, job_config=settings, location=self._location)
        return self._client.query(sql, job_config=settings, location=self._location, job_id=job_id, job_retry=None)

    @property
    def _location(self) -> str | None:
        return self._settings.get("location")

    def _tell(self, state: Any, load: Load, part: BuiltPart, started: float, job_id: str | None = None) -> None:
        if self._options.on_load is not None:
            seconds = time.monotonic() - started
            event = LoadEvent(state, load.table.name, part.name, part.rows, part.size_bytes, seconds, job_id)
            self._options.on_load(event)

    def _connect(self) -> bigquery.Client:
        endpoint = self._settings.get("api_endpoint")
        options = ClientOptions(api_endpoint=endpoint) if endpoint else None
        with self._translated():
            return bigquery.Client(
                self._settings.get("execution_project", self._project),
                credentials=credentials(self._settings),
                client_options=options,
                location=self._location,
            )

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turns the driver's errors into ours, the cause kept."""
        try:
            yield
        except (api.GoogleAPIError, auth.GoogleAuthError, OSError) as error:
            raise self._ours(error) from error

    def _ours(self, error: Exception) -> LandfallError:
        text = f"{self._where}: {' '.join(str(getattr(error, 'message', error)).split())}"
        if _ANOTHER in text or "concurrent update" in text:
            return WarehouseLocked(f"{self._where}: {_ANOTHER.removeprefix('landfall: ')}", hint="run again")
        if isinstance(error, api.Forbidden):
            return WarehouseUnavailable(text, hint="grant it as docs/warehouses.md says; `loaders doctor` lists more")
        return WarehouseUnavailable(text, hint="run again: what is not in the ledger is invisible")


def credentials(settings: Mapping[str, Any]) -> Credentials | None:
    """As the profile's `method` says; None for the machine's own (`oauth`). Raises ProfileInvalid."""
    from google.oauth2 import credentials as user
    from google.oauth2 import service_account

    method = settings.get("method", "oauth")
    if method == "oauth":
        return None
    if method == "oauth-secrets":
        Secret(str(settings["token"]))
        return user.Credentials(token=str(settings["token"]))
    if method in ("service-account", "service-account-json"):
        try:
            inline = settings.get("keyfile_json")
            info = dict(inline) if inline else json.loads(Path(str(settings["keyfile"])).expanduser().read_text())
            Secret(str(info.get("private_key")))
            found: Credentials = service_account.Credentials.from_service_account_info(info)
        except (OSError, KeyError, ValueError) as error:
            raise ProfileInvalid(
                f"the BigQuery key file cannot be used: {error}", hint="check GOOGLE_APPLICATION_CREDENTIALS"
            ) from error
        return found
    raise ProfileInvalid(f"unknown BigQuery method {method!r}", hint="use oauth, oauth-secrets or service-account")


def _job_id(load: Load, part: BuiltPart, attempt: int) -> str:
    return f"ldr_{load.table.name}_{load.key}_{part.number:05d}_a{attempt}"


def _guarded(statement: Statement) -> str:
    """The statement in a script, with what ends the script, and so its transaction, unless it brings what it must."""
    fail = f"then raise using message = '{_ANOTHER}'; end if;"
    if statement.gives is not None:
        return f"if ({statement.sql}) != {statement.gives} {fail}"
    if statement.changes is not None:
        return f"{statement.sql};\nif @@row_count != {statement.changes} {fail}"
    return f"{statement.sql};"

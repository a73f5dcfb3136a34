"""One client of BigQuery: its credentials, how long it waits, and the one place where its errors become ours."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from google.api_core import exceptions as api
from google.api_core.client_options import ClientOptions
from google.auth import exceptions as auth
from google.cloud import bigquery
from google.cloud.bigquery.retry import DEFAULT_JOB_RETRY, DEFAULT_RETRY
from requests.adapters import HTTPAdapter

from loaders.errors import LandfallError, ProfileInvalid, WarehouseLocked, WarehouseUnavailable
from loaders.secrets import Secret
from loaders.warehouses.arrow import nothing, wide_decimals_as_text

if TYPE_CHECKING:
    import pyarrow as pa
    from google.auth.credentials import Credentials
    from google.cloud.bigquery.table import RowIterator
    from requests import PreparedRequest, Response

    from loaders.warehouses.profile import Target

ANSWER_WITHIN: Final = 300.0
"""Seconds until a connection on which nothing comes counts as broken."""
ANOTHER: Final = "landfall: another process has published in between"
"""What a script raises to end itself."""
_RETRIED_FOR: Final = 120.0


class Connection:
    """Statements are given with `?` for their parameters; each is a job of its own."""

    def __init__(self, target: Target) -> None:
        self._settings = target.settings
        self.project = str(self._settings.get("project", self._settings.get("database")))
        self._where = f"bigquery {self.project} (target {target.name})"
        seconds = float(self._settings.get("job_retry_deadline_seconds") or _RETRIED_FOR)
        self.retry = DEFAULT_RETRY.with_timeout(seconds)
        """For every call: the driver alone would go on asking for ten minutes."""
        self._job_retry = DEFAULT_JOB_RETRY.with_timeout(seconds)
        self.client = self._connect()

    @property
    def location(self) -> str | None:
        return self._settings.get("location")

    def close(self) -> None:
        self.client.close()

    def reconnect(self) -> None:
        self.client.close()
        self.client = self._connect()

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of a statement. It may be run twice, so that must not matter."""
        with self.translated():
            return [tuple(row.values()) for row in self._result(sql, _query_settings(parameters))]

    def send(self, sql: str, parameters: Sequence[object], job_id: str) -> Any:
        """Starts a statement as the job of that id, never as another. Lets the driver's Conflict pass."""
        return self.client.query(
            sql,
            job_config=_query_settings(parameters),
            location=self.location,
            job_id=job_id,
            retry=self.retry,
            job_retry=None,
        )

    def stream(self, sql: str, batch_rows: int) -> Iterator[pa.RecordBatch]:
        """A statement's rows in batches."""
        with self.translated():
            result = self._result(sql, page_size=batch_rows)
            if result.total_rows == 0:
                yield wide_decimals_as_text(nothing(result.to_arrow().schema))
                return
            for batch in map(wide_decimals_as_text, result.to_arrow_iterable()):
                yield from (batch.slice(start, batch_rows) for start in range(0, batch.num_rows, batch_rows))

    def tables(self) -> list[tuple[str, str]]:
        """Dataset and name of every table and view of the project: no schema of information covers all datasets."""
        with self.translated():
            return [
                (str(dataset.dataset_id), str(table.table_id))
                for dataset in self.client.list_datasets(self.project, retry=self.retry)
                for table in self.client.list_tables(dataset.reference, retry=self.retry)
            ]

    def job(self, job_id: str) -> Any | None:
        """The job of that id, whoever sent it; None where there is none."""
        with self.translated():
            try:
                return self.client.get_job(job_id, location=self.location, retry=self.retry)
            except api.NotFound:
                return None

    def _result(
        self, sql: str, job_config: bigquery.QueryJobConfig | None = None, page_size: int | None = None
    ) -> RowIterator:
        """What a statement gives, once it is done; a job that failed for a passing reason is followed by another.

        Not by the driver, which would go on sending the first for ten minutes whatever limit it is given.
        """

        def ask() -> RowIterator:
            job = self.client.query(
                sql, job_config=job_config, location=self.location, retry=self.retry, job_retry=None
            )
            return job.result(page_size=page_size, retry=self.retry, job_retry=None)

        return self._job_retry(ask)()

    def _connect(self) -> bigquery.Client:
        endpoint = self._settings.get("api_endpoint")
        with self.translated():
            client = bigquery.Client(
                self._settings.get("execution_project", self.project),
                credentials=credentials(self._settings),
                client_options=ClientOptions(api_endpoint=endpoint) if endpoint else None,
                location=self.location,
            )
            # The only way to give every request a limit: the driver's own is none.
            for scheme in ("https://", "http://"):
                client._http.mount(scheme, _Patience())
            return client

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Turns the driver's errors into ours, the cause kept."""
        try:
            yield
        except (api.GoogleAPIError, auth.GoogleAuthError, OSError) as error:
            raise self._ours(error) from error

    def unavailable(self, what: str, hint: str) -> WarehouseUnavailable:
        return WarehouseUnavailable(f"{self._where}: {what}", hint=hint)

    def _ours(self, error: Exception) -> LandfallError:
        text = " ".join(str(getattr(error, "message", error)).split())
        if ANOTHER in text or "concurrent update" in text:
            return WarehouseLocked(f"{self._where}: {ANOTHER.removeprefix('landfall: ')}", hint="run again")
        if isinstance(error, api.Forbidden):
            return self.unavailable(text, "grant it as docs/warehouses.md says; `loaders doctor` lists more")
        return self.unavailable(text, "run again: what is not in the ledger is invisible")


class _Patience(HTTPAdapter):
    """Requests that nobody answers end after `ANSWER_WITHIN`."""

    def send(self, request: PreparedRequest, *arguments: Any, **named: Any) -> Response:
        return super().send(request, *arguments, **{**named, "timeout": named.get("timeout") or ANSWER_WITHIN})


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


def _query_settings(parameters: Sequence[object]) -> bigquery.QueryJobConfig:
    bound = [
        bigquery.ScalarQueryParameter(None, "INT64" if isinstance(value, int) else "STRING", value)
        for value in parameters
    ]
    return bigquery.QueryJobConfig(query_parameters=bound, labels={"tool": "landfall"})

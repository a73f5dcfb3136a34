"""BigQuery's stand-ins: local-bigquery (runs everything dbt asks for) and goccy's emulator (Google's own analyser)."""

from __future__ import annotations

import subprocess
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from tests.engines.base import (
    ENVIRONMENTS,
    About,
    DbtResult,
    Engine,
    EngineAbsent,
    driver_version,
    free_port,
    listens,
    python_of,
    start_process,
    stop_process,
    wait_until,
)

with warnings.catch_warnings():
    # They complain of the Python version.
    warnings.simplefilter("ignore")
    from google.api_core.exceptions import GoogleAPICallError
    from google.auth.credentials import AnonymousCredentials
    from google.cloud import bigquery

SERVER = Path(__file__).parent / "servers" / "local_bigquery_server.py"
PROJECT = "landfall"
TYPES = {"string": "STRING", "int64": "INT64", "date32[day]": "DATE", "timestamp[us]": "DATETIME"}


class BigQuery(Engine):
    """What both stand-ins share: the REST client and the profile."""

    adapter = "bigquery"
    text_type = "string"

    def __init__(self, about: About, port: int, server: subprocess.Popen[str]) -> None:
        self.about = about
        self._address = f"http://127.0.0.1:{port}"
        self._server = server
        # goccy's answer to a second creation makes the client try again for minutes.
        self._schemas: set[str] = set()
        self._client = bigquery.Client(
            PROJECT,
            credentials=AnonymousCredentials(),
            client_options={"api_endpoint": self._address},
            location="US",
        )

    def profile(self) -> dict[str, Any]:
        # A bare token is the one method that asks Google for nothing.
        return {
            "type": "bigquery",
            "method": "oauth-secrets",
            "token": "none",
            "project": PROJECT,
            "dataset": "landfall",
            "location": "US",
            "job_retries": 0,
            "job_execution_timeout_seconds": 300,
            "api_endpoint": self._address,
            "threads": 1,
        }

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return [row.values() for row in self._client.query_and_wait(sql, retry=None, job_retry=None)]

    def run(self, sql: str) -> None:
        self.rows(sql)

    def load(self, schema: str, table: str, parquet: Path) -> None:
        self._ensure(schema)
        fields = [bigquery.SchemaField(field.name, TYPES[str(field.type)]) for field in pq.read_schema(parquet)]
        settings = bigquery.LoadJobConfig(
            source_format=bigquery.SourceFormat.PARQUET,
            schema=fields,
            write_disposition=bigquery.WriteDisposition.WRITE_TRUNCATE,
        )
        with parquet.open("rb") as file:
            self._client.load_table_from_file(file, f"{PROJECT}.{schema}.{table}", job_config=settings).result()

    def _ensure(self, schema: str) -> None:
        if schema not in self._schemas:
            self._client.create_dataset(schema, exists_ok=True, retry=None)
            self._schemas.add(schema)

    def stop(self) -> None:
        self._client.close()
        stop_process(self._server)


class Goccy(BigQuery):
    """Its jobs name no destination, which dbt asks for after each: dbt compiles here, and we run what it compiled."""

    def dbt(self, project: Path, arguments: Sequence[str]) -> DbtResult:
        """Only `run`: staging, then rejects, each as a full refresh."""
        assert list(arguments) == ["run"], arguments
        compiled = super().dbt(project, ["compile"])
        if not compiled.succeeded:
            return compiled
        models = project / "target" / "compiled" / "landfall" / "models"
        failures = [
            failure
            for schema in ("staging", "rejects")
            for path in sorted((models / schema).glob("*/*.sql"))
            if (failure := self._create(schema, path)) is not None
        ]
        return DbtResult(not failures, "\n".join(failures))

    def _create(self, schema: str, path: Path) -> str | None:
        self._ensure(schema)
        try:
            self.run(f"create or replace table {schema}.{path.stem} as {path.read_text()}")
        except GoogleAPICallError as error:
            return f"Database Error in model {path.stem}: {error}"[:2000]
        return None


def start_local_bigquery(folder: Path) -> BigQuery:
    """local-bigquery with its one correction."""
    python, port, log = python_of("local-bigquery"), free_port(), folder / "local-bigquery.log"
    home = ENVIRONMENTS / "local-bigquery" / "home"
    command = [
        *(str(python), str(SERVER), "--host", "127.0.0.1", "--port", str(port), "--grpc-port", str(free_port())),
        *("--data-dir", str(folder / "local-bigquery")),
    ]
    server = start_process(command, log, {"HOME": str(home), "PATH": "/usr/bin:/bin"})
    wait_until(lambda: listens(port), server, log)
    version = f"local-bigquery 0.4.0, {driver_version('dbt-bigquery')}"
    return BigQuery(About("bigquery", "stand-in", version, ("created_table_as_destination",)), port, server)


def start_goccy(folder: Path) -> Goccy:
    """goccy's emulator, which refuses what Google's GoogleSQL analyser refuses."""
    program = ENVIRONMENTS / "goccy" / "bigquery-emulator"
    if not program.is_file():
        raise EngineAbsent(
            "goccy's emulator is not built: run `make engines ENGINES=goccy` (10 minutes, 7 GB, Go 1.25)"
        )
    port, log = free_port(), folder / "goccy.log"
    command = [
        *(str(program), f"--project={PROJECT}", "--dataset=landfall", "--host=127.0.0.1"),
        *(f"--port={port}", f"--grpc-port={free_port()}"),
    ]
    server = start_process(command, log)
    wait_until(lambda: listens(port), server, log)
    version = f"goccy/bigquery-emulator 0.8.1, {driver_version('dbt-bigquery')}"
    return Goccy(About("goccy", "stand-in", version), port, server)

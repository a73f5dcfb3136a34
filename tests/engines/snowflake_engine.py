"""Snowflake's stand-in: the fakesnow server, behind the layer in servers/fakesnow_server.py."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from tests.engines.base import (
    About,
    Engine,
    driver_version,
    free_port,
    listens,
    python_of,
    start_process,
    stop_process,
    wait_until,
)

with warnings.catch_warnings():
    # It complains of the versions of what it uses for HTTP.
    warnings.simplefilter("ignore")
    import snowflake.connector

SERVER = Path(__file__).parent / "servers" / "fakesnow_server.py"
VERSION = "fakesnow 0.12.1"
BRIDGED = (
    "table_comment_in_transaction",
    "null_timestamps",
    "merge_insert_columns",
    "trim_characters",
    "exact_sums",
    "repeated_requests",
    "qualified_temporary_objects",
    "column_comments",
    "server_errors",
    "list_below_a_path",
    "remove",
    "query_history",
)
TYPES = {"string": "varchar", "int64": "number(38, 0)", "date32[day]": "date", "timestamp[us]": "timestamp_ntz"}


class Snowflake(Engine):
    adapter = "snowflake"

    def __init__(self, folder: Path) -> None:
        self._port = free_port()
        log = folder / "fakesnow.log"
        python = python_of("fakesnow")
        self._server = start_process([str(python), str(SERVER), str(self._port)], log)
        wait_until(lambda: listens(self._port), self._server, log)
        drivers = f"{driver_version('snowflake-connector-python')}, {driver_version('dbt-snowflake')}"
        self.about = About("snowflake", "stand-in", f"{VERSION}, {drivers}", BRIDGED)
        self._connection = snowflake.connector.connect(
            **self._address(), session_parameters={"CLIENT_TELEMETRY_ENABLED": False}, network_timeout=120
        )

    def _address(self) -> dict[str, Any]:
        return {
            "account": "fakesnow",
            "user": "fake",
            "password": "snow",
            "host": "localhost",
            "port": self._port,
            "protocol": "http",
            "database": "LANDFALL",
            "schema": "PUBLIC",
            "warehouse": "WH",
            "role": "R",
        }

    def profile(self) -> dict[str, Any]:
        return {"type": "snowflake", **self._address(), "threads": 1}

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self._connection.cursor() as cursor:
            return [tuple(row) for row in cursor.execute(sql).fetchall()]

    def run(self, sql: str) -> None:
        self.rows(sql)

    def load(self, schema: str, table: str, parquet: Path) -> None:
        fields = pq.read_schema(parquet)
        columns = ", ".join(f"{field.name} {TYPES[str(field.type)]}" for field in fields)
        self.run(f"create schema if not exists {schema}")
        self.run(f"create or replace table {schema}.{table} ({columns})")
        self.run(f"put file://{parquet} @{schema}.%{table} auto_compress=false overwrite=true")
        self.run(
            f"copy into {schema}.{table} from @{schema}.%{table}/{parquet.name}"
            " file_format=(type=parquet) match_by_column_name=case_insensitive"
        )

    def stop(self) -> None:
        self._connection.close()
        stop_process(self._server)

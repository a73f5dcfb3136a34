"""DuckDB itself: a file, no server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from tests.engines.base import About, Engine, driver_version


class DuckDB(Engine):
    adapter = "duckdb"

    def __init__(self, folder: Path) -> None:
        self._file = folder / "engine.duckdb"
        self.about = About("duckdb", "real engine", f"{driver_version('duckdb')}, {driver_version('dbt-duckdb')}")

    def profile(self) -> dict[str, Any]:
        # As profiles/profiles.yml, without which dates would follow the machine's zone.
        return {"type": "duckdb", "path": str(self._file), "threads": 1, "settings": {"TimeZone": "UTC"}}

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        # Opened for each statement: dbt, in another process, needs the file for itself.
        with duckdb.connect(self._file) as connection:
            connection.execute("set timezone = 'UTC'")
            return connection.execute(sql).fetchall()

    def run(self, sql: str) -> None:
        self.rows(sql)

    def load(self, schema: str, table: str, parquet: Path) -> None:
        self.run(f"create schema if not exists {schema}")
        self.run(f"create or replace table {schema}.{table} as select * from read_parquet('{parquet}')")

    def stop(self) -> None:
        """Nothing runs."""

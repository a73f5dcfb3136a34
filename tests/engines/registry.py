"""Which engines tests can run on, by name. One line here adds one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.engines.base import Engine

Start = Callable[[Path], Engine]
"""Starts an engine that keeps its files in a folder; raises EngineAbsent with the reason where it cannot."""


def _duckdb(folder: Path) -> Engine:
    from tests.engines.duckdb_engine import DuckDB

    return DuckDB(folder)


def _postgres(_: Path) -> Engine:
    from tests.engines.postgres_engine import Postgres

    return Postgres()


def _postgres_icu(_: Path) -> Engine:
    from tests.engines.postgres_engine import Postgres

    return Postgres("en-US")


def _snowflake(folder: Path) -> Engine:
    from tests.engines.snowflake_engine import Snowflake

    return Snowflake(folder)


def _bigquery(folder: Path) -> Engine:
    from tests.engines.bigquery_engine import start_local_bigquery

    return start_local_bigquery(folder)


def _goccy(folder: Path) -> Engine:
    from tests.engines.bigquery_engine import start_goccy

    return start_goccy(folder)


def _spark(folder: Path) -> Engine:
    from tests.engines.spark_engine import start_spark

    return start_spark(folder)


def _sail(folder: Path) -> Engine:
    from tests.engines.spark_engine import Sail

    return Sail(folder)


ENGINES: dict[str, Start] = {
    "duckdb": _duckdb,
    "postgres": _postgres,
    "postgres-icu": _postgres_icu,
    "snowflake": _snowflake,
    "bigquery": _bigquery,
    "goccy": _goccy,
    "spark": _spark,
    "sail": _sail,
}

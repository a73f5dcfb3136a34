"""The landing tables of one DuckDB warehouse as Parquet files, and those files in another engine's landing schema.

Stands in for each engine's own landing: what is compared here is what dbt makes of the same landed rows.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from tests.engines.base import Engine

PLAIN_TYPES = {"BIGINT": "bigint", "INTEGER": "bigint", "DATE": "date", "TIMESTAMP": "timestamp"}
"""DuckDB type → what it is exported as; every other type goes as text."""


def export_landing(warehouse: Path, folder: Path) -> list[str]:
    """Writes `<table>.parquet` for each table of the landing schema; returns the table names."""
    with duckdb.connect(warehouse, read_only=True) as connection:
        tables = [
            row[0]
            for row in connection.execute(
                "select table_name from duckdb_tables() where schema_name = 'landing'"
            ).fetchall()
        ]
        for table in tables:
            columns = connection.execute(
                "select column_name, data_type from duckdb_columns() where schema_name = 'landing' and table_name = ?",
                [table],
            ).fetchall()
            selected = ", ".join(
                f'cast("{name}" as {PLAIN_TYPES.get(kind, "varchar")}) as "{name}"' for name, kind in columns
            )
            connection.execute(f"copy (select {selected} from landing.{table}) to '{folder / table}.parquet'")
    return sorted(tables)


def import_landing(engine: Engine, folder: Path, tables: list[str]) -> None:
    """Loads the exported tables into the engine's `landing` schema."""
    for table in tables:
        engine.load("landing", table, folder / f"{table}.parquet")

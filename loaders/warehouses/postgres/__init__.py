"""Postgres: DuckDB parses, `COPY` carries the rows, and everything of a landing unit is one transaction."""

from loaders.warehouses.postgres.warehouse import CHECKUP, PostgresWarehouse, open_warehouse

__all__ = ["CHECKUP", "PostgresWarehouse", "open_warehouse"]

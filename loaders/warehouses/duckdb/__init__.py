"""DuckDB: one file, one writing process, everything of a landing unit in one transaction."""

from loaders.warehouses.duckdb.warehouse import DuckDBWarehouse, open_warehouse

__all__ = ["DuckDBWarehouse", "open_warehouse"]

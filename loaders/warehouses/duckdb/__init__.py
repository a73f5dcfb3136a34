"""DuckDB: one file, one writing process, everything of a landing unit in one transaction."""

from typing import Final

from loaders.warehouses.base import Checkup
from loaders.warehouses.duckdb.warehouse import DuckDBWarehouse, open_warehouse

CHECKUP: Final = Checkup(("path",), "select 'DuckDB ' || version()", "select now() at time zone 'UTC'")

__all__ = ["CHECKUP", "DuckDBWarehouse", "open_warehouse"]

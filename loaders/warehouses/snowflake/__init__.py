"""Snowflake: Parquet parts by PUT (or straight into an external stage), COPY sent async, one transaction to publish.

Names are upper case, as everything is that dbt writes without quotes.
"""

from loaders.warehouses.snowflake.engine import CHECKUP, Snowflake, open_warehouse

__all__ = ["CHECKUP", "Snowflake", "open_warehouse"]

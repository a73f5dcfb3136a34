"""BigQuery: Parquet parts by load jobs of known ids, each into its own table; one scripted transaction publishes."""

from loaders.warehouses.bigquery.engine import CHECKUP, BigQuery, open_warehouse

__all__ = ["CHECKUP", "BigQuery", "open_warehouse"]

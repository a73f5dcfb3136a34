"""Delta tables, for Spark and Databricks: one way to publish without a transaction over several tables."""

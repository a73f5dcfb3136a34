"""The Spark sessions that tests use, for the worker and for tests that run in the engine's own environment."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

DELTA = "io.delta:delta-spark_4.1_2.13:4.3.0"


def local_settings(folder: str) -> dict[str, str]:
    """Spark in this process with Delta tables in `folder`; one shuffle partition, since the tests' tables are small."""
    return {
        "spark.master": "local[2]",
        "spark.ui.enabled": "false",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": "2g",
        # Or its log would lie wherever the process was started.
        "spark.driver.extraJavaOptions": f"-Dderby.system.home={folder}",
        "spark.jars.packages": DELTA,
        "spark.jars.ivy": f"{sys.prefix}/ivy",
        "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
        "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
        "spark.sql.warehouse.dir": f"{folder}/warehouse",
        "spark.hadoop.javax.jdo.option.ConnectionURL": f"jdbc:derby:;databaseName={folder}/metastore;create=true",
        "spark.sql.shuffle.partitions": "1",
        "spark.databricks.delta.snapshotPartitions": "1",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.sources.default": "delta",
    }


def local_session(folder: str) -> SparkSession:
    """Spark in this process."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName("landfall")
    for name, value in local_settings(folder).items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def remote_session(address: str, folder: str) -> SparkSession:
    """A client of the Spark Connect server at `address`; dbt finds the same session through SPARK_REMOTE."""
    from pyspark.sql import SparkSession

    os.environ["SPARK_REMOTE"] = address
    session = SparkSession.builder.remote(address).getOrCreate()
    session.conf.set("spark.sql.session.timeZone", "UTC")
    # Sail makes tables with given columns only where this is an absolute path.
    session.conf.set("spark.sql.warehouse.dir", f"{folder}/warehouse")
    return session

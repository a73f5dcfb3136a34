"""A Spark session that takes requests as JSON lines on standard input and answers each with one line.

Run with the environment's own Python: `python spark_worker.py FOLDER [CONNECT_URL]`. Without an address the session is
Spark with Delta in this process and keeps its tables in FOLDER; with one it is a client of a Spark Connect server. dbt
runs in here too, since the session and its catalogue belong to this process.

Requests: {"rows": sql}, {"run": sql}, {"load": [schema, table, path]}, {"dbt": [arguments]}.
Answers: {"rows": [[value as text or null]]}, {"output": text, "succeeded": bool} or {"error": text}.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from typing import Any

from pyspark.sql import SparkSession

DELTA = "io.delta:delta-spark_4.1_2.13:4.3.0"


def local_session(folder: str) -> SparkSession:
    """Spark in this process with Delta tables; one shuffle partition, since the tests' tables are small."""
    settings = {
        "spark.ui.enabled": "false",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": "2g",
        "spark.jars.packages": DELTA,
        "spark.jars.ivy": f"{sys.prefix}/ivy",
        "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
        "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
        "spark.sql.warehouse.dir": f"{folder}/warehouse",
        "spark.sql.shuffle.partitions": "1",
        "spark.databricks.delta.snapshotPartitions": "1",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.sources.default": "delta",
    }
    builder = SparkSession.builder.master("local[2]").appName("landfall")
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def remote_session(address: str) -> SparkSession:
    """A client of the Spark Connect server at `address`; dbt finds the same session through SPARK_REMOTE."""
    os.environ["SPARK_REMOTE"] = address
    session = SparkSession.builder.remote(address).getOrCreate()
    session.conf.set("spark.sql.session.timeZone", "UTC")
    return session


def answer(session: SparkSession, request: dict[str, Any]) -> dict[str, Any]:
    """What the worker says to one request."""
    if "rows" in request:
        rows = session.sql(request["rows"]).collect()
        return {"rows": [[None if value is None else str(value) for value in row] for row in rows]}
    if "run" in request:
        session.sql(request["run"])
        return {}
    if "load" in request:
        schema, table, path = request["load"]
        session.sql(f"create schema if not exists {schema}")
        session.sql(f"drop table if exists {schema}.{table}")
        session.read.parquet(path).write.format("delta").saveAsTable(f"{schema}.{table}")
        return {}
    return run_dbt(request["dbt"])


def run_dbt(arguments: list[str]) -> dict[str, Any]:
    """dbt in this process, so that it meets the same session."""
    from dbt.cli.main import dbtRunner

    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        result = dbtRunner().invoke(arguments)
    return {"succeeded": bool(result.success), "output": output.getvalue() + str(result.exception or "")}


def main() -> None:
    """Serves until standard input ends."""
    answers = os.fdopen(os.dup(1), "w")
    # dbt and the JVM write to standard output as they like; answers have a descriptor of their own.
    os.dup2(2, 1)
    session = remote_session(sys.argv[2]) if len(sys.argv) > 2 else local_session(sys.argv[1])
    answers.write(json.dumps({"version": session.version}) + "\n")
    answers.flush()
    for line in sys.stdin:
        try:
            said = answer(session, json.loads(line))
        except Exception as error:  # noqa: BLE001 - the caller, in another process, gets every error as text
            said = {"error": f"{type(error).__name__}: {error}"[:4000]}
        answers.write(json.dumps(said) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()

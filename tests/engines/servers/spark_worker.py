"""A Spark session that takes requests as JSON lines on standard input and answers each with one line.

Run with the environment's own Python: `python spark_worker.py FOLDER [CONNECT_URL]`. Without an address the session is
Spark with Delta in this process and keeps its tables in FOLDER; with one it is a client of a Spark Connect server. dbt
and `loaders` run in here too, since the session and its catalogue belong to this process.

Requests: {"rows": sql}, {"run": sql}, {"load": [schema, table, path]}, {"dbt": [arguments]},
{"loaders": [arguments], "project": folder, "environment": {name: value}}.
Answers: {"rows": [[value as text or null]]}, {"output": text, "succeeded": bool} or {"error": text}; `loaders` adds
"warnings", what it wrote on standard error.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
from tests.engines.servers.spark_session import local_session, remote_session

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


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
    if "loaders" in request:
        return run_loaders(request["loaders"], request["project"], request["environment"])
    return run_dbt(request["dbt"])


def run_dbt(arguments: list[str]) -> dict[str, Any]:
    """dbt in this process, so that it meets the same session."""
    from dbt.cli.main import dbtRunner

    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        result = dbtRunner().invoke(arguments)
    return {"succeeded": bool(result.success), "output": output.getvalue() + str(result.exception or "")}


def run_loaders(arguments: list[str], project: str, environment: dict[str, str]) -> dict[str, Any]:
    """`loaders` in this process and in the folder `project`."""
    from typer.testing import CliRunner

    from loaders.commands.cli import app

    with contextlib.chdir(project):
        result = CliRunner().invoke(app, arguments, env=environment)
    trouble = "" if isinstance(result.exception, SystemExit | None) else repr(result.exception)
    return {"succeeded": result.exit_code == 0, "output": result.stdout, "warnings": result.stderr + trouble}


def main() -> None:
    """Serves until standard input ends."""
    answers = os.fdopen(os.dup(1), "w")
    # dbt and the JVM write to standard output as they like; answers have a descriptor of their own.
    os.dup2(2, 1)
    session = remote_session(sys.argv[2], sys.argv[1]) if len(sys.argv) > 2 else local_session(sys.argv[1])
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

"""Spark: PySpark with Delta (the engine itself), and Sail (a Spark Connect server in Rust) as Databricks' stand-in."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.engines.base import (
    ENVIRONMENTS,
    About,
    DbtResult,
    Engine,
    EngineAbsent,
    dbt_arguments,
    free_port,
    listens,
    loaders_environment,
    python_of,
    start_process,
    stop_process,
    wait_until,
)
from tests.engines.servers.spark_session import local_settings, remote_session

WORKER = Path(__file__).parent / "servers" / "spark_worker.py"
SESSION = "11111111-2222-4333-8444-555555555555"
"""Sail keeps its catalogue per session; a fixed one is found again by dbt."""


class Spark(Engine):
    """A worker process that holds the session; values come back as text."""

    adapter = "spark"
    text_type = "string"

    def __init__(self, about: About, python: Path, folder: Path, address: str | None = None) -> None:
        self.about = about
        self._log = folder / f"{about.name}.log"
        command = [str(python), str(WORKER), str(folder), *([address] if address else [])]
        environment = {**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "TZ": "UTC"}
        with self._log.open("w") as errors:
            self._worker = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                cwd=folder,
                env=environment,
                text=True,
            )
        self._read()

    def _read(self) -> dict[str, Any]:
        assert self._worker.stdout is not None
        line = self._worker.stdout.readline()
        if not line:
            raise EngineAbsent(f"{self.about.name} ended: {self._log.read_text()[-400:]}")
        said: dict[str, Any] = json.loads(line)
        return said

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        assert self._worker.stdin is not None
        self._worker.stdin.write(json.dumps(request) + "\n")
        self._worker.stdin.flush()
        said = self._read()
        if "error" in said:
            raise RuntimeError(said["error"])
        return said

    def profile(self) -> dict[str, Any]:
        return {"type": "spark", "method": "session", "host": "NA", "schema": "landfall", "threads": 1}

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self._ask({"rows": sql})["rows"]]

    def run(self, sql: str) -> None:
        self._ask({"run": sql})

    def load(self, schema: str, table: str, parquet: Path) -> None:
        self._ask({"load": [schema, table, str(parquet)]})

    def dbt(self, project: Path, arguments: Sequence[str]) -> DbtResult:
        said = self._ask({"dbt": dbt_arguments(project, arguments)})
        return DbtResult(said["succeeded"], said["output"])

    def cannot_land(self) -> None:
        """It lands from the worker, whose environment has both Landfall and the driver."""

    def loaders(self, project: Path, arguments: Sequence[str]) -> str:
        environment = loaders_environment(project)
        said = self._ask({"loaders": list(arguments), "project": str(project), "environment": environment})
        output = str(said["output"])
        assert said["succeeded"], f"loaders {' '.join(arguments)}\n{output}\n{said['warnings']}"
        return output

    def stop(self) -> None:
        stop_process(self._worker)
        for pipe in (self._worker.stdin, self._worker.stdout):
            if pipe is not None:
                pipe.close()


def start_sail(folder: Path) -> tuple[subprocess.Popen[str], str]:
    """Sail's server and the address of a session on it."""
    port, log = free_port(), folder / "sail-server.log"
    program = python_of("sail").parent / "sail"
    command = [str(program), "spark", "server", "--ip", "127.0.0.1", "--port", str(port)]
    server = start_process(command, log)
    wait_until(lambda: listens(port), server, log)
    return server, f"sc://127.0.0.1:{port}/;session_id={SESSION}"


@contextmanager
def running_profile(name: str, folder: Path) -> Iterator[dict[str, Any]]:
    """The dbt output that reaches Sail or Spark from this process, which runs in that engine's environment."""
    output: dict[str, Any] = {"type": "spark", "method": "session", "host": "NA", "schema": "landfall", "threads": 1}
    if name == "spark":
        yield {**output, "server_side_parameters": local_settings(str(folder))}
        return
    server, address = start_sail(folder)
    os.environ["SPARK_REMOTE"] = address
    try:
        session = remote_session(address, str(folder))
        yield output
        # A client that finds its server gone asks for it for ten minutes when its process ends.
        session.stop()
    finally:
        del os.environ["SPARK_REMOTE"]
        stop_process(server)


class Sail(Spark):
    """Spark in name and dialect: another program behind the same protocol."""

    def __init__(self, folder: Path) -> None:
        self._server, address = start_sail(folder)
        super().__init__(
            About("sail", "stand-in", "pysail 0.7.2, dbt-spark 1.11.0"), python_of("sail"), folder, address
        )

    def stop(self) -> None:
        super().stop()
        stop_process(self._server)


def start_spark(folder: Path) -> Spark:
    """Spark 4.1 with Delta 4.3; its jars must be in the environment's ivy folder or reachable."""
    about = About("spark", "real engine", "Spark 4.1.1 with Delta 4.3.0, dbt-spark 1.11.0")
    if not (ENVIRONMENTS / "spark").is_dir():
        raise EngineAbsent("spark is not installed: run `make engines`")
    return Spark(about, python_of("spark"), folder)

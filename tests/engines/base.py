"""What every engine under test can do: run SQL, answer rows, take a Parquet file as a table, run dbt."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from loaders.warehouses.registry import ENGINES as LANDING_ENGINES
from loaders.warehouses.registry import installed

ENVIRONMENTS = Path(__file__).resolve().parents[2] / "artifacts" / "engines"
DBT_TIMEOUT = 7200
"""Seconds after which a command counts as hung; the slowest stand-in works for an hour on a million rows."""


class EngineAbsent(RuntimeError):
    """The engine is not on this machine or does not start; the message says what would help."""


@dataclass(frozen=True, slots=True)
class About:
    """What a result from this engine is worth."""

    name: str
    kind: Literal["real engine", "stand-in", "text only"]
    version: str
    bridged: tuple[str, ...] = ()
    """Parts of our shim that stand between dbt and a stand-in."""

    @property
    def words(self) -> str:
        """For reports: kind, version and shimmed parts."""
        shims = f", shimmed: {', '.join(self.bridged)}" if self.bridged else ""
        return f"{self.kind} ({self.version}{shims})"


@dataclass(frozen=True, slots=True)
class DbtResult:
    succeeded: bool
    output: str

    @property
    def errors(self) -> str:
        """dbt's lines about errors, each with what follows it, without the warnings between them."""
        lines = self.output.splitlines()
        starts = [at for at, line in enumerate(lines) if " Error" in line or "Failure in" in line]
        kept = sorted({at for start in starts for at in range(start, min(start + 8, len(lines)))})
        return "\n".join(lines[at] for at in kept) or self.output


class Engine(ABC):
    """One running engine. Identifiers in SQL are unquoted; rows come back as tuples of plain Python values."""

    about: About
    adapter: str
    """dbt's word for the SQL dialect, also the prefix of macro bodies."""
    text_type = "varchar"

    @abstractmethod
    def profile(self) -> dict[str, Any]:
        """The dbt output that reaches the engine."""

    @abstractmethod
    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of one query."""

    @abstractmethod
    def run(self, sql: str) -> None:
        """Executes one statement and commits it."""

    @abstractmethod
    def load(self, schema: str, table: str, parquet: Path) -> None:
        """Makes `schema.table` hold exactly the rows of a Parquet file of text, bigint, date and timestamp columns."""

    def dbt(self, project: Path, arguments: Sequence[str]) -> DbtResult:
        """Runs dbt on `project`, which holds its profiles.yml."""
        return run_dbt(project, arguments)

    def cannot_land(self) -> str | None:
        """Why `loaders ingest` cannot land here from this process; None where it can."""
        kind = str(self.profile()["type"])
        if kind not in LANDING_ENGINES:
            return f"no landing for {kind}"
        drivers = LANDING_ENGINES[kind].drivers
        return None if installed(drivers) else f"{' or '.join(drivers)} is not in this environment"

    def loaders(self, project: Path, arguments: Sequence[str]) -> str:
        """Runs `loaders` on `project` as a person does; what it prints. Raises AssertionError where it fails."""
        return run_loaders(project, arguments)

    @abstractmethod
    def stop(self) -> None:
        """Ends what `start` started."""


def run_dbt(project: Path, arguments: Sequence[str]) -> DbtResult:
    """dbt, as it is in our environment, on a project that holds its profiles.yml."""
    command = [str(Path(sys.executable).parent / "dbt"), *dbt_arguments(project, arguments)]
    environment = {**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "NO_COLOR": "1"}
    done = subprocess.run(
        command, cwd=project, env=environment, capture_output=True, text=True, timeout=DBT_TIMEOUT, check=False
    )
    return DbtResult(done.returncode == 0, done.stdout + done.stderr)


def run_loaders(project: Path, arguments: Sequence[str]) -> str:
    """`loaders` on a project that holds its profiles.yml; what it prints. Raises AssertionError where it fails."""
    command = [str(Path(sys.executable).parent / "loaders"), *arguments]
    environment = {**os.environ, **loaders_environment(project)}
    done = subprocess.run(
        command, cwd=project, env=environment, capture_output=True, text=True, timeout=DBT_TIMEOUT, check=False
    )
    assert done.returncode == 0, f"loaders {' '.join(arguments)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def loaders_environment(project: Path) -> dict[str, str]:
    """What makes `loaders` keep to a project that holds its profiles.yml."""
    return {"DBT_PROFILES_DIR": str(project), "LANDFALL_STATE_URL": f"sqlite:///{project / 'state.sqlite'}"}


def dbt_arguments(project: Path, arguments: Sequence[str]) -> list[str]:
    """`arguments` with the folders that make dbt independent of where it runs."""
    return [
        *("--no-use-colors", "--no-version-check"),
        *arguments,
        *("--project-dir", str(project), "--profiles-dir", str(project)),
    ]


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on right now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def python_of(name: str) -> Path:
    """The Python of a server's own environment; raises EngineAbsent where it was not installed."""
    python = ENVIRONMENTS / name / "bin" / "python"
    if not (ENVIRONMENTS / name / "installed.txt").is_file():
        raise EngineAbsent(f"{name} is not installed: run `make engines`")
    return python


def driver_version(distribution: str) -> str:
    """For reports: `distribution 1.2.3`."""
    return f"{distribution} {version(distribution)}"


def start_process(
    command: Sequence[str], log: Path, environment: dict[str, str] | None = None
) -> subprocess.Popen[str]:
    """A server that works in the folder of `log`, where its output goes."""
    with log.open("w") as output:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, text=True, env=environment, cwd=log.parent
        )


def wait_until(ready: Callable[[], bool], server: subprocess.Popen[str], log: Path, seconds: float = 180) -> None:
    """Returns once `ready`; raises EngineAbsent with the end of the log when the server dies or takes too long."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        if ready():
            return
        time.sleep(0.1)
    stop_process(server)
    raise EngineAbsent(f"{server.args!s:.80} did not start: {log.read_text()[-400:]}")


def stop_process(server: subprocess.Popen[str]) -> None:
    """Ends a server that we started."""
    server.terminate()
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait(10)


def listens(port: int) -> bool:
    """Whether somebody takes connections on the port."""
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex(("127.0.0.1", port)) == 0

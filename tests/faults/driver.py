"""Runs ingests in processes of their own that may be killed: forked from a server that has everything imported."""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from loaders.contracts.model import Contract
from loaders.errors import LandfallError
from loaders.jobs.model import Progress
from loaders.landing import land
from loaders.landing.job import IngestRequest, ingest
from loaders.landing.land import LandingSettings
from loaders.landing.outcome import FileOutcome
from loaders.warehouses.base import OpenOptions
from loaders.warehouses.duckdb import DuckDBWarehouse
from tests.faults.invariants import Usage, left_in
from tests.faults.scenario import CONTRACT

_CONTEXT = multiprocessing.get_context("forkserver")
# pytest is what the server's children would otherwise import again each: it is the main program.
_CONTEXT.set_forkserver_preload(["pytest", "tests.faults.driver"])

SMALL_WINDOWS = LandingSettings(window_bytes=128, group_bytes=10_000, group_files=2, threads=2)
ENGINE_MEMORY = 200 * 2**20
REPORT_BEGUN = "report.part"
EXPECTED = frozenset({"inbox", "w.duckdb", "hits.log", "told.log", "report.json", REPORT_BEGUN})
"""What may stand in a world's folder after a run."""


@dataclass(frozen=True)
class World:
    """A folder with an inbox and a warehouse, and the files that processes tell about themselves in."""

    folder: Path
    contract: Contract = CONTRACT
    settings: LandingSettings = SMALL_WINDOWS
    engine_memory: int = ENGINE_MEMORY
    lock_timeout: float = 0
    notes: Path | None = None
    """Where processes tell about themselves [default: `folder`]."""

    @property
    def inbox(self) -> Path:
        return self.folder / "inbox"

    @property
    def database(self) -> Path:
        return self.folder / "w.duckdb"

    @property
    def hits(self) -> Path:
        return self._notes / "hits.log"

    @property
    def told(self) -> Path:
        return self._notes / "told.log"

    @property
    def report(self) -> Path:
        return self._notes / "report.json"

    @property
    def _notes(self) -> Path:
        return self.folder if self.notes is None else self.notes

    def start(self, failpoints: str = "", order: Sequence[str] = ()) -> ForkServerProcess:
        """An ingest of the inbox in a process of its own; `order` gives files one by one instead of the folder."""
        process = _CONTEXT.Process(target=_ingest, args=(self, failpoints, tuple(order)), daemon=True)
        process.start()
        return process

    def run(self, failpoints: str = "", order: Sequence[str] = ()) -> Ended:
        """An ingest to its end, whichever that is."""
        self.report.unlink(missing_ok=True)
        process = self.start(failpoints, order)
        process.join()
        return self.ended(process)

    def ended(self, process: ForkServerProcess) -> Ended:
        code = process.exitcode if process.exitcode is not None else 0
        process.close()
        told = json.loads(self.report.read_text()) if self.report.exists() else {}
        return Ended(code, told.get("error", ""), told.get("kind", ""), told.get("outcomes", {}), told.get("usage"))

    def acknowledged(self) -> frozenset[str]:
        """File ids that any run so far called landed."""
        return frozenset(self.told.read_text().split()) if self.told.exists() else frozenset()

    def hits_of(self, name: str | None = None) -> list[str]:
        """Failpoints that were reached so far, in order."""
        reached = self.hits.read_text().split() if self.hits.exists() else []
        return [each for each in reached if name in (None, each)]


@dataclass(frozen=True)
class Ended:
    """How a process ended: `code` as the system says (negative: killed), and what it could still report."""

    code: int
    error: str = ""
    kind: str = ""
    outcomes: dict[str, str] = field(default_factory=dict)
    usage_told: dict[str, Any] | None = None

    @property
    def usage(self) -> Usage | None:
        if self.usage_told is None:
            return None
        return Usage(**{**self.usage_told, "left_behind": tuple(self.usage_told["left_behind"])})


class SilentJob:
    """A job nobody watches."""

    id = "fault-job"

    def progress(self, progress: Progress) -> None:
        """Not looked at."""

    def metric(self, name: str, value: float, **labels: str) -> None:
        """Not looked at."""

    def obey(self) -> None:
        """Nobody asks for anything."""


def _ingest(world: World, failpoints: str, order: tuple[str, ...]) -> None:
    os.environ["LOADERS_TESTING"] = "1"
    os.environ["LOADERS_FAILPOINTS"] = failpoints
    os.environ["LOADERS_FAILPOINTS_LOG"] = str(world.hits)
    _tell_what_lands(world.told)
    # What a process writes to the terminal as it dies is no part of a test's output.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    report: dict[str, Any] = {}
    code = 0
    try:
        report = _land(world, order)
    except LandfallError as error:
        report, code = {"error": str(error), "kind": type(error).__name__}, error.exit_code
    except KeyboardInterrupt:
        report, code = {"error": "interrupted", "kind": "KeyboardInterrupt"}, 130
    except BaseException as error:  # noqa: BLE001  # the boundary of a process: the test judges what came this far
        report, code = {"error": repr(error), "kind": "bug"}, 99
    # A kill may come while this is written.
    begun = world.report.with_name(REPORT_BEGUN)
    begun.write_text(json.dumps(report))
    begun.replace(world.report)
    os._exit(code)


def _land(world: World, order: tuple[str, ...]) -> dict[str, Any]:
    paths = tuple(world.inbox / name for name in order) or (world.inbox,)
    request = IngestRequest(paths, (world.contract,), world.folder, world.settings)
    before = _descriptors()
    warehouse = DuckDBWarehouse.open(
        world.database, OpenOptions(world.lock_timeout, world.engine_memory, world.settings.threads)
    )
    try:
        result = ingest(request, warehouse, SilentJob())
    finally:
        warehouse.close()
    usage = Usage(
        peak_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        limit_bytes=world.engine_memory + 4 * world.settings.window_bytes,
        descriptors_before=before,
        descriptors_after=_descriptors(),
        left_behind=left_in(world.folder, EXPECTED),
    )
    outcomes = {outcome.path: outcome.status for outcome in result.outcomes}
    return {"outcomes": outcomes, "usage": usage.__dict__}


def _descriptors() -> int:
    return len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0  # noqa: PTH208,PTH112


def _tell_what_lands(path: Path) -> None:
    """Writes each file id down at the moment the outcome that calls it landed is made."""
    told = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def tell(*given: Any, **named: Any) -> FileOutcome:
        outcome = FileOutcome(*given, **named)
        if outcome.status == "landed":
            os.write(told, f"{outcome.file_id}\n".encode())
        return outcome

    # Only in this process, to see the moment itself.
    vars(land)["FileOutcome"] = tell

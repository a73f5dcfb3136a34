"""`ingest`: one run over many files. Bad files never hold up good ones; faults of the environment end the run."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from loaders.contracts.model import Contract
from loaders.errors import EnvironmentFault, UsageError
from loaders.failpoints import failpoint
from loaders.files.discovery import Candidate, Discovery, discover
from loaders.jobs.model import JobReporter
from loaders.landing.draft import landing_table
from loaders.landing.land import Lander, LandingSettings, TableRun
from loaders.landing.meter import Meter
from loaders.landing.outcome import FileOutcome, IngestResult
from loaders.landing.plan import Seen, ledger_path
from loaders.landing.reconcile import reconcile
from loaders.warehouses.base import Warehouse
from loaders.warehouses.layout import LandingTable


@dataclass(frozen=True, slots=True)
class IngestRequest:
    """What to ingest: `paths` are files or folders; ledger paths count from `project_dir`.

    `contents` names by ledger path the SHA-256 of the only content that may land from there.
    """

    paths: tuple[Path, ...]
    contracts: tuple[Contract, ...]
    project_dir: Path
    settings: LandingSettings
    contents: Mapping[str, str] = field(default_factory=dict)


def ingest(request: IngestRequest, warehouse: Warehouse, job: JobReporter) -> IngestResult:
    """Lands every file under the paths that a contract names and that has not landed yet. Writes.

    One outcome per file found. Raises UsageError when no file is found at all, LandingMismatch when ledger and rows
    disagree, EnvironmentFault when the system refuses memory or disk, and what the warehouse raises; on these, and on
    Ctrl-C, what had been committed stays and a further run goes on from there.
    """
    with system_faults():
        return _ingest(request, warehouse, job)


@contextmanager
def system_faults() -> Iterator[None]:
    """Turns what the system refuses into an error that says how to go on. Faults of a file are told of that file."""
    try:
        yield
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        raise EnvironmentFault(
            f"the system refused to go on: {error.strerror or error}{where}",
            hint="free disk space or memory and run the same command again; what had landed is intact",
        ) from error


def _ingest(request: IngestRequest, warehouse: Warehouse, job: JobReporter) -> IngestResult:
    started = time.monotonic()
    found = discover(request.paths, request.contracts)
    if not found.candidates and not found.refused:
        raise _nothing_found(request, found)
    return land_found(request, found, warehouse, job, started)


def land_found(
    request: IngestRequest, found: Discovery, warehouse: Warehouse, job: JobReporter, started: float
) -> IngestResult:
    """Brings each file found to its outcome; `started` is of the monotonic clock. Writes and raises as `ingest`."""
    tables = {landing_table(each.contract, each.table): each for each in found.candidates}
    if not request.settings.dry_run:
        _make_ready(warehouse, tuple(tables), verify=request.settings.verify)
    seen = {candidate.path: _look(candidate, request.project_dir) for candidate in found.candidates}
    runs = {landing: TableRun.of(candidate, warehouse) for landing, candidate in tables.items()}
    visits = [
        (candidate, runs[landing_table(candidate.contract, candidate.table)], seen[candidate.path])
        for candidate in found.candidates
    ]
    meter = Meter(job)
    lander = Lander(warehouse, request.settings, meter, job.id, contents=request.contents)
    meter.expect(sum(look.size_bytes for _, run, look in visits if lander.skip_of(run, look) is None))
    for candidate, run, look in visits:
        lander.land(candidate, run, look)
    lander.finish()
    meter.phase("reconcile")
    failpoint("landing.before_reconcile")
    for landing, file_ids in lander.landed.items():
        reconcile(warehouse, landing, file_ids)
    refused = [FileOutcome(each.path, "", "", "refused", str(each)) for each in found.refused]
    doubles = [FileOutcome(path, "", "", "skipped", "another name of a file of this run") for path in found.duplicates]
    outcomes = (*refused, *doubles, *lander.outcomes)
    result = IngestResult(
        job.id,
        outcomes,
        found.unmatched,
        time.monotonic() - started,
        request.settings.dry_run,
        found.passed_over,
    )
    _measure(job, result)
    return result


def _make_ready(warehouse: Warehouse, tables: Sequence[LandingTable], *, verify: bool) -> None:
    warehouse.prepare_landing(tables)
    if verify or warehouse.opened_after_crash:
        for table in tables:
            reconcile(warehouse, table)


def _look(candidate: Candidate, project_dir: Path) -> Seen:
    """The file's stat; zeros for one that is gone, whose opening will say so."""
    path = ledger_path(candidate.path, project_dir)
    try:
        stat = os.stat(candidate.path)  # noqa: PTH116  # thousands of files: Path.stat is half as fast
    except OSError:
        return Seen(path, 0, 0, 0)
    return Seen(path, stat.st_size, stat.st_mtime_ns, stat.st_ino)


def _nothing_found(request: IngestRequest, found: Discovery) -> UsageError:
    globs = sorted({glob for contract in request.contracts for table in contract.tables for glob in table.files.globs})
    looked = ", ".join(str(path) for path in found.unmatched or request.paths)
    return UsageError(
        f"no file in {looked} belongs to a contract table", hint=f"the contracts look for: {', '.join(globs) or 'none'}"
    )


def _measure(job: JobReporter, result: IngestResult) -> None:
    for status, files in result.counts.items():
        job.metric("files", files, status=status)
    job.metric("rows", result.rows)
    job.metric("malformed_rows", result.malformed_rows)
    job.metric("seconds", result.seconds)

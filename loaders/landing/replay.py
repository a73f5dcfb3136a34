"""Replay: what an older contract refused is read again under the one in force, and nothing else is.

A file with malformed rows is read again whole, because every row behind a mended line gets another number, and lands
in place of its old version in one step. So the result is what a first load under this contract gives.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from loaders.contracts.fingerprint import parse_fingerprint, table_version
from loaders.contracts.model import Contract, Table
from loaders.errors import FileRefused
from loaders.files.discovery import Candidate, Discovery
from loaders.files.filedates import date_in
from loaders.jobs.model import JobReporter
from loaders.landing.care import FileFilter, tables_of
from loaders.landing.job import IngestRequest, land_found, system_faults
from loaders.landing.land import LandingSettings
from loaders.landing.outcome import IngestResult
from loaders.warehouses.base import Warehouse
from loaders.warehouses.layout import LedgerEntry


@dataclass(frozen=True, slots=True)
class ReplayRequest:
    """`everything` reads also files again that landed whole, as a change of the dialect may read them otherwise."""

    contracts: tuple[Contract, ...]
    project_dir: Path
    settings: LandingSettings
    wanted: FileFilter = field(default_factory=FileFilter)
    everything: bool = False


@dataclass(frozen=True, slots=True)
class ReplayPlan:
    """Ledger entries of an older contract by what becomes of them.

    `read` are read again, `judged` keep their rows, which dbt judges anew, `kept` landed whole under other parse
    options and stay as they are; `impossible` are refusals of files that cannot be told where they would land.
    """

    read: tuple[Candidate, ...]
    contents: dict[str, str]
    judged: tuple[LedgerEntry, ...]
    kept: tuple[LedgerEntry, ...]
    impossible: tuple[FileRefused, ...]


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """Outcomes of the files that were read again; how many others were marked for judging, or kept."""

    landing: IngestResult
    judged: int
    kept: int


@dataclass(slots=True)
class _Planning:
    request: ReplayRequest
    read: dict[str, Candidate] = field(default_factory=dict)
    contents: dict[str, str] = field(default_factory=dict)
    judged: list[LedgerEntry] = field(default_factory=list)
    kept: list[LedgerEntry] = field(default_factory=list)
    impossible: list[FileRefused] = field(default_factory=list)

    def take(self, contract: Contract, table: Table, entry: LedgerEntry) -> None:
        if entry.state == "landed" and entry.parse_fingerprint == parse_fingerprint(table):
            self.judged.append(entry)
        elif entry.state == "landed" and not entry.malformed_rows and not self.request.everything:
            self.kept.append(entry)
        else:
            self.read_again(contract, table, entry)

    def read_again(self, contract: Contract, table: Table, entry: LedgerEntry) -> None:
        older = self.contents.get(entry.path)
        if older not in (None, entry.content_sha256):
            hint = "it stays as it is; put that content under a path of its own to land it anew"
            self.impossible.append(FileRefused(entry.path, "a later version of it lies at its path now", hint=hint))
        try:
            self.read[entry.path] = _candidate(contract, table, entry, self.request.project_dir)
            self.contents[entry.path] = entry.content_sha256
        except FileRefused as refusal:
            self.impossible.append(refusal)


def plan_replay(request: ReplayRequest, warehouse: Warehouse) -> ReplayPlan:
    """What a replay would do. Reads the ledger only. Raises UsageError for a table no contract has."""
    plan = _Planning(request)
    for contract, table in tables_of(request.contracts, request.wanted):
        for entry in _older(contract, table, warehouse.ledger(contract.name, table.name)):
            plan.take(contract, table, entry)
    read = tuple(plan.read.values())
    return ReplayPlan(read, plan.contents, tuple(plan.judged), tuple(plan.kept), tuple(plan.impossible))


def replay(request: ReplayRequest, warehouse: Warehouse, job: JobReporter) -> ReplayResult:
    """Reads again what the plan names and marks the rest as judged by this contract. Writes, file by file.

    Raises what `ingest` raises. Stopped anywhere, a further replay goes on; a second one has nothing to do.
    """
    started = time.monotonic()
    plan = plan_replay(request, warehouse)
    settings = replace(request.settings, reload=True)
    landing = IngestRequest((), request.contracts, request.project_dir, settings, plan.contents)
    with system_faults():
        if plan.judged and not settings.dry_run:
            _mark(request, warehouse, plan.judged)
        found = Discovery(plan.read, plan.impossible, ())
        result = land_found(landing, found, warehouse, job, started)
    return ReplayResult(result, len(plan.judged), len(plan.kept))


def _older(contract: Contract, table: Table, entries: Sequence[LedgerEntry]) -> Iterator[LedgerEntry]:
    """Landed and quarantined entries that this contract did not judge."""
    now = (table_version(contract, table), parse_fingerprint(table))
    for entry in entries:
        if entry.state in ("landed", "quarantined") and (entry.contract_version, entry.parse_fingerprint) != now:
            yield entry


def _candidate(contract: Contract, table: Table, entry: LedgerEntry, project_dir: Path) -> Candidate:
    wanted = table.files.date
    file_date = date_in(entry.path, wanted, entry.path) if wanted is not None else None
    return Candidate(project_dir / entry.path, entry.path, contract, table, file_date)


def _mark(request: ReplayRequest, warehouse: Warehouse, entries: Sequence[LedgerEntry]) -> None:
    versions = {
        (contract.name, table.name): table_version(contract, table)
        for contract, table in tables_of(request.contracts, request.wanted)
    }
    with warehouse.landing() as unit:
        unit.put_ledger(
            [replace(entry, contract_version=versions[entry.contract, entry.table_name]) for entry in entries]
        )

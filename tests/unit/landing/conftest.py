"""A warehouse, a contract and an inbox to land files with, all in memory or in a temporary folder."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from loaders.contracts.model import Column, Contract, Dialect, FileSet, Table
from loaders.errors import JobCancelled
from loaders.jobs.model import Progress
from loaders.landing.job import IngestRequest, ingest
from loaders.landing.land import LandingSettings
from loaders.landing.outcome import FileOutcome, IngestResult
from loaders.warehouses.base import OpenOptions
from loaders.warehouses.duckdb import DuckDBWarehouse


@dataclass
class FakeJob:
    """A job that remembers what it was told."""

    id: str = "job-1"
    told: list[Progress] = field(default_factory=list)
    metrics: dict[str, float] = field(default_factory=dict)
    batches_until_cancelled: int | None = None

    def progress(self, progress: Progress) -> None:
        self.told.append(progress)

    def metric(self, name: str, value: float, **labels: str) -> None:
        self.metrics["/".join([name, *labels.values()])] = value

    def obey(self) -> None:
        if self.batches_until_cancelled is not None:
            self.batches_until_cancelled -= 1
            if self.batches_until_cancelled < 0:
                raise JobCancelled("cancelled", hint="run again")


def column(name: str, **settings: Any) -> Column:
    return Column(name=name, logical_type="string", description="", header=settings.pop("header", name), **settings)


def contract_of(*columns: Column, dialect: Dialect | None = None, **settings: Any) -> Contract:
    """A contract `shop` with one table `sales` over `*.csv*`."""
    columns = columns or (column("id"), column("name"), column("note"))
    table = Table(
        name="sales",
        description="",
        grain="",
        columns=columns,
        files=FileSet(("*.csv*",)),
        dialect=dialect or Dialect(),
        **settings,
    )
    return Contract("id", "shop", "1.0.0", "contracts/shop.odcs.yaml", "", (table,))


@dataclass
class Shop:
    """One project with one inbox; every call opens the warehouse anew, as commands do."""

    folder: Path
    contract: Contract
    settings: LandingSettings = field(default_factory=lambda: LandingSettings(threads=2))
    job: FakeJob = field(default_factory=FakeJob)

    @property
    def inbox(self) -> Path:
        return self.folder / "inbox"

    @property
    def database(self) -> Path:
        return self.folder / "shop.duckdb"

    def put(self, name: str, content: bytes | str) -> Path:
        """A file in the inbox."""
        path = self.inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def change(self, **settings: Any) -> None:
        """Other settings of the contract's table from now on."""
        table = replace(self.contract.tables[0], **settings)
        self.contract = replace(self.contract, tables=(table,))

    def open(self) -> DuckDBWarehouse:
        return DuckDBWarehouse.open(self.database, OpenOptions(lock_timeout=0, threads=2))

    def ingest(self, *paths: Path, **settings: Any) -> IngestResult:
        request = IngestRequest(
            paths or (self.inbox,), (self.contract,), self.folder, replace(self.settings, **settings)
        )
        warehouse = self.open()
        try:
            return ingest(request, warehouse, self.job)
        finally:
            warehouse.close()

    def outcome(self, *paths: Path, **settings: Any) -> FileOutcome:
        """The outcome of a run that finds one file."""
        (outcome,) = self.ingest(*paths, **settings).outcomes
        return outcome

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        warehouse = self.open()
        try:
            return warehouse.query(sql)
        finally:
            warehouse.close()

    def rows(self, columns: str = "id, name, note") -> list[tuple[Any, ...]]:
        """Visible rows in file order, files in order of landing."""
        return self.query(
            f"select {columns} from landing.shop__sales join landing.ledger on _landed_file_id = file_id "
            "where state = 'landed' order by ledger.landed_at, path, _row_number"
        )

    def ledger(self, columns: str) -> list[tuple[Any, ...]]:
        return self.query(f"select {columns} from landing.ledger order by started_at, path")

    def all_state(self) -> list[list[tuple[Any, ...]]]:
        """Everything landing holds that does not depend on when or by which job it landed."""
        return [
            self.query("select id, name, note, _landed_file_id, _row_number from landing.shop__sales order by all"),
            self.query(
                "select columns(* exclude (job_id, started_at, landed_at, modified_ns, inode, tool_version)) "
                "from landing.ledger where state != 'superseded' order by all"
            ),
            self.query("select columns(* exclude (job_id, landed_at)) from landing.malformed_rows order by all"),
        ]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    (tmp_path / "inbox").mkdir()
    return Shop(tmp_path, contract_of())


@pytest.fixture
def make_shop(tmp_path: Path) -> Callable[..., Shop]:
    """Shops with a contract of the test's own, each in a folder of its own."""
    made: list[Shop] = []

    def make(*columns: Column, **settings: Any) -> Shop:
        folder = tmp_path / f"shop-{len(made)}"
        (folder / "inbox").mkdir(parents=True)
        made.append(Shop(folder, contract_of(*columns, **settings)))
        return made[-1]

    return make


def by_python(content: str) -> list[tuple[str, ...]]:
    """The rows an independent reader finds behind the header."""
    return [tuple(row) for row in csv.reader(io.StringIO(content, newline=""), strict=True) if row][1:]


@pytest.fixture
def independent() -> Callable[[str], list[tuple[str, ...]]]:
    return by_python


@pytest.fixture(name="column")
def column_fixture() -> Callable[..., Column]:
    return column

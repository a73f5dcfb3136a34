"""Two processes and one warehouse: a clear message, an exit code of its own, a wait; never a half state."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from loaders.contracts.model import Contract
from loaders.landing.job import IngestRequest, ingest
from loaders.warehouses.base import OpenOptions
from loaders.warehouses.duckdb import DuckDBWarehouse
from tests.faults.conftest import Holder
from tests.faults.driver import SMALL_WINDOWS, SilentJob, World
from tests.faults.invariants import Evidence, breaches
from tests.faults.project import Project
from tests.faults.scenario import CONTRACT, FIRST, big, lay
from tests.faults.snapshot import take

GOOD = "id,name,note\n1,a,b\n"


@pytest.mark.parametrize("read_only", [False, True], ids=["writer", "reader"])
def test_a_held_warehouse_is_told_with_its_holder_and_exit_4(
    project: Project, hold: Callable[..., Holder], read_only: bool
) -> None:
    project.put("a.csv", GOOD)
    assert project.ingest().code == 0
    project.put("b.csv", GOOD.replace("1", "2"))
    holder = hold(project.database, read_only=read_only)
    before = project.database.read_bytes()
    answer = project.ingest("--lock-timeout", "0")
    assert answer.code == 4
    assert f"is held by process {holder.pid} " in answer.err
    assert "--lock-timeout" in answer.err
    assert len(answer.err.strip().splitlines()) == 1
    assert project.database.read_bytes() == before
    holder.communicate("\n")
    assert project.ingest("--lock-timeout", "0").code == 0


def test_an_ingest_waits_for_its_turn(
    project: Project, hold: Callable[..., Holder], monkeypatch: pytest.MonkeyPatch
) -> None:
    project.put("a.csv", GOOD)
    duckdb.connect(str(project.database)).close()
    holder = hold(project.database)
    pauses: list[float] = []

    def let_go(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            holder.communicate("\n")

    monkeypatch.setattr("loaders.warehouses.duckdb.connection.time.sleep", let_go)
    assert project.ingest("--lock-timeout", "60").code == 0
    assert pauses == sorted(pauses)
    assert len(pauses) == 3


def test_ingests_side_by_side_land_each_file_once(tmp_path: Path) -> None:
    world = World(tmp_path / "world", lock_timeout=120)
    lay(world.inbox, FIRST)
    processes = [world.start() for _ in range(4)]
    for process in processes:
        process.join()
    assert {process.exitcode for process in processes} == {0}
    assert breaches(Evidence(take(world.database), FIRST, (), world.acknowledged(), finished=True)) == []
    # Each outcome `landed` was told once in all: the later ones had nothing left to do.
    assert sorted(world.told.read_text().split()) == sorted(world.acknowledged())


def test_a_killed_ingest_holds_nobody_up(tmp_path: Path) -> None:
    world = World(tmp_path / "world", lock_timeout=120)
    lay(world.inbox, FIRST)
    dice = random.Random(7)
    processes = [world.start() for _ in range(4)]
    for process in processes[:3]:
        process.join(dice.uniform(0, 0.4))
        process.kill()
    processes[3].join()
    assert processes[3].exitcode == 0
    assert breaches(Evidence(take(world.database), FIRST, (), world.acknowledged(), finished=True)) == []


def test_a_reader_sees_all_of_a_file_or_nothing_at_any_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deliveries = (big("sales_b.csv", 100, 40),)
    lay(tmp_path / "inbox", deliveries)
    warehouse = DuckDBWarehouse.open(tmp_path / "w.duckdb", OpenOptions(0, 200 * 2**20, 2))
    seen: list[tuple[str, int]] = []

    def look(name: str) -> None:
        seen.append((name, _visible(warehouse)))

    for module in ("landing.chunks", "landing.opened", "warehouses.duckdb.warehouse"):
        monkeypatch.setattr(f"loaders.{module}.failpoint", look)
    _land(CONTRACT, tmp_path, warehouse)
    warehouse.close()
    whole = len(deliveries[0].rows)
    assert {count for _, count in seen} == {0, whole}
    assert len(seen) > 30
    flipped = next(number for number, (_, count) in enumerate(seen) if count)
    assert seen[flipped][0] == "duckdb.after_commit"
    assert all(count == whole for _, count in seen[flipped:])


def _land(contract: Contract, folder: Path, warehouse: DuckDBWarehouse) -> None:
    ingest(IngestRequest((folder / "inbox",), (contract,), folder, SMALL_WINDOWS), warehouse, SilentJob())


def _visible(warehouse: Any) -> int:
    """What another connection to the open file sees, as a model reads it."""
    with warehouse._session.cursor() as reader:
        tables = reader.execute("select count(*) from duckdb_tables() where table_name = 'shop__sales'").fetchone()
        if tables == (0,):
            return 0
        row = reader.execute(
            "select count(*) from landing.shop__sales join landing.ledger on _landed_file_id = file_id"
            " where state = 'landed'"
        ).fetchone()
    return int(row[0])

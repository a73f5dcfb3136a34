"""Killed anywhere and resumed, a run ends as one that was never killed, and finished parts are not written again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.outputs.driving import Driver, running_driver

pytest.importorskip("adbc_driver_sqlite", reason="the SQLite driver is not installed")

if TYPE_CHECKING:
    from tests.unit.outputs.conftest import Shop

ORDERS = "staging.stg_shop__orders"


@pytest.fixture(scope="module")
def driver(repository: Path) -> Iterator[Driver]:
    with running_driver(repository) as driver:
        yield driver


def request(format_name: str, to: Path, **options: Any) -> dict[str, Any]:
    return {"tables": ["stg_shop__orders", "order_totals"], "format": format_name, "to": str(to), **options}


def same_as_warehouse(shop: Shop, out: Path, format_name: str) -> bool:
    """Whether both tables' files hold exactly the warehouse's rows."""
    if format_name == "sqlite":
        import sqlite3
        from contextlib import closing

        with closing(sqlite3.connect(out / "landfall.sqlite")) as connection:
            found = connection.execute("select order_id, note, _row_number from stg_shop__orders order by 1").fetchall()
            totals = connection.execute("select state, orders from order_totals order by 1").fetchall()
        return found == shop.query(f"select order_id, note, _row_number from {ORDERS} order by 1") and totals == (
            shop.query("select state, orders from marts.order_totals order by 1 nulls first")
        )
    (manifest,) = (out / "_manifest").glob("*.json")
    for table in json.loads(manifest.read_text())["tables"]:
        schema = "staging" if table["name"].startswith("stg") else "marts"
        paths = [str(out / part["path"]) for each in table["partitions"] for part in each["parts"]]
        on_disk = {str(path) for path in out.rglob("*") if path.suffix in (".csv", ".parquet")}
        assert set(paths) <= on_disk
        assert len(on_disk) == sum(
            len(each["parts"]) for t in json.loads(manifest.read_text())["tables"] for each in t["partitions"]
        )
        columns = ", ".join(f"'{each['name']}': '{each['type']}'" for each in table["columns"])
        names = ", ".join(each["name"] for each in table["columns"])
        reader = f"read_parquet({paths})"
        if format_name == "csv":
            reader = (
                f"read_csv({paths}, header=true, auto_detect=false, delim=',', quote='\"', escape='\"', "
                f"allow_quoted_nulls=false, columns={{{columns}}})"
            )
        if shop.differences(f"{schema}.{table['name']}", reader, names):
            return False
    return True


def staged_inodes(out: Path) -> set[int]:
    return {
        path.stat().st_ino
        for path in (out / "_staging").rglob("*")
        if path.is_file() and path.suffix in (".csv", ".parquet")
    }


def published_inodes(out: Path) -> set[int]:
    return {path.stat().st_ino for path in out.rglob("*") if path.is_file()}


def killed_and_resumed(
    shop: Shop, driver: Driver, out: Path, wanted: dict[str, Any], failpoints: str, **order: Any
) -> None:
    """A dataset killed at a failpoint ends whole when its job goes on, and what was finished is not written again."""
    killed = driver.run(shop.folder, shop.database, wanted, failpoints=failpoints, **order)
    # Points that a run passes once have no second time.
    assert killed == -9 or not failpoints.endswith(":1")
    finished = staged_inodes(out) if killed else set()
    assert driver.run(shop.folder, shop.database, wanted, resume=True, **order) == 0
    assert same_as_warehouse(shop, out, "dataset")
    assert finished <= published_inodes(out)
    assert not (out / "_staging").exists()


FILE_POINTS = [
    "outputs.table.ready",
    "outputs.file.before_rename",
    "outputs.part.written",
    "outputs.part.synced",
    "outputs.part.renamed",
    "outputs.local.staged",
    "outputs.part.staged",
    "outputs.local.before_create",
    "outputs.publish.announced",
    "outputs.publish.part",
    "outputs.publish.manifest",
    "outputs.publish.cleaned",
    "outputs.run.published",
]
APART_POINTS = [
    "outputs.table.ready",
    "outputs.table.apart",
    "outputs.part.synced",
    "outputs.part.renamed",
    "outputs.part.staged",
    "outputs.publish.part",
    "outputs.run.published",
]
SQLITE_POINTS = [
    "outputs.sqlite.batch",
    "outputs.sqlite.inserted",
    "outputs.sqlite.committed",
    "outputs.sqlite.sealed",
    "outputs.publish.part",
    "outputs.publish.cleaned",
]


@pytest.mark.parametrize("point", FILE_POINTS)
@pytest.mark.parametrize("nth", [1, 2])
def test_killed_at_any_point_a_dataset_ends_whole(
    shop: Shop, tmp_path: Path, driver: Driver, point: str, nth: int
) -> None:
    out = tmp_path / "out"
    killed_and_resumed(shop, driver, out, request("dataset", out, rows_per_file=400), f"{point}=kill:{nth}")
    assert not list((tmp_path / "checkpoints").glob("job.json")) or point == "outputs.file.before_rename"


@pytest.mark.parametrize("point", APART_POINTS)
@pytest.mark.parametrize("nth", [1, 3])
def test_killed_at_any_point_scattered_partitions_end_whole(
    shop: Shop, tmp_path: Path, driver: Driver, point: str, nth: int
) -> None:
    out = tmp_path / "out"
    wanted = request("dataset", out, partition="paid_at") | {"tables": ["stg_shop__orders"]}
    killed_and_resumed(shop, driver, out, wanted, f"{point}=kill:{nth}", scattered=True)


@pytest.mark.parametrize("point", SQLITE_POINTS)
@pytest.mark.parametrize("nth", [1, 3])
def test_killed_at_any_point_a_sqlite_file_ends_whole(
    shop: Shop, tmp_path: Path, driver: Driver, point: str, nth: int
) -> None:
    out = tmp_path / "out"
    wanted = request("sqlite", out, rows_per_file=400)
    killed = driver.run(shop.folder, shop.database, wanted, failpoints=f"{point}=kill:{nth}")
    assert killed == -9 or nth == 3
    assert not (out / "landfall.sqlite").exists() or killed == 0 or "publish" in point
    assert driver.run(shop.folder, shop.database, wanted, resume=True) == 0
    assert same_as_warehouse(shop, out, "sqlite")


@pytest.mark.parametrize("format_name", ["dataset", "csv", "sqlite"])
@pytest.mark.parametrize("point", ["outputs.part.staged", "outputs.sqlite.committed", "outputs.publish.part"])
def test_killed_while_it_updates_and_the_warehouse_moves_on(
    shop: Shop, tmp_path: Path, driver: Driver, format_name: str, point: str
) -> None:
    out = tmp_path / "out"
    wanted = request(format_name, out, rows_per_file=400)
    assert driver.run(shop.folder, shop.database, wanted) == 0
    shop.change(f"update {ORDERS} set _contract_version = '2' where order_id % 3 = 0")
    driver.run(shop.folder, shop.database, wanted, job_id="second", failpoints=f"{point}=kill:2")
    # Same rows for the most part, stored in another order: parts cut before do not fit those cut now.
    shop.change(
        f"create or replace table {ORDERS} as select * from {ORDERS} where order_id != 5 order by hash(order_id)"
    )
    shop.change("update marts.order_totals set orders = orders + 1")
    assert driver.run(shop.folder, shop.database, wanted, job_id="second", resume=True) == 0
    # A resumed run that only finished an interrupted publication shows that run's rows; the next shows today's.
    assert driver.run(shop.folder, shop.database, wanted, job_id="third") == 0
    assert same_as_warehouse(shop, out, format_name)


def test_every_failpoint_is_reached(shop: Shop, tmp_path: Path, driver: Driver, repository: Path) -> None:
    known: set[str] = set()
    for path in (repository / "loaders" / "outputs").rglob("*.py"):
        known |= set(re.findall(r'failpoint\("([^"]+)"\)', path.read_text()))
    log = tmp_path / "log"
    for name, format_name in (("dataset", "dataset"), ("apart", "dataset"), ("sqlite", "sqlite")):
        wanted = request(format_name, tmp_path / name)
        found = driver.run(shop.folder, shop.database, wanted, job_id=name, log=str(log), scattered=name == "apart")
        assert found == 0
    reached = set(log.read_text().split())
    assert known - reached <= {"outputs.store.staged", *(name for name in known if ".warehouse." in name)}
    assert set(FILE_POINTS) | set(APART_POINTS) | set(SQLITE_POINTS) <= known

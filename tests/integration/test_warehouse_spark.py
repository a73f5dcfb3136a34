"""Landing in Delta tables by Spark: every value as DuckDB lands it, each file exactly once whatever dies.

Spark's packages contradict ours, so this runs in an environment of its own, started by test_engine_environments.py.
LANDFALL_TEST_SPARK says which Spark: `sail` (a stand-in that answers in milliseconds) or `spark` (Spark with Delta).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from loaders.errors import LandfallError, LandingMismatch, WarehouseLocked, WarehouseUnavailable
from loaders.warehouses.base import LoadEvent
from tests.engines.landing import MANY, NASTY, Landing, expected_state
from tests.integration.landing_checks import check_replacement
from tests.integration.stopping import Stopped, stop_at

pytest.importorskip("pyspark", reason="test_engine_environments.py runs it where pyspark is")

# Spark's own bridge to its JVM leaves the sockets of threads that have ended to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")

STEPS = (
    "staged.before_take",
    "staged.after_upload",
    "delta.before_fill",
    "delta.after_fill",
    "staged.after_load",
    "delta.after_claim",
    "delta.after_rows",
    "delta.after_entries",
    "delta.before_ledger",
    "delta.after_ledger",
    "staged.after_publish",
    "delta.before_remove",
)
ALL_LANDED = {("landed",)}


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The dbt output of a Spark that has started."""
    from tests.engines.spark_engine import running_profile

    # Failpoints are found in modules that are there.
    import_module("loaders.warehouses.spark")
    with running_profile(os.environ.get("LANDFALL_TEST_SPARK", "sail"), tmp_path_factory.mktemp("spark")) as output:
        yield output


@pytest.fixture
def landing(profile: dict[str, Any], tmp_path: Path) -> Iterator[Landing]:
    landing = Landing(tmp_path, profile)
    yield landing
    landing.query("drop schema if exists landing cascade")


def tables(landing: Landing) -> set[str]:
    return {str(row[1]) for row in landing.query("show tables in landing")}


@pytest.mark.parametrize("window", [300, 1 << 20], ids=["in chunks", "whole"])
def test_every_value_lands_as_in_duckdb(landing: Landing, tmp_path: Path, window: int) -> None:
    files: dict[str, str | bytes] = {"nasty.csv": NASTY, "many.csv": MANY, "nul.csv": "id,name,note\n1,a\0b,c\n"}
    for name, content in files.items():
        landing.put(name, content)
    landing.ingest(window_bytes=window)
    expected = expected_state(tmp_path / "expected", files)
    assert landing.state() == expected
    assert tables(landing) == {"ledger", "chunks", "malformed_rows", "shop__sales"}
    assert {each.status for each in landing.ingest().outcomes} == {"skipped"}
    assert landing.state() == expected
    landing.ingest(verify=True)


@pytest.mark.parametrize("window", [300, 1 << 20], ids=["in chunks", "whole"])
@pytest.mark.parametrize("step", STEPS)
def test_a_stopped_load_goes_on_to_the_same_end(
    landing: Landing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, window: int
) -> None:
    landing.put("many.csv", MANY)
    with monkeypatch.context() as patched:
        stop_at(patched, step)
        with pytest.raises(Stopped):
            landing.ingest(window_bytes=window)
    landing.ingest(window_bytes=window, verify=True)
    assert landing.state() == expected_state(tmp_path / "expected", {"many.csv": MANY})
    assert set(landing.query("select state from landing.ledger")) == ALL_LANDED


def test_a_killed_process_leaves_all_of_a_file_or_nothing(landing: Landing, tmp_path: Path) -> None:
    landing.put("many.csv", MANY)
    killed = landing.child(failpoints="delta.after_rows=kill")
    assert killed.returncode == -9, killed.stderr
    assert landing.query("select count(*) from landing.ledger where state = 'landed'") == [(0,)]
    again = landing.child()
    assert again.returncode == 0, again.stderr
    assert landing.state() == expected_state(tmp_path / "expected", {"many.csv": MANY})


@pytest.mark.parametrize(
    ("step", "seen"),
    [
        ("delta.after_rows", "1"),
        ("delta.before_ledger", "1"),
        ("delta.after_ledger", "2"),
        ("delta.before_removal", "2"),
    ],
)
def test_changed_content_takes_the_place_of_the_old_in_one_statement(
    landing: Landing, monkeypatch: pytest.MonkeyPatch, step: str, seen: str
) -> None:
    landed = "(select file_id from landing.ledger where state = 'landed')"
    rows = f"landing.shop__sales where _landed_file_id in {landed}"
    check_replacement(landing, monkeypatch, step, seen, rows)


@pytest.mark.parametrize("step", ["delta.after_claim", "delta.after_emptying", "delta.after_rows"])
def test_a_reload_that_is_stopped_hides_the_file_until_it_ends(
    landing: Landing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    landing.put("many.csv", MANY)
    landing.ingest(window_bytes=300)
    landing.query("delete from landing.shop__sales where id = '7'")
    with monkeypatch.context() as patched:
        stop_at(patched, step)
        with pytest.raises(Stopped):
            landing.ingest(reload=True, window_bytes=300)
    assert set(landing.query("select state from landing.ledger")) == {("landing",)}
    landing.ingest(reload=True, window_bytes=300)
    assert landing.state() == expected_state(tmp_path / "expected", {"many.csv": MANY})


def test_lost_rows_are_found_and_nothing_false_becomes_visible(
    landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    landing.put("many.csv", MANY)
    landing.ingest()
    landing.query("delete from landing.shop__sales where id = '7'")
    with pytest.raises(LandingMismatch, match="54"):
        landing.ingest(verify=True)


def test_rows_that_go_missing_before_the_ledger_are_not_published(
    landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    from loaders.warehouses.delta.publisher import DeltaPublisher

    insert = DeltaPublisher._insert_rows

    def lose(self: DeltaPublisher, load: Any) -> None:
        insert(self, load)
        self._engine.rows("delete from landing.shop__sales where id = '7'")

    landing.put("many.csv", MANY)
    with monkeypatch.context() as patched:
        patched.setattr(DeltaPublisher, "_insert_rows", lose)
        with pytest.raises(WarehouseUnavailable, match="54 rows are there, 55 should be"):
            landing.ingest()
    assert landing.query("select count(*) from landing.ledger where state = 'landed'") == [(0,)]


@pytest.mark.parametrize("step", ["claim", "insert_rows", "insert_entries", "flip"])
def test_an_answer_that_was_lost_is_asked_for_again(
    landing: Landing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    from loaders.warehouses.delta.statements import DeltaSql
    from loaders.warehouses.spark import Spark

    marked: list[str] = []
    make, rows = getattr(DeltaSql, step), Spark.rows

    def mark(self: DeltaSql, *arguments: Any) -> str:
        marked.append(make(self, *arguments))
        return marked[-1]

    def lose(self: Spark, sql: str) -> Any:
        found = rows(self, sql)
        if sql in marked:
            marked.clear()
            raise WarehouseUnavailable("the answer is lost", hint="run again")
        return found

    monkeypatch.setattr(DeltaSql, step, mark)
    monkeypatch.setattr(Spark, "rows", lose)
    monkeypatch.setattr("time.sleep", lambda _: None)
    landing.options = replace(landing.options, retries=1)
    landing.put("many.csv", MANY)
    assert landing.ingest().rows == 55
    assert landing.state() == expected_state(tmp_path / "expected", {"many.csv": MANY})


@pytest.mark.parametrize("step", ["delta.after_claim", "delta.after_rows", "delta.before_ledger"])
@pytest.mark.parametrize("reload", [False, True], ids=["land", "reload"])
def test_of_two_publishers_the_later_claim_has_the_file(
    landing: Landing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, reload: bool
) -> None:
    from loaders.failpoints import failpoint as own
    from loaders.warehouses.delta import publisher

    landing.put("many.csv", MANY)
    if reload:
        landing.ingest()
    met: list[str] = []

    def meanwhile(name: str) -> None:
        if name == step and not met:
            met.append(name)
            assert landing.ingest(reload=reload).rows == 55
        own(name)

    monkeypatch.setattr(publisher, "failpoint", meanwhile)
    with pytest.raises(WarehouseLocked, match="another process lands the same files"):
        landing.ingest(reload=reload)
    assert met
    assert landing.state() == expected_state(tmp_path / "expected", {"many.csv": MANY})


def test_publishers_at_the_same_time_land_everything_once(landing: Landing, tmp_path: Path) -> None:
    files = {f"f{n}.csv": f"id,name,note\n{n},a,b\n" for n in range(6)}
    landing.put("first.csv", MANY)
    landing.ingest()
    landing.options = replace(landing.options, lock_timeout=60)
    for name, content in files.items():
        landing.put(name, content)
    failures: list[LandfallError] = []

    def run() -> None:
        try:
            landing.ingest(group_files=1)
        except LandfallError as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Who comes second with a file ends, and what it has not landed the next run does.
    assert [error for error in failures if not isinstance(error, WarehouseLocked)] == []
    landing.ingest(verify=True)
    assert landing.state() == expected_state(tmp_path / "expected", {"first.csv": MANY, **files})


def test_a_stage_is_loaded_from_and_emptied(landing: Landing, tmp_path: Path) -> None:
    stage = tmp_path / "stage"
    stage.mkdir()
    told: list[LoadEvent] = []
    landing.options = replace(landing.options, stage=stage.as_uri(), on_load=told.append)
    landing.put("many.csv", MANY)
    assert landing.ingest().rows == 55
    assert [(event.state, event.table, event.rows) for event in told] == [
        ("uploaded", "shop__sales", 55),
        ("loaded", "shop__sales", 55),
    ]
    assert [path for path in stage.rglob("*") if path.is_file()] == []


def test_what_databricks_is_told_lands_on_spark(
    landing: Landing, profile: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Our own driver in the place of Databricks': volumes are a folder, statements go to Spark."""
    from pyspark.sql import SparkSession

    from tests.engines.databricks_driver import Service

    session = SparkSession.builder.getOrCreate()
    service = Service(
        tmp_path / "service",
        query=lambda sql: session.sql(sql).collect(),
        tables=lambda: {
            row[1]: session.table(f"landing.{row[1]}").columns
            for row in (
                session.sql("show tables in landing").collect() if session.catalog.databaseExists("landing") else []
            )
        },
    )
    service.install(monkeypatch)
    catalog = session.catalog.currentCatalog()
    landing.use({"type": "databricks", "host": "h", "http_path": "p", "token": "token-of-none", "catalog": catalog})
    told: list[LoadEvent] = []
    landing.options = replace(landing.options, on_load=told.append)
    landing.put("nasty.csv", NASTY)
    landing.ingest()
    landing.put("nasty.csv", MANY)
    landing.ingest()
    expected = expected_state(tmp_path / "expected", {"nasty.csv": MANY})
    assert landing.query("select count(*) from landing.shop__sales") == [(55,)]
    assert landing.state()["shop__sales"] == expected["shop__sales"]
    assert [path for path in service.folder.rglob("*") if path.is_file()] == []
    assert {event.state for event in told} == {"uploaded", "loaded"}
    assert all(event.warehouse_job_id for event in told if event.state == "loaded")
    landing.use(profile)


def test_the_doctor_is_answered(landing: Landing) -> None:
    from loaders.warehouses.spark import CHECKUP

    with closing(landing.open()) as warehouse:
        ((version,),), ((clock,),) = warehouse.query(CHECKUP.version), warehouse.query(CHECKUP.clock)
    assert str(version).startswith("Spark ")
    assert isinstance(clock, datetime)
    assert abs(datetime.now(UTC).replace(tzinfo=None) - clock) < timedelta(minutes=5)


def test_an_error_names_the_target(landing: Landing) -> None:
    with closing(landing.open()) as warehouse, pytest.raises(WarehouseUnavailable, match=r"\(target engine\)"):
        warehouse.query("select * from nowhere.nothing")


def test_rows_are_streamed_in_batches(landing: Landing) -> None:
    landing.put("many.csv", MANY)
    landing.ingest()
    with closing(landing.open()) as warehouse:
        batches = list(warehouse.stream("select id, _row_number from landing.shop__sales", batch_rows=20))
    assert [batch.num_rows for batch in batches] == [20, 20, 15]
    assert [str(field.type) for field in batches[0].schema] == ["string", "int64"]

"""Landing in BigQuery's stand-in (local-bigquery): every value as DuckDB lands it, each file exactly once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from loaders.errors import WarehouseUnavailable
from tests.engines.base import EngineAbsent
from tests.engines.landing import MANY, NASTY, Landing, expected_state
from tests.engines.proxy import Fault, Proxy
from tests.integration.stopping import Stopped, stop_at

pytest.importorskip("google.cloud.bigquery", reason="the BigQuery driver is not installed")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    from tests.engines.bigquery_engine import start_local_bigquery

    try:
        engine = start_local_bigquery(tmp_path_factory.mktemp("bigquery"))
    except EngineAbsent as absence:
        pytest.skip(str(absence))
    try:
        yield engine
    finally:
        engine.stop()


@pytest.fixture
def landing(server: Any, tmp_path: Path) -> Iterator[Landing]:
    yield Landing(tmp_path, server.profile())
    server.run("drop schema if exists landing cascade")


@pytest.mark.parametrize("window", [300, 1 << 20], ids=["in chunks", "whole"])
def test_every_value_lands_as_in_duckdb(landing: Landing, tmp_path: Path, window: int) -> None:
    files: dict[str, str | bytes] = {"nasty.csv": NASTY, "many.csv": MANY}
    for name, content in files.items():
        landing.put(name, content)
    landing.ingest(window_bytes=window)
    expected = expected_state(tmp_path / "expected", files)
    assert landing.state() == expected
    assert {each.status for each in landing.ingest().outcomes} == {"skipped"}
    assert landing.state() == expected
    tables = landing.query("select table_name from landing.INFORMATION_SCHEMA.TABLES where table_name like 'load_%'")
    assert tables == []


@pytest.mark.parametrize(
    "step",
    [
        "bigquery.load_sent",
        "bigquery.after_load",
        "bigquery.before_publish",
        "bigquery.after_commit",
    ],
)
def test_a_stopped_load_goes_on_to_the_same_end(
    landing: Landing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    content = MANY.replace("x", step)
    landing.put("many.csv", content)
    with monkeypatch.context() as patched:
        # The first scripts give the table its turn; the last one publishes.
        stop_at(patched, step, 2 if step in ("bigquery.before_publish", "bigquery.after_commit") else 1)
        with pytest.raises(Stopped):
            landing.ingest()
    landing.ingest()
    assert landing.state() == expected_state(tmp_path / "expected", {"many.csv": content})


def test_a_load_job_that_was_lost_is_found_by_its_id(landing: Landing, monkeypatch: pytest.MonkeyPatch) -> None:
    from loaders.warehouses.bigquery import BigQuery

    landing.put("many.csv", MANY.replace("x", "found"))
    sent: list[Any] = []
    start = BigQuery._start

    def listen(self: BigQuery, *arguments: Any) -> Any:
        sent.append(start(self, *arguments))
        return sent[-1]

    monkeypatch.setattr(BigQuery, "_start", listen)
    with monkeypatch.context() as patched:
        stop_at(patched, "bigquery.load_sent")
        with pytest.raises(Stopped):
            landing.ingest()
    landing.ingest()
    (job,) = sent
    assert job.job_id.startswith("ldr_shop__sales_")
    assert job.job_id.endswith("_00001_a1")
    assert job.labels["landfall_table"] == "shop__sales"


def test_a_load_whose_table_is_gone_runs_under_the_next_id(landing: Landing, monkeypatch: pytest.MonkeyPatch) -> None:
    landing.put("many.csv", MANY.replace("x", "again"))
    with monkeypatch.context() as patched:
        stop_at(patched, "bigquery.after_load")
        with pytest.raises(Stopped):
            landing.ingest()
    ((table,),) = landing.query(
        "select table_name from landing.INFORMATION_SCHEMA.TABLES where table_name like 'load_%'"
    )
    landing.query(f"drop table landing.{table}")
    assert landing.ingest().rows == 55
    assert landing.query("select count(*) from landing.shop__sales") == [(55,)]


def test_an_answer_lost_behind_the_publishing_is_found_by_the_job_id(landing: Landing, server: Any) -> None:
    port = int(server.profile()["api_endpoint"].rsplit(":", 1)[1])
    landing.put("first.csv", "id,name,note\n")
    landing.ingest()
    landing.put("many.csv", MANY)
    with Proxy(port, Fault(lose_answer_to=b"commit transaction", once=True)) as proxy:
        landing.use({**server.profile(), "api_endpoint": f"http://127.0.0.1:{proxy.port}"})
        assert landing.ingest().rows == 55
        assert proxy.faults_met
    landing.use(server.profile())
    assert landing.query("select count(*), count(distinct _row_number) from landing.shop__sales") == [(55, 55)]


def test_a_publisher_that_comes_second_changes_nothing(landing: Landing, monkeypatch: pytest.MonkeyPatch) -> None:
    from loaders.warehouses.bigquery import BigQuery

    landing.put("many.csv", MANY)
    publish = BigQuery.publish

    def by_another_first(self: BigQuery, statements: Any, token: str) -> None:
        if len(statements) > 1:
            monkeypatch.setattr(BigQuery, "publish", publish)
            landing.ingest()
        publish(self, statements, token)

    monkeypatch.setattr(BigQuery, "publish", by_another_first)
    with pytest.raises(WarehouseUnavailable, match="another process has published"):
        landing.ingest()
    assert landing.query("select count(*), count(distinct _row_number) from landing.shop__sales") == [(55, 55)]


def test_an_error_names_the_project_and_the_target(landing: Landing) -> None:
    with closing(landing.open()) as warehouse, pytest.raises(WarehouseUnavailable, match=r"bigquery landfall \(target"):
        warehouse.query("select * from nowhere.nothing")

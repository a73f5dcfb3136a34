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
from tests.integration.landing_checks import check_kill_and_rerun, check_replacement
from tests.integration.stopping import Stopped, stop_at

pytest.importorskip("google.cloud.bigquery", reason="the BigQuery driver is not installed")

STEPS = (
    "staged.before_take",
    "staged.after_upload",
    "bigquery.load_sent",
    "bigquery.after_load",
    "staged.after_load",
    "bigquery.before_publish",
    "bigquery.after_commit",
    "staged.after_publish",
)


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


@pytest.mark.parametrize("step", STEPS)
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


def test_a_killed_process_leaves_all_of_a_file_or_nothing(landing: Landing, tmp_path: Path) -> None:
    check_kill_and_rerun(landing, tmp_path, "bigquery.after_load=kill", 0, MANY.replace("x", "killed"))


def test_changed_content_takes_the_place_of_the_old_in_one_step(
    landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_replacement(landing, monkeypatch, "bigquery.before_publish")


@pytest.fixture
def prepared(landing: Landing) -> Landing:
    """Its tables are there, so that the next script is one that publishes rows."""
    landing.put("first.csv", "id,name,note\n")
    landing.ingest()
    return landing


def through(landing: Landing, server: Any, proxy: Proxy) -> None:
    """From now on by the proxy, with a driver that soon gives up."""
    landing.use({**server.profile(), "api_endpoint": f"http://127.0.0.1:{proxy.port}", "job_retry_deadline_seconds": 3})


def port_of(server: Any) -> int:
    return int(server.profile()["api_endpoint"].rsplit(":", 1)[1])


@pytest.mark.parametrize("lost", [b"commit transaction", b"landfall_load"], ids=["publishing", "load job"])
def test_an_answer_that_was_lost_is_found_by_the_job_id(prepared: Landing, server: Any, lost: bytes) -> None:
    prepared.put("many.csv", MANY.replace("x", f"lost {len(lost)}"))
    with Proxy(port_of(server), Fault(lose_answer_to=lost, once=True)) as proxy:
        through(prepared, server, proxy)
        assert prepared.ingest().rows == 55
        assert proxy.faults_met
    prepared.use(server.profile())
    assert prepared.query("select count(*), count(distinct _row_number) from landing.shop__sales") == [(55, 55)]


def test_a_publishing_whose_answers_are_all_lost_is_found_in_the_ledger(prepared: Landing, server: Any) -> None:
    prepared.put("many.csv", MANY.replace("x", "never told"))
    with Proxy(port_of(server), Fault(lose_answer_to=b"commit transaction")) as proxy:
        through(prepared, server, proxy)
        assert prepared.ingest().rows == 55
        assert proxy.faults_met
    prepared.use(server.profile())
    assert prepared.query("select count(*), count(distinct _row_number) from landing.shop__sales") == [(55, 55)]


@pytest.mark.parametrize("passed", [0, 700, 1500, 3000])
def test_connections_reset_after_any_number_of_bytes_leave_all_or_nothing(
    prepared: Landing, server: Any, tmp_path: Path, passed: int
) -> None:
    content = MANY.replace("x", f"reset {passed}")
    prepared.put("many.csv", content)
    with Proxy(port_of(server), Fault(reset_after=passed)) as proxy:
        through(prepared, server, proxy)
        with pytest.raises(WarehouseUnavailable, match=r"bigquery landfall \(target engine\)"):
            prepared.ingest()
        assert proxy.faults_met
    prepared.use(server.profile())
    prepared.ingest()
    files = {"first.csv": "id,name,note\n", "many.csv": content}
    assert prepared.state() == expected_state(tmp_path / "expected", files)


def test_a_service_that_refuses_is_an_error_that_says_to_run_again(prepared: Landing, server: Any) -> None:
    prepared.put("many.csv", MANY)
    with Proxy(port_of(server), Fault(refuse=True)) as proxy:
        through(prepared, server, proxy)
        with pytest.raises(WarehouseUnavailable, match=r"bigquery landfall \(target engine\).*run again"):
            prepared.ingest()


def test_a_connection_that_stalls_counts_as_broken(
    prepared: Landing, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared.put("many.csv", MANY.replace("x", "stalled"))
    with monkeypatch.context() as patched, Proxy(port_of(server), Fault(stall_after=0)) as proxy:
        patched.setattr("loaders.warehouses.bigquery.connection.ANSWER_WITHIN", 1.0)
        through(prepared, server, proxy)
        with pytest.raises(WarehouseUnavailable, match="run again"):
            prepared.ingest()
    prepared.use(server.profile())
    assert prepared.ingest().rows == 55


def test_a_publishing_that_failed_is_sent_again_under_the_next_id(
    prepared: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    from loaders.warehouses.bigquery.connection import Connection

    send = Connection.send
    ids: list[str] = []

    def fail_first(self: Connection, sql: str, parameters: Any, job_id: str) -> Any:
        ids.append(job_id)
        if len(ids) == 1:
            send(self, "select error('the first one fails')", (), job_id)
        return send(self, sql, parameters, job_id)

    monkeypatch.setattr(Connection, "send", fail_first)
    prepared.put("many.csv", MANY.replace("x", "next id"))
    assert prepared.ingest().rows == 55
    # Another publishing may follow: what was learnt of the first file, once it is no longer just written.
    publishing = ids[0].rsplit("_", 1)[0]
    assert [each.removeprefix(publishing) for each in ids if each.startswith(publishing)] == ["_a1", "_a2"]


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

"""Landing in a real PostgreSQL: every value as DuckDB lands it, each file exactly once whatever dies."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from loaders.errors import WarehouseLocked, WarehouseUnavailable
from loaders.landing.job import IngestRequest
from tests.engines.base import EngineAbsent
from tests.engines.landing import MANY, NASTY, Landing, expected_state
from tests.engines.proxy import Fault, Proxy
from tests.integration.landing_checks import ROWS_OF_MANY, check_kill_and_rerun, check_replacement
from tests.integration.stopping import Stopped, stop_at

psycopg = pytest.importorskip("psycopg", reason="the Postgres driver is not installed")


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    from tests.engines.postgres_engine import Postgres

    try:
        engine = Postgres()
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


@pytest.mark.parametrize("window", [30, 1 << 20], ids=["in chunks", "whole"])
def test_every_value_lands_as_in_duckdb(landing: Landing, tmp_path: Path, window: int) -> None:
    files: dict[str, str | bytes] = {
        "nasty.csv": NASTY,
        "many.csv": MANY,
        "latin.csv": "id,name,note\n1,a\xe9,b\n".encode("latin-1"),
    }
    for name, content in files.items():
        landing.put(name, content)
    landing.ingest(window_bytes=window)
    assert landing.state() == expected_state(tmp_path / "expected", files)


def test_a_second_run_changes_nothing(landing: Landing) -> None:
    landing.put("a.csv", NASTY)
    landing.ingest()
    before = landing.state()
    assert [each.status for each in landing.ingest().outcomes] == ["skipped"]
    assert landing.state() == before


def test_lineage_is_that_of_the_run(landing: Landing) -> None:
    landing.put("a.csv", "id,name,note\n1,a,b\n")
    landing.ingest()
    ((job, landed_at, in_ledger),) = landing.query(
        "select _job_id, _landed_at, landed_at"
        " from landing.shop__sales join landing.ledger on _landed_file_id = file_id"
    )
    assert job == "job-1"
    assert abs((landed_at - in_ledger).total_seconds()) < 60


def test_a_table_made_by_somebody_else_gets_what_it_lacks(landing: Landing, server: Any) -> None:
    server.run("create schema landing")
    server.run(
        "create table landing.shop__sales (id text, _landed_file_id text, _row_number bigint, _job_id text, "
        "_landed_at timestamp)"
    )
    landing.put("a.csv", "id,name,note\n1,a,b\n")
    landing.ingest()
    assert landing.query("select id, name, note, _row_number, _landed_file_id is null from landing.shop__sales") == [
        ("1", "a", "b", 1, False)
    ]


@pytest.mark.parametrize(
    ("column", "kind"), [("id", "int4"), ("_row_number", "numeric"), ("_landed_at", "timestamptz")]
)
def test_a_table_whose_columns_would_change_the_values_is_refused(
    landing: Landing, server: Any, column: str, kind: str
) -> None:
    types = {"id": "text", "_row_number": "bigint", "_landed_at": "timestamp", column: kind}
    server.run("create schema landing")
    server.run(f"create table landing.shop__sales ({', '.join(f'{name} {made}' for name, made in types.items())})")
    landing.put("a.csv", "id,name,note\n2024,a,b\n")
    with pytest.raises(WarehouseUnavailable, match=rf"column {column} of landing\.shop__sales is {kind}"):
        landing.ingest()
    assert landing.query("select * from landing.shop__sales") == []


def test_a_nul_is_refused_by_name_and_holds_nothing_up(server: Any, tmp_path: Path) -> None:
    landing = Landing(tmp_path, server.profile(), {"nul": "keep"})
    landing.put("nul.csv", "id,name,note\n1,a\0b,c\n")
    landing.put("good.csv", "id,name,note\n2,a,b\n")
    try:
        found = {each.path: each for each in landing.ingest().outcomes}
        assert found["good.csv"].status == "landed"
        assert found["nul.csv"].status == "quarantined"
        assert "NUL" in found["nul.csv"].note
        assert "nul: strip" in found["nul.csv"].note
        assert landing.query("select id from landing.shop__sales") == [("2",)]
    finally:
        server.run("drop schema landing cascade")


WHOLE = ("after_rows", "after_malformed", "after_ledger", "before_commit", "after_commit")
IN_CHUNKS = (*WHOLE, "after_remove", "after_chunk")


@pytest.mark.parametrize(
    ("name", "window"), [*((name, 1 << 20) for name in WHOLE), *((name, 100) for name in IN_CHUNKS)]
)
def test_a_stopped_load_goes_on_to_the_same_end(
    landing: Landing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, window: int
) -> None:
    landing.put("many.csv", MANY)
    with monkeypatch.context() as patched:
        stop_at(patched, f"postgres.{name}")
        with pytest.raises(Stopped):
            landing.ingest(window_bytes=window)
    landing.ingest(window_bytes=150)
    assert landing.state() == expected_state(tmp_path / "expected", {"many.csv": MANY})


@pytest.mark.parametrize("name", ["after_rows:1", "before_commit:1", "after_commit:1"])
def test_a_killed_process_leaves_all_of_a_file_or_nothing(landing: Landing, tmp_path: Path, name: str) -> None:
    point, _, nth = name.partition(":")
    seen = ROWS_OF_MANY if point == "after_commit" else 0
    check_kill_and_rerun(landing, tmp_path, f"postgres.{point}=kill:{nth}", seen)


def test_changed_content_takes_the_place_of_the_old_in_one_step(
    landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_replacement(landing, monkeypatch, "postgres.before_commit")


def test_the_reconciliation_sees_rows_that_vanished(landing: Landing, server: Any) -> None:
    landing.put("a.csv", MANY)
    landing.ingest()
    server.run("delete from landing.shop__sales where id = '1'")
    with closing(landing.open()) as warehouse:
        from loaders.landing.draft import landing_table

        (wrong,) = warehouse.mismatches(landing_table(landing.contract, landing.contract.tables[0]))
    assert (wrong.expected_rows, wrong.actual_rows) == (55, 54)


def test_two_runs_over_the_same_files_land_each_once(landing: Landing, tmp_path: Path) -> None:
    for number in range(5):
        landing.put(f"{number}.csv", MANY.replace("x", f"x{number}"))
    landing.options = type(landing.options)(lock_timeout=30, threads=1)
    with ThreadPoolExecutor(3) as threads:
        results = [run.result() for run in [threads.submit(landing.ingest) for _ in range(3)]]
    assert sum(result.counts.get("landed", 0) for result in results) == 5
    files = {f"{number}.csv": MANY.replace("x", f"x{number}") for number in range(5)}
    assert landing.state() == expected_state(tmp_path / "expected", files)


def test_a_table_in_use_is_named_with_its_holder(landing: Landing, server: Any) -> None:
    landing.put("a.csv", MANY)
    landing.ingest()
    from loaders.landing.draft import landing_table

    table = landing_table(landing.contract, landing.contract.tables[0])
    with closing(landing.open()) as holder:
        holder.prepare_landing([table])
        with pytest.raises(WarehouseLocked, match=r"landing.shop__sales is held by server process \d+ \(landfall\)"):
            landing.ingest()


def test_a_missing_right_says_what_to_grant(landing: Landing, server: Any) -> None:
    server.run("drop role if exists visitor")
    server.run("create role visitor login")
    landing.use({**server.profile(), "user": "visitor"})
    landing.put("a.csv", MANY)
    with pytest.raises(WarehouseUnavailable, match=r"permission denied.*docs/warehouses.md"):
        landing.ingest()
    server.run("drop role visitor")
    landing.use(server.profile())


def test_a_server_that_is_not_there_is_named(landing: Landing, server: Any) -> None:
    landing.use({**server.profile(), "port": 1})
    with pytest.raises(WarehouseUnavailable, match=r"postgres 127.0.0.1:1/postgres \(target engine\).*check host"):
        landing.ingest()


def test_a_query_streams_in_batches_with_its_types(landing: Landing) -> None:
    import pyarrow as pa

    sql = (
        "select n::bigint as n, n::numeric(10, 2) as amount, 'x' || n as word, date '2024-02-29' as day, "
        "timestamp '2024-02-29 12:00' as at, n % 2 = 0 as even, null::text as nothing from generate_series(1, 5) as n"
    )
    with closing(landing.open()) as warehouse:
        found = list(warehouse.stream(sql, 2))
    assert [batch.num_rows for batch in found] == [2, 2, 1]
    assert [str(kind) for kind in found[0].schema.types] == [
        *("int64", "decimal128(10, 2)", "string", "date32[day]", "timestamp[us]", "bool", "string")
    ]
    assert pa.Table.from_batches(found)["word"].to_pylist() == ["x1", "x2", "x3", "x4", "x5"]


def test_question_marks_are_parameters_only_outside_of_texts(landing: Landing) -> None:
    with closing(landing.open()) as warehouse:
        assert warehouse.query("""select '?%', ? as "a?", 7 % 4 where ? = 1""", ["x", 1]) == [("?%", "x", 3)]


def test_a_commit_whose_answer_was_lost_is_found_in_the_ledger(landing: Landing, server: Any, tmp_path: Path) -> None:
    landing.put("many.csv", MANY)
    landing.ingest(dry_run=True)
    with Proxy(server.profile()["port"], Fault(lose_answer_to=b"commit\0")) as proxy:
        # The first commit is that of the tables; with them there, the next one is that of the rows.
        for _ in range(2):
            landing.use({**server.profile(), "port": proxy.port})
            with pytest.raises(WarehouseUnavailable, match="run again"):
                landing.ingest()
        assert proxy.faults_met == 2
    landing.use(server.profile())
    expected = expected_state(tmp_path / "expected", {"many.csv": MANY})
    assert landing.state() == expected
    assert [each.status for each in landing.ingest().outcomes] == ["skipped"]
    assert landing.state() == expected


@pytest.mark.parametrize("passed", [0, 100, 1500, 3000, 4000, 5000, 6000, 8000, 10_000])
def test_a_connection_reset_after_any_number_of_bytes_leaves_all_or_nothing(
    landing: Landing, server: Any, tmp_path: Path, passed: int
) -> None:
    content = "id,name,note\n" + "".join(f"{n},name {n},note {n}\n" for n in range(200))
    landing.put("a.csv", content)
    landing.settings = replace(landing.settings, window_bytes=1500)
    with Proxy(server.profile()["port"], Fault(reset_after=passed)) as proxy:
        landing.use({**server.profile(), "port": proxy.port})
        with pytest.raises(WarehouseUnavailable):
            landing.ingest()
    landing.use(server.profile())
    landing.ingest()
    assert landing.state() == expected_state(tmp_path / "expected", {"a.csv": content})


def test_a_connection_that_stalls_and_dies_is_an_error_that_says_to_run_again(landing: Landing, server: Any) -> None:
    landing.put("a.csv", MANY)
    with Proxy(server.profile()["port"], Fault(stall_after=2500)) as proxy:
        landing.use({**server.profile(), "port": proxy.port})
        with ThreadPoolExecutor(1) as thread:
            run = thread.submit(landing.ingest)
            proxy.release()
            with pytest.raises(WarehouseUnavailable, match="run again"):
                run.result()
    landing.use(server.profile())
    assert landing.ingest().rows == 55


def test_a_server_that_comes_back_is_gone_on_with(landing: Landing, server: Any, tmp_path: Path) -> None:
    """The first connections are reset after some files have landed; the retries land the rest, and count all."""
    from loaders.landing.again import ingest_again
    from loaders.warehouses.profile import read_target
    from loaders.warehouses.registry import open_warehouse

    files = {f"{number}.csv": MANY.replace("x", f"x{number}") for number in range(4)}
    for name, content in files.items():
        landing.put(name, content)
    settings = replace(landing.settings, group_files=1)
    request = IngestRequest((tmp_path / "inbox",), (landing.contract,), tmp_path, settings)
    with Proxy(server.profile()["port"], Fault(reset_after=9000)) as proxy:
        landing.use({**server.profile(), "port": proxy.port})

        def open_again() -> Any:
            if proxy.connections == 1:
                proxy.fault = None
            return open_warehouse(read_target(tmp_path), replace(landing.options, lock_timeout=10))

        result = ingest_again(request, open_again, landing.job, retries=1)
        assert (proxy.faults_met, proxy.connections) == (1, 2)
    assert result.counts == {"landed": 4}
    assert result.rows == 4 * 55
    landing.use(server.profile())
    assert landing.state() == expected_state(tmp_path / "expected", files)

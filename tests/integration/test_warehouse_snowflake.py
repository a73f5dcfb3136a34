"""Landing in Snowflake's stand-in: every value as DuckDB lands it, each file exactly once whatever dies.

The stand-in (fakesnow behind tests/engines/servers) runs every COPY within the call that sends it, so nothing here
proves the polling; tests/unit/warehouses/test_snowflake.py does, on captured driver calls.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from loaders.errors import WarehouseUnavailable
from tests.engines.base import EngineAbsent
from tests.engines.landing import MANY, NASTY, Landing, expected_state
from tests.integration.landing_checks import check_kill_and_rerun, check_replacement
from tests.integration.stopping import Stopped, stop_at

pytest.importorskip("snowflake.connector", reason="the Snowflake driver is not installed")

STEPS = (
    "staged.before_take",
    "snowflake.after_put",
    "staged.after_upload",
    "snowflake.before_copy",
    "snowflake.copy_sent",
    "snowflake.after_copy",
    "staged.after_load",
    "snowflake.before_commit",
    "snowflake.after_commit",
    "staged.after_publish",
    "snowflake.before_remove",
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    from tests.engines.snowflake_engine import Snowflake

    try:
        engine = Snowflake(tmp_path_factory.mktemp("snowflake"))
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


def leftovers(server: Any) -> list[Any]:
    return list(server.rows("select table_name from information_schema.tables where table_name like 'LOAD_%'"))


@pytest.mark.parametrize("window", [300, 1 << 20], ids=["in chunks", "whole"])
def test_every_value_lands_as_in_duckdb(landing: Landing, server: Any, tmp_path: Path, window: int) -> None:
    files: dict[str, str | bytes] = {"nasty.csv": NASTY, "many.csv": MANY, "nul.csv": "id,name,note\n1,a b,c\n"}
    for name, content in files.items():
        landing.put(name, content)
    landing.ingest(window_bytes=window)
    expected = expected_state(tmp_path / "expected", files)
    assert landing.state() == expected
    assert leftovers(server) == []
    assert {each.status for each in landing.ingest().outcomes} == {"skipped"}
    assert landing.state() == expected


@pytest.mark.parametrize("step", STEPS)
def test_a_stopped_load_goes_on_to_the_same_end(
    landing: Landing, server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    # The stand-in cannot empty a stage: content of its own keeps each step's parts apart.
    content = MANY.replace("x", step)
    landing.put("many.csv", content)
    with monkeypatch.context() as patched:
        stop_at(patched, step)
        with pytest.raises(Stopped):
            landing.ingest()
    landing.ingest()
    assert landing.state() == expected_state(tmp_path / "expected", {"many.csv": content})


@pytest.mark.parametrize("step", ["staged.after_upload", "snowflake.after_copy", "snowflake.before_commit"])
def test_what_is_in_the_stage_is_not_sent_again(landing: Landing, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    from loaders.warehouses.snowflake import Snowflake

    landing.put("many.csv", MANY.replace("x", f"{step} again"))
    sent: list[str] = []
    rows = Snowflake.rows

    def listen(self: Snowflake, sql: str, parameters: Any = ()) -> Any:
        sent.append(sql.split(" ", 1)[0])
        return rows(self, sql, parameters)

    monkeypatch.setattr(Snowflake, "rows", listen)
    with monkeypatch.context() as patched:
        stop_at(patched, step)
        with pytest.raises(Stopped):
            landing.ingest()
    landing.ingest()
    assert sent.count("put") == 1


def test_a_killed_process_leaves_all_of_a_file_or_nothing(landing: Landing, tmp_path: Path) -> None:
    check_kill_and_rerun(landing, tmp_path, "snowflake.after_copy=kill", 0)


def test_changed_content_takes_the_place_of_the_old_in_one_step(
    landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_replacement(landing, monkeypatch, "snowflake.before_commit")


def test_a_load_that_somebody_else_published_is_not_published_again(
    landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    from loaders.warehouses import snowflake

    landing.put("many.csv", MANY)
    publish = snowflake.Snowflake.publish

    def twice(self: Any, statements: Any, token: str) -> None:
        publish(self, statements, token)
        publish(self, statements, token)

    monkeypatch.setattr(snowflake.Snowflake, "publish", twice)
    # The second is undone, and the ledger shows that the first was our own.
    landing.ingest()
    assert landing.query("select count(*), count(distinct _row_number) from landing.shop__sales") == [(55, 55)]


def test_an_answer_lost_behind_the_commit_is_found_in_the_ledger(
    landing: Landing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from loaders.warehouses.snowflake import Snowflake

    rows = Snowflake.rows
    lost: list[str] = []

    def lose(self: Snowflake, sql: str, parameters: Any = ()) -> Any:
        found = rows(self, sql, parameters)
        if sql == "commit" and landed(self):
            lost.append(sql)
            raise WarehouseUnavailable("connection reset", hint="run again")
        return found

    def landed(self: Snowflake) -> bool:
        return rows(self, "select count(*) from landing.ledger") == [(1,)] and not lost

    monkeypatch.setattr(Snowflake, "rows", lose)
    landing.put("many.csv", MANY)
    assert landing.ingest().rows == 55
    assert lost
    assert landing.state() == expected_state(tmp_path / "expected", {"many.csv": MANY})


def test_a_service_that_is_not_there_is_named(landing: Landing, server: Any) -> None:
    landing.use({**server.profile(), "port": 1, "connect_timeout": 1, "network_timeout": 1})
    landing.put("a.csv", MANY)
    with pytest.raises(WarehouseUnavailable, match=r"snowflake fakesnow/LANDFALL \(target engine\)"):
        landing.ingest()


def test_a_statement_that_the_driver_asks_for_again_runs_once(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """About the stand-in: Snowflake goes on with the first."""
    digits = "(select seq4() as n from table(generator(rowcount => 3000)))"
    server.run("create or replace table public.slow (n integer)")
    with monkeypatch.context() as patched:
        patched.setattr(server._connection, "_socket_timeout", 1)
        server.run(f"insert into public.slow select count(distinct a.n * 3000 + b.n) from {digits} a, {digits} b")
    assert server.rows("select count(*) from public.slow") == [(1,)]

"""Waiting for Snowflake's statements, on a driver that answers as told: the stand-in never leaves one running."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from loaders.errors import WarehouseUnavailable
from loaders.warehouses.base import LoadEvent, OpenOptions
from loaders.warehouses.layout import LandingTable
from loaders.warehouses.profile import Target
from loaders.warehouses.staged.load import BuiltPart, Load

driver = pytest.importorskip("snowflake.connector", reason="the Snowflake driver is not installed")

LOAD = Load(
    LandingTable("shop", "sales", ("id",)),
    (BuiltPart(1, Path("p"), 3, 100, "ab" * 32), BuiltPart(2, Path("q"), 4, 50, "cd" * 32)),
    "job-1",
    datetime(2026, 11, 27, tzinfo=UTC),
)


class Connection:
    """Keeps what was sent; a statement that was sent async is running until `states` says otherwise."""

    def __init__(self, states: Iterator[str], running: tuple[str, ...] = ()) -> None:
        self.sent: list[tuple[str, Any]] = []
        self.asked: list[str] = []
        self._states = states
        self._running = running

    def cursor(self) -> Cursor:
        return Cursor(self)

    def get_query_status_throw_if_error(self, query_id: str) -> str:
        self.asked.append(query_id)
        state = next(self._states)
        if state == "FAILED":
            raise driver.errors.ProgrammingError("the COPY failed")
        return state

    def is_still_running(self, state: str) -> bool:
        return state == "RUNNING"


class Cursor:
    sfqid = "query-1"

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: list[tuple[str]] = []

    def __enter__(self) -> Cursor:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is held."""

    def execute(self, sql: str, parameters: Any = None) -> None:
        self._connection.sent.append((sql, parameters))
        self._rows = [(each,) for each in self._connection._running] if "query_history" in sql else []

    def execute_async(self, sql: str, **named: Any) -> None:
        self._connection.sent.append((sql, named))

    def fetchall(self) -> list[tuple[str]]:
        return self._rows

    def get_results_from_sfqid(self, query_id: str) -> None:
        self._connection.sent.append(("results", query_id))


def engine(monkeypatch: pytest.MonkeyPatch, connection: Connection, told: list[LoadEvent]) -> Any:
    from loaders.warehouses.snowflake import Snowflake

    monkeypatch.setattr("snowflake.connector.connect", lambda **_: connection)
    monkeypatch.setattr("loaders.warehouses.snowflake.engine.time.sleep", lambda _: None)
    settings = {"account": "a", "user": "u", "database": "D"}
    target = Target("shop", "cloud", "snowflake", Path(), Path("profiles.yml"), settings)
    return Snowflake(target, OpenOptions(on_load=told.append))


def test_a_copy_is_waited_for_and_told_of_until_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    connection, told = Connection(iter(["RUNNING", "RUNNING", "SUCCESS"])), list[LoadEvent]()
    engine(monkeypatch, connection, told).load(LOAD)
    assert connection.asked == ["query-1"] * 3
    assert [(each.state, each.part, each.rows) for each in told] == [
        ("loading", "2 parts", 7),
        ("loading", "2 parts", 7),
        ("loaded", LOAD.parts[0].name, 3),
        ("loaded", LOAD.parts[1].name, 4),
    ]
    copies = [named for sql, named in connection.sent if sql.startswith("copy into")]
    assert copies == [{"_statement_params": {"QUERY_TAG": LOAD.key}}]
    assert connection.sent[-1] == ("results", "query-1")


def test_a_copy_that_a_dead_process_left_running_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    connection, told = Connection(iter(["RUNNING", "SUCCESS"]), running=("query-0",)), list[LoadEvent]()
    engine(monkeypatch, connection, told).settle(LOAD)
    assert connection.asked == ["query-0"] * 2
    ((_, parameters),) = connection.sent
    assert parameters == [LOAD.key]


def test_a_copy_that_failed_while_it_was_waited_for_is_our_error(monkeypatch: pytest.MonkeyPatch) -> None:
    connection = Connection(iter(["RUNNING", "FAILED"]))
    with pytest.raises(WarehouseUnavailable, match=r"snowflake a/D \(target cloud\): the COPY failed"):
        engine(monkeypatch, connection, []).load(LOAD)

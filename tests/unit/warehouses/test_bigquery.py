"""Publishing in BigQuery, on a connection that answers as told: the stand-in never leaves a job running."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from loaders.errors import WarehouseUnavailable
from loaders.warehouses.base import OpenOptions
from loaders.warehouses.profile import Target
from loaders.warehouses.staged.load import Statement

pytest.importorskip("google.cloud.bigquery", reason="the BigQuery driver is not installed")


class Job:
    """Done once it was asked `asks` times."""

    def __init__(self, asks: int = 0, error: object = None) -> None:
        self.asks = asks
        self.error_result = error
        self.read = False

    def done(self, **_: object) -> bool:
        self.asks -= 1
        return self.asks < 0

    def result(self, **_: object) -> None:
        self.read = True


class Connection:
    """`fails` is what each sending raises, None for a job that is taken; `jobs` are there, by the end of their ids."""

    retry = None
    project = "p"

    def __init__(self, fails: list[Exception | None], jobs: dict[str, Job]) -> None:
        self.sent: list[str] = []
        self.fails = fails
        self.jobs = jobs

    def send(self, _sql: str, _parameters: object, job_id: str) -> Job:
        self.sent.append(job_id)
        failure = self.fails.pop(0)
        if failure is not None:
            raise failure
        return self.jobs.setdefault(job_id, Job())

    def job(self, job_id: str) -> Job | None:
        return next((job for end, job in self.jobs.items() if job_id.endswith(end)), None)

    @contextmanager
    def translated(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            raise WarehouseUnavailable(str(error), hint="run again") from error


def publish(monkeypatch: pytest.MonkeyPatch, connection: Connection) -> None:
    from loaders.warehouses.bigquery import engine

    monkeypatch.setattr(engine, "Connection", lambda _: connection)
    monkeypatch.setattr(engine, "time", SimpleNamespace(sleep=lambda _: None))
    target = Target("shop", "cloud", "bigquery", Path(), Path("profiles.yml"), {"project": "p"})
    engine.BigQuery(target, OpenOptions()).publish([Statement("select 1")], "token")


def conflict() -> Any:
    from google.api_core.exceptions import Conflict

    return Conflict("Already Exists: Job")


def test_a_script_whose_answer_was_lost_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    job = Job(asks=3)
    connection = Connection([ConnectionError("reset")], {"a1": job})
    publish(monkeypatch, connection)
    assert connection.sent == ["ldr_publish_token_a1"]
    assert (job.asks, job.read) == (-1, True)


def test_a_script_that_never_arrived_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    connection = Connection([ConnectionError("reset")], {})
    with pytest.raises(WarehouseUnavailable, match="reset"):
        publish(monkeypatch, connection)
    assert connection.sent == ["ldr_publish_token_a1"]


def test_a_script_that_ran_before_and_was_undone_is_sent_under_the_next_id(monkeypatch: pytest.MonkeyPatch) -> None:
    connection = Connection([conflict(), None], {"a1": Job(error={"reason": "backendError"})})
    publish(monkeypatch, connection)
    assert connection.sent == ["ldr_publish_token_a1", "ldr_publish_token_a2"]


def test_a_script_that_ran_before_and_ended_well_is_not_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    connection = Connection([conflict()], {"a1": Job()})
    publish(monkeypatch, connection)
    assert connection.sent == ["ldr_publish_token_a1"]


def test_a_script_that_fails_behind_a_lost_answer_is_not_tried_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    connection = Connection([ConnectionError("reset")], {"a1": Job(error={"reason": "invalidQuery"})})
    with pytest.raises(WarehouseUnavailable, match="reset"):
        publish(monkeypatch, connection)
    assert connection.sent == ["ldr_publish_token_a1"]

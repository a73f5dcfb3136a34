from __future__ import annotations

import threading
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from loaders.commands.jobs import app
from loaders.errors import UsageError
from loaders.jobs.model import Progress
from loaders.jobs.run import run_job
from loaders.jobs.store import JobStore


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> JobStore:
    monkeypatch.delenv("LANDFALL_STATE_URL", raising=False)
    monkeypatch.setattr("loaders.jobs.run._SECONDS_BETWEEN_LOOKS", 0.0)
    return JobStore.open(tmp_path / "artifacts" / "state.sqlite")


def run(tmp_path: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--project-dir", str(tmp_path)])


@pytest.mark.parametrize("request_name", ["pause", "resume", "cancel"])
def test_a_running_job_can_be_asked(store: JobStore, tmp_path: Path, request_name: str) -> None:
    with run_job(store, "ingest", {}, job_id="one"):
        done = run(tmp_path, request_name, "one")
        assert done.exit_code == 0, done.output
        assert store.asked("one") == request_name


def test_a_job_that_has_ended_cannot_be_asked(store: JobStore, tmp_path: Path) -> None:
    with run_job(store, "ingest", {}, job_id="one"):
        pass
    assert isinstance(run(tmp_path, "cancel", "one").exception, UsageError)


def test_watch_follows_a_job_to_its_end(store: JobStore, tmp_path: Path) -> None:
    watching = threading.Event()
    shown: list[Result] = []

    def watch() -> None:
        watching.set()
        shown.append(run(tmp_path, "watch", "one", "--interval", "0.05"))

    with run_job(store, "ingest", {}, job_id="one") as job:
        watcher = threading.Thread(target=watch)
        watcher.start()
        watching.wait()
        job.progress(Progress("land", file="a.csv", rows=5))
    watcher.join()
    assert shown[0].exit_code == 0
    assert "one  succeeded" in shown[0].output


def test_watch_of_a_failed_job_says_why_and_fails(store: JobStore, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="broken"), run_job(store, "ingest", {}, job_id="one"):
        raise ValueError("broken")
    done = run(tmp_path, "watch", "one")
    assert done.exit_code == 1
    assert "ValueError: broken" in done.output


def test_prune_says_what_it_removed(store: JobStore, tmp_path: Path) -> None:
    with run_job(store, "ingest", {}, job_id="one") as job:
        for name in "abc":
            job.progress(Progress("land", file=name))
    assert run(tmp_path, "prune", "--keep", "1").output == "2 rows of history removed\n"
    assert run(tmp_path, "prune", "--older-than", "0").output.startswith("2 rows")
    assert store.jobs() == []


def test_a_job_shows_what_it_measured_of_what(store: JobStore, tmp_path: Path) -> None:
    with run_job(store, "ingest", {"paths": ["inbox"]}, job_id="one") as job:
        job.metric("rows", 1_234)
        job.metric("rows_per_second", 99.5, table="orders", mode="")
    shown = run(tmp_path, "show", "one").output.splitlines()
    assert shown[0].startswith("one  succeeded  started ")
    assert shown[1:] == ["  paths: ['inbox']", "  rows = 1,234", "  rows_per_second (table orders) = 99.5"]

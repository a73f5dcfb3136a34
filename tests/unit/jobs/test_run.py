from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from loaders.errors import FileRefused, StateUnavailable, UsageError
from loaders.jobs.model import LoadRecord, Metric, Progress, ProgressEvent
from loaders.jobs.run import new_job_id, run_job
from loaders.jobs.store import JobStore, utc_now
from loaders.secrets import Secret


@pytest.fixture
def store(tmp_path: Path) -> JobStore:
    return JobStore.open(tmp_path / "deep" / "state.sqlite")


def test_a_job_that_ends_well_succeeded_with_its_figures(store: JobStore) -> None:
    with run_job(store, "ingest", {"paths": ["a"]}) as job:
        assert store.job(job.id).state == "running"
        job.metric("rows", 7, table="orders", file="a.csv")
    record = store.job(job.id)
    assert (record.state, record.detail, record.error) == ("succeeded", {"paths": ["a"]}, None)
    assert record.started_at is not None
    assert record.ended_at is not None
    assert store.metrics(job.id) == [Metric("rows", 7.0, (("file", "a.csv"), ("table", "orders")))]


def test_a_job_that_raises_failed_with_the_masked_cause(store: JobStore) -> None:
    password = Secret("hunter2-hunter2")
    with (
        pytest.raises(FileRefused),
        run_job(store, "ingest", {}, job_id="ingest-1"),
    ):
        raise FileRefused("a.csv", f"driver said {password.reveal()}", hint="look")
    record = store.job("ingest-1")
    assert record.state == "failed"
    assert record.error is not None
    assert "hunter2" not in record.error
    assert "a.csv" in record.error


def test_ctrl_c_is_a_failure_that_says_how_to_go_on(store: JobStore) -> None:
    with pytest.raises(KeyboardInterrupt), run_job(store, "ingest", {}, job_id="ingest-1"):
        raise KeyboardInterrupt
    assert store.job("ingest-1").error == "stopped by the user; run the same command again to go on"


def test_progress_reaches_the_listener_each_time_but_history_thinned_with_the_last_kept(store: JobStore) -> None:
    seen: list[ProgressEvent] = []
    with run_job(store, "ingest", {}, seen.append) as job:
        for done in range(1000):
            job.progress(Progress("load", file="a.csv", bytes_done=done, bytes_total=1000, rows=done))
    kept = store.events(job.id)
    assert len(seen) == 1000
    assert len(kept) < 20
    assert kept[-1].progress.bytes_done == 999
    assert [each.sequence for each in kept] == list(range(len(kept)))


def test_eta_comes_from_bytes_and_is_unknown_without_a_total(store: JobStore) -> None:
    seen: list[ProgressEvent] = []
    with run_job(store, "ingest", {}, seen.append) as job:
        job.progress(Progress("load", bytes_done=500, bytes_total=1000))
        job.progress(Progress("load", bytes_done=500))
    half = seen[0]
    assert half.eta_seconds == pytest.approx(500 / half.bytes_per_second)
    assert seen[1].eta_seconds is None


def test_a_change_of_file_is_always_kept(store: JobStore) -> None:
    with run_job(store, "ingest", {}) as job:
        for name in "abcdef":
            job.progress(Progress("load", file=name))
    assert [each.progress.file for each in store.events(job.id)] == list("abcdef")


def test_a_killed_job_is_not_shown_as_running_for_ever(tmp_path: Path) -> None:
    where = tmp_path / "state.sqlite"
    code = f"""
import os, signal
from loaders.jobs.run import run_job
from loaders.jobs.store import JobStore, utc_now
with run_job(JobStore.open({str(where)!r}), "ingest", {{}}, job_id="ingest-1"):
    os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", code], check=False)
    assert done.returncode == -signal.SIGKILL
    (record,) = JobStore.open(where).jobs()
    assert (record.id, record.state) == ("ingest-1", "failed")
    assert record.pid != os.getpid()


def test_a_job_of_a_living_process_stays_running(store: JobStore) -> None:
    with run_job(store, "ingest", {}) as job:
        assert [each.state for each in store.jobs() if each.id == job.id] == ["running"]


def test_an_unknown_job_is_a_usage_error(store: JobStore) -> None:
    with pytest.raises(UsageError, match="no job has the id"):
        store.job("nope")


def test_a_state_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StateUnavailable, match="file"):
        JobStore.open(tmp_path / "file" / "state.sqlite")


def test_job_ids_are_unique_and_carry_their_kind() -> None:
    ids = {new_job_id("ingest") for _ in range(10)}
    assert len(ids) == 10
    assert all(each.startswith("ingest-") for each in ids)


def test_loaded_parts_are_kept_with_the_warehouses_own_id(store: JobStore) -> None:
    load = LoadRecord(utc_now(), "shop__sales", "p00001", 55, 1234, 0.5, "01b2-query")
    with run_job(store, "ingest", {}, job_id="ingest-1") as job:
        job.loaded(load)
    assert store.loads("ingest-1") == [load]
    store.prune(older_than=utc_now())
    assert store.loads("ingest-1") == []

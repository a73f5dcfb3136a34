from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from loaders.errors import JobCancelled, UsageError
from loaders.jobs.eta import Meter
from loaders.jobs.model import Progress, ProgressEvent
from loaders.jobs.run import run_job
from loaders.jobs.store import JobStore, utc_now


@pytest.fixture
def store(tmp_path: Path) -> JobStore:
    return JobStore.open(tmp_path / "state.sqlite")


@pytest.fixture(autouse=True)
def _looks_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loaders.jobs.run._SECONDS_BETWEEN_LOOKS", 0.0)


def test_a_cancelled_job_stops_at_its_next_batch_and_has_failed(store: JobStore) -> None:
    batches: list[int] = []

    def work() -> None:
        with run_job(store, "ingest", {}, job_id="one") as job:
            for number in range(5):
                job.obey()
                batches.append(number)
                if number == 1:
                    store.ask("one", "cancel")

    with pytest.raises(JobCancelled, match="cancelled"):
        work()
    assert batches == [0, 1]
    assert store.job("one").state == "failed"


def test_a_paused_job_waits_until_it_may_go_on(store: JobStore, monkeypatch: pytest.MonkeyPatch) -> None:
    states: list[str] = []
    with run_job(store, "ingest", {}, job_id="one") as job:
        store.ask("one", "pause")

        def waited(_seconds: float) -> None:
            states.append(store.job("one").state)
            store.ask("one", "resume")

        monkeypatch.setattr("loaders.jobs.run.time.sleep", waited)
        job.obey()
        assert store.job("one").state == "running"
    assert states == ["paused"]


def test_an_ended_or_unknown_job_cannot_be_asked(store: JobStore) -> None:
    with run_job(store, "ingest", {}, job_id="one"):
        pass
    with pytest.raises(UsageError, match="has succeeded"):
        store.ask("one", "pause")
    with pytest.raises(UsageError, match="no job has the id"):
        store.ask("two", "pause")


def test_a_resumed_job_keeps_its_id_and_its_events_go_on(store: JobStore) -> None:
    def breaks() -> None:
        with run_job(store, "materialize", {"a": 1}, job_id="one") as job:
            job.progress(Progress("write", table="orders"))
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        breaks()
    store_states = store.job("one")
    with run_job(store, "materialize", {"a": 2}, job_id="one", resume=True) as job:
        assert store.asked("one") is None
        job.progress(Progress("write", table="items"))
    record = store.job("one")
    assert (record.state, record.error, record.detail) == ("succeeded", None, {"a": 1})
    assert record.started_at == store_states.started_at
    assert [each.sequence for each in store.events("one")] == [0, 1]


def test_a_job_that_runs_is_not_resumed_twice(store: JobStore) -> None:
    with (
        run_job(store, "materialize", {}, job_id="one"),
        pytest.raises(UsageError, match="is running"),
        run_job(store, "materialize", {}, job_id="one", resume=True),
    ):
        pass


def test_the_newest_events_of_each_table_stay(store: JobStore) -> None:
    with run_job(store, "materialize", {}, job_id="one") as job:
        for table in ("orders", "items"):
            for number in range(30):
                job.progress(Progress(f"phase {number}", table=table, rows=number, per_table=True))
    store.prune(keep_events=10)
    kept = store.events("one")
    assert {
        table: [each.progress.rows for each in kept if each.progress.table == table] for table in ("orders", "items")
    } == {
        "orders": list(range(20, 30)),
        "items": list(range(20, 30)),
    }


def test_a_job_never_keeps_more_than_its_share(store: JobStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loaders.jobs.run.KEPT_EVENTS", 0)
    monkeypatch.setattr("loaders.jobs.run._EVENTS_BETWEEN_PRUNES", 20)
    monkeypatch.setattr(JobStore.prune, "__defaults__", (10, None, None))
    with run_job(store, "ingest", {}, job_id="one") as job:
        for number in range(200):
            job.progress(Progress("land", file=f"{number}.csv"))
            assert len(store.events("one")) <= 30


def test_old_jobs_leave_with_all_that_is_theirs(store: JobStore) -> None:
    for name in ("old", "new"):
        with run_job(store, "ingest", {}, job_id=name) as job:
            job.progress(Progress("land"))
            job.metric("rows", 1)
    with store._begin() as connection:
        connection.execute(sa.text("update jobs set created_at = '2020-01-01' where id = 'old'"))
    assert store.prune(older_than=utc_now() - timedelta(days=1)) == 3
    assert [job.id for job in store.jobs()] == ["new"]
    assert store.events("old") == []


def test_a_history_of_an_older_version_gets_the_columns_it_lacks(tmp_path: Path) -> None:
    where = tmp_path / "state.sqlite"
    old = JobStore.open(where)
    with old._begin() as connection:
        for column in ("per_table", "row_total", "spill_count"):
            connection.execute(sa.text(f"alter table job_progress_events drop column {column}"))
    old.close()
    with run_job(JobStore.open(where), "ingest", {}) as job:
        job.progress(Progress("land", rows_total=7, per_table=True))
    (event,) = JobStore.open(where).events(job.id)
    assert (event.progress.rows_total, event.progress.per_table) == (7, True)


def test_several_threads_report_without_losing_an_event(store: JobStore) -> None:
    with run_job(store, "materialize", {}, job_id="one") as job:

        def report(table: str) -> None:
            for number in range(20):
                job.progress(Progress(f"phase {number}", table=table, per_table=True))

        threads = [threading.Thread(target=report, args=(f"table {number}",)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [each.sequence for each in store.events("one")] == list(range(80))


def test_time_left_goes_from_history_to_this_runs_own_pace() -> None:
    meter = Meter(usual_rows=100.0)
    assert meter.seconds_left(0.0, 0, 1000, rows=True) == 10.0
    early = meter.seconds_left(2.0, 10, 1000, rows=True)
    late = meter.seconds_left(150.0, 750, 1000, rows=True)
    assert early is not None
    assert late is not None
    # At its own pace the run had 198 s left, then 50; by history 9.9 and 2.5.
    assert 9.9 < early < 40
    assert 40 < late < 50
    assert Meter().seconds_left(1.0, 0, 1000, rows=True) is None
    assert Meter().seconds_left(1.0, 5, None, rows=True) is None


def test_history_is_the_same_kind_and_table(store: JobStore) -> None:
    for kind, speed in (("materialize", 10.0), ("materialize", 30.0), ("materialize", 20.0), ("ingest", 999.0)):
        with run_job(store, kind, {}) as job:
            job.metric("rows_per_second", speed, table="orders")
    assert store.typical("materialize", "rows_per_second", "orders") == 20.0
    assert store.typical("materialize", "rows_per_second", "items") is None
    seen: list[ProgressEvent] = []
    with run_job(store, "materialize", {}, seen.append) as job:
        job.progress(Progress("write", table="orders", rows_total=200, per_table=True))
    assert seen[0].eta_seconds == pytest.approx(10.0)


def test_each_table_has_its_own_rates(store: JobStore) -> None:
    with run_job(store, "materialize", {}) as job:
        job.progress(Progress("write", table="orders", rows=500, per_table=True))
        job.progress(Progress("write", table="items", rows=7, per_table=True))
    speeds = {dict(metric.labels)["table"] for metric in store.metrics(job.id) if metric.name == "rows_per_second"}
    assert speeds == {"orders", "items"}

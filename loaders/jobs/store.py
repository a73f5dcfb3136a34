"""Job history in any SQLAlchemy database; SQLite under artifacts/ by default."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, Final, cast

import sqlalchemy as sa

from loaders.errors import StateUnavailable, UsageError
from loaders.jobs.model import JobRecord, JobRequest, JobState, LoadRecord, Metric, ProgressEvent
from loaders.jobs.process import is_alive, this_process
from loaders.jobs.pruning import prune
from loaders.jobs.tables import (
    JOBS,
    LOAD_EVENTS,
    METRICS,
    PROGRESS_EVENTS,
    event_values,
    job_record,
    make_tables,
    progress_event,
)

KEPT_EVENTS: Final = 500
"""Progress events kept of each table and job: a chart of it needs no more."""


def utc_now() -> datetime:
    """Now in UTC without a zone, as every database of the history stores it."""
    return datetime.now(UTC).replace(tzinfo=None)


class JobStore:
    """Reads and writes job history. One instance a process; safe beside other processes' instances."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, where: str | Path) -> JobStore:
        """The history at an SQLAlchemy URL or an SQLite file (folders are made). Writes its tables where absent.

        Raises StateUnavailable.
        """
        url = str(where)
        if "://" not in url:
            path = Path(where)
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise _unavailable(url, error) from error
            url = f"sqlite:///{path}"
        store = cls(sa.create_engine(url))
        if url.startswith("sqlite"):
            sa.event.listen(store._engine, "connect", _sqlite_for_several_processes)
        return store._with_tables()

    @classmethod
    def in_memory(cls) -> JobStore:
        """A history that ends with the process."""
        engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool, connect_args={"check_same_thread": False})
        return cls(engine)._with_tables()

    def _with_tables(self) -> JobStore:
        with self._begin() as connection:
            make_tables(connection)
        return self

    def close(self) -> None:
        self._engine.dispose()

    def create(self, job_id: str, kind: str, detail: dict[str, object]) -> None:
        """Adds a pending job of this process. Writes. Raises UsageError for an id that another job has."""
        me = this_process()
        with self._begin() as connection:
            if _is_known(connection, job_id):
                raise UsageError(
                    f"there is a job {job_id} already",
                    hint=f"give another id, or go on with it (`loaders jobs show {job_id}` says whether it can)",
                )
            connection.execute(
                JOBS.insert().values(
                    id=job_id,
                    kind=kind,
                    state="pending",
                    created_at=utc_now(),
                    detail=json.dumps(detail, sort_keys=True, default=str),
                    pid=me.pid,
                    pid_started=me.started,
                    host=me.host,
                )
            )

    def knows(self, job_id: str) -> bool:
        """Whether the history has a job of that id."""
        with self._begin() as connection:
            return _is_known(connection, job_id)

    def set_state(self, job_id: str, state: JobState, error: str | None = None) -> None:
        """Moves a job to `state`, stamping start and end. Writes."""
        values: dict[str, object] = {"state": state, "error": error}
        if state in ("failed", "succeeded"):
            values["ended_at"] = utc_now()
        with self._begin() as connection:
            if state == "running":
                values["started_at"] = sa.func.coalesce(JOBS.c.started_at, utc_now())
            connection.execute(JOBS.update().where(JOBS.c.id == job_id).values(values))

    def reopen(self, job_id: str) -> int:
        """Makes an ended job this process's own, to be resumed. Returns its next event's sequence. Writes.

        Raises UsageError for an unknown id and for a job that still runs.
        """
        record = self.job(job_id)
        if record.state in ("pending", "running", "paused"):
            raise UsageError(f"job {job_id} is {record.state}", hint=f"`loaders jobs watch {job_id}` follows it")
        me = this_process()
        values: dict[str, object] = {
            "pid": me.pid,
            "pid_started": me.started,
            "host": me.host,
            "ended_at": None,
            "request": None,
        }
        last = sa.select(sa.func.max(PROGRESS_EVENTS.c.sequence)).where(PROGRESS_EVENTS.c.job_id == job_id)
        with self._begin() as connection:
            connection.execute(JOBS.update().where(JOBS.c.id == job_id).values(values))
            sequence = connection.execute(last).scalar()
        return 0 if sequence is None else int(sequence) + 1

    def ask(self, job_id: str, request: JobRequest) -> JobRecord:
        """Leaves a request for a running job, in place of an earlier one; it is carried out after the current batch.

        Returns the job as it is now. Raises UsageError for an unknown job and for one that has ended. Writes.
        """
        record = self.job(job_id)
        if record.state in ("failed", "succeeded"):
            raise UsageError(f"job {job_id} has {record.state}", hint="only a job that runs can be asked for something")
        with self._begin() as connection:
            connection.execute(JOBS.update().where(JOBS.c.id == job_id).values(request=request))
        return record

    def asked(self, job_id: str) -> JobRequest | None:
        """What a job is asked to do; None when nobody asked for anything."""
        with self._begin() as connection:
            return cast("JobRequest | None", connection.scalar(sa.select(JOBS.c.request).where(JOBS.c.id == job_id)))

    def add_event(self, event: ProgressEvent) -> None:
        """Keeps a progress event. Writes."""
        with self._begin() as connection:
            connection.execute(PROGRESS_EVENTS.insert().values(event_values(event)))

    def add_metrics(self, job_id: str, metrics: list[Metric]) -> None:
        """Keeps figures of a job. Writes."""
        if not metrics:
            return
        rows = [
            {"job_id": job_id, "name": each.name, "value": each.value, "labels": json.dumps(dict(each.labels))}
            for each in metrics
        ]
        with self._begin() as connection:
            connection.execute(METRICS.insert(), rows)

    def jobs(self, limit: int = 20) -> list[JobRecord]:
        """The newest jobs first. A running job whose process is gone is first marked failed, so this may write."""
        self._fail_orphans()
        query = sa.select(JOBS).order_by(JOBS.c.created_at.desc(), JOBS.c.id.desc()).limit(limit)
        with self._begin() as connection:
            return [job_record(row) for row in connection.execute(query).mappings()]

    def job(self, job_id: str) -> JobRecord:
        """One job; UsageError for an unknown id. May write, as `jobs` does."""
        self._fail_orphans()
        with self._begin() as connection:
            row = connection.execute(sa.select(JOBS).where(JOBS.c.id == job_id)).mappings().first()
        if row is None:
            raise UsageError(f"no job has the id {job_id!r}", hint="`loaders jobs list` shows the ids")
        return job_record(row)

    def events(self, job_id: str, after: int = -1) -> list[ProgressEvent]:
        """A job's progress events with a sequence above `after`, in order."""
        query = (
            sa.select(PROGRESS_EVENTS)
            .where(PROGRESS_EVENTS.c.job_id == job_id, PROGRESS_EVENTS.c.sequence > after)
            .order_by(PROGRESS_EVENTS.c.sequence)
        )
        with self._begin() as connection:
            return [progress_event(row) for row in connection.execute(query).mappings()]

    def metrics(self, job_id: str) -> list[Metric]:
        """A job's figures in the order they were kept."""
        query = sa.select(METRICS).where(METRICS.c.job_id == job_id).order_by(METRICS.c.id)
        with self._begin() as connection:
            return [
                Metric(row["name"], row["value"], tuple(json.loads(row["labels"]).items()))
                for row in connection.execute(query).mappings()
            ]

    def add_load(self, job_id: str, load: LoadRecord) -> None:
        """Keeps a loaded part. Writes."""
        values = asdict(load)
        values["table_name"], values["row_count"] = values.pop("table"), values.pop("rows")
        with self._begin() as connection:
            connection.execute(LOAD_EVENTS.insert().values(job_id=job_id, **values))

    def loads(self, job_id: str) -> list[LoadRecord]:
        """The parts a job loaded, in order."""
        query = sa.select(LOAD_EVENTS).where(LOAD_EVENTS.c.job_id == job_id).order_by(LOAD_EVENTS.c.id)
        names = ("at", "table_name", "part", "row_count", "size_bytes", "seconds", "warehouse_job_id")
        with self._begin() as connection:
            return [LoadRecord(*(row[name] for name in names)) for row in connection.execute(query).mappings()]

    def typical(self, kind: str, name: str, table: str, jobs: int = 5) -> float | None:
        """The median of a table's metric over the last jobs of a kind; None where it was never measured."""
        label = json.dumps({"table": table})
        query = (
            sa.select(METRICS.c.value)
            .join(JOBS, JOBS.c.id == METRICS.c.job_id)
            .where(JOBS.c.kind == kind, METRICS.c.name == name, METRICS.c.labels == label)
            .order_by(METRICS.c.id.desc())
            .limit(jobs)
        )
        with self._begin() as connection:
            values = [float(row.value) for row in connection.execute(query)]
        return median(values) if values else None

    def prune(
        self, keep_events: int = KEPT_EVENTS, job_id: str | None = None, older_than: datetime | None = None
    ) -> int:
        """Removes all but the newest `keep_events` events of each table and job (of one job only, where given), and
        ended jobs that were created before `older_than` with all that is theirs. Returns rows removed. Writes."""
        with self._begin() as connection:
            return prune(connection, keep_events, job_id, older_than)

    def _fail_orphans(self) -> None:
        host = this_process().host
        query = sa.select(JOBS.c.id, JOBS.c.pid, JOBS.c.pid_started).where(
            JOBS.c.state.in_(("pending", "running", "paused")), JOBS.c.host == host
        )
        with self._begin() as connection:
            orphans = [row.id for row in connection.execute(query) if not is_alive(row.pid, row.pid_started)]
        for job_id in orphans:
            self.set_state(job_id, "failed", "its process ended without a word; run the command again to go on")

    @contextmanager
    def _begin(self) -> Iterator[sa.Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except sa.exc.SQLAlchemyError as error:
            raise _unavailable(self._engine.url.render_as_string(hide_password=True), error) from error


def _is_known(connection: sa.Connection, job_id: str) -> bool:
    return connection.scalar(sa.select(JOBS.c.id).where(JOBS.c.id == job_id)) is not None


def _unavailable(where: str, error: Exception) -> StateUnavailable:
    cause = str(error.orig) if isinstance(error, sa.exc.DBAPIError) else str(error)
    return StateUnavailable(
        f"job history at {where} cannot be used: {cause}",
        hint="check the folder's permissions and free space, or point LANDFALL_STATE_URL elsewhere; no data is lost",
    )


def _sqlite_for_several_processes(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("pragma journal_mode=wal")
    # History may lose its last moments in a power cut; waiting for the disk at each event would slow every job.
    cursor.execute("pragma synchronous=normal")
    cursor.execute("pragma busy_timeout=10000")
    cursor.close()

"""Job history in any SQLAlchemy database; SQLite under artifacts/ by default."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from loaders.errors import StateUnavailable, UsageError
from loaders.jobs.model import JobRecord, JobState, Metric, Progress, ProgressEvent
from loaders.jobs.process import is_alive, this_process

_metadata = sa.MetaData()

JOBS = sa.Table(
    "jobs",
    _metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("request", sa.String(16)),
    sa.Column("created_at", sa.DateTime, nullable=False),
    sa.Column("started_at", sa.DateTime),
    sa.Column("ended_at", sa.DateTime),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("error", sa.Text),
    sa.Column("pid", sa.Integer),
    sa.Column("pid_started", sa.Float),
    sa.Column("host", sa.String(255)),
)
PROGRESS_EVENTS = sa.Table(
    "job_progress_events",
    _metadata,
    sa.Column("job_id", sa.String(64), sa.ForeignKey("jobs.id"), primary_key=True),
    sa.Column("sequence", sa.Integer, primary_key=True),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("phase", sa.String(32), nullable=False),
    sa.Column("table_name", sa.String(255)),
    sa.Column("file", sa.Text),
    sa.Column("partition_key", sa.Text),
    sa.Column("bytes_done", sa.BigInteger, nullable=False),
    sa.Column("bytes_total", sa.BigInteger),
    sa.Column("row_count", sa.BigInteger, nullable=False),
    sa.Column("rows_spilled", sa.BigInteger, nullable=False),
    sa.Column("warehouse_job_id", sa.Text),
    sa.Column("rows_per_second", sa.Float, nullable=False),
    sa.Column("bytes_per_second", sa.Float, nullable=False),
    sa.Column("eta_seconds", sa.Float),
)
METRICS = sa.Table(
    "job_metrics",
    _metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("job_id", sa.String(64), sa.ForeignKey("jobs.id"), nullable=False, index=True),
    sa.Column("name", sa.String(128), nullable=False),
    sa.Column("value", sa.Float, nullable=False),
    sa.Column("labels", sa.Text, nullable=False),
)


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
        with store._begin() as connection:
            _metadata.create_all(connection)
        return store

    def close(self) -> None:
        self._engine.dispose()

    def create(self, job_id: str, kind: str, detail: dict[str, object]) -> None:
        """Adds a pending job of this process. Writes."""
        me = this_process()
        with self._begin() as connection:
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

    def set_state(self, job_id: str, state: JobState, error: str | None = None) -> None:
        """Moves a job to `state`, stamping start and end. Writes."""
        values: dict[str, object] = {"state": state, "error": error}
        if state in ("failed", "succeeded"):
            values["ended_at"] = utc_now()
        with self._begin() as connection:
            if state == "running":
                values["started_at"] = sa.func.coalesce(JOBS.c.started_at, utc_now())
            connection.execute(JOBS.update().where(JOBS.c.id == job_id).values(values))

    def add_event(self, event: ProgressEvent) -> None:
        """Keeps a progress event. Writes."""
        progress = event.progress
        with self._begin() as connection:
            connection.execute(
                PROGRESS_EVENTS.insert().values(
                    job_id=event.job_id,
                    sequence=event.sequence,
                    at=event.at,
                    phase=progress.phase,
                    table_name=progress.table,
                    file=progress.file,
                    partition_key=progress.partition_key,
                    bytes_done=progress.bytes_done,
                    bytes_total=progress.bytes_total,
                    row_count=progress.rows,
                    rows_spilled=progress.rows_spilled,
                    warehouse_job_id=progress.warehouse_job_id,
                    rows_per_second=event.rows_per_second,
                    bytes_per_second=event.bytes_per_second,
                    eta_seconds=event.eta_seconds,
                )
            )

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
            return [_job_record(row) for row in connection.execute(query).mappings()]

    def job(self, job_id: str) -> JobRecord:
        """One job; UsageError for an unknown id. May write, as `jobs` does."""
        self._fail_orphans()
        with self._begin() as connection:
            row = connection.execute(sa.select(JOBS).where(JOBS.c.id == job_id)).mappings().first()
        if row is None:
            raise UsageError(f"no job has the id {job_id!r}", hint="`loaders jobs list` shows the ids")
        return _job_record(row)

    def events(self, job_id: str, after: int = -1) -> list[ProgressEvent]:
        """A job's progress events with a sequence above `after`, in order."""
        query = (
            sa.select(PROGRESS_EVENTS)
            .where(PROGRESS_EVENTS.c.job_id == job_id, PROGRESS_EVENTS.c.sequence > after)
            .order_by(PROGRESS_EVENTS.c.sequence)
        )
        with self._begin() as connection:
            return [_progress_event(row) for row in connection.execute(query).mappings()]

    def metrics(self, job_id: str) -> list[Metric]:
        """A job's figures in the order they were kept."""
        query = sa.select(METRICS).where(METRICS.c.job_id == job_id).order_by(METRICS.c.id)
        with self._begin() as connection:
            return [
                Metric(row["name"], row["value"], tuple(json.loads(row["labels"]).items()))
                for row in connection.execute(query).mappings()
            ]

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


def _job_record(row: sa.RowMapping) -> JobRecord:
    return JobRecord(
        id=row["id"],
        kind=row["kind"],
        state=row["state"],
        created_at=row["created_at"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        detail=json.loads(row["detail"]),
        error=row["error"],
        pid=row["pid"],
        host=row["host"],
    )


def _progress_event(row: sa.RowMapping) -> ProgressEvent:
    return ProgressEvent(
        job_id=row["job_id"],
        sequence=row["sequence"],
        at=row["at"],
        progress=Progress(
            phase=row["phase"],
            table=row["table_name"],
            file=row["file"],
            partition_key=row["partition_key"],
            bytes_done=row["bytes_done"],
            bytes_total=row["bytes_total"],
            rows=row["row_count"],
            rows_spilled=row["rows_spilled"],
            warehouse_job_id=row["warehouse_job_id"],
        ),
        rows_per_second=row["rows_per_second"],
        bytes_per_second=row["bytes_per_second"],
        eta_seconds=row["eta_seconds"],
    )

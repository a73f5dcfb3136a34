"""The tables of the job history, and their rows as values of the model."""

from __future__ import annotations

import json

import sqlalchemy as sa

from loaders.jobs.model import JobRecord, Progress, ProgressEvent

METADATA = sa.MetaData()

JOBS = sa.Table(
    "jobs",
    METADATA,
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
    METADATA,
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
    sa.Column("per_table", sa.Boolean),
    sa.Column("row_total", sa.BigInteger),
    sa.Column("spill_count", sa.BigInteger),
    sa.Column("rows_per_second", sa.Float, nullable=False),
    sa.Column("bytes_per_second", sa.Float, nullable=False),
    sa.Column("eta_seconds", sa.Float),
)
METRICS = sa.Table(
    "job_metrics",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("job_id", sa.String(64), sa.ForeignKey("jobs.id"), nullable=False, index=True),
    sa.Column("name", sa.String(128), nullable=False),
    sa.Column("value", sa.Float, nullable=False),
    sa.Column("labels", sa.Text, nullable=False),
)
LOAD_EVENTS = sa.Table(
    "job_load_events",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("job_id", sa.String(64), sa.ForeignKey("jobs.id"), nullable=False, index=True),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("table_name", sa.String(255), nullable=False),
    sa.Column("part", sa.Text, nullable=False),
    sa.Column("row_count", sa.BigInteger, nullable=False),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Column("warehouse_job_id", sa.Text),
)


def make_tables(connection: sa.Connection) -> None:
    """Makes the tables that are lacking, and the columns that a history of an older version lacks. Writes."""
    METADATA.create_all(connection)
    inspector = sa.inspect(connection)
    for table in METADATA.sorted_tables:
        present = {column["name"] for column in inspector.get_columns(table.name)}
        for column in table.columns:
            if column.name not in present:
                kind = column.type.compile(connection.dialect)
                connection.execute(sa.text(f"alter table {table.name} add column {column.name} {kind}"))


def job_record(row: sa.RowMapping) -> JobRecord:
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


def progress_event(row: sa.RowMapping) -> ProgressEvent:
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
            per_table=bool(row["per_table"]),
            rows_total=row["row_total"],
            spill_count=row["spill_count"] or 0,
        ),
        rows_per_second=row["rows_per_second"],
        bytes_per_second=row["bytes_per_second"],
        eta_seconds=row["eta_seconds"],
    )


def event_values(event: ProgressEvent) -> dict[str, object]:
    """An event as a row of `job_progress_events`."""
    progress = event.progress
    return {
        "job_id": event.job_id,
        "sequence": event.sequence,
        "at": event.at,
        "phase": progress.phase,
        "table_name": progress.table,
        "file": progress.file,
        "partition_key": progress.partition_key,
        "bytes_done": progress.bytes_done,
        "bytes_total": progress.bytes_total,
        "row_count": progress.rows,
        "rows_spilled": progress.rows_spilled,
        "warehouse_job_id": progress.warehouse_job_id,
        "per_table": progress.per_table,
        "row_total": progress.rows_total,
        "spill_count": progress.spill_count,
        "rows_per_second": event.rows_per_second,
        "bytes_per_second": event.bytes_per_second,
        "eta_seconds": event.eta_seconds,
    }

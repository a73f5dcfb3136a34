"""What a job is, says and measures; knows no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

JobState = Literal["pending", "running", "paused", "failed", "succeeded"]
JobRequest = Literal["pause", "resume", "cancel"]


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a job stands, as the job itself knows it.

    Bytes and rows count from the start of the job; of `table` alone, from its start, where `per_table` says so.
    """

    phase: str
    table: str | None = None
    file: str | None = None
    partition_key: str | None = None
    bytes_done: int = 0
    bytes_total: int | None = None
    rows: int = 0
    rows_spilled: int = 0
    warehouse_job_id: str | None = None
    per_table: bool = False
    rows_total: int | None = None
    spill_count: int = 0
    seconds: float | None = None
    """Since the count started, where the job knows it better than its first report does. Not kept in history."""


@dataclass(frozen=True, slots=True)
class ProgressEvent:
    """A `Progress` as it was at `at` (UTC), with rates per second since its count started and seconds left."""

    job_id: str
    sequence: int
    at: datetime
    progress: Progress
    rows_per_second: float
    bytes_per_second: float
    eta_seconds: float | None


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure a job measured; `labels` say of what (table, file, part, …)."""

    name: str
    value: float
    labels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class LoadRecord:
    """A part that a job loaded into a warehouse: rows, bytes as sent, seconds, and the warehouse's own id of it."""

    at: datetime
    table: str
    part: str
    rows: int
    size_bytes: int
    seconds: float
    warehouse_job_id: str | None


@dataclass(frozen=True, slots=True)
class JobRecord:
    """One job as history holds it. Times are UTC; `detail` is what the command was asked to do."""

    id: str
    kind: str
    state: JobState
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    detail: dict[str, object]
    error: str | None
    pid: int | None
    host: str | None


class JobReporter(Protocol):
    """What the rooms below see of a job."""

    @property
    def id(self) -> str: ...

    def progress(self, progress: Progress) -> None:
        """Records where the job stands. Called often; implementations thin the events out themselves."""

    def metric(self, name: str, value: float, **labels: str) -> None:
        """Records a figure."""

    def obey(self) -> None:
        """To be called after each batch: waits while the job is paused. Raises JobCancelled when it is cancelled."""


class ControlledJob(JobReporter, Protocol):
    """A job whose own code decides how to pause, go on or stop."""

    def requested(self) -> JobRequest | None:
        """What the job is asked to do, for those who cannot just wait; None when nobody asked for anything."""

    def set_paused(self, paused: bool) -> None:
        """Shows the job as paused, or running again. Writes."""

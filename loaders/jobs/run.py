"""Running a job: its id, its state from start to end, and its thinned-out progress."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from loaders.errors import LandfallError
from loaders.jobs.model import Metric, Progress, ProgressEvent
from loaders.jobs.store import JobStore, utc_now
from loaders.secrets import redact

# Two events a second are enough for an eye and little enough for a table.
_SECONDS_BETWEEN_EVENTS = 0.5

Listener = Callable[[ProgressEvent], None]


class Job:
    """A running job. Not thread-safe: one thread reports."""

    def __init__(self, store: JobStore, job_id: str, listener: Listener | None) -> None:
        self._store = store
        self._id = job_id
        self._listener = listener
        self._started = time.monotonic()
        self._sequence = 0
        self._last_kept = float("-inf")
        self._last_key: tuple[str, str | None, str | None] | None = None
        self._pending: ProgressEvent | None = None
        self._metrics: list[Metric] = []

    @property
    def id(self) -> str:
        return self._id

    def progress(self, progress: Progress) -> None:
        """Tells the listener at once; keeps the event in history at most twice a second and at each change of file."""
        event = self._event(progress)
        if self._listener is not None:
            self._listener(event)
        key = (progress.phase, progress.table, progress.file)
        now = time.monotonic()
        if key == self._last_key and now - self._last_kept < _SECONDS_BETWEEN_EVENTS:
            self._pending = event
            return
        self._last_key, self._last_kept = key, now
        self._keep(event)

    def metric(self, name: str, value: float, **labels: str) -> None:
        """Remembers a figure; figures are written when the job ends."""
        self._metrics.append(Metric(name, float(value), tuple(sorted(labels.items()))))

    def finish(self) -> None:
        """Writes what was held back: the last event and all metrics."""
        if self._pending is not None:
            self._keep(self._pending)
        self._store.add_metrics(self._id, self._metrics)
        self._metrics = []

    def _keep(self, event: ProgressEvent) -> None:
        self._store.add_event(event)
        self._pending = None
        self._sequence += 1

    def _event(self, progress: Progress) -> ProgressEvent:
        elapsed = max(time.monotonic() - self._started, 1e-9)
        bytes_per_second = progress.bytes_done / elapsed
        eta = None
        if progress.bytes_total is not None and bytes_per_second > 0:
            eta = max(progress.bytes_total - progress.bytes_done, 0) / bytes_per_second
        return ProgressEvent(
            job_id=self._id,
            sequence=self._sequence,
            at=utc_now(),
            progress=progress,
            rows_per_second=progress.rows / elapsed,
            bytes_per_second=bytes_per_second,
            eta_seconds=eta,
        )


def new_job_id(kind: str) -> str:
    """`<kind>-<UTC second>-<6 hex>`: sorts by time for people, unique by its tail."""
    return f"{kind}-{utc_now():%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"


@contextmanager
def run_job(
    store: JobStore, kind: str, detail: dict[str, object], listener: Listener | None = None, job_id: str | None = None
) -> Iterator[Job]:
    """A job around a block: running inside, then succeeded, or failed with the masked cause when it raises. Writes."""
    job = Job(store, job_id or new_job_id(kind), listener)
    store.create(job.id, kind, detail)
    store.set_state(job.id, "running")
    try:
        yield job
    except KeyboardInterrupt:
        job.finish()
        store.set_state(job.id, "failed", "stopped by the user; run the command again to go on")
        raise
    except BaseException as error:
        job.finish()
        cause = str(error) if isinstance(error, LandfallError) else f"{type(error).__name__}: {error}"
        store.set_state(job.id, "failed", redact(cause))
        raise
    job.finish()
    store.set_state(job.id, "succeeded")

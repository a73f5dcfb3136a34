"""Running a job: its id, its state from start to end, its thinned-out progress, and requests to it."""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from loaders.errors import JobCancelled, LandfallError, UsageError, how_to_go_on
from loaders.jobs.eta import Meter
from loaders.jobs.model import JobRequest, LoadRecord, Metric, Progress, ProgressEvent
from loaders.jobs.store import KEPT_EVENTS, JobStore, utc_now
from loaders.secrets import redact

# Two events a second are enough for an eye and little enough for a table.
_SECONDS_BETWEEN_EVENTS: Final = 0.5
_SECONDS_BETWEEN_LOOKS: Final = 0.5
# Old events go in batches, or each new one would search the table.
_EVENTS_BETWEEN_PRUNES: Final = 100

Listener = Callable[[ProgressEvent], None]


class Job:
    """A running job. Any thread may report."""

    def __init__(
        self, store: JobStore, job_id: str, listener: Listener | None, kind: str = "", sequence: int = 0
    ) -> None:
        self._store = store
        self._id = job_id
        self._kind = kind
        self._listener = listener
        self._lock = threading.RLock()
        self._sequence = sequence
        self._kept: dict[tuple[str, str | None, str | None], float] = {}
        self._pending: dict[str | None, ProgressEvent] = {}
        self._meters: dict[str, Meter] = {}
        self._last: dict[str, Progress] = {}
        self._metrics: list[Metric] = []
        self._looked = float("-inf")
        self._request: JobRequest | None = None
        self._job_meter = self._meter("")

    @property
    def id(self) -> str:
        return self._id

    def progress(self, progress: Progress) -> None:
        """Tells the listener at once; keeps the event in history at most twice a second and at each change of file."""
        with self._lock:
            event = self._event(progress)
            if self._listener is not None:
                self._listener(event)
            key = (progress.phase, progress.table, progress.file)
            now = time.monotonic()
            if now - self._kept.get(key, float("-inf")) < _SECONDS_BETWEEN_EVENTS:
                self._pending[progress.table] = event
                return
            if not progress.per_table:
                self._kept.clear()
            self._kept[key] = now
            self._keep(event)

    def metric(self, name: str, value: float, **labels: str) -> None:
        """Remembers a figure; figures are written when the job ends."""
        with self._lock:
            self._metrics.append(Metric(name, float(value), tuple(sorted(labels.items()))))

    def loaded(self, load: LoadRecord) -> None:
        """Keeps a part that was loaded into a warehouse. Writes."""
        self._store.add_load(self._id, load)

    def requested(self) -> JobRequest | None:
        """What the job is asked to do; looks at most twice a second."""
        now = time.monotonic()
        if now - self._looked >= _SECONDS_BETWEEN_LOOKS:
            self._looked = now
            self._request = self._store.asked(self._id)
        return self._request

    def set_paused(self, paused: bool) -> None:
        """Shows the job as paused, or running again. Writes."""
        self._store.set_state(self._id, "paused" if paused else "running")

    def obey(self) -> None:
        """To be called after each batch: waits while the job is paused. Raises JobCancelled when it is cancelled."""
        if self.requested() == "pause":
            self.set_paused(True)
            while self.requested() == "pause":
                time.sleep(_SECONDS_BETWEEN_LOOKS)
            self.set_paused(False)
        if self.requested() == "cancel":
            raise cancelled(self._id)

    def finish(self) -> None:
        """Writes what was held back: the last events, all metrics, and how fast each count went."""
        with self._lock:
            for event in sorted(self._pending.values(), key=lambda each: each.at):
                self._store.add_event(self._numbered(event))
            self._pending = {}
            for table, progress in self._last.items():
                seconds = self._meters[table].seconds()
                for name, amount in (("bytes_per_second", progress.bytes_done), ("rows_per_second", progress.rows)):
                    if amount:
                        self._metrics.append(Metric(name, amount / seconds, (("table", table),)))
            self._store.add_metrics(self._id, self._metrics)
            self._metrics = []
            self._store.prune(job_id=self._id)

    def _keep(self, event: ProgressEvent) -> None:
        self._pending.pop(event.progress.table, None)
        self._store.add_event(self._numbered(event))
        if self._sequence % (KEPT_EVENTS + _EVENTS_BETWEEN_PRUNES) == 0:
            self._store.prune(job_id=self._id)

    def _numbered(self, event: ProgressEvent) -> ProgressEvent:
        sequence, self._sequence = self._sequence, self._sequence + 1
        return replace(event, sequence=sequence)

    def _meter(self, table: str) -> Meter:
        if table not in self._meters:
            self._meters[table] = Meter(
                self._store.typical(self._kind, "bytes_per_second", table),
                self._store.typical(self._kind, "rows_per_second", table),
            )
        return self._meters[table]

    def _event(self, progress: Progress) -> ProgressEvent:
        table = progress.table or "" if progress.per_table else ""
        meter = self._meter(table)
        self._last[table] = progress
        if progress.seconds is not None:
            meter.started = time.monotonic() - progress.seconds
        seconds = meter.seconds()
        left = meter.seconds_left(seconds, progress.bytes_done, progress.bytes_total, rows=False)
        if left is None:
            left = meter.seconds_left(seconds, progress.rows, progress.rows_total, rows=True)
        return ProgressEvent(
            job_id=self._id,
            sequence=self._sequence,
            at=utc_now(),
            progress=progress,
            rows_per_second=progress.rows / seconds,
            bytes_per_second=progress.bytes_done / seconds,
            eta_seconds=left,
        )


def cancelled(job_id: str) -> JobCancelled:
    """The error that ends a cancelled job."""
    return JobCancelled(f"job {job_id} was cancelled", hint="run the command again to go on; nothing is half done")


_JOB_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def usable_job_id(text: str) -> str:
    """`text`, if it may be a job's id, and so the name of its files and folders. Raises UsageError."""
    if _JOB_ID.fullmatch(text) is None:
        raise UsageError(
            f"{text!r} cannot be a job's id",
            hint="write up to 100 letters, digits, dots, hyphens and underscores, a letter or digit first",
        )
    return text


def new_job_id(kind: str) -> str:
    """`<kind>-<UTC second>-<6 hex>`: sorts by time for people, unique by its tail."""
    return f"{kind}-{utc_now():%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"


@contextmanager
def run_job(
    store: JobStore,
    kind: str,
    detail: dict[str, object],
    listener: Listener | None = None,
    job_id: str | None = None,
    resume: bool = False,
) -> Iterator[Job]:
    """A job around a block: running inside, then succeeded, or failed with the masked cause when it raises. Writes.

    With `resume`, the ended job `job_id` goes on under its id, also where the history has lost it: what a job goes on
    from is its own. Raises UsageError for the id of a job that runs, or of any other without `resume`.
    """
    name = job_id or new_job_id(kind)
    sequence = 0
    if resume and store.knows(name):
        sequence = store.reopen(name)
    else:
        store.create(name, kind, detail)
    job = Job(store, name, listener, kind, sequence)
    store.set_state(job.id, "running")
    try:
        yield job
    except KeyboardInterrupt as error:
        job.finish()
        store.set_state(job.id, "failed", f"stopped by the user; {how_to_go_on(error)}")
        raise
    except BaseException as error:
        job.finish()
        cause = str(error) if isinstance(error, LandfallError) else f"{type(error).__name__}: {error}"
        store.set_state(job.id, "failed", redact(cause))
        raise
    job.finish()
    store.set_state(job.id, "succeeded")

"""Ingests in spite of a warehouse that is away for a while: every further try lands what the earlier ones did not."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from typing import Final, Protocol

from loaders.errors import WarehouseLocked, WarehouseUnavailable
from loaders.jobs.model import JobReporter, LoadRecord, Progress
from loaders.landing.draft import utc_now
from loaders.landing.job import IngestRequest, ingest
from loaders.landing.outcome import FileOutcome, IngestResult
from loaders.warehouses.base import LoadEvent, Warehouse

_logger = logging.getLogger(__name__)
_FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 60.0


class LoadingJob(JobReporter, Protocol):
    """A job that also keeps the parts it loaded."""

    def loaded(self, load: LoadRecord) -> None: ...


def ingest_again(
    request: IngestRequest, open_warehouse: Callable[[], Warehouse], job: JobReporter, retries: int
) -> IngestResult:
    """`ingest` on a warehouse of its own, up to `retries` times more after the warehouse could not be reached. Writes.

    A file that an earlier try of this job landed counts as landed. Raises what `ingest` raises at the last try, and
    WarehouseLocked at once: waiting for other processes has a limit of its own.
    """
    pause = _FIRST_PAUSE
    for tries in range(retries + 1):
        try:
            with closing(open_warehouse()) as warehouse:
                result = ingest(request, warehouse, job)
                return _with_earlier_tries(result, warehouse) if tries else result
        except WarehouseLocked:
            raise
        except WarehouseUnavailable as error:
            if tries == retries:
                raise
            _logger.warning("%s; trying again in %.0f s", error, pause)
        time.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)
    raise AssertionError("the last try returns or raises")


def _with_earlier_tries(result: IngestResult, warehouse: Warehouse) -> IngestResult:
    tables = {(each.contract, each.table) for each in result.outcomes if each.contract}
    entries = {
        entry.file_id: entry
        for contract, table in tables
        for entry in warehouse.ledger(contract, table)
        if entry.job_id == result.job_id and entry.state == "landed"
    }

    def landed(outcome: FileOutcome) -> FileOutcome:
        entry = entries.get(outcome.file_id or "")
        if outcome.status != "skipped" or entry is None:
            return outcome
        rows, malformed = entry.landed_rows or 0, entry.malformed_rows or 0
        return replace(outcome, status="landed", note="", rows=rows, malformed_rows=malformed)

    return replace(result, outcomes=tuple(map(landed, result.outcomes)))


def tell_job(job: LoadingJob) -> Callable[[LoadEvent], None]:
    """A listener for loads: loaded parts go into the job's history, the others show where it stands."""

    def tell(event: LoadEvent) -> None:
        if event.state == "loaded":
            job.loaded(
                LoadRecord(
                    utc_now(),
                    event.table,
                    event.part,
                    event.rows,
                    event.size_bytes,
                    event.seconds,
                    event.warehouse_job_id,
                )
            )
        else:
            phase = "upload" if event.state == "uploaded" else "load"
            job.progress(Progress(phase, event.table, event.part, warehouse_job_id=event.warehouse_job_id))

    return tell

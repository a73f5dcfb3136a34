"""Making job history smaller."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from loaders.jobs.tables import JOBS, LOAD_EVENTS, METRICS, PROGRESS_EVENTS

if TYPE_CHECKING:
    from datetime import datetime


def prune(connection: sa.Connection, keep_events: int, job_id: str | None, older_than: datetime | None) -> int:
    """Removes all but the newest `keep_events` events of each table and job (of one job only, where given), and ended
    jobs that were created before `older_than` with all that is theirs. Returns rows removed. Writes."""
    removed = 0 if older_than is None else _forget_jobs(connection, older_than)
    table = sa.func.coalesce(PROGRESS_EVENTS.c.table_name, "")
    place = sa.func.row_number().over(
        partition_by=[PROGRESS_EVENTS.c.job_id, table], order_by=PROGRESS_EVENTS.c.sequence.desc()
    )
    ranked = sa.select(PROGRESS_EVENTS.c.job_id, PROGRESS_EVENTS.c.sequence, place.label("place"))
    if job_id is not None:
        ranked = ranked.where(PROGRESS_EVENTS.c.job_id == job_id)
    old = ranked.subquery()
    too_many = connection.execute(sa.select(old.c.job_id, old.c.sequence).where(old.c.place > keep_events)).all()
    for row in too_many:
        connection.execute(
            PROGRESS_EVENTS.delete().where(
                PROGRESS_EVENTS.c.job_id == row.job_id, PROGRESS_EVENTS.c.sequence == row.sequence
            )
        )
    return removed + len(too_many)


def _forget_jobs(connection: sa.Connection, older_than: datetime) -> int:
    gone = sa.select(JOBS.c.id).where(JOBS.c.created_at < older_than, JOBS.c.state.in_(("failed", "succeeded")))
    removed = 0
    for each in (PROGRESS_EVENTS, METRICS, LOAD_EVENTS):
        removed += connection.execute(each.delete().where(each.c.job_id.in_(gone))).rowcount
    return removed + connection.execute(JOBS.delete().where(JOBS.c.id.in_(gone))).rowcount

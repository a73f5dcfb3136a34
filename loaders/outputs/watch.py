"""Writing tables beside each other while one thread watches: it reports progress, obeys requests, and stops them all
when one fails."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Final

from loaders.errors import JobCancelled
from loaders.failpoints import failpoint
from loaders.jobs.model import Progress
from loaders.outputs.control import Control, Stopped
from loaders.outputs.desk import DONE, Desk
from loaders.outputs.plan import gather, spool_name

if TYPE_CHECKING:
    from loaders.jobs.model import ControlledJob
    from loaders.outputs.checkpoint import Checkpoint
    from loaders.outputs.formats.base import Writer
    from loaders.outputs.model import TableEntry, TablePlan
    from loaders.outputs.source import Source

_SECONDS_BETWEEN_LOOKS: Final = 0.25


def write_all(
    source: Source,
    writer: Writer,
    plans: Sequence[TablePlan],
    checkpoint: Checkpoint,
    control: Control,
    job: ControlledJob,
) -> list[TableEntry]:
    """Writes every plan's table; nothing becomes visible. Returns what the manifest will say of them, in order."""
    desks = [Desk(plan.name, plan.rows_to_write, source.session.cursor(), control, checkpoint) for plan in plans]
    at_once = checkpoint.request.jobs if writer.parallel else 1
    watcher = _Watcher(source, plans, desks, control, job)
    with ThreadPoolExecutor(at_once, thread_name_prefix="table") as pool:
        tasks = [pool.submit(_write_table, source, writer, plan, desk) for plan, desk in zip(plans, desks, strict=True)]
        try:
            watcher.watch(tasks)
        except BaseException:
            watcher.stop(tasks)
            raise
    for plan, desk in zip(plans, desks, strict=True):
        job.metric("spill_count", desk.spill_count, table=plan.name)
        job.metric("rows_spilled", desk.rows_spilled, table=plan.name)
    return [task.result() for task in tasks]


def _write_table(source: Source, writer: Writer, plan: TablePlan, desk: Desk) -> TableEntry:
    copied = plan.relation.is_view
    desk.begin()
    if copied:
        desk.spilled(plan.rows, source.session)
    if not writer.takes(plan):
        desk.phase("sort")
        plan = desk.step(lambda: gather(desk.cursor, plan))
        copied = True
        desk.spilled(plan.rows_to_write, source.session)
    failpoint("outputs.table.ready")
    desk.phase("write")
    entry = writer.write(plan, desk)
    if copied:
        desk.cursor.rows(f"drop table {spool_name(plan.relation)}")
    desk.phase(DONE)
    return entry


class _Watcher:
    def __init__(
        self, source: Source, plans: Sequence[TablePlan], desks: Sequence[Desk], control: Control, job: ControlledJob
    ) -> None:
        self._source = source
        self._plans = plans
        self._desks = desks
        self._control = control
        self._job = job

    def watch(self, tasks: Sequence[Future[TableEntry]]) -> None:
        """Returns when all tasks are done; raises the error of the first that fails, or JobCancelled."""
        pending = set(tasks)
        while pending:
            done, pending = wait(pending, _SECONDS_BETWEEN_LOOKS, FIRST_EXCEPTION)
            self._report()
            for task in done:
                error = task.exception()
                if error is not None and not isinstance(error, Stopped):
                    raise error
            self._obey()

    def stop(self, tasks: Sequence[Future[TableEntry]]) -> None:
        """Makes sure that no task runs on."""
        self._control.stop()
        pending = set(tasks)
        for task in tasks:
            task.cancel()
        while pending:
            # A statement may begin between two looks.
            for desk in self._desks:
                desk.interrupt()
            _, pending = wait(pending, _SECONDS_BETWEEN_LOOKS)

    def _obey(self) -> None:
        request = self._job.requested()
        if request == "cancel":
            raise JobCancelled(
                f"job {self._job.id} was cancelled",
                hint=f"nothing of it is visible; go on with --resume {self._job.id}",
            )
        if request == "pause":
            if not self._control.paused:
                self._control.pause()
                self._job.set_paused(True)
            for desk in self._desks:
                desk.interrupt()
        elif self._control.paused:
            self._control.go_on()
            self._job.set_paused(False)

    def _report(self) -> None:
        for plan, desk in zip(self._plans, self._desks, strict=True):
            standing = desk.standing()
            if standing is None:
                continue
            before = plan.before
            expected = None
            if before is not None and before.rows:
                expected = max(before.bytes * plan.rows_to_write // before.rows, standing.bytes)
            self._job.progress(
                Progress(
                    phase=standing.phase,
                    table=plan.name,
                    partition_key=standing.partition,
                    bytes_done=standing.bytes,
                    bytes_total=expected,
                    rows=standing.rows,
                    rows_total=plan.rows_to_write,
                    rows_spilled=standing.rows_spilled,
                    spill_count=standing.spill_count,
                    seconds=standing.seconds,
                    per_table=True,
                )
            )

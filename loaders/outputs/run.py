"""One materialisation from request to manifest: plan, write tables beside each other, publish them together."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from loaders.errors import StateUnavailable
from loaders.failpoints import failpoint
from loaders.outputs.control import Control
from loaders.outputs.formats import open_writer
from loaders.outputs.formats.base import Setting
from loaders.outputs.partitioning import choose
from loaders.outputs.plan import plan_table
from loaders.outputs.selection import ask_dbt, select
from loaders.outputs.session import Limits
from loaders.outputs.source import open_source, refuse_unreadable, with_contracts
from loaders.outputs.summary import Figures, audit_of, figures, read_audit, refuse_disagreement
from loaders.outputs.survey import bytes_per_row, survey
from loaders.outputs.telemetry import NoTelemetry, Telemetry
from loaders.outputs.watch import write_all

if TYPE_CHECKING:
    from loaders.contracts.model import Contract
    from loaders.jobs.model import ControlledJob
    from loaders.outputs.checkpoint import Checkpoint
    from loaders.outputs.formats.base import Writer
    from loaders.outputs.model import Relation, Request, TablePlan
    from loaders.outputs.source import Source
    from loaders.warehouses.profile import Target


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run works: the project, its warehouse and contracts, and local folders for what is on its way."""

    project_dir: Path
    target: Target
    contracts: tuple[Contract, ...]
    checkpoint_dir: Path

    def scratch(self, job_id: str) -> Path:
        """A folder of the job's own for spilled rows and parts that wait for a remote place."""
        return self.checkpoint_dir / f"{job_id}.scratch"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did: the number of the manifest that counts now, and each table's figures."""

    job_id: str
    sequence: int
    changed: bool
    tables: tuple[Figures, ...]


def preview(request: Request, place: Place) -> list[TablePlan]:
    """What a run would do now, which finishes first what a crash interrupted. Leaves nothing behind."""
    with ExitStack() as stack:
        run = _Run(request, place, "preview", stack.enter_context(_temporary_folder()) / "scratch", stack)
        return run.plans(run.chosen())


def materialize(
    place: Place, job: ControlledJob, checkpoint: Checkpoint, telemetry: Telemetry | None = None
) -> Outcome:
    """Writes what the checkpoint's request asks for, going on from where it stands, and publishes it together.

    Killed anywhere and resumed, or run again, it ends as a run that was never killed. Raises DestinationUnavailable,
    OutputMismatch, LandingMismatch, JobCancelled, UsageError and what the warehouse raises; nothing of the run is
    visible then.
    """
    telemetry = telemetry or NoTelemetry()
    with ExitStack() as stack:
        run = _Run(checkpoint.request, place, job.id, place.scratch(job.id), stack)
        # Asked before anything is made: a name that is no table's leaves nothing behind.
        chosen = run.chosen()
        stack.enter_context(run.writer.held())
        run.writer.recover()
        plans = run.plans(chosen)
        audits = read_audit(run.source, [plan.relation for plan in plans])
        refuse_disagreement(plans, audits)
        checkpoint.flush()
        telemetry.event("planned", job_id=job.id, tables={plan.name: plan.rows_to_write for plan in plans})
        changed = [plan for plan in plans if plan.changed]
        written = write_all(run.source, run.writer, changed, checkpoint, run.control, job)
        manifest = run.writer.publish(run.before, written) if written else run.before
        failpoint("outputs.run.published")
        run.writer.clear()
        checkpoint.clear()
        output = run.writer.output
    entries = {entry.name: entry for entry in manifest.tables if entry.output == output}
    lines = [figures(plan, entries[plan.name], audit_of(plan.relation, audits)) for plan in plans]
    _report(job, telemetry, lines)
    return Outcome(job.id, manifest.sequence, bool(written), tuple(lines))


def _report(job: ControlledJob, telemetry: Telemetry, lines: Sequence[Figures]) -> None:
    for line in lines:
        values = asdict(line)
        audit = values.pop("audit") or {}
        telemetry.event("table", job_id=job.id, **values, **audit)
        for name, value in (values | audit).items():
            if name != "table":
                job.metric(name, value, table=line.table)


class _Run:
    """The warehouse and the writer of a run, and its folder `scratch`, there as long as `stack` is open."""

    def __init__(self, request: Request, place: Place, job_id: str, scratch: Path, stack: ExitStack) -> None:
        self.control = Control()
        self._request = request
        self._place = place
        _make_folder(scratch / "spill")
        stack.callback(_remove_folder, scratch)
        self.writer: Writer = open_writer(Setting(request, job_id, scratch, place.target, self.control))
        stack.callback(self.writer.close)
        self.source: Source = stack.enter_context(
            open_source(place.target, Limits(request.memory_bytes, scratch / "spill", request.lock_timeout))
        )

    def chosen(self) -> list[Relation]:
        """The tables asked for. Raises UsageError."""
        relations = with_contracts(self.source.relations(), self._place.contracts)
        resolver = ask_dbt(self._place.project_dir, self._place.target)
        return select(relations, self._request.tables, resolver)

    def plans(self, chosen: Sequence[Relation]) -> list[TablePlan]:
        """A plan for each of `chosen`; `before` is the manifest they are against."""
        self.before = self.writer.manifest(chosen)
        return [self._plan(relation) for relation in chosen]

    def _plan(self, relation: Relation) -> TablePlan:
        cursor = self.source.session.cursor()
        relation, source = self.source.ready(cursor, relation)
        refuse_unreadable(relation)
        partitioning = None
        if self.writer.partitioned:
            partitioning = choose(relation, self._request.partition, self._place.contracts)
        partitions = survey(cursor, source, relation, partitioning)
        settings = self.writer.settings(relation, partitioning)
        before = None if self._request.rewrite else self.before.table(self.writer.output, relation.name)
        plan = plan_table(relation, source, partitions, partitioning, settings, before)
        return replace(plan, row_bytes=bytes_per_row(cursor, source, relation, plan.todo)) if plan.todo else plan


@contextmanager
def _temporary_folder() -> Iterator[Path]:
    try:
        made = TemporaryDirectory(prefix="landfall-")
    except OSError as error:
        raise StateUnavailable(f"no temporary folder can be made: {error}", hint="set TMPDIR to one") from error
    with made as folder:
        yield Path(folder)


def _make_folder(folder: Path) -> None:
    """Makes a scratch folder. Raises StateUnavailable."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StateUnavailable(
            f"{folder} cannot be made: {error.strerror}", hint="choose another --checkpoint-dir"
        ) from error


def _remove_folder(folder: Path) -> None:
    if folder.is_dir():
        shutil.rmtree(folder)

"""One call of `loaders materialize` as a job: a new one, or an earlier one that goes on."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypedDict, cast

from loaders.contracts.read import read_contracts
from loaders.errors import JobStopped, UsageError
from loaders.jobs.run import new_job_id, run_job, usable_job_id
from loaders.outputs.checkpoint import Checkpoint, latest_job
from loaders.outputs.destinations import lasting
from loaders.outputs.model import FormatName, Request
from loaders.outputs.run import Outcome, Place, materialize, preview
from loaders.outputs.telemetry import JsonLines, json_lines
from loaders.warehouses.profile import read_target

if TYPE_CHECKING:
    from loaders.jobs.model import ProgressEvent
    from loaders.jobs.run import Listener
    from loaders.jobs.store import JobStore
    from loaders.outputs.model import TablePlan


class Wishes(TypedDict, total=False):
    """Fields of a Request that the caller gave; the others are the request's defaults, or the earlier job's."""

    tables: tuple[str, ...]
    format: FormatName
    to: str
    target: str
    partition: str
    rows_per_file: int
    safe_csv: bool
    in_order: bool
    memory_bytes: int
    jobs: int
    retries: int
    lock_timeout: float
    rewrite: bool


def wishes(**given: object) -> Wishes:
    """Those of `given` that are not None."""
    return cast("Wishes", {name: value for name, value in given.items() if value is not None})


# What may be another for the rest of a job: it changes no row of what is written.
_MAY_CHANGE: Final = {"memory_bytes", "jobs", "retries", "lock_timeout"}


@dataclass(frozen=True, slots=True)
class Call:
    """What is wished, where, and as which job. `resume` is an earlier job's id; `job_id` names a new one."""

    wishes: Wishes
    project_dir: Path
    contracts_dir: Path
    checkpoint_dir: Path
    job_id: str | None = None
    resume: str | None = None
    resume_latest: bool = False

    @property
    def goes_on(self) -> bool:
        """Whether it is an earlier job that is meant."""
        return self.resume is not None or self.resume_latest


def plans_of(call: Call) -> list[TablePlan]:
    """What the call would do now. Writes nothing. Raises as `run_call`."""
    request = _checkpoint(call).request
    return preview(request, _place(call, request))


def run_call(call: Call, store: JobStore, listener: Listener | None, telemetry: Path | None = None) -> Outcome:
    """Does what the call asks for, as a job of `store`; every event goes to `listener` and the `telemetry` file.

    Raises UsageError for a call that cannot be meant, ContractInvalid, ProfileInvalid, JobStopped on Ctrl-C once there
    is a checkpoint, and as `materialize`. Writes.
    """
    checkpoint = _checkpoint(call)
    place = _place(call, checkpoint.request)
    with ExitStack() as stack:
        lines = None if telemetry is None else stack.enter_context(json_lines(telemetry))
        job = stack.enter_context(
            run_job(
                store,
                "materialize",
                asdict(checkpoint.request),
                _both(listener, lines),
                checkpoint.job_id,
                resume=call.goes_on,
            )
        )
        try:
            return materialize(place, job, checkpoint, lines)
        except KeyboardInterrupt as error:
            if not checkpoint.is_kept:
                raise
            raise JobStopped(f"go on with --resume {job.id}, or with --resume-latest") from error


def _place(call: Call, request: Request) -> Place:
    contracts = read_contracts(call.contracts_dir)
    return Place(call.project_dir, read_target(call.project_dir, request.target), contracts, call.checkpoint_dir)


def _checkpoint(call: Call) -> Checkpoint:
    if call.goes_on:
        return _earlier(call)
    if not call.wishes.get("to"):
        raise UsageError("no destination is given", hint="say where with --to FOLDER (or go on with --resume-latest)")
    _refuse_unheard(call.wishes)
    # By its name, because the profile's default may be another one when the job goes on.
    target = read_target(call.project_dir, call.wishes.get("target")).name
    request = replace(Request(**call.wishes), target=target)
    if request.format != "warehouse":
        # A job may go on from another folder.
        request = replace(request, to=lasting(request.to))
    job_id = new_job_id("materialize") if call.job_id is None else usable_job_id(call.job_id)
    return Checkpoint.new(call.checkpoint_dir, job_id, request)


def _refuse_unheard(wishes: Wishes) -> None:
    """Raises UsageError for what the format asked for would pass over."""
    chosen = wishes.get("format", "dataset")
    for name, option, heard in (("partition", "--partition", "dataset"), ("safe_csv", "--safe-csv", "csv")):
        if name in wishes and chosen != heard:
            raise UsageError(
                f"{option} is for --format {heard}, not {chosen}", hint=f"leave it out, or ask for {heard}"
            )


def _earlier(call: Call) -> Checkpoint:
    asked_anew = sorted(call.wishes.keys() - _MAY_CHANGE)
    if asked_anew:
        raise UsageError(
            f"a job that goes on does what it was asked to; it takes no other {', '.join(asked_anew)}",
            hint="give the job alone, or start a new one without --resume",
        )
    job_id = latest_job(call.checkpoint_dir) if call.resume is None else usable_job_id(call.resume)
    checkpoint = Checkpoint.open(call.checkpoint_dir, job_id)
    checkpoint.request = replace(checkpoint.request, **call.wishes)
    return checkpoint


def _both(listener: Listener | None, lines: JsonLines | None) -> Listener:
    def listen(event: ProgressEvent) -> None:
        if listener is not None:
            listener(event)
        if lines is not None:
            lines.progress(event)

    return listen

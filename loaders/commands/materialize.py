"""`loaders materialize`: tables of the warehouse as files, as one SQLite file, or in another warehouse."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from loaders.commands.progress import shown_progress, size_text
from loaders.commands.shared import (
    AsJson,
    ContractsDir,
    LockTimeout,
    Memory,
    ProjectDir,
    Target,
    contracts_folder,
    memory_bytes,
    open_job_store,
    print_json,
)
from loaders.errors import UsageError

if TYPE_CHECKING:
    from rich.table import Table

    from loaders.jobs.model import ProgressEvent
    from loaders.jobs.run import Listener
    from loaders.outputs.checkpoint import Checkpoint
    from loaders.outputs.model import Request, TablePlan
    from loaders.outputs.run import Outcome, Place
    from loaders.outputs.telemetry import JsonLines

_WIDEST = 1_000
Format = Literal["csv", "parquet", "dataset", "sqlite", "warehouse"]


def materialize(
    tables: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TABLES]...", help="Names, or dbt selection syntax [default: every staging table]."),
    ] = None,
    format_name: Annotated[Format, typer.Option("--format", "-f", help="What the tables become.")] = "dataset",
    to: Annotated[
        str | None, typer.Option("--to", help="Folder, file.sqlite or s3:// URI; for warehouse, an output's name.")
    ] = None,
    partition: Annotated[
        str | None,
        typer.Option(
            help="Column of a dataset's folders, or column:day|month|year|value, or none [default: contract]."
        ),
    ] = None,
    rows_per_file: Annotated[int | None, typer.Option(min=1, help="Most rows a file holds.")] = None,
    safe_csv: Annotated[
        bool | None,
        typer.Option("--safe-csv/--no-safe-csv", help="No formulas in CSV texts [default: rejects only]."),
    ] = None,
    memory: Memory = "768MiB",
    jobs: Annotated[int, typer.Option(min=1, max=16, help="Tables at once.")] = 2,
    retries: Annotated[int, typer.Option(min=0, max=20, help="More tries of a step that a remote place fails.")] = 3,
    lock_timeout: LockTimeout = 10.0,
    rewrite: Annotated[bool, typer.Option("--rewrite", help="Write everything again, over what is there.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan; write nothing.")] = False,
    resume: Annotated[str | None, typer.Option(metavar="JOB_ID", help="Go on with a job that was stopped.")] = None,
    resume_latest: Annotated[bool, typer.Option("--resume-latest", help="Go on with the last stopped job.")] = False,
    job_id: Annotated[str | None, typer.Option(help="Id of the new job [default: made up].")] = None,
    checkpoint_dir: Annotated[
        Path | None,
        typer.Option(help="Where checkpoints are [default: <project-dir>/artifacts/checkpoints/materialize]."),
    ] = None,
    telemetry: Annotated[Path | None, typer.Option(help="Append events to this file as JSON lines.")] = None,
    project_dir: ProjectDir = Path(),
    contracts: ContractsDir = None,
    target: Target = None,
    as_json: AsJson = False,
) -> None:
    """Write tables of the warehouse to files, exactly, atomically, and only what is new.

    Example: loaders materialize --format dataset --to exports
    """
    from loaders.outputs.model import Request

    folder = checkpoint_dir or project_dir / "artifacts" / "checkpoints" / "materialize"
    place = _place(project_dir, contracts, target, folder)
    if resume or resume_latest:
        checkpoint, is_new = _earlier(folder, resume), False
    else:
        if to is None:
            raise UsageError(
                "no destination is given", hint="say where with --to FOLDER (or go on with --resume-latest)"
            )
        request = Request(
            tuple(tables or ()),
            format_name,
            to,
            partition=partition,
            rows_per_file=rows_per_file,
            safe_csv=safe_csv,
            memory_bytes=memory_bytes(memory),
            jobs=jobs,
            retries=retries,
            lock_timeout=lock_timeout,
            rewrite=rewrite,
        )
        if dry_run:
            _show_plans(request, place, as_json)
            return
        checkpoint, is_new = _fresh(folder, job_id, request), True
    _show(_run(checkpoint, place, is_new, telemetry, quiet=as_json), as_json)


def _place(project_dir: Path, contracts: Path | None, target: str | None, checkpoint_dir: Path) -> Place:
    from loaders.contracts.read import read_contracts
    from loaders.outputs.run import Place
    from loaders.warehouses.profile import read_target

    read = read_contracts(contracts_folder(project_dir, contracts))
    return Place(project_dir, read_target(project_dir, target), read, checkpoint_dir)


def _earlier(folder: Path, job_id: str | None) -> Checkpoint:
    from loaders.outputs.checkpoint import Checkpoint, latest_job

    return Checkpoint.open(folder, job_id or latest_job(folder))


def _fresh(folder: Path, job_id: str | None, request: Request) -> Checkpoint:
    from loaders.jobs.run import new_job_id
    from loaders.outputs.checkpoint import Checkpoint

    return Checkpoint.new(folder, job_id or new_job_id("materialize"), request)


def _run(checkpoint: Checkpoint, place: Place, is_new: bool, telemetry: Path | None, *, quiet: bool) -> Outcome:
    from loaders.jobs.run import run_job
    from loaders.outputs.run import materialize as write
    from loaders.outputs.telemetry import json_lines

    store = open_job_store(place.project_dir)
    detail = asdict(checkpoint.request)
    with ExitStack() as stack:
        lines = None if telemetry is None else stack.enter_context(json_lines(telemetry))
        listener = _both(stack.enter_context(shown_progress(quiet=quiet)), lines)
        job = stack.enter_context(run_job(store, "materialize", detail, listener, checkpoint.job_id, resume=not is_new))
        return write(place, job, checkpoint, lines)


def _both(shown: Listener | None, lines: JsonLines | None) -> Listener:
    def listen(event: ProgressEvent) -> None:
        if shown is not None:
            shown(event)
        if lines is not None:
            lines.progress(event)

    return listen


def _show_plans(request: Request, place: Place, as_json: bool) -> None:
    from loaders.outputs.run import preview

    plans = preview(request, place)
    if as_json:
        print_json([_plan(plan) for plan in plans])
        return
    from rich.table import Table

    table = Table("table", "partitioned by", box=None, pad_edge=False)
    for name in ("rows", "partitions", "kept", "to write", "rows to write"):
        table.add_column(name, justify="right", no_wrap=True)
    for plan in plans:
        by = "" if plan.partitioning is None else f"{plan.partitioning.column} ({plan.partitioning.granularity})"
        numbers = (plan.rows, len(plan.partitions), len(plan.kept), len(plan.todo), plan.rows_to_write)
        table.add_row(plan.name, by, *(f"{number:,}" for number in numbers))
    _print_table(table)
    typer.echo("nothing was written")


def _print_table(table: Table) -> None:
    """In its full width: a name that was cut is no name, and a wide line can be scrolled."""
    from rich.console import Console

    wanted = Console(width=_WIDEST).measure(table).maximum
    Console(width=max(Console().width, wanted)).print(table)


def _plan(plan: TablePlan) -> dict[str, object]:
    return {
        "table": plan.name,
        "partitioned_by": None if plan.partitioning is None else asdict(plan.partitioning),
        "rows": plan.rows,
        "rows_to_write": plan.rows_to_write,
        "write": [partition.key for partition in plan.todo],
        "keep": [partition.key for partition in plan.kept],
        "remove": list(plan.gone),
    }


def _show(outcome: Outcome, as_json: bool) -> None:
    if as_json:
        print_json(asdict(outcome))
        return
    from rich.table import Table

    names = ("read", "written", "new", "short", "long", "empty", "rejected", "files", "size")
    table = Table("table", box=None, pad_edge=False)
    for name in names:
        table.add_column(name, justify="right", no_wrap=True)
    for line in outcome.tables:
        audit: list[str] = ["-"] * 4
        if line.audit is not None:
            counts = (line.audit.short, line.audit.long, line.audit.empty, line.audit.rejected)
            audit = [f"{number:,}" for number in counts]
        rows = (f"{line.read:,}", f"{line.written:,}", f"{line.anew:,}")
        table.add_row(line.table, *rows, *audit, f"{line.parts:,}", size_text(line.bytes))
    _print_table(table)
    said = "published" if outcome.changed else "nothing new; still"
    typer.echo(f"{said} manifest {outcome.sequence}; job {outcome.job_id}")

"""`loaders ingest`: lands files into the warehouse, each exactly once."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from loaders.commands.progress import shown_progress
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

if TYPE_CHECKING:
    from loaders.landing.job import IngestRequest
    from loaders.landing.outcome import IngestResult
    from loaders.warehouses.base import OpenOptions

ALREADY_LANDED = "already landed"
NAMED = 3
"""Of files that were passed over, so many are shown by name."""


def ingest(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="[PATHS]...", help="Files or folders [default: the project].")
    ] = None,
    project_dir: ProjectDir = Path(),
    contracts: ContractsDir = None,
    target: Target = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be done; write nothing.")] = False,
    reload: Annotated[
        bool, typer.Option("--reload", help="Land the files again in place of what landed of them before.")
    ] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Read every file again and compare all of landing with the ledger.")
    ] = False,
    lock_timeout: LockTimeout = 10.0,
    memory: Memory = "1GiB",
    warehouse_stage: Annotated[
        str | None, typer.Option(help="Upload parts here: a Snowflake stage, gs://bucket/folder, /Volumes/….")
    ] = None,
    warehouse_retry: Annotated[
        int, typer.Option(min=0, max=20, help="Times to go on after the warehouse could not be reached.")
    ] = 0,
    warehouse_credentials: Annotated[
        Path | None,
        typer.Option(dir_okay=False, help="File of NAME=value lines, or a service account's key, for the dbt profile."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Land every file that a contract names and that has not landed yet.

    Example: loaders ingest inbox --dry-run
    """
    from loaders.contracts.read import read_contracts
    from loaders.landing.job import IngestRequest
    from loaders.landing.limits import landing_settings, open_options
    from loaders.warehouses.credentials import read_credentials

    allowance = memory_bytes(memory)
    request = IngestRequest(
        tuple(paths or [project_dir]),
        read_contracts(contracts_folder(project_dir, contracts)),
        project_dir,
        landing_settings(allowance, reload=reload, verify=verify, dry_run=dry_run),
    )
    if warehouse_credentials is not None:
        read_credentials(warehouse_credentials)
    options = open_options(allowance, lock_timeout, stage=warehouse_stage, retries=warehouse_retry)
    result = _run(request, target, options, show_progress=not as_json)
    if not paths:
        # A project is full of files that are no data.
        result = replace(result, passed_over=())
    if as_json:
        print_json(asdict(result) | {"counts": result.counts, "rows": result.rows})
    else:
        _print(result)
    if not result.all_accepted:
        raise typer.Exit(1)


def _run(request: IngestRequest, target: str | None, options: OpenOptions, *, show_progress: bool) -> IngestResult:
    from loaders.jobs.run import run_job
    from loaders.landing.again import ingest_again, tell_job
    from loaders.warehouses.profile import read_target
    from loaders.warehouses.registry import open_warehouse

    detail: dict[str, object] = {"paths": [str(path) for path in request.paths], "target": target}
    output = read_target(request.project_dir, target)
    dry_run = request.settings.dry_run
    with (
        shown_progress(quiet=not show_progress) as listener,
        run_job(open_job_store(request.project_dir, kept=not dry_run), "ingest", detail, listener) as job,
    ):
        telling = replace(options, on_load=tell_job(job), read_only=dry_run)
        return ingest_again(request, lambda: open_warehouse(output, telling), job, options.retries)


def _print(result: IngestResult) -> None:
    for outcome in result.outcomes:
        where = f"{outcome.contract}.{outcome.table}" if outcome.contract else ""
        if outcome.status == "landed":
            malformed = f", {outcome.malformed_rows:,} malformed" if outcome.malformed_rows else ""
            typer.echo(f"landed       {where}  {outcome.path}: {outcome.rows:,} rows{malformed}{_note(outcome.note)}")
        elif outcome.status == "pending":
            typer.echo(f"would land   {where}  {outcome.path}: {outcome.size_bytes:,} bytes{_note(outcome.note)}")
        elif outcome.status != "skipped" or outcome.note != ALREADY_LANDED:
            typer.echo(f"{outcome.status:<12} {where}  {outcome.path}: {outcome.note}")
        for warning in outcome.warnings:
            typer.echo(f"loaders: warning: {outcome.path}: {warning}", err=True)
    for path in result.unmatched:
        typer.echo(f"loaders: warning: {path}: no contract names a file there", err=True)
    typer.echo(_summary(result))
    if result.passed_over:
        typer.echo(f"loaders: warning: {_passed_over(result.passed_over)}", err=True)


def _passed_over(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return f"no contract names {', '.join(names[:NAMED])}{more}: passed over"


def _note(note: str) -> str:
    return f" ({note})" if note else ""


def _summary(result: IngestResult) -> str:
    counts = result.counts
    if set(counts) == {"skipped"}:
        return f"nothing to do: {counts['skipped']:,} files have landed before ({result.seconds:.2f} s)"
    files = ", ".join(f"{number:,} {status}" for status, number in sorted(counts.items()))
    if result.dry_run:
        return f"files: {files}; nothing was written"
    rate = result.rows / max(result.seconds, 1e-9)
    return (
        f"files: {files}; {result.rows:,} rows, {result.malformed_rows:,} malformed, in {result.seconds:.1f} s "
        f"({rate:,.0f} rows/s); job {result.job_id}"
    )

"""`loaders jobs`: what ran, how it ended, what it measured; following a running job, and asking something of it."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from loaders.commands.progress import shown_progress
from loaders.commands.shared import AsJson, ProjectDir, open_job_store, print_json
from loaders.commands.tables import print_table

if TYPE_CHECKING:
    from loaders.jobs.model import JobRecord, JobRequest

JobId = Annotated[str, typer.Argument(help="An id from `loaders jobs list`.")]

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_jobs(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many, newest first.")] = 20,
    project_dir: ProjectDir = Path(),
    as_json: AsJson = False,
) -> None:
    """Show the newest jobs.

    Example: loaders jobs list --limit 5
    """
    jobs = open_job_store(project_dir).jobs(limit)
    if as_json:
        print_json([asdict(job) for job in jobs])
        return
    if not jobs:
        typer.echo("no job ran yet", err=True)
        return
    heads = ("job", "state", "started (UTC)", "seconds", "error")
    print_table(heads, [(job.id, job.state, _time(job), _seconds(job), job.error or "") for job in jobs])


@app.command("show")
def show_job(
    job_id: JobId,
    project_dir: ProjectDir = Path(),
    as_json: AsJson = False,
) -> None:
    """Show one job: its request, its last progress and its figures.

    Example: loaders jobs show ingest-20261121T020000-1a2b3c
    """
    store = open_job_store(project_dir)
    job, events, metrics, loads = store.job(job_id), store.events(job_id), store.metrics(job_id), store.loads(job_id)
    if as_json:
        print_json(
            {
                "job": asdict(job),
                "events": [asdict(each) for each in events],
                "metrics": [asdict(each) for each in metrics],
                "loads": [asdict(each) for each in loads],
            }
        )
        return
    typer.echo(f"{job.id}  {job.state}  started {_time(job)} UTC  {_seconds(job)} s")
    for key, value in job.detail.items():
        typer.echo(f"  {key}: {value}")
    if job.error:
        typer.echo(f"  error: {job.error}")
    if events:
        last = events[-1]
        typer.echo(
            f"  last progress: {last.progress.phase}, {last.progress.bytes_done:,} bytes, {last.progress.rows:,} rows, "
            f"{last.rows_per_second:,.0f} rows/s"
        )
    for metric in metrics:
        labels = ", ".join(f"{key} {value}" for key, value in metric.labels if value)
        typer.echo(f"  {metric.name}{f' ({labels})' if labels else ''} = {metric.value:,g}")
    for load in loads:
        typer.echo(
            f"  loaded {load.part} into {load.table}: {load.rows:,} rows, {load.size_bytes:,} bytes, "
            f"{load.seconds:.1f} s, warehouse job {load.warehouse_job_id or 'unknown'}"
        )


@app.command("watch")
def watch_job(
    job_id: JobId,
    interval: Annotated[float, typer.Option(min=0.05, help="Seconds between looks.")] = 0.5,
    project_dir: ProjectDir = Path(),
) -> None:
    """Follow a job of another process until it ends. Exit 1 when it fails.

    Example: loaders jobs watch materialize-20261121T020000-1a2b3c
    """
    store = open_job_store(project_dir)
    seen = -1
    with shown_progress() as listener:
        while True:
            # Asked for before its events, or the last ones could slip through between the two.
            job = store.job(job_id)
            for event in store.events(job_id, seen):
                seen = event.sequence
                if listener is not None:
                    listener(event)
            if job.state in ("failed", "succeeded"):
                break
            time.sleep(interval)
    typer.echo(f"{job.id}  {job.state}  {_seconds(job)} s{f'  {job.error}' if job.error else ''}")
    if job.state == "failed":
        raise typer.Exit(1)


@app.command("pause")
def pause_job(job_id: JobId, project_dir: ProjectDir = Path()) -> None:
    """Ask a running job to wait after its current batch.

    Example: loaders jobs pause materialize-20261121T020000-1a2b3c
    """
    _ask(project_dir, job_id, "pause", "waits after its current batch; `loaders jobs resume` lets it go on")


@app.command("resume")
def resume_job(job_id: JobId, project_dir: ProjectDir = Path()) -> None:
    """Let a paused job go on.

    Example: loaders jobs resume materialize-20261121T020000-1a2b3c
    """
    _ask(project_dir, job_id, "resume", "goes on")


@app.command("cancel")
def cancel_job(job_id: JobId, project_dir: ProjectDir = Path()) -> None:
    """Ask a running job to stop after its current batch; nothing of it is half done.

    Example: loaders jobs cancel materialize-20261121T020000-1a2b3c
    """
    _ask(project_dir, job_id, "cancel", "stops after its current batch")


@app.command("prune")
def prune_jobs(
    keep: Annotated[int, typer.Option(min=0, help="Progress events to keep of each table and job.")] = 500,
    older_than: Annotated[
        int | None,
        typer.Option(min=0, max=36_500, metavar="DAYS", help="Also forget ended jobs of so many days ago or more."),
    ] = None,
    project_dir: ProjectDir = Path(),
) -> None:
    """Make the job history smaller. No data is touched.

    Example: loaders jobs prune --older-than 90
    """
    from datetime import timedelta

    from loaders.jobs.store import utc_now

    before = None if older_than is None else utc_now() - timedelta(days=older_than)
    removed = open_job_store(project_dir).prune(keep, older_than=before)
    typer.echo(f"{removed:,} rows of history removed")


def _ask(project_dir: Path, job_id: str, request: JobRequest, what: str) -> None:
    open_job_store(project_dir).ask(job_id, request)
    typer.echo(f"{job_id} {what}")


def _time(job: JobRecord) -> str:
    return f"{job.started_at:%Y-%m-%d %H:%M:%S}" if job.started_at else "-"


def _seconds(job: JobRecord) -> str:
    if job.started_at is None or job.ended_at is None:
        return "-"
    return f"{(job.ended_at - job.started_at).total_seconds():.1f}"

"""`loaders jobs list|show`: what ran, how it ended, what it measured."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from loaders.commands.shared import AsJson, ProjectDir, open_job_store, print_json

if TYPE_CHECKING:
    from loaders.jobs.model import JobRecord

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
    from rich.console import Console
    from rich.table import Table

    table = Table("job", "state", "started (UTC)", "seconds", "error", box=None, pad_edge=False)
    for job in jobs:
        table.add_row(job.id, job.state, _time(job), _seconds(job), job.error or "")
    Console().print(table)


@app.command("show")
def show_job(
    job_id: Annotated[str, typer.Argument(help="An id from `loaders jobs list`.")],
    project_dir: ProjectDir = Path(),
    as_json: AsJson = False,
) -> None:
    """Show one job: its request, its last progress and its figures.

    Example: loaders jobs show ingest-20261121T020000-1a2b3c
    """
    store = open_job_store(project_dir)
    job, events, metrics = store.job(job_id), store.events(job_id), store.metrics(job_id)
    if as_json:
        print_json(
            {"job": asdict(job), "events": [asdict(each) for each in events], "metrics": [asdict(m) for m in metrics]}
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
        labels = "".join(f" {key}={value}" for key, value in metric.labels)
        typer.echo(f"  {metric.name} = {metric.value:g}{labels}")


def _time(job: JobRecord) -> str:
    return f"{job.started_at:%Y-%m-%d %H:%M:%S}" if job.started_at else "-"


def _seconds(job: JobRecord) -> str:
    if job.started_at is None or job.ended_at is None:
        return "-"
    return f"{(job.ended_at - job.started_at).total_seconds():.1f}"

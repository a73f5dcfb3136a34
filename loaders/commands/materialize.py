"""`loaders materialize`: tables of the warehouse as files, as one SQLite file, or in another warehouse."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from loaders.commands.materialized import show_outcome, show_plans
from loaders.commands.progress import shown_progress
from loaders.commands.shared import (
    AsJson,
    ContractsDir,
    ProjectDir,
    Target,
    contracts_folder,
    memory_bytes,
    open_job_store,
)

Format = Literal["csv", "parquet", "dataset", "sqlite", "warehouse"]

# None where nothing is given: a job that goes on then keeps what it was asked.
Tables = Annotated[
    list[str] | None,
    typer.Argument(metavar="[TABLES]...", help="Names, or dbt selection syntax [default: every staging table]."),
]
FormatName = Annotated[Format | None, typer.Option("--format", "-f", help="What the tables become [default: dataset].")]
To = Annotated[
    str | None, typer.Option("--to", help="Folder, file.sqlite or s3:// URI; for warehouse, an output's name.")
]
Partition = Annotated[
    str | None,
    typer.Option(help="Column of a dataset's folders, or column:day|month|year|value, or none [default: contract]."),
]
RowsPerFile = Annotated[int | None, typer.Option(min=1, help="Most rows a file holds.")]
SafeCsv = Annotated[
    bool | None, typer.Option("--safe-csv/--no-safe-csv", help="No formulas in CSV texts [default: rejects only].")
]
InOrder = Annotated[
    bool, typer.Option("--in-order", help="Rows of CSV and Parquet files in the table's order; takes longer.")
]
Memory = Annotated[str | None, typer.Option(help="Memory to stay within, such as 512MiB or 2G [default: 768MiB].")]
Jobs = Annotated[int | None, typer.Option(min=1, max=16, help="Tables at once [default: 2].")]
Retries = Annotated[
    int | None, typer.Option(min=0, max=20, help="More tries of a step that a remote place fails [default: 3].")
]
LockTimeout = Annotated[
    float | None, typer.Option(min=0, help="Seconds to wait for a process that holds the warehouse [default: 10].")
]
Rewrite = Annotated[bool, typer.Option("--rewrite", help="Write the chosen tables again, over what is there.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show the plan; write nothing.")]
Resume = Annotated[str | None, typer.Option(metavar="JOB_ID", help="Go on with a job that was stopped.")]
ResumeLatest = Annotated[bool, typer.Option("--resume-latest", help="Go on with the last stopped job.")]
JobId = Annotated[str | None, typer.Option(help="Id of the new job [default: made up].")]
CheckpointDir = Annotated[
    Path | None, typer.Option(help="Where checkpoints are [default: <project-dir>/artifacts/checkpoints/materialize].")
]
Telemetry = Annotated[Path | None, typer.Option(help="Append events to this file as JSON lines.")]


def materialize(
    tables: Tables = None,
    format_name: FormatName = None,
    to: To = None,
    partition: Partition = None,
    rows_per_file: RowsPerFile = None,
    safe_csv: SafeCsv = None,
    in_order: InOrder = False,
    memory: Memory = None,
    jobs: Jobs = None,
    retries: Retries = None,
    lock_timeout: LockTimeout = None,
    rewrite: Rewrite = False,
    dry_run: DryRun = False,
    resume: Resume = None,
    resume_latest: ResumeLatest = False,
    job_id: JobId = None,
    checkpoint_dir: CheckpointDir = None,
    telemetry: Telemetry = None,
    project_dir: ProjectDir = Path(),
    contracts: ContractsDir = None,
    target: Target = None,
    as_json: AsJson = False,
) -> None:
    """Write tables of the warehouse to files, exactly, atomically, and only what is new.

    Example: loaders materialize --format dataset --to exports
    """
    from loaders.outputs.call import Call, plans_of, run_call, wishes

    wished = wishes(
        tables=tuple(tables) if tables else None,
        format=format_name,
        to=to,
        target=target,
        partition=partition,
        rows_per_file=rows_per_file,
        safe_csv=safe_csv,
        in_order=in_order or None,
        memory_bytes=None if memory is None else memory_bytes(memory),
        jobs=jobs,
        retries=retries,
        lock_timeout=lock_timeout,
        rewrite=rewrite or None,
    )
    checkpoints = checkpoint_dir or project_dir / "artifacts" / "checkpoints" / "materialize"
    folder = contracts_folder(project_dir, contracts)
    call = Call(wished, project_dir, folder, checkpoints, job_id, resume, resume_latest)
    if dry_run:
        show_plans(plans_of(call), as_json=as_json)
        return
    with shown_progress(quiet=as_json) as listener:
        outcome = run_call(call, open_job_store(project_dir), listener, telemetry)
    show_outcome(outcome, as_json=as_json)

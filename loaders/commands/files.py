"""`loaders files list|show|forget`: what the ledger knows of files, and mending it by hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from loaders.commands.shared import (
    AsJson,
    ContractName,
    ContractsDir,
    LockTimeout,
    ProjectDir,
    TableName,
    Target,
    contracts_folder,
    open_job_store,
    print_json,
)
from loaders.errors import UsageError

if TYPE_CHECKING:
    from loaders.landing.care import FileDetails, FileFilter, KnownFile
    from loaders.warehouses.base import Warehouse
    from loaders.warehouses.layout import LedgerState

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

_ID_SHOWN = 12


@app.command("list")
def list_files(
    state: Annotated[
        str | None, typer.Option(help="landing, landed, superseded, quarantined or deleted [default: all].")
    ] = None,
    contract: ContractName = None,
    table: TableName = None,
    limit: Annotated[int, typer.Option(min=1, help="How many, newest first.")] = 100,
    project_dir: ProjectDir = Path(),
    contracts: ContractsDir = None,
    target: Target = None,
    lock_timeout: LockTimeout = 10.0,
    as_json: AsJson = False,
) -> None:
    """Show the files that the ledger knows.

    Example: loaders files list --state quarantined
    """
    from loaders.landing.care import FileFilter

    wanted = FileFilter(contract, table, _state(state))
    with _opened(project_dir, target, lock_timeout) as warehouse:
        files = _known(warehouse, project_dir, contracts, wanted)
    files.sort(key=lambda each: each.entry.started_at, reverse=True)
    if as_json:
        print_json([asdict(each.entry) for each in files[:limit]])
        return
    for each in files[:limit]:
        entry = each.entry
        counts = f"{entry.landed_rows or 0:,} rows, {entry.malformed_rows or 0:,} malformed"
        said = f"  {entry.error}" if entry.error else ""
        name = f"{entry.contract}.{entry.table_name}"
        typer.echo(f"{entry.file_id[:_ID_SHOWN]}  {entry.state:<11}  {name}  {entry.path}: {counts}{said}")
    more = f"; {len(files) - limit:,} older ones are not shown (--limit)" if len(files) > limit else ""
    typer.echo(f"{len(files):,} files{more}", err=True)


@app.command("show")
def show_file(
    name: Annotated[str, typer.Argument(help="A file's path as the ledger has it, or the first digits of its id.")],
    lines: Annotated[int, typer.Option(min=0, help="How many malformed lines to show.")] = 20,
    project_dir: ProjectDir = Path(),
    contracts: ContractsDir = None,
    target: Target = None,
    lock_timeout: LockTimeout = 10.0,
    as_json: AsJson = False,
) -> None:
    """Show all that is known of one file: its counts, its chunks, its malformed lines.

    Example: loaders files show inbox/olist_orders_dataset.csv
    """
    from loaders.landing.care import details, find

    with _opened(project_dir, target, lock_timeout) as warehouse:
        shown = details(warehouse, find(_known(warehouse, project_dir, contracts), name), lines)
    if as_json:
        print_json(asdict(shown))
    else:
        _print(shown)


@app.command("forget")
def forget_files(
    names: Annotated[list[str], typer.Argument(help="Paths as the ledger has them, or first digits of ids.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without, only show what would be forgotten.")] = False,
    project_dir: ProjectDir = Path(),
    contracts: ContractsDir = None,
    target: Target = None,
    lock_timeout: LockTimeout = 10.0,
) -> None:
    """Take files out of landing, so that the next ingest lands them like new ones. A refusal is forgotten alike.

    Example: loaders files forget inbox/orders.csv --yes
    """
    from loaders.jobs.run import run_job
    from loaders.landing.care import find, forget

    with _opened(project_dir, target, lock_timeout) as warehouse:
        known = _known(warehouse, project_dir, contracts)
        files = list({find(known, name).entry.file_id: find(known, name) for name in names}.values())
        for each in files:
            entry, verb = each.entry, "forgets" if yes else "would forget"
            typer.echo(f"{verb} {entry.state} {entry.path}: {entry.landed_rows or 0:,} rows of {each.landing.name}")
        if not yes:
            typer.echo("nothing was changed; give --yes to do it", err=True)
            return
        detail: dict[str, object] = {"files": [each.entry.path for each in files], "target": target}
        with run_job(open_job_store(project_dir), "forget", detail) as job:
            forget(warehouse, files, job.id)


@contextmanager
def _opened(project_dir: Path, target: str | None, lock_timeout: float) -> Iterator[Warehouse]:
    from loaders.warehouses.base import OpenOptions
    from loaders.warehouses.profile import read_target
    from loaders.warehouses.registry import open_warehouse

    options = OpenOptions(lock_timeout=lock_timeout)
    with closing(open_warehouse(read_target(project_dir, target), options)) as warehouse:
        yield warehouse


def _known(
    warehouse: Warehouse, project_dir: Path, contracts: Path | None, wanted: FileFilter | None = None
) -> list[KnownFile]:
    from loaders.contracts.read import read_contracts
    from loaders.landing.care import FileFilter, known_files

    return known_files(warehouse, read_contracts(contracts_folder(project_dir, contracts)), wanted or FileFilter())


def _state(text: str | None) -> LedgerState | None:
    from loaders.warehouses.layout import LedgerState

    if text is not None and text not in get_args(LedgerState):
        raise UsageError(f"{text!r} is no state of a file", hint=f"states are {', '.join(get_args(LedgerState))}")
    return cast("LedgerState | None", text)


def _print(shown: FileDetails) -> None:
    for name, value in asdict(shown.entry).items():
        if value is not None:
            typer.echo(f"{name}: {value}")
    for chunk in shown.chunks:
        typer.echo(
            f"chunk {chunk.chunk_number}: bytes {chunk.byte_start:,} to {chunk.byte_end:,}, {chunk.landed_rows:,} rows"
        )
    for line in shown.malformed:
        raw = line.raw if line.raw_encoding == "base64" else line.raw.rstrip("\r\n")
        typer.echo(f"line {line.line_number} (byte {line.byte_offset}) {line.kind}: {line.message}: {raw}")
    hidden = (shown.entry.malformed_rows or 0) - len(shown.malformed)
    if hidden > 0:
        typer.echo(f"{hidden:,} more malformed lines are not shown (--lines)", err=True)

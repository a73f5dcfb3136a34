"""`loaders replay`: lands what an older contract refused, now that it was mended."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from loaders.commands.shared import (
    AsJson,
    ContractName,
    ContractsDir,
    LockTimeout,
    Memory,
    ProjectDir,
    TableName,
    Target,
    contracts_folder,
    memory_bytes,
    open_job_store,
    print_json,
)

if TYPE_CHECKING:
    from loaders.landing.replay import ReplayResult


def replay(
    contract: ContractName = None,
    table: TableName = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Read also files again that landed whole under other parse options.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be done; write nothing.")] = False,
    project_dir: ProjectDir = Path(),
    contracts: ContractsDir = None,
    target: Target = None,
    lock_timeout: LockTimeout = 10.0,
    memory: Memory = "1GiB",
    as_json: AsJson = False,
) -> None:
    """Read again what an older version of a contract refused: quarantined files and files with malformed rows.

    Example: loaders replay --table orders --dry-run
    """
    from loaders.contracts.read import read_contracts
    from loaders.jobs.run import run_job
    from loaders.landing.care import FileFilter
    from loaders.landing.limits import landing_settings, open_options
    from loaders.landing.replay import ReplayRequest
    from loaders.landing.replay import replay as read_again
    from loaders.warehouses.profile import read_target
    from loaders.warehouses.registry import open_warehouse

    allowance = memory_bytes(memory)
    request = ReplayRequest(
        read_contracts(contracts_folder(project_dir, contracts)),
        project_dir,
        landing_settings(allowance, dry_run=dry_run),
        FileFilter(contract, table),
        everything,
    )
    options = replace(open_options(allowance, lock_timeout), read_only=dry_run)
    detail: dict[str, object] = {"contract": contract, "table": table, "all": everything, "target": target}
    with (
        closing(open_warehouse(read_target(project_dir, target), options)) as warehouse,
        run_job(open_job_store(project_dir, kept=not dry_run), "replay", detail) as job,
    ):
        result = read_again(request, warehouse, job)
    if as_json:
        print_json(asdict(result) | {"counts": result.landing.counts})
    else:
        _print(result)
    if not result.landing.all_accepted:
        raise typer.Exit(1)


def _print(result: ReplayResult) -> None:
    landing = result.landing
    for outcome in landing.outcomes:
        told = (
            outcome.note
            if outcome.status != "landed"
            else f"{outcome.rows:,} rows, {outcome.malformed_rows:,} malformed"
        )
        where = f"{outcome.contract}.{outcome.table}" if outcome.contract else ""
        typer.echo(f"{outcome.status:<12} {where}  {outcome.path}: {told}")
    if not landing.outcomes and not result.judged and not result.kept:
        typer.echo("nothing to do: no file landed under an older contract")
        return
    verb = "would be" if landing.dry_run else "were"
    typer.echo(f"{len(landing.outcomes):,} files {verb} read again; {landing.rows:,} rows landed")
    if result.judged:
        typer.echo(
            f"{result.judged:,} files keep their rows; run `dbt build` to judge them by the contract as it is now"
        )
    if result.kept:
        typer.echo(
            f"{result.kept:,} files landed whole under other parse options and stay as they are; --all reads them again"
        )

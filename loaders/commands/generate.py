"""`loaders generate`: contracts → models, rejects, tests and docs of the dbt project."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from loaders.commands.shared import AsJson, ContractsDir, ProjectDir, contracts_folder, print_json


def generate(
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 when a file would change.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Write nothing; show what would change.")] = False,
    contracts: ContractsDir = None,
    project_dir: ProjectDir = Path(),
    as_json: AsJson = False,
) -> None:
    """Write the dbt project that the contracts describe. Hand-written files are never touched.

    Example: loaders generate --check
    """
    from loaders.contracts.read import read_contracts
    from loaders.project.generate import generated_files
    from loaders.project.write import changes, write
    from loaders.project.write import check as check_drift

    files = generated_files(project_dir, read_contracts(contracts_folder(project_dir, contracts)))
    done = changes(project_dir, files) if check or diff else write(project_dir, files)
    if as_json:
        print_json({"files": len(files), "changes": [{"path": str(each.path), "kind": each.kind} for each in done]})
    elif diff:
        typer.echo("".join(change.diff() for change in done), nl=False)
    elif not check:
        for change in done:
            typer.echo(f"{change.kind:8}{change.path}", err=True)
        typer.echo(f"{len(files)} generated files, {len(done)} written or removed")
    if check:
        check_drift(project_dir, files)
        if not as_json:
            typer.echo(f"{len(files)} generated files are up to date")

"""`loaders init`: a project of one's own, ready to run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from loaders.commands.shared import AsJson, print_json


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder; may lie in a git repository.")],
    as_json: AsJson = False,
) -> None:
    """Write a new project: an example contract with two files, dbt settings, CI.

    Example: loaders init my-project
    """
    from loaders.starter import write_project

    written = write_project(folder)
    if as_json:
        print_json({"folder": folder, "files": written})
        return
    typer.echo(f"{folder}: {len(written)} files. Next:\n")
    typer.echo(f"  cd {folder}\n  loaders ingest inbox\n  loaders generate")
    typer.echo("  DBT_PROFILES_DIR=profiles dbt build\n  loaders audit")

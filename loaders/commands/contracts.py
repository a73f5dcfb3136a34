"""`loaders contracts`: look at data contracts without touching data."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from loaders.commands.shared import AsJson, print_json

app = typer.Typer(no_args_is_help=True)


# Without a callback, Typer would take the one command for the group itself.
@app.callback()
def _group() -> None:
    """Check data contracts."""


@app.command()
def lint(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[PATHS]...", help="Contract files, or folders of them.", show_default="contracts"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check contracts against ODCS and Landfall's own rules; every problem on a line of its own.

    Example: loaders contracts lint contracts/olist.odcs.yaml
    """
    from loaders.contracts.lint import lint as problems_of

    problems = problems_of(paths or [Path("contracts")])
    errors = sum(problem.severity == "error" for problem in problems)
    if as_json:
        found = [asdict(problem) for problem in problems]
        print_json({"errors": errors, "warnings": len(problems) - errors, "problems": found})
    else:
        for problem in problems:
            typer.echo(str(problem), err=True)
        typer.echo(f"errors: {errors}, warnings: {len(problems) - errors}", err=True)
    raise typer.Exit(1 if errors else 0)

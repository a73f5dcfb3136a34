"""`loaders doctor`: whether everything around a target is as loading needs it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from loaders.commands.shared import AsJson, ProjectDir, Target, print_json
from loaders.secrets import redact

_ENVIRONMENT = 3


def doctor(
    project_dir: ProjectDir = Path(),
    target: Target = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Check only what can be known without connecting.")
    ] = False,
    write: Annotated[
        bool, typer.Option("--write", help="Also make the landing schema and its bookkeeping tables.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check profile, driver, credentials, permissions, versions, clock and disk. Exit 3 when something fails.

    Example: loaders doctor --target postgres
    """
    from loaders.warehouses.doctor import examine

    checks = examine(project_dir, target, offline=offline, write=write)
    if as_json:
        print_json([asdict(check) for check in checks])
    else:
        for check in checks:
            hint = f" — {check.hint}" if check.hint else ""
            typer.echo(redact(f"{check.status:<8} {check.name}: {check.found}{hint}"))
    if any(check.status == "failed" for check in checks):
        raise typer.Exit(_ENVIRONMENT)

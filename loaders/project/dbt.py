"""The only module that starts dbt, and the only one that knows where profiles lie."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from loaders.errors import DbtFailed


@dataclass(frozen=True, slots=True)
class DbtRun:
    """What a finished dbt process said."""

    command: tuple[str, ...]
    return_code: int
    output: str


def dbt_environment(project: Path) -> Mapping[str, str]:
    """The environment dbt runs in: profiles from DBT_PROFILES_DIR, else from the project's own folder `profiles`."""
    profiles = os.environ.get("DBT_PROFILES_DIR") or str(project.resolve() / "profiles")
    return {**os.environ, "DBT_PROFILES_DIR": profiles, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}


def run_dbt(project: Path, arguments: Sequence[str], target: str | None = None) -> DbtRun:
    """Runs `dbt <arguments>` in the project and waits for it.

    Raises DbtFailed, with dbt's last words, when it ends with an error; failed data tests are one too.
    """
    chosen = ("--target", target) if target else ()
    command = (*arguments, *chosen)
    done = subprocess.run(
        [sys.executable, "-m", "dbt.cli.main", *command],
        cwd=project,
        env=dbt_environment(project),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        said = [line.strip() for line in done.stdout.splitlines() if line.strip()]
        raise DbtFailed(
            f"dbt {' '.join(command)} ended with code {done.returncode}: {' | '.join(said[-3:]) or 'it said nothing'}",
            hint=f"run it yourself in {project} for all it says, or see logs/dbt.log there",
        )
    return DbtRun(command, done.returncode, done.stdout)

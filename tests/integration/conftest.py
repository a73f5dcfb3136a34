"""Running the real command line and the real dbt over the repository's own project, in a warehouse of the test."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

BIN = Path(sys.executable).parent


class Spine:
    """A dbt project with a warehouse, a job history and dbt's output in `workplace`."""

    def __init__(self, project: Path, workplace: Path) -> None:
        self.project = project
        self.workplace = workplace
        self.warehouse = workplace / "warehouse.duckdb"
        self.environment = {
            **os.environ,
            "LANDFALL_DUCKDB_PATH": str(self.warehouse),
            "LANDFALL_STATE_URL": f"sqlite:///{workplace / 'state.sqlite'}",
            "DBT_PROFILES_DIR": str(project / "profiles"),
            "DBT_TARGET_PATH": str(workplace / "target"),
            "DBT_LOG_PATH": str(workplace / "logs"),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        }

    def run(self, tool: str, *arguments: str | Path) -> str:
        """Runs `loaders` or `dbt` in the project and returns its stdout; fails the test where it fails."""
        command = [str(BIN / tool), *map(str, arguments)]
        done = subprocess.run(command, cwd=self.project, env=self.environment, capture_output=True, text=True)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout


@pytest.fixture(scope="session")
def make_spine(repository: Path) -> Callable[[Path], Spine]:
    """Makes a `Spine` over the repository's own project in the given folder."""
    return lambda workplace: Spine(repository, workplace)

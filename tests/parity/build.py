"""The repository's own project, built twice on an engine from the same landed rows."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.engines.base import Engine
from tests.engines.project import REPOSITORY

PARTS = ("models", "macros", "seeds", "tests/dbt")


def land_demo(folder: Path) -> Path:
    """Demo files through `loaders demo` and `loaders ingest` into a DuckDB file, whose path comes back."""
    warehouse = folder / "landed.duckdb"
    environment = {
        **os.environ,
        "LANDFALL_DUCKDB_PATH": str(warehouse),
        "LANDFALL_STATE_URL": f"sqlite:///{folder / 'state.sqlite'}",
    }
    for arguments in (["demo", str(folder / "files")], ["ingest", str(folder / "files")]):
        command = [str(Path(sys.executable).parent / "loaders"), *arguments]
        done = subprocess.run(
            command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False, timeout=600
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return warehouse


def copy_project(folder: Path, engine: Engine) -> None:
    """The dbt project as it stands in the repository, with a profile for `engine`."""
    for part in PARTS:
        shutil.copytree(REPOSITORY / part, folder / part)
    shutil.copy(REPOSITORY / "dbt_project.yml", folder)
    profiles = {"landfall": {"target": "engine", "outputs": {"engine": engine.profile()}}}
    (folder / "profiles.yml").write_text(json.dumps(profiles))


def build(engine: Engine, folder: Path) -> None:
    """`dbt build` in full, then once more over what stands; raises AssertionError with dbt's words."""
    copy_project(folder, engine)
    for arguments in (["build", "--full-refresh"], ["build"]):
        result = engine.dbt(folder, arguments)
        assert result.succeeded, f"{engine.about.name}: dbt {' '.join(arguments)}\n{result.errors}"

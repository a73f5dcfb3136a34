"""Lays a small dbt project for an engine: the repository's macros and settings, models made from contracts."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from loaders.contracts.model import Contract
from loaders.project.plan import plan_contract
from loaders.project.render import render_project
from tests.engines.base import Engine

REPOSITORY = Path(__file__).resolve().parents[2]


def lay_project(folder: Path, contracts: Sequence[Contract], engine: Engine) -> None:
    """Fills `folder` with what dbt needs to build the contracts' models on `engine`, and nothing else."""
    shutil.copytree(REPOSITORY / "macros", folder / "macros")
    shutil.copy(REPOSITORY / "dbt_project.yml", folder)
    profiles = {"landfall": {"target": "engine", "outputs": {"engine": engine.profile()}}}
    (folder / "profiles.yml").write_text(json.dumps(profiles))
    tables = [table for contract in contracts for table in plan_contract(contract)]
    for path, text in render_project(tables).items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

"""Contracts → every file that the generator owns in a project."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from loaders.contracts.model import Contract
from loaders.project.assets import shared_files
from loaders.project.plan import plan_contract
from loaders.project.render import Files, render_project


def generated_files(project: Path, contracts: Sequence[Contract]) -> Files:
    """The models of all contracts, and the shared macros where the project keeps a copy. The same contracts give the
    same bytes. Writes nothing.
    """
    tables = [table for contract in contracts for table in plan_contract(contract)]
    return render_project(tables) | shared_files(project)

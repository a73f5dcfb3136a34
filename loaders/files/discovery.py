"""Finds the files that belong to contract tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from loaders.contracts.model import Contract, Table
    from loaders.errors import FileRefused


@dataclass(frozen=True, slots=True)
class Candidate:
    """One real file and the table it belongs to. `display` is relative to the given path, safe to print and store."""

    path: Path
    display: str
    contract: Contract
    table: Table
    file_date: date | None


@dataclass(frozen=True, slots=True)
class Discovery:
    """`candidates` sorted by contract, table, display; `unmatched` the paths and globs that no file answers to."""

    candidates: tuple[Candidate, ...]
    refused: tuple[FileRefused, ...]
    unmatched: tuple[str, ...]


def discover(paths: Sequence[Path], contracts: Sequence[Contract]) -> Discovery:
    """Find every regular file under `paths` that a table's globs name."""
    raise NotImplementedError

"""A small sound contract, and ways to change one thing in it and look at it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from loaders.contracts.lint import lint
from loaders.contracts.model import Contract
from loaders.contracts.read import read_contract
from loaders.errors import Problem

MINIMAL = Path(__file__).resolve().parents[2] / "data" / "contracts" / "shop.odcs.yaml"

Changed = Callable[..., Path]
Linted = Callable[..., tuple[Problem, ...]]
Viewed = Callable[..., Contract]


@pytest.fixture
def changed(tmp_path: Path) -> Changed:
    """Writes the shop contract with each `old` text replaced by its `new`; every `old` stands there once."""

    def write(*replacements: tuple[str, str]) -> Path:
        text = MINIMAL.read_text(encoding="utf-8")
        for old, new in replacements:
            assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {MINIMAL.name}"
            text = text.replace(old, new)
        path = tmp_path / "shop.odcs.yaml"
        path.write_bytes(text.encode("utf-8"))
        return path

    return write


@pytest.fixture
def linted(changed: Changed) -> Linted:
    """Problems of the shop contract after replacements."""
    return lambda *replacements: lint([changed(*replacements)])


@pytest.fixture
def viewed(changed: Changed) -> Viewed:
    """The shop contract after replacements."""
    return lambda *replacements: read_contract(changed(*replacements))

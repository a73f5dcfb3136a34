"""Every engine agrees with every row of the golden table, through the generated models."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engines.base import Engine
from tests.golden.conftest import AGREEMENT
from tests.golden.verdicts import outcomes_on

SHOWN = 40


def test_engine_agrees_with_the_golden_table(engine: Engine, tmp_path: Path, pytestconfig: pytest.Config) -> None:
    outcomes = outcomes_on(engine, tmp_path)
    others = [outcome.words for outcome in outcomes if not outcome.agrees]
    line = f"{engine.about.name:10} {len(outcomes) - len(others)}/{len(outcomes)} agree, {engine.about.words}"
    pytestconfig.stash.setdefault(AGREEMENT, {})[engine.about.name] = line
    assert not others, "\n".join([line, *others[:SHOWN]])

"""The engines, and the count per engine at the end of the run."""

from __future__ import annotations

import pytest

from tests.engines.fixtures import engine

__all__ = ["engine"]

AGREEMENT = pytest.StashKey[dict[str, str]]()
"""Per engine: agreed/all, and what it is."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    agreement = config.stash.get(AGREEMENT, {})
    if agreement:
        terminalreporter.section("golden table")
        for line in agreement.values():
            terminalreporter.write_line(line)

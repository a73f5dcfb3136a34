"""The engines, and the count per engine at the end of the run."""

from __future__ import annotations

import pytest

from tests.engines.fixtures import engine

__all__ = ["engine"]

AGREEMENT = "golden table"
"""The property of a test that says, per engine: agreed/all, and what it is. Properties come back from workers."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    counts = [value for report in reports for name, value in report.user_properties if name == AGREEMENT]
    if counts:
        terminalreporter.section("golden table")
        for lines in counts:
            terminalreporter.write_line(str(lines))

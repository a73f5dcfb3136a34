"""Counts which rows of the catalogue of bad inputs have a test: `bad_input_<three digits>` in a test's id."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

LIST = Path(__file__).resolve().parents[1] / "data" / "bad_inputs.csv"
COVERED = pytest.StashKey[frozenset[int]]()
_NUMBERS = re.compile(r"bad_input_(\d{3}(?:_and_\d{3})*)")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the catalogue. `left` says that no test covers it, `reason` why."""

    number: int
    title: str
    status: Literal["covered", "left"]
    reason: str


def catalogue() -> tuple[Row, ...]:
    """The checked-in list, in order."""
    with LIST.open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    return tuple(Row(int(each["number"]), each["title"], _status(each["status"]), each["reason"]) for each in lines)


def _status(text: str) -> Literal["covered", "left"]:
    assert text in ("covered", "left"), text
    return "covered" if text == "covered" else "left"


def numbers_in(ids: Iterable[str]) -> frozenset[int]:
    """Rows that tests of these ids cover."""
    return frozenset(int(one) for name in ids for match in _NUMBERS.findall(name) for one in match.split("_and_"))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    config.stash[COVERED] = numbers_in(item.nodeid for item in items)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if config.args_source is not pytest.Config.ArgsSource.TESTPATHS:
        return
    rows = catalogue()
    reports = [report for kind in ("passed", "failed", "skipped") for report in terminalreporter.getreports(kind)]
    covered = numbers_in(report.nodeid for report in reports)
    terminalreporter.section("bad inputs")
    terminalreporter.write_line(f"{len(covered)} of {len(rows)} rows of the catalogue have a test")
    for row in rows:
        if row.number not in covered:
            terminalreporter.write_line(f"left: {row.number:>3} {row.title}: {row.reason}")

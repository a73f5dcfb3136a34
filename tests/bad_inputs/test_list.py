"""The checked-in list of bad inputs says the truth about the tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.bad_inputs.coverage import COVERED, catalogue, numbers_in


@pytest.fixture(scope="module")
def covered(request: pytest.FixtureRequest, repository: Path) -> frozenset[int]:
    """Rows with a test, whichever part of the suite this run collected."""
    if request.config.args_source is pytest.Config.ArgsSource.TESTPATHS:
        return request.config.stash[COVERED]
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=True)
    return numbers_in(done.stdout.splitlines())


def test_the_list_has_every_row_once() -> None:
    assert [row.number for row in catalogue()] == list(range(1, 125))


def test_what_the_list_calls_covered_has_a_test_and_what_it_calls_left_has_none(covered: frozenset[int]) -> None:
    assert {row.number for row in catalogue() if row.status == "covered"} == covered


def test_every_row_that_is_left_says_why() -> None:
    assert all(row.reason for row in catalogue() if row.status == "left")


def test_numbers_are_read_from_ids() -> None:
    ids = ["a.py::test_bad_input_065_and_066_replaced[x]", "b.py::test_it[bad_input_104_nul]", "c.py::test_72"]
    assert numbers_in(ids) == {65, 66, 104}

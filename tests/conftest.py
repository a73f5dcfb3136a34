"""Fixtures every test may use, and the versions a report needs."""

from __future__ import annotations

import os
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.bad_inputs.coverage import pytest_collection_modifyitems, pytest_terminal_summary

__all__ = ["pytest_collection_modifyitems", "pytest_terminal_summary"]

REPOSITORY = Path(__file__).resolve().parent.parent


# Settings of whoever runs the tests (make sets the first) must not decide where a test's own project looks.
for _name in ("DBT_PROFILES_DIR", "LANDFALL_DUCKDB_PATH", "LANDFALL_STATE_URL"):
    os.environ.pop(_name, None)


def pytest_report_header() -> str:
    names = ("dbt-core", "dbt-duckdb", "duckdb", "pyarrow")
    return "landfall: " + ", ".join(f"{name} {version(name)}" for name in names)


@pytest.fixture(scope="session")
def repository() -> Path:
    """The repository's top level."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real files beside the repository; tests that use them skip where they are absent."""
    folder = REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real data files are not on this machine")
    return folder

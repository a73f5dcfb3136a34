"""Tests that run where an engine's packages are: in the environment that tests/engines/install.py made for it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.engines.base import EngineAbsent, python_of

LANDS_BESIDE_OTHERS = "in_duckdb or in_one_statement or at_the_same_time or streamed"
"""On Spark itself a statement takes seconds: what differs from the stand-in, not every step."""


@pytest.mark.parametrize(("name", "chosen"), [("sail", ""), ("spark", LANDS_BESIDE_OTHERS)])
def test_landing_by_spark(repository: Path, name: str, chosen: str) -> None:
    try:
        python = python_of(name)
    except EngineAbsent as absence:
        pytest.skip(str(absence))
    done = subprocess.run(
        [
            str(python),
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-k",
            chosen,
            "tests/integration/test_warehouse_spark.py",
        ],
        cwd=repository,
        env={**os.environ, "LANDFALL_TEST_SPARK": name, "TZ": "UTC"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-8000:]
    assert " passed" in done.stdout
    assert "skipped" not in done.stdout.splitlines()[-1]

"""The fixture `engine`: each engine of the registry once per session, skipped with its reason where it is absent.

A conftest or test module takes it over by importing it. LANDFALL_TEST_ENGINES chooses: names parted by commas, or
`all`; without it the two engines that start in a second.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.engines.base import Engine, EngineAbsent
from tests.engines.registry import ENGINES


def chosen() -> list[str]:
    """Names of the engines to run on, in the registry's order."""
    wanted = os.environ.get("LANDFALL_TEST_ENGINES", "duckdb,postgres").split(",")
    return [name for name in ENGINES if name in wanted or wanted == ["all"]]


@pytest.fixture(scope="session", params=chosen())
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A started engine with nothing in it; one at a time, since pytest groups tests by it."""
    try:
        started = ENGINES[request.param](tmp_path_factory.mktemp(request.param))
    except EngineAbsent as absence:
        pytest.skip(str(absence))
    try:
        yield started
    finally:
        started.stop()

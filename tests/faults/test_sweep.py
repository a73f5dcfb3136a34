"""Real files of every kind land or are refused, and no line of them is unaccounted for; `make soak` takes them all."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from loaders.landing.land import LandingSettings
from tests.faults.sweep import Subject, pollock, sweep, torture

# Pollock's files differ in one cell or line each: every twentieth has one of each kind.
STEP = 20


@pytest.fixture(scope="module")
def polluted(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Subject]:
    folder = tmp_path_factory.mktemp("pollock")
    with tarfile.open(shared_data / "pollock.tar.xz") as packed:
        packed.extractall(folder, filter="data")
    everything = list(pollock(folder / "pollock" / "polluted_files"))
    assert len(everything) == 2290
    return [each for number, each in enumerate(everything) if each.name.startswith("file_") or number % STEP == 0]


def test_polluted_files_land_and_nothing_is_lost(polluted: list[Subject], tmp_path: Path) -> None:
    result = sweep(tmp_path, polluted, LandingSettings(window_bytes=4096))
    assert result.wrong == []
    assert result.fates.total() == len(polluted)
    assert result.fates["landed whole"] + result.fates["landed with malformed rows"] > 0.9 * len(polluted)


def test_torture_suites_land_or_are_refused_with_a_reason(shared_data: Path, tmp_path: Path) -> None:
    files = list(torture(shared_data / "torture"))[::8]
    result = sweep(tmp_path, files)
    assert result.wrong == []
    assert result.fates.total() == len(files)
    assert not result.reasons[""]

"""Planted faults are caught: every one still fits, and a few are tried here; `make soak` tries them all."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.soak.mutations import FAULTS, Fault, is_caught, planted

TRIED = {
    "row numbers start over in each chunk": "tests/unit/landing/test_chunks.py",
    "a landed file lands again": "tests/unit/landing/test_fates.py",
    "older ledger entries stay": "tests/unit/landing/test_fates.py",
}


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
def test_every_planted_fault_fits(fault: Fault) -> None:
    compile(planted(fault), fault.file, "exec")


def test_there_are_thirty() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 30


@pytest.mark.parametrize("fault", [each for each in FAULTS if each.name in TRIED], ids=list(TRIED))
def test_a_planted_fault_is_caught(fault: Fault, tmp_path: Path) -> None:
    assert is_caught(fault, tmp_path, [TRIED[fault.name]])

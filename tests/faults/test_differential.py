"""Landing reads random files as Python's csv does; `make soak` compares 100,000 of them."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.soak.differential import Difference, compare


@pytest.mark.parametrize("window", [16, 1 << 20])
def test_random_files_are_read_alike(tmp_path: Path, window: int) -> None:
    found = Difference()
    compare(tmp_path, random.Random(window), 40 if window == 16 else 460, found, window)
    assert found.unexplained == []
    assert found.rows > found.files
    assert found.malformed > 0

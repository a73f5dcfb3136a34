from __future__ import annotations

from pathlib import Path

import pytest

from loaders.warehouses import memory_files
from loaders.warehouses.memory_files import MemoryFile


@pytest.mark.parametrize("in_memory", [True, False])
def test_pieces_are_read_one_after_the_other_and_gone_after_closing(
    in_memory: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(memory_files, "_HAS_MEMORY_FILES", in_memory)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    file = MemoryFile((b"ab", memoryview(b"xcdx")[1:3], b""))
    assert Path(file.path).read_bytes() == b"abcd"
    assert (list(tmp_path.iterdir()) == []) is in_memory
    file.close()
    file.close()
    assert not Path(file.path).exists()

"""A dry run says what a run would do and leaves nothing behind."""

from __future__ import annotations

import hashlib
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from loaders.outputs.model import Request
from loaders.outputs.run import preview
from loaders.outputs.source import open_source

if TYPE_CHECKING:
    import pytest

    from loaders.outputs.session import Limits
    from loaders.outputs.source import Source
    from loaders.warehouses.profile import Target
    from tests.unit.outputs.conftest import Shop


def _tree(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        for path in folder.rglob("*")
    }


def test_it_leaves_no_folder_behind(shop: Shop, tmp_path: Path) -> None:
    before = _tree(tmp_path)
    preview(Request(("marts.paid_orders",), "dataset", str(tmp_path / "out")), shop.place)
    assert _tree(tmp_path) == before


def test_two_at_once_spill_into_folders_of_their_own(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spilled: list[Path] = []

    def noted(target: Target, limits: Limits) -> AbstractContextManager[Source]:
        spilled.append(limits.spill_folder)
        if len(spilled) == 1:
            preview(request, shop.place)
            assert limits.spill_folder.is_dir()
        return open_source(target, limits)

    request = Request(("order_totals",), "parquet", str(tmp_path / "out"))
    monkeypatch.setattr("loaders.outputs.run.open_source", noted)
    preview(request, shop.place)
    assert len(set(spilled)) == 2
    assert not [folder for folder in spilled if folder.exists()]

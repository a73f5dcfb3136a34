"""A dry run says what a run would do, in whatever state it finds the destination, and leaves nothing behind."""

from __future__ import annotations

import hashlib
from collections import Counter
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from loaders.outputs.model import Request
from loaders.outputs.run import preview
from loaders.outputs.source import open_source

if TYPE_CHECKING:
    from loaders.outputs.session import Limits
    from loaders.outputs.source import Source
    from loaders.warehouses.profile import Target
    from tests.unit.outputs.conftest import Shop

ORDERS = "staging.stg_shop__orders"


def _tree(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        for path in folder.rglob("*")
    }


@pytest.mark.parametrize("point", ["announced", "part", "manifest", "cleaned"])
@pytest.mark.parametrize("format_name", ["csv", "dataset", "sqlite"])
def test_after_a_crash_while_publishing_it_takes_that_as_done(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format_name: Any, point: str
) -> None:
    if format_name == "sqlite":
        pytest.importorskip("adbc_driver_sqlite", reason="the SQLite driver is not installed")
    out = tmp_path / "out"
    tables = ("shop.orders", "order_totals")
    shop.run(format_name, out, *tables)
    shop.change(f"delete from {ORDERS} where month(ordered_on) = 3", "delete from marts.order_totals")
    with monkeypatch.context() as patched:
        patched.setattr("loaders.failpoints._hits", Counter())
        patched.setenv("LOADERS_TESTING", "1")
        patched.setenv("LOADERS_FAILPOINTS", f"outputs.publish.{point}=interrupt")
        with pytest.raises(KeyboardInterrupt):
            shop.run(format_name, out, *tables)
    before = _tree(tmp_path)
    plans = preview(Request(tables, format_name, str(out)), shop.place)
    assert [(each.name, each.rows_to_write, each.changed) for each in plans] == [
        ("order_totals", 0, False),
        ("stg_shop__orders", 0, False),
    ]
    assert _tree(tmp_path) == before
    assert not shop.run(format_name, out, *tables).changed


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

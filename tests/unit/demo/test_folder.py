"""The demo folder: same bytes for the same seed, never over somebody's files."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import pytest

from loaders.demo import write_demo
from loaders.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    write_demo(tmp_path / "one", orders=200, seed=7)
    write_demo(tmp_path / "two", orders=200, seed=7)
    assert _contents(tmp_path / "one") == _contents(tmp_path / "two")


def test_another_seed_gives_another_shop(tmp_path: Path) -> None:
    write_demo(tmp_path / "one", orders=200, seed=7)
    write_demo(tmp_path / "two", orders=200, seed=8)
    one, two = _contents(tmp_path / "one"), _contents(tmp_path / "two")
    assert one.keys() == two.keys()
    assert one["olist_orders_dataset_2017-09.csv"] != two["olist_orders_dataset_2017-09.csv"]


def test_an_earlier_demo_is_replaced(tmp_path: Path) -> None:
    write_demo(tmp_path, orders=300, seed=1)
    write_demo(tmp_path, orders=200, seed=7)
    write_demo(tmp_path / "fresh", orders=200, seed=7)
    fresh = _contents(tmp_path / "fresh")
    assert {name: (tmp_path / name).read_bytes() for name in fresh} == fresh


def test_a_demo_cut_short_is_replaced_too(tmp_path: Path) -> None:
    write_demo(tmp_path, orders=200)
    (tmp_path / "olist_sellers_dataset.csv").unlink()
    (tmp_path / "planted_faults.csv").unlink()
    write_demo(tmp_path, orders=200)
    assert (tmp_path / "planted_faults.csv").exists()


@pytest.mark.parametrize("manifest", [None, "not json", "[]", '{"files": "notes.txt"}'])
def test_a_folder_of_other_files_is_left_alone(tmp_path: Path, manifest: str | None) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    if manifest is not None:
        (tmp_path / "demo.json").write_text(manifest)
    before = _contents(tmp_path)
    with pytest.raises(UsageError, match="which no demo made"):
        write_demo(tmp_path, orders=200)
    assert _contents(tmp_path) == before


def test_a_file_added_to_a_demo_is_not_removed(tmp_path: Path) -> None:
    write_demo(tmp_path, orders=200)
    (tmp_path / "mine.csv").write_text("a,b\n")
    before = _contents(tmp_path)
    with pytest.raises(UsageError, match=r"mine\.csv"):
        write_demo(tmp_path, orders=200)
    assert _contents(tmp_path) == before


def test_a_file_in_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "demo").write_text("")
    with pytest.raises(UsageError, match="is a file"):
        write_demo(tmp_path / "demo")


@pytest.mark.parametrize("orders", [-1, 0, 199, 1_000_001])
def test_a_number_of_orders_out_of_range_is_refused_before_anything_is_touched(tmp_path: Path, orders: int) -> None:
    with pytest.raises(UsageError, match=f"--orders is {orders}"):
        write_demo(tmp_path / "demo", orders=orders)
    assert not (tmp_path / "demo").exists()


def test_the_fault_list_says_what_was_planted(tmp_path: Path) -> None:
    written = write_demo(tmp_path, orders=200)
    with (tmp_path / "planted_faults.csv").open(newline="", encoding="utf-8") as file:
        listed = list(csv.DictReader(file))
    assert [(row["file"], int(row["line"]), row["rule_id"], row["value"]) for row in listed] == [
        (planted.file, planted.line, planted.fault.rule_id, planted.fault.value) for planted in written.faults
    ]
    names = {path.name for path in tmp_path.iterdir()} - {"demo.json"}
    assert set(json.loads((tmp_path / "demo.json").read_text())["files"]) == names

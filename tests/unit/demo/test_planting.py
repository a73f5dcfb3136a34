"""Planted faults: every rule of the contract is broken, and each fault stands where the list says."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from loaders.contracts.read import read_contract
from loaders.contracts.rules import rules_of
from loaders.demo import write_demo

if TYPE_CHECKING:
    from pathlib import Path

    from loaders.contracts.model import Contract
    from loaders.demo import DemoFolder

MALFORMED_KINDS = {"short", "long", "quoting", "encoding", "nul", "header_row", "newline", "too_long"}


@pytest.fixture(scope="module")
def olist(repository: Path) -> Contract:
    return read_contract(repository / "contracts" / "olist.odcs.yaml")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> DemoFolder:
    return write_demo(tmp_path_factory.mktemp("demo"), orders=1000)


def _content(demo: DemoFolder, name: str) -> bytes:
    raw = (demo.folder / name).read_bytes()
    return gzip.decompress(raw) if name.endswith(".gz") else raw


def test_a_big_demo_breaks_every_rule_of_the_contract(tmp_path: Path, olist: Contract) -> None:
    demo = write_demo(tmp_path, orders=3000)
    broken = {(planted.table, planted.fault.rule_id) for planted in demo.faults if planted.fault.rule_id}
    assert broken == {(table.name, rule.id) for table in olist.tables for rule in rules_of(table)}


def test_the_usual_demo_breaks_every_kind_of_rule_of_every_table(demo: DemoFolder, olist: Contract) -> None:
    broken = {(planted.table, planted.fault.reason) for planted in demo.faults if planted.fault.rule_id}
    assert broken == {(table.name, rule.reason) for table in olist.tables for rule in rules_of(table)}


def test_every_kind_of_malformed_line_is_planted(demo: DemoFolder) -> None:
    assert {planted.fault.reason for planted in demo.faults if planted.fault.outcome == "malformed"} == MALFORMED_KINDS


def test_no_fault_exceeds_what_the_contract_tolerates(demo: DemoFolder, olist: Contract) -> None:
    rows = {table: _content(demo, name).count(b"\n") for name, table in demo.files}
    for table in olist.tables:
        for column in table.columns:
            if column.mostly is not None:
                faults = sum(
                    planted.table == table.name and planted.fault.column == column.name for planted in demo.faults
                )
                assert faults <= (1 - column.mostly) * rows[table.name]


def test_each_fault_stands_in_its_line(demo: DemoFolder) -> None:
    for planted in demo.faults:
        lines = _content(demo, planted.file).split(b"\n")
        value = planted.fault.value.split(", ")[0].encode()
        assert value in lines[planted.line - 1]


def test_headers_are_those_of_the_contract(demo: DemoFolder, olist: Contract) -> None:
    for name, table in demo.files:
        header = _content(demo, name).splitlines()[0].decode("utf-8-sig").replace('"', "").split(",")
        assert header == [column.header for column in olist.table(table).columns]


def test_files_are_written_in_the_habits_of_the_published_ones(demo: DemoFolder) -> None:
    orders = _content(demo, "olist_orders_dataset_2017-09.csv").splitlines()[1:]
    assert all(line.startswith(b'"') == line.lstrip(b'"')[:1].isdigit() for line in orders if line[:1] != b",")
    reviews = _content(demo, "olist_order_reviews_dataset.csv")
    assert reviews.count(b"\r\n") == reviews.count(b"\n") > 1000
    translation = _content(demo, "product_category_name_translation.csv")
    assert translation.startswith(b"\xef\xbb\xbfproduct_category_name,")
    assert not translation.endswith(b"\n")
    assert (demo.folder / "olist_geolocation_dataset.csv.gz").read_bytes()[:2] == b"\x1f\x8b"

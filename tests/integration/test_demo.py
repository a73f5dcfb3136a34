"""The whole spine on the demo: what was planted is exactly what is rejected, deduplicated or malformed."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import duckdb
import pytest

from loaders.demo.faults import ROW_FAULTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.integration.conftest import Spine

pytestmark = pytest.mark.slow

TABLES = tuple(ROW_FAULTS)


@pytest.fixture(scope="module")
def spine(make_spine: Callable[[Path], Spine], tmp_path_factory: pytest.TempPathFactory) -> Spine:
    spine = make_spine(tmp_path_factory.mktemp("demo"))
    spine.run("loaders", "demo", spine.workplace / "demo")
    spine.run("loaders", "ingest", spine.workplace / "demo")
    spine.run("dbt", "--quiet", "build")
    return spine


@pytest.fixture(scope="module")
def planted(spine: Spine) -> list[dict[str, str]]:
    with (spine.workplace / "demo" / "planted_faults.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def warehouse(spine: Spine) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(spine.warehouse), read_only=True) as connection:
        yield connection


@pytest.mark.parametrize("table", TABLES)
def test_the_planted_rows_are_the_rejects(
    table: str, warehouse: duckdb.DuckDBPyConnection, planted: list[dict[str, str]]
) -> None:
    rejects = warehouse.execute(
        f"""
        select parse_filename(ledger.path), rejects._row_number, rejects.reason, rejects.rule_id
        from rejects.rej_olist__{table} as rejects
        inner join landing.ledger on ledger.file_id = rejects._landed_file_id
        """
    ).fetchall()
    expected = [
        (fault["file"], int(fault["row_number"]), fault["reason"], fault["rule_id"])
        for fault in planted
        if fault["table"] == table and fault["row_number"]
    ]
    assert sorted(rejects) == sorted(expected)


@pytest.mark.parametrize("table", TABLES)
def test_rejects_carry_the_text_that_was_planted(
    table: str, warehouse: duckdb.DuckDBPyConnection, planted: list[dict[str, str]]
) -> None:
    values = warehouse.execute(
        f"select rule_id, offending_value from rejects.rej_olist__{table} where reason != 'duplicate'"
    ).fetchall()
    expected = [
        (fault["rule_id"], fault["value"])
        for fault in planted
        if fault["table"] == table and fault["outcome"] == "reject"
    ]
    assert sorted((rule, value or "") for rule, value in values) == sorted(expected)


def test_the_planted_lines_are_the_malformed_rows(
    warehouse: duckdb.DuckDBPyConnection, planted: list[dict[str, str]]
) -> None:
    malformed = warehouse.execute(
        """
        select parse_filename(ledger.path), malformed_rows.line_number, malformed_rows.kind
        from landing.malformed_rows
        inner join landing.ledger on ledger.file_id = malformed_rows.file_id
        """
    ).fetchall()
    expected = [
        (fault["file"], int(fault["line"]), fault["reason"]) for fault in planted if fault["outcome"] == "malformed"
    ]
    assert sorted(malformed) == sorted(expected)


def test_every_other_row_is_staged(warehouse: duckdb.DuckDBPyConnection, planted: list[dict[str, str]]) -> None:
    for table in TABLES:
        faulty = {(fault["file"], fault["row_number"]) for fault in planted if fault["table"] == table}
        faulty = {row for row in faulty if row[1]}
        landed = warehouse.execute(f"select count(*) from landing.olist__{table}").fetchone()
        staged = warehouse.execute(f"select count(*) from staging.stg_olist__{table}").fetchone()
        assert landed is not None
        assert staged is not None
        assert staged[0] == landed[0] - len(faulty) > 0


def test_the_audit_balances(spine: Spine) -> None:
    assert spine.run("loaders", "audit").rstrip().endswith("0 missing")


def test_the_second_ingest_has_nothing_to_do(spine: Spine, warehouse: duckdb.DuckDBPyConnection) -> None:
    count = "select count(*), max(landed_at) from landing.ledger"
    before = warehouse.execute(count).fetchone()
    warehouse.close()
    spine.run("loaders", "ingest", spine.workplace / "demo")
    with duckdb.connect(str(spine.warehouse), read_only=True) as again:
        assert again.execute(count).fetchone() == before

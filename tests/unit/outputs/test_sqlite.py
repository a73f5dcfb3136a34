from __future__ import annotations

import json
import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from loaders.errors import DataRefused, OutputMismatch, UsageError

pytest.importorskip("adbc_driver_sqlite", reason="the SQLite driver is not installed")

if TYPE_CHECKING:
    from tests.unit.outputs.conftest import Shop

ORDERS = "staging.stg_shop__orders"


def _rows(file: Path, sql: str, **options: Any) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(file, **options)) as connection:
        return list(connection.execute(sql))


def _same_rows(shop: Shop, file: Path) -> bool:
    stored = (
        "order_id, note, cast(amount as double), score, cast(is_paid as tinyint), cast(ordered_on as varchar), "
        "cast(paid_at as varchar), state, _landed_file_id, _row_number, cast(_landed_at as varchar), _contract_version"
    )
    expected = shop.query(f"select {stored} from {ORDERS} order by order_id")
    return _rows(file, "select * from stg_shop__orders order by order_id") == expected


def test_all_tables_stand_in_one_file_with_types_and_primary_key(shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "out" / "shop.sqlite"
    shop.run("sqlite", file, "shop.orders", "order_totals")
    assert _same_rows(shop, file)
    columns = {name: (kind, key) for _, name, kind, _, _, key in _rows(file, "pragma table_info(stg_shop__orders)")}
    assert columns["order_id"] == ("INTEGER", 1)
    assert columns["amount"] == ("NUMERIC", 0)
    assert columns["ordered_on"] == ("DATE", 0)
    assert sorted(name for (name,) in _rows(file, "select name from sqlite_master")) == [
        "order_totals",
        "stg_shop__orders",
    ]
    assert sorted(path.name for path in file.parent.iterdir()) == ["_manifest", "shop.sqlite"]


def test_amounts_sort_and_add_up_as_numbers_and_print_as_they_were(shop: Shop, tmp_path: Path) -> None:
    shop.change("create table marts.sums as select unnest([9.5, 10.25, 1234567890.12])::decimal(13, 2) as amount")
    file = tmp_path / "shop.db"
    shop.run("sqlite", file, "sums")
    assert _rows(file, "select amount from sums order by amount") == [(9.5,), (10.25,), (1234567890.12,)]
    shop.change("create table marts.wide as select 12345678901234567890.123456789::decimal(38, 9) as amount")
    shop.run("sqlite", file, "wide")
    assert _rows(file, "select amount from wide") == [("12345678901234567890.123456789",)]


def test_what_sqlite_would_turn_to_null_is_refused(shop: Shop, tmp_path: Path) -> None:
    shop.change("create table marts.odd as select 'nan'::double as number")
    with pytest.raises(DataRefused, match="NaN in 1 rows"):
        shop.run("sqlite", tmp_path / "shop.sqlite", "odd")
    assert not (tmp_path / "shop.sqlite").exists()


def test_a_second_run_replaces_only_changed_tables_and_keeps_the_others(shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "shop.sqlite"
    shop.run("sqlite", file, "shop.orders", "order_totals")
    inode = file.stat().st_ino
    assert not shop.run("sqlite", file, "shop.orders", "order_totals").changed
    assert file.stat().st_ino == inode
    shop.change(f"delete from {ORDERS} where order_id < 100")
    lines = shop.run("sqlite", file, "shop.orders").tables
    assert [(line.written, line.anew) for line in lines] == [(3900, 3900)]
    assert _same_rows(shop, file)
    assert len(_rows(file, "select * from order_totals")) == 4
    (manifest,) = (tmp_path / "_manifest").glob("*.json")
    tables = json.loads(manifest.read_text())["tables"]
    assert {part["bytes"] for table in tables for each in table["partitions"] for part in each["parts"]} == {
        file.stat().st_size
    }


def test_a_file_that_was_changed_without_changing_its_size_is_not_built_upon(shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "shop.sqlite"
    shop.run("sqlite", file, "shop.orders", "order_totals")
    size = file.stat().st_size
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("update stg_shop__orders set state = 'XX' where order_id = 1")
        connection.commit()
    assert file.stat().st_size == size
    foreign = file.read_bytes()
    shop.change("update marts.order_totals set orders = 0")
    with pytest.raises(OutputMismatch, match=r"shop\.sqlite is not the file the manifest lists .* --rewrite"):
        shop.run("sqlite", file, "order_totals")
    assert file.read_bytes() == foreign
    shop.run("sqlite", file, "shop.orders", "order_totals", rewrite=True)
    assert _same_rows(shop, file)


def test_some_of_a_files_tables_are_rewritten_and_the_others_stay(shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "shop.sqlite"
    shop.run("sqlite", file, "shop.orders", "order_totals")
    shop.change("update marts.order_totals set orders = 0")
    (line,) = shop.run("sqlite", file, "order_totals", rewrite=True).tables
    assert line.anew == 4
    assert _rows(file, "select sum(orders) from order_totals") == [(0,)]
    assert _same_rows(shop, file)
    assert not shop.run("sqlite", file, "shop.orders", "order_totals").changed


@pytest.mark.parametrize("fault", ["missing", "changed"])
def test_rewriting_some_of_a_lost_files_tables_is_refused_and_rewriting_all_of_them_helps(
    shop: Shop, tmp_path: Path, fault: str
) -> None:
    file = tmp_path / "shop.sqlite"
    shop.run("sqlite", file, "shop.orders", "order_totals")
    if fault == "missing":
        file.unlink()
    else:
        file.write_bytes(b"something else")
    with pytest.raises(OutputMismatch, match="with --rewrite and with its other tables too: stg_shop__orders"):
        shop.run("sqlite", file, "order_totals", rewrite=True)
    shop.run("sqlite", file, "order_totals", "stg_shop__orders", rewrite=True)
    assert _same_rows(shop, file)
    assert not shop.run("sqlite", file, "shop.orders", "order_totals").changed


@pytest.mark.parametrize("rows", [4, 5004], ids=["as large", "larger"])
def test_a_publication_that_cannot_be_finished_is_given_up_by_a_rewrite(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    file = tmp_path / "out" / "shop.sqlite"
    shop.run("sqlite", file, "order_totals")
    shop.change(
        "update marts.order_totals set orders = 0",
        f"insert into marts.order_totals select 'x' || i, 0, i from range({rows - 4}) t(i)",
    )
    with monkeypatch.context() as patched:
        patched.setattr("loaders.failpoints._hits", Counter())
        patched.setenv("LOADERS_TESTING", "1")
        patched.setenv("LOADERS_FAILPOINTS", "outputs.publish.announced=interrupt")
        with pytest.raises(KeyboardInterrupt):
            shop.run("sqlite", file, "order_totals")
    shutil.rmtree(file.parent / "_staging")
    for _ in range(2):
        with pytest.raises(OutputMismatch, match=r"not the file that was staged .* --rewrite"):
            shop.run("sqlite", file, "order_totals")
    shop.run("sqlite", file, "order_totals", rewrite=True)
    assert _rows(file, "select count(*), sum(orders) from order_totals") == [(rows, 0)]
    assert not shop.run("sqlite", file, "order_totals").changed


def test_a_table_whose_name_changed_in_case_takes_the_place_of_the_old_one(shop: Shop, tmp_path: Path) -> None:
    shop.change("create table marts.Lists as select 1 as one")
    shop.run("sqlite", tmp_path / "shop.sqlite", "Lists", "order_totals")
    shop.change("drop table marts.Lists", "create table marts.lists as select 2 as two")
    shop.run("sqlite", tmp_path / "shop.sqlite", "lists")
    assert _rows(tmp_path / "shop.sqlite", "select * from lists") == [(2,)]
    (manifest,) = (tmp_path / "_manifest").glob("*.json")
    assert [each["name"] for each in json.loads(manifest.read_text())["tables"]] == ["lists", "order_totals"]


@pytest.mark.parametrize("name", ["sqlite_x", "SQLite_y", "_landfall_parts", "_Landfall_run"])
def test_names_that_sqlite_or_a_run_needs_for_itself_are_refused(shop: Shop, tmp_path: Path, name: str) -> None:
    shop.change(f"create table marts.{name} as select 1 as one")
    with pytest.raises(UsageError, match=f"cannot hold a table called '{name}'"):
        shop.run("sqlite", tmp_path / "shop.sqlite", "order_totals", name)
    assert not (tmp_path / "shop.sqlite").exists()


def test_parts_are_transactions_whose_rows_add_up(shop: Shop, tmp_path: Path) -> None:
    shop.run("sqlite", tmp_path / "shop.sqlite", "shop.orders", rows_per_file=333)
    assert _same_rows(shop, tmp_path / "shop.sqlite")

"""Every value comes out as it is, and a change of any value is seen."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.dataset as ds
import pytest

from loaders.errors import DestinationUnavailable, UsageError
from loaders.outputs.formats.parquet import exact_type
from loaders.outputs.telemetry import json_lines

if TYPE_CHECKING:
    from tests.unit.outputs.conftest import Shop


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("interval '30 days'", "interval '1 month'"),
        ("0.0::double", "'-0.0'::double"),
        ("0.0::float", "'-0.0'::float"),
        ("null::int[]", "[]::int[]"),
        ("[]::int[]", "[null]::int[]"),
        ("{'a': null::int}", "null::struct(a int)"),
        ("[[1], [2]]", "[[1, 2]]"),
        ("['a']", "['a', null]"),
    ],
)
def test_values_that_a_hash_takes_for_equal_are_told_apart(shop: Shop, tmp_path: Path, before: str, after: str) -> None:
    for value in (before, after):
        shop.change(f"create or replace table marts.odd as select 1 as id, {value} as value")
        assert shop.run("parquet", tmp_path / "out", "odd").changed
        assert not shop.run("parquet", tmp_path / "out", "odd").changed


def test_a_file_that_landed_again_is_written_again(shop: Shop, tmp_path: Path) -> None:
    shop.run("parquet", tmp_path / "out", "shop.orders")
    shop.change("update staging.stg_shop__orders set _landed_at = timestamp '2026-02-02' where _row_number = 1")
    assert shop.run("parquet", tmp_path / "out", "shop.orders").changed
    assert not shop.differences("staging.stg_shop__orders", f"'{tmp_path}/out/stg_shop__orders.parquet'", "_landed_at")


@pytest.mark.parametrize(
    ("kind", "exact"),
    [
        ("BIGINT", None),
        ("HUGEINT", "DECIMAL(38,0)"),
        ("UHUGEINT[]", "DECIMAL(38,0)[]"),
        ('STRUCT("HUGEINT" HUGEINT, a INTERVAL)', 'STRUCT("HUGEINT" DECIMAL(38,0), a VARCHAR)'),
        ("STRUCT(HUGEINT HUGEINT)", "STRUCT(HUGEINT DECIMAL(38,0))"),
        ("MAP(HUGEINT, TIME WITH TIME ZONE)", "MAP(DECIMAL(38,0), VARCHAR)"),
        ("ENUM('HUGEINT', 'INTERVAL')", None),
        ("TIMESTAMP WITH TIME ZONE", None),
    ],
)
def test_types_that_parquet_does_not_hold_are_cast_at_any_depth(kind: str, exact: str | None) -> None:
    assert exact_type(kind) == exact


def test_nested_numbers_intervals_and_offsets_come_back_from_parquet(shop: Shop, tmp_path: Path) -> None:
    shop.change(
        "create table marts.odd as select [9007199254740993::hugeint] as l, {'a': 9007199254740993::hugeint} as s, "
        "interval '-1 day 123456 microseconds' as i, timetz '12:00:00+02' as t"
    )
    shop.run("parquet", tmp_path / "out", "odd")
    back = shop.query(f"select l[1]::bigint, s.a::bigint, i, t from '{tmp_path}/out/odd.parquet'")
    assert back == [(9007199254740993, 9007199254740993, "-1 day 00:00:00.123456", "12:00:00+02")]


def test_values_that_a_collation_takes_for_equal_keep_their_folders(shop: Shop, tmp_path: Path) -> None:
    shop.change(
        "create table marts.odd (id int, name varchar collate nocase)",
        "insert into marts.odd values (1, 'a'), (2, 'A'), (3, 'b')",
    )
    shop.run("dataset", tmp_path / "out", "odd", partition="name")
    back = ds.dataset(tmp_path / "out" / "odd", partitioning="hive").to_table().to_pylist()
    assert {(each["id"], each["name"]) for each in back} == {(1, "a"), (2, "A"), (3, "b")}


KEYED = "create table marts.odd as select 1 as id, 'mine' as made_on_month, date '2020-01-01' as made_on"


def test_a_column_that_a_folder_s_name_would_hide_is_never_hidden(shop: Shop, tmp_path: Path) -> None:
    shop.change(KEYED, "create table marts.two as select *, date '2021-01-01' as sold_on from marts.odd")
    for asked in ("made_on", "made_on:month"):
        with pytest.raises(UsageError, match="has a column made_on_month"):
            shop.run("dataset", tmp_path / "out", "odd", partition=asked)
    shop.run("dataset", tmp_path / "out", "odd", "two")
    assert [path.name[:5] for path in (tmp_path / "out" / "odd").iterdir()] == ["part-"]
    assert [path.name for path in (tmp_path / "out" / "two").iterdir()] == ["sold_on_month=2021-01"]


def test_days_before_christ_have_folders_of_their_own(shop: Shop, tmp_path: Path) -> None:
    shop.change(
        "create table marts.odd as select i as id, case when i % 60 = 0 then date '0044-03-15 (BC)' "
        "when i % 60 = 1 then date '0044-03-15' else date '2020-01-01' + (i % 60)::int end as day "
        "from range(60000) as numbers (i)"
    )
    shop.run("dataset", tmp_path / "out", "odd", partition="day:day")
    assert not shop.differences("marts.odd", f"read_parquet('{tmp_path}/out/odd/*/*.parquet')", "id, day")
    folders = {path.name for path in (tmp_path / "out" / "odd").glob("*-03-15")}
    assert folders == {"day_day=0044-03-15", "day_day=-43-03-15"}


def test_a_time_alone_in_its_table_cannot_name_the_folders_either(shop: Shop, tmp_path: Path) -> None:
    shop.change("create table marts.odd as select timestamp '2020-01-01' as at")
    with pytest.raises(UsageError, match="odd has no other column than at"):
        shop.run("dataset", tmp_path / "out", "odd", partition="at:value")


def test_a_name_too_long_for_a_folder_is_refused(shop: Shop, tmp_path: Path) -> None:
    shop.change(f"create table marts.odd as select '{'é' * 40}' as a_column_of_some_length, 1 as one")
    with pytest.raises(UsageError, match="too long for a folder"):
        shop.run("dataset", tmp_path / "out", "odd", partition="a_column_of_some_length")


def test_safe_csv_covers_headers_and_enums(shop: Shop, tmp_path: Path) -> None:
    columns = """'=x'::enum('=x', 'y') as kind, '=1' as "=HYPERLINK(1)", -1 as "-n" """
    shop.change(f"create table marts.odd as select {columns}")
    shop.run("csv", tmp_path / "out", "odd", safe_csv=True)
    with (tmp_path / "out" / "odd.csv").open(newline="") as file:
        assert list(csv.reader(file)) == [["kind", "'=HYPERLINK(1)", "'-n"], ["'=x", "'=1", "-1"]]


def test_telemetry_on_a_full_disk_is_told_in_one_line() -> None:
    with pytest.raises(DestinationUnavailable, match="telemetry cannot be written: No space left"), _full() as lines:
        lines.event("planned")


def _full() -> Any:
    return json_lines(Path("/dev/full"))

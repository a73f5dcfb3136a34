"""What has a table's name at the other side already: whose it is, and what the engine takes for one name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from loaders.errors import OutputMismatch, UsageError
from loaders.outputs.sinks.base import loading_name

if TYPE_CHECKING:
    from tests.unit.outputs.conftest import Other, Shop


def test_a_table_whose_name_differs_in_case_is_left_as_the_engine_sees_it(shop: Shop, other: Other) -> None:
    other.change("create schema marts", 'create table marts."Order_TOTALS" as select 7 as mine')
    if other.engine == "postgres":
        shop.run("warehouse", "other", "order_totals")
    else:
        with pytest.raises(OutputMismatch, match="order_totals has 1 rows; is not one a run wrote"):
            shop.run("warehouse", "other", "order_totals")
    assert other.rows('select * from marts."Order_TOTALS"') == [(7,)]


def test_names_that_differ_in_other_letters_are_two(shop: Shop, other: Other) -> None:
    other.change("create schema marts", 'create table marts."é" as select 7 as mine')
    shop.change('create table marts."É" as select 8 as ours')
    shop.run("warehouse", "other", "É")
    assert other.rows('select * from marts."é"') == [(7,)]
    assert other.rows('select * from marts."É"') == [(8,)]


@pytest.mark.parametrize("rewrite", [False, True])
def test_a_view_in_the_way_is_refused_by_name_before_anything_is_written(
    shop: Shop, other: Other, rewrite: bool
) -> None:
    other.change("create schema marts", "create view marts.order_totals as select 7 as mine")
    with pytest.raises(OutputMismatch, match=r"marts\.order_totals is a view, .* — drop or rename it"):
        shop.run("warehouse", "other", "order_totals", rewrite=rewrite)
    assert other.tables("marts") == ["order_totals"]
    assert other.rows("select * from marts.order_totals") == [(7,)]


def test_a_table_called_as_loading_tables_once_were_stays(shop: Shop, other: Other) -> None:
    other.change("create schema marts", "create table marts.order_totals__next as select 7 as mine")
    shop.run("warehouse", "other", "order_totals")
    assert other.rows("select * from marts.order_totals__next") == [(7,)]
    assert other.tables("marts") == ["order_totals", "order_totals__next"]


def test_a_table_in_the_place_of_a_loading_table_that_no_run_made_is_refused(shop: Shop, other: Other) -> None:
    name = f"marts.{loading_name('marts.order_totals')}"
    other.change("create schema marts", f"create table {name} as select 7 as mine")
    with pytest.raises(OutputMismatch, match=rf"{re.escape(name)} is in the way: .* — drop or rename it"):
        shop.run("warehouse", "other", "order_totals")
    assert other.rows(f"select * from {name}") == [(7,)]


@pytest.mark.parametrize("letters", ["a" * 63, "é" * 31, "a" * 57])
def test_names_of_up_to_63_bytes_hold_their_rows(shop: Shop, other: Other, letters: str) -> None:
    shop.change(f"create table marts.{letters} as select i as {letters} from range(2000) as numbers (i)")
    shop.run("warehouse", "other", letters)
    shop.run("warehouse", "other", letters, rewrite=True, rows_per_file=700)
    assert other.holds(shop, f"marts.{letters}")
    assert other.tables("marts") == [letters]


@pytest.mark.parametrize(
    "make",
    [
        "create table marts.{} as select 1 as a",
        "create table marts.short as select 1 as {}",
        "create schema {}; create table {}.short as select 1 as a",
    ],
)
def test_longer_names_are_refused_where_they_would_be_cut(shop: Shop, other: Other, make: str) -> None:
    long = "é" * 32
    shop.change(make.format(long, long))
    wanted = "short" if "short" in make else long
    if other.engine == "duckdb":
        shop.run("warehouse", "other", wanted)
        return
    with pytest.raises(UsageError, match=f"the name '{long}' has 64 bytes, of which Postgres keeps 63"):
        shop.run("warehouse", "other", wanted)
    assert other.rows("select 1 from pg_namespace where nspname in ('marts', 'landfall_outputs')") == []


def test_tables_of_one_name_in_two_schemas_are_kept_and_checked_each_by_itself(shop: Shop, other: Other) -> None:
    shop.change("create schema oth", "create table oth.order_totals as select 7 as mine")
    for table in ("marts.order_totals", "oth.order_totals"):
        assert shop.run("warehouse", "other", table).changed
    for table in ("marts.order_totals", "oth.order_totals"):
        assert not shop.run("warehouse", "other", table).changed
        assert other.holds(shop, table)
    other.change("delete from marts.order_totals where state is null")
    assert not shop.run("warehouse", "other", "oth.order_totals").changed
    with pytest.raises(OutputMismatch, match=r"marts\.order_totals has 3 rows; 4 were written"):
        shop.run("warehouse", "other", "marts.order_totals")


def test_a_dot_in_a_name_is_no_end_of_the_schema(shop: Shop, other: Other) -> None:
    made = [("oth.in", "side"), ("oth", "in.side")]
    for number, (schema, name) in enumerate(made):
        other.change(f'drop schema if exists "{schema}" cascade')
        shop.change(
            f'create schema "{schema}"',
            f'create table "{schema}"."{name}" as select {number} as n from range({number})',
        )
    for _, name in made:
        assert shop.run("warehouse", "other", name).changed
    for schema, name in made:
        assert not shop.run("warehouse", "other", name).changed
        assert other.holds(shop, f'"{schema}"."{name}"')
    other.change('drop schema "oth.in" cascade')


def test_a_table_that_is_now_spelt_in_other_case_is_still_the_one_a_run_wrote(shop: Shop, other: Other) -> None:
    shop.change("create schema oth", "create table oth.prices as select 7 as price")
    shop.run("warehouse", "other", "prices")
    shop.change("drop table oth.prices", 'create table oth."Prices" as select 8 as price union all select 9')
    shop.run("warehouse", "other", "Prices")
    assert other.holds(shop, 'oth."Prices"')
    assert len(other.rows("select relation from landfall_outputs.tables")) == (1 if other.engine == "duckdb" else 2)
    assert not shop.run("warehouse", "other", "Prices").changed

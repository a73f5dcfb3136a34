"""What has a table's name at the other side already: whose it is, and what the engine takes for one name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from loaders.errors import OutputMismatch

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


def test_a_table_in_the_place_of_a_loading_table_that_no_run_made_is_refused(
    shop: Shop, other: Other, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"loaders.outputs.sinks.{other.engine}.loading_name", lambda _key: "being_loaded")
    other.change("create schema marts", "create table marts.being_loaded as select 7 as mine")
    with pytest.raises(OutputMismatch, match=r"marts\.being_loaded is in the way: .* — drop or rename it"):
        shop.run("warehouse", "other", "order_totals")
    assert other.rows("select * from marts.being_loaded") == [(7,)]

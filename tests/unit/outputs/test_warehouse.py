"""Into another output of the profile: a second DuckDB file, and a real Postgres where one can be started."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from loaders.errors import OutputMismatch, UsageError, WarehouseUnavailable
from loaders.outputs.sinks.duckdb import DuckDBSink

if TYPE_CHECKING:
    from tests.unit.outputs.conftest import Other, Shop

ORDERS = "staging.stg_shop__orders"


def test_every_value_arrives_and_a_second_run_sends_nothing(shop: Shop, other: Other) -> None:
    shop.run("warehouse", "other", "shop.orders", "order_totals", rows_per_file=700)
    assert other.holds(shop, ORDERS)
    assert other.rows("select sum(orders) from marts.order_totals") == [(4000,)]
    assert not shop.run("warehouse", "other", "shop.orders", "order_totals", rows_per_file=700).changed
    shop.change(f"delete from {ORDERS} where order_id < 10")
    assert shop.run("warehouse", "other", "shop.orders", rows_per_file=700).tables[0].written == 3990
    assert other.holds(shop, ORDERS)
    assert other.rows("select count(*) from landfall_outputs.parts") == [(0,)]


def test_a_broken_run_shows_nothing_and_goes_on_with_the_parts_that_are_there(
    shop: Shop, other: Other, monkeypatch: pytest.MonkeyPatch
) -> None:
    from loaders.outputs.formats.warehouse import WarehouseWriter

    send = WarehouseWriter._send
    sent: list[str] = []

    def breaks(self: WarehouseWriter, desk: Any, plan: Any, part: Any) -> int:
        if len(sent) == 3:
            raise WarehouseUnavailable("gone", hint="run again")
        sent.append(part.path)
        return send(self, desk, plan, part)

    with monkeypatch.context() as patched:
        patched.setattr(WarehouseWriter, "_send", breaks)
        with pytest.raises(WarehouseUnavailable):
            shop.run("warehouse", "other", "shop.orders", rows_per_file=700)
    (loading,) = other.tables("staging")
    assert loading.startswith("landfall_loading_")
    again: list[str] = []

    def counted(self: WarehouseWriter, desk: Any, plan: Any, part: Any) -> int:
        again.append(part.path)
        return send(self, desk, plan, part)

    monkeypatch.setattr(WarehouseWriter, "_send", counted)
    shop.run("warehouse", "other", resume="job-0")
    assert len(sent) == 3
    assert len(again) == 3
    assert not set(sent) & set(again)
    assert other.holds(shop, ORDERS)


def test_a_table_somebody_else_changed_or_made_is_refused(shop: Shop, other: Other) -> None:
    shop.run("warehouse", "other", "order_totals")
    other.change("delete from marts.order_totals where state is null")
    with pytest.raises(OutputMismatch, match="has 3 rows; 4 were written"):
        shop.run("warehouse", "other", "order_totals")
    shop.run("warehouse", "other", "order_totals", rewrite=True)
    assert other.rows("select count(*) from marts.order_totals") == [(4,)]


def test_a_lost_answer_does_not_insert_a_part_twice(shop: Shop, other: Other, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other side commits, its answer gets lost, the step is tried again."""
    monkeypatch.setattr("loaders.outputs.uploads._FIRST_PAUSE", 0.01)
    from loaders.outputs.sinks.postgres import PostgresSink

    kind = DuckDBSink if other.settings["type"] == "duckdb" else PostgresSink
    monkeypatch.setattr(kind, "is_remote", True)
    for name in ("add_part", "swap"):
        original = getattr(kind, name)
        failed: set[object] = set()

        def loses(self: Any, *arguments: Any, original: Any = original, failed: set[object] = failed) -> None:
            original(self, *arguments)
            if repr(arguments) not in failed:
                failed.add(repr(arguments))
                raise WarehouseUnavailable("no answer", hint="try again")

        monkeypatch.setattr(kind, name, loses)
    shop.run("warehouse", "other", "shop.orders", rows_per_file=900)
    assert other.holds(shop, ORDERS)


def test_a_warehouse_is_not_written_into_itself(shop: Shop, other: Other) -> None:
    with pytest.raises(UsageError, match="is the warehouse that is read"):
        shop.run("warehouse", "duckdb", "shop.orders")


def test_primary_keys_are_kept_where_the_engine_has_them(shop: Shop, other: Other) -> None:
    if other.settings["type"] == "duckdb":
        pytest.skip("indexes are where DuckDB files were found corrupt, so none is made")
    shop.run("warehouse", "other", "shop.orders")
    keys = other.rows(
        "select column_name from information_schema.key_column_usage where table_name = 'stg_shop__orders'"
    )
    assert keys == [("order_id",)]

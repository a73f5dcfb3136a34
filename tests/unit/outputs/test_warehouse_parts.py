"""What a stopped run has loaded is used again only where the next run would load the same, and is counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from loaders.errors import OutputMismatch, WarehouseUnavailable
from loaders.outputs.formats.warehouse import WarehouseWriter
from loaders.outputs.sinks.duckdb import DuckDBSink
from tests.unit.outputs.driving import Driver, running_driver

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.unit.outputs.conftest import Other, Shop

ORDERS = "staging.stg_shop__orders"


def _break_off(shop: Shop, patching: pytest.MonkeyPatch, after: int, **options: Any) -> None:
    """A run that ends after so many parts have been sent."""
    send = WarehouseWriter._send
    sent: list[str] = []

    def breaks(self: WarehouseWriter, desk: Any, plan: Any, part: Any) -> int:
        if len(sent) == after:
            raise WarehouseUnavailable("gone", hint="run again")
        sent.append(part.path)
        return send(self, desk, plan, part)

    with patching.context() as patched:
        patched.setattr(WarehouseWriter, "_send", breaks)
        with pytest.raises(WarehouseUnavailable, match="gone"):
            shop.run("warehouse", "other", "shop.orders", retries=0, **options)


@pytest.mark.parametrize(("first", "then"), [(1000, None), (None, 1000), (1000, 900), (900, 1000)])
def test_parts_cut_to_another_size_are_loaded_again(
    shop: Shop, other: Other, monkeypatch: pytest.MonkeyPatch, first: int | None, then: int | None
) -> None:
    if first is None:
        monkeypatch.setattr("loaders.outputs.formats.warehouse._ROWS_PER_PART", 3000)
    _break_off(shop, monkeypatch, 1, rows_per_file=first)
    assert shop.run("warehouse", "other", "shop.orders", rows_per_file=then).tables[0].written == 4000
    assert other.holds(shop, ORDERS)


def test_what_was_loaded_is_counted_before_anything_is_replaced(
    shop: Shop, other: Other, monkeypatch: pytest.MonkeyPatch
) -> None:
    from loaders.outputs.sinks.postgres import PostgresSink

    kind = DuckDBSink if other.engine == "duckdb" else PostgresSink
    add = kind.add_part
    lost: list[str] = []

    def loses(self: Any, relation: Any, storage_order: str, part: str, file: Path) -> None:
        if lost:
            add(self, relation, storage_order, part, file)
        lost.append(part)

    shop.run("warehouse", "other", "shop.orders", rows_per_file=700)
    shop.change(f"delete from {ORDERS} where order_id < 10")
    with monkeypatch.context() as patched:
        patched.setattr(kind, "add_part", loses)
        with pytest.raises(
            OutputMismatch, match=r"3,290 rows of staging\.stg_shop__orders were loaded, .* has 3,990 — .*run again"
        ):
            shop.run("warehouse", "other", "shop.orders", rows_per_file=700)
    assert other.rows(f"select count(*) from {ORDERS}") == [(4000,)]
    assert other.tables("staging") == ["stg_shop__orders"]
    shop.run("warehouse", "other", "shop.orders", rows_per_file=700)
    assert other.holds(shop, ORDERS)


def test_a_loading_table_that_somebody_dropped_is_loaded_again(
    shop: Shop, other: Other, monkeypatch: pytest.MonkeyPatch
) -> None:
    _break_off(shop, monkeypatch, 2, rows_per_file=700)
    (loading,) = other.tables("staging")
    other.change(f"drop table staging.{loading}")
    shop.run("warehouse", "other", "shop.orders", rows_per_file=700)
    assert other.holds(shop, ORDERS)


@pytest.fixture(scope="module")
def driver(repository: Path) -> Iterator[Driver]:
    pytest.importorskip("adbc_driver_sqlite", reason="the driver of killed runs imports it")
    with running_driver(repository) as driver:
        yield driver


@pytest.mark.parametrize("failpoint", ["encoded=kill:1", "encoded=kill:3", "sent=kill:2", "swapped=kill:1"])
def test_killed_anywhere_a_warehouse_ends_whole_also_where_the_next_run_cuts_otherwise(
    shop: Shop, other: Other, driver: Driver, failpoint: str
) -> None:
    tables = ("marts.order_totals", ORDERS)
    wanted = {"tables": list(tables), "format": "warehouse", "to": "other", "rows_per_file": 1000}
    failpoints = f"outputs.warehouse.{failpoint}"
    assert driver.run(shop.folder, shop.database, wanted, failpoints=failpoints) == -9
    seen = [table for table in tables if table.split(".")[1] in other.tables(table.split(".")[0])]
    assert len(seen) == (2 if "swapped" in failpoint else 0)
    assert driver.run(shop.folder, shop.database, wanted | {"rows_per_file": None}, job_id="second") == 0
    assert all(other.holds(shop, table) for table in tables)

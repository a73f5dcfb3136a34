"""The audit adds up what the view holds and lets no lack hide behind a surplus."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path

import pytest

from loaders.errors import EnvironmentFault, WarehouseLocked
from loaders.project.accounting import Counts, read_accounting
from loaders.warehouses.duckdb import DuckDBWarehouse

SOUND = (10, 1, 0, 0, 0, 9, 0, 9, 0, 7, 1, 1, 0, 0, 0, 0)


def _query(rows: list[tuple[object, ...]]) -> object:
    def query(sql: str, parameters: Sequence[object]) -> list[tuple[object, ...]]:
        if parameters:
            return [row for row in rows if row[0] == parameters[0]]
        return rows

    return query


def test_files_add_up_to_tables() -> None:
    rows = [("shop", "orders", f"id{number}", f"{number}.csv", *SOUND) for number in (1, 2)]
    accounting = read_accounting(_query([*rows, ("shop", "users", "id3", "u.csv", *SOUND)]))  # type: ignore[arg-type]
    orders, users = accounting.tables
    assert (orders.files, orders.counts.lines, orders.counts.staged_rows) == (2, 20, 14)
    assert (users.table, users.files) == ("users", 1)
    assert accounting.missing == 0


def test_a_surplus_does_not_make_up_for_a_lack() -> None:
    lack = (*SOUND[:-3], 1, 0, 0)
    surplus = (*SOUND[:-3], -1, 0, 0)
    rows: list[tuple[object, ...]] = [
        ("shop", "orders", "a", "a.csv", *lack),
        ("shop", "orders", "b", "b.csv", *surplus),
    ]
    accounting = read_accounting(_query(rows))  # type: ignore[arg-type]
    assert accounting.missing == 2
    assert accounting.tables[0].missing == 2
    assert Counts(*surplus).missing == 1


def test_one_contract_only() -> None:
    rows: list[tuple[object, ...]] = [(name, "orders", name, "a.csv", *SOUND) for name in ("shop", "bank")]
    accounting = read_accounting(_query(rows), contract="bank")  # type: ignore[arg-type]
    assert [file.contract for file in accounting.files] == ["bank"]


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[DuckDBWarehouse]:
    warehouse = DuckDBWarehouse.open(tmp_path / "w.duckdb")
    yield warehouse
    warehouse.close()


def test_the_view_stands_in_the_schema_that_is_asked_for(warehouse: DuckDBWarehouse) -> None:
    counted = ", ".join(f"{number} as {field.name}" for number, field in enumerate(fields(Counts)))
    warehouse.query("create schema dev_accounting")
    warehouse.query(
        "create view dev_accounting.file_accounting as "
        f"select 'shop' as contract, 'orders' as table_name, 'id' as file_id, 'a.csv' as path, {counted}"
    )
    (file,) = read_accounting(warehouse.query, "dev_accounting").files
    assert file.counts == Counts(*range(len(fields(Counts))))


def test_before_dbt_ran_there_is_nothing_to_audit(warehouse: DuckDBWarehouse) -> None:
    with pytest.raises(EnvironmentFault, match=r"accounting.file_accounting cannot be read: .*dbt build"):
        read_accounting(warehouse.query)


def test_a_warehouse_that_another_process_holds_is_no_missing_view() -> None:
    def query(sql: str, parameters: Sequence[object]) -> list[tuple[object, ...]]:
        raise WarehouseLocked("held by process 1", hint="wait for it")

    with pytest.raises(WarehouseLocked, match="held by process 1"):
        read_accounting(query)

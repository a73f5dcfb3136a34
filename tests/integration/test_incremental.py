"""Incremental runs end where a full refresh would, whatever lands, leaves or changes, and in whatever order."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from loaders.contracts.model import (
    Column,
    Contract,
    Duplicates,
    FileDate,
    FileSet,
    ForeignKey,
    Incremental,
    LogicalType,
    Table,
)
from loaders.warehouses.layout import LedgerEntry
from tests.integration.dbt_session import DbtSession, contents, land, make_landing, rows_of, take_out

pytestmark = pytest.mark.slow


def _column(name: str, logical_type: LogicalType = "string", **options: object) -> Column:
    return Column(name, logical_type, f"The {name}.", name, **options)  # type: ignore[arg-type]  # test data


CUSTOMERS = Table(
    "customers",
    "",
    "one row per customer",
    (_column("customer_id", required=True, primary_key_position=1), _column("city", normalizers=("trim", "lower"))),
    FileSet(("customers*.csv",)),
    primary_key=("customer_id",),
)
ORDERS = Table(
    "orders",
    "",
    "one row per order",
    (
        _column("order_id", "integer", required=True, primary_key_position=1),
        _column("customer_id"),
        _column("amount", "number", precision=10, scale=2, minimum=Decimal(0)),
        _column("placed_on", "date"),
    ),
    FileSet(("orders*.csv",)),
    primary_key=("order_id",),
    foreign_keys=(ForeignKey(("customer_id",), "customers", ("customer_id",)),),
    duplicates=Duplicates("last", ("placed_on",)),
)
NOTES = Table(
    "notes",
    "",
    "one row per note",
    (_column("order_id", "integer"), _column("note", required=True)),
    FileSet(("notes*.csv",)),
    foreign_keys=(ForeignKey(("order_id",), "orders", ("order_id",)),),
)
PRICES = Table(
    "prices",
    "",
    "one row per product, its newest price",
    (_column("sku", required=True, primary_key_position=1), _column("price", "number", precision=8, scale=2)),
    FileSet(("prices*.csv",), FileDate("([0-9]+)", "yyyyMMdd")),
    primary_key=("sku",),
    duplicates=Duplicates("last", ("_file_date",)),
    incremental=Incremental("upsert"),
)
USERS = Table(
    "users",
    "",
    "one row per user",
    (_column("user_id", required=True, primary_key_position=1), _column("email", unique=True)),
    FileSet(("users*.csv",)),
    primary_key=("user_id",),
)
EMAILS = Table(
    "emails",
    "",
    "one row per address",
    (_column("email", unique=True), _column("length", "integer", required=True)),
    FileSet(("emails*.csv",)),
)
FATES = Table(
    "fates",
    "",
    "one row per state, the newest; all columns are named like the ledger's",
    tuple(_column(field.name, required=field.name == "state") for field in fields(LedgerEntry)),
    FileSet(("fates*.csv",), FileDate("([0-9]+)", "yyyyMMdd")),
    primary_key=("state",),
    duplicates=Duplicates("last", ("_file_date", "landed_at")),
)
SHOP = Contract("shop", "shop", "1.0.0", "", "", (CUSTOMERS, ORDERS, NOTES, PRICES, USERS, EMAILS, FATES))
# Amounts from 10 up, cities in capitals, and notes may be empty.
NEXT = replace(
    SHOP,
    version="2.0.0",
    tables=(
        replace(CUSTOMERS, columns=(CUSTOMERS.columns[0], replace(CUSTOMERS.columns[1], normalizers=("upper",)))),
        replace(
            ORDERS, columns=(*ORDERS.columns[:2], replace(ORDERS.columns[2], minimum=Decimal(10)), ORDERS.columns[3])
        ),
        replace(NOTES, columns=(NOTES.columns[0], replace(NOTES.columns[1], required=False))),
        *SHOP.tables[3:],
    ),
)


def _fate(state: str, landed_at: str) -> tuple[str | None, ...]:
    return tuple({"state": state, "landed_at": landed_at}.get(column.name) for column in FATES.columns)


FILES: dict[str, tuple[Table, list[tuple[str | None, ...]]]] = {
    "orders_1": (
        ORDERS,
        [("1", "a", "5.00", "2024-01-01"), ("2", "b", "-1", "2024-01-01"), ("3", None, "7", "2024-01-01")],
    ),
    "customers_1": (CUSTOMERS, [("a", " Rome "), ("b", "Oslo"), ("a", "Bari"), ("", "Bonn")]),
    "orders_2": (
        ORDERS,
        [("1", "a", "20.00", "2024-01-02"), ("4", "c", "9", "2024-01-02"), ("x", "d", "1.005", "2024-13-01")],
    ),
    "customers_2": (CUSTOMERS, [("c", "Kyiv"), ("b", "Brno"), ("d", "")]),
    "notes_1": (NOTES, [("1", "first"), ("4", "fourth"), ("9", "nobody"), (None, "free"), ("1", "")]),
    "orders_3": (ORDERS, [("1", "b", "30.00", None), ("9", "d", "12", "2024-01-03"), ("4", "a", "3", "2023-01-01")]),
    "prices_1": (PRICES, [("pen", "1.00"), ("ink", "2.00"), ("pen", "1.10"), ("cap", "?")]),
    "prices_2": (PRICES, [("pen", "1.50"), ("cap", "0.10")]),
    "users_1": (USERS, [("1", "a@x"), ("2", "b@x"), ("3", None), ("4", None)]),
    "users_2": (USERS, [("1", "b@x"), ("5", "a@x"), ("6", "b@x")]),
    "emails_1": (EMAILS, [("a@x", "3"), (None, "0"), (None, "0"), ("b@x", "z")]),
    "emails_2": (EMAILS, [("a@x", "33"), ("b@x", "3"), ("b@x", "4")]),
    "fates_1": (FATES, [_fate("SP", "10"), _fate("RJ", "20"), _fate("RJ", "3"), _fate("", "4")]),
    "fates_2": (FATES, [_fate("SP", "11"), _fate("CE", "5")]),
}
# Later prices and fates come in the earlier file, so that only the date in the name can tell.
DATES = {f"{name}_{number}": date(2024, 3 - number, 1) for name in ("prices", "fates") for number in (1, 2)}


@pytest.fixture(scope="module")
def session(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DbtSession]:
    with DbtSession(repository, tmp_path_factory.mktemp("incremental"), [SHOP]) as session:
        yield session


@pytest.fixture(scope="module")
def empty_warehouse(session: DbtSession) -> Path:
    path = session.folder / "shop.duckdb"
    make_landing(path, [SHOP])
    session.build(path)
    return path


@pytest.fixture
def warehouse(empty_warehouse: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(empty_warehouse, tmp_path))


def _land(warehouse: Path, *names: str) -> None:
    for name in names:
        table, rows = FILES[name]
        land(warehouse, SHOP, table, name, rows, DATES.get(name))


def _take_out(warehouse: Path, *names: str, rows_too: bool = True) -> None:
    for name in names:
        take_out(warehouse, SHOP, FILES[name][0], name, rows_too=rows_too)


def _assert_as_rebuilt(session: DbtSession, warehouse: Path) -> None:
    """Builds what is new, then everything in a copy of the warehouse, and compares; no row is unaccounted for."""
    session.build(warehouse)
    # Under the same name: dbt has it in its parsed project.
    copy = warehouse.parent / "rebuilt" / warehouse.name
    copy.parent.mkdir(exist_ok=True)
    shutil.copy(warehouse, copy)
    session.build(copy, "--full-refresh")
    assert contents(warehouse) == contents(copy)
    missing = "select path, landed_rows, staged_rows, rejected_rows, deduplicated_rows from accounting.file_accounting"
    assert rows_of(warehouse, f"{missing} where missing_rows <> 0 or missing_landed_rows <> 0") == []


def test_children_before_parents_then_replaced_and_gone(session: DbtSession, warehouse: Path) -> None:
    _land(warehouse, "orders_1", "notes_1", "prices_2", "users_2", "emails_2")
    _assert_as_rebuilt(session, warehouse)
    assert rows_of(warehouse, "select count(*) from rejects.rej_shop__orders where reason = 'foreign_key'") == [(2,)]

    _land(warehouse, "customers_1", "orders_2", "prices_1", "users_1", "emails_1")
    _assert_as_rebuilt(session, warehouse)
    assert rows_of(warehouse, "select order_id, amount from staging.stg_shop__orders order by all") == [
        (1, Decimal("20.00")),
        (3, Decimal("7.00")),
    ]
    assert rows_of(warehouse, "select sku, price from staging.stg_shop__prices order by all") == [
        ("cap", Decimal("0.10")),
        ("ink", Decimal("2.00")),
        ("pen", Decimal("1.10")),
    ]

    # Rows without a key are no copies of each other, and a row that breaks another rule takes no key.
    emails = "select email, length, _landed_file_id from staging.stg_shop__emails order by all"
    assert rows_of(warehouse, emails) == [
        ("a@x", 3, "emails_1"),
        ("b@x", 3, "emails_2"),
        (None, 0, "emails_1"),
        (None, 0, "emails_1"),
    ]

    _take_out(warehouse, "customers_1", "prices_1")
    _take_out(warehouse, "orders_2", "users_2", "emails_2", rows_too=False)
    _land(warehouse, "customers_2", "orders_3")
    _assert_as_rebuilt(session, warehouse)

    _take_out(warehouse, "orders_1", "customers_2")
    _assert_as_rebuilt(session, warehouse)
    assert rows_of(warehouse, "select count(*) from staging.stg_shop__orders") == [(0,)]


def test_columns_named_like_the_ledgers_are_the_tables_own(session: DbtSession, warehouse: Path) -> None:
    _land(warehouse, "fates_1", "fates_2")
    _assert_as_rebuilt(session, warehouse)
    assert rows_of(warehouse, "select state, landed_at, _landed_file_id from staging.stg_shop__fates order by all") == [
        ("CE", "5", "fates_2"),
        ("RJ", "3", "fates_1"),
        ("SP", "10", "fates_1"),
    ]


def test_any_order_of_landing_and_leaving(session: DbtSession, warehouse: Path) -> None:
    chance = random.Random(20240501)
    waiting, present = sorted(FILES), list[str]()
    while waiting:
        chance.shuffle(waiting)
        arriving, waiting = waiting[:4], waiting[4:]
        _land(warehouse, *arriving)
        leaving = [name for name in present if chance.random() < 0.3]
        _take_out(warehouse, *leaving, rows_too=chance.random() < 0.5)
        present = [name for name in present if name not in leaving] + arriving
        _assert_as_rebuilt(session, warehouse)

    before = contents(warehouse)
    session.build(warehouse)
    assert contents(warehouse) == before


def test_new_contract_version_rebuilds(session: DbtSession, warehouse: Path) -> None:
    _land(warehouse, *FILES)
    session.build(warehouse)
    session.generate([NEXT])
    try:
        _assert_as_rebuilt(session, warehouse)
        assert rows_of(warehouse, "select distinct city from staging.stg_shop__customers where city = 'OSLO'")
        versions = "select distinct split_part(_contract_version, '+', 1) from staging.stg_shop__notes"
        assert rows_of(warehouse, versions) == [("2.0.0",)]
    finally:
        session.generate([SHOP])

"""A contract with one of everything, made by hand so that no YAML is read here."""

from __future__ import annotations

from decimal import Decimal

import pytest

from loaders.contracts.model import (
    Column,
    Contract,
    Duplicates,
    EnumValue,
    FileSet,
    ForeignKey,
    Freshness,
    LogicalType,
    MetricCheck,
    OrderedCheck,
    SumsEqualCheck,
    SumSide,
    Table,
)


def column(name: str, logical_type: LogicalType = "string", **options: object) -> Column:
    return Column(name, logical_type, f"The {name}.", name, **options)  # type: ignore[arg-type]  # fields of Column


CUSTOMERS = Table(
    name="customers",
    description="People who have ordered.",
    grain="one row per customer",
    columns=(column("customer_id", required=True, primary_key_position=1), column("city", normalizers=("trim",))),
    files=FileSet(("customers*.csv",)),
    primary_key=("customer_id",),
    freshness=Freshness((7, "day"), None),
)
LINES = Table(
    name="lines",
    description="Lines of orders.",
    grain="one row per line",
    columns=(
        column(
            "shipped_at", "timestamp", formats=("yyyy-MM-dd HH:mm:ss", "d/M/yy H:mm"), minimum="2016-01-01T00:00:00"
        ),
        column("order_id", "integer", required=True, primary_key_position=1, integer_bits=32),
        column("line", "integer", required=True, primary_key_position=2, unsigned=True),
        column(
            "status",
            required=True,
            normalizers=("trim", "lower"),
            null_tokens=("", "n/a"),
            enum=(EnumValue("open"), EnumValue("paid")),
            mostly=Decimal("0.95"),
            severity="error",
        ),
        column("price", "number", precision=10, scale=2, minimum=Decimal(0), multiple_of=Decimal("0.05")),
        column("weight", "number", exclusive_maximum=Decimal("1e3")),
        column("is_gift", "boolean", true_values=("yes",), false_values=("no",)),
        column("customer_id", pattern="^[0-9a-f]{32}$", min_length=32, max_length=32),
        column("ordered_on", "date"),
        column("ordered_time", "time"),
    ),
    files=FileSet(("lines*.csv",)),
    primary_key=("order_id", "line"),
    foreign_keys=(
        ForeignKey(("customer_id",), "customers", ("customer_id",)),
        ForeignKey(("status",), "customers", ("city",), on_orphan="warn", mostly=Decimal("0.5")),
    ),
    duplicates=Duplicates("last", ("_file_date", "shipped_at")),
    checks=(
        OrderedCheck("ordered_before_shipped", ("ordered_on", "shipped_at"), Decimal("0.99"), "Never too late."),
        SumsEqualCheck(
            "lines_equal_lines",
            SumSide("lines", ("price",), ("order_id",)),
            SumSide("lines", ("price", "weight"), ("order_id",)),
            Decimal("0.01"),
        ),
        MetricCheck(
            "status_is_known",
            "invalidValues",
            ("status",),
            "percent",
            "mustBeBetween",
            (Decimal(0), Decimal("2.50")),
            (("validValues", ("open", "it's")),),
            severity="warn",
        ),
    ),
)
CONTRACT = Contract("shop", "shop", "1.2.0", "contracts/shop.odcs.yaml", "", (CUSTOMERS, LINES))


@pytest.fixture(scope="session")
def shop() -> Contract:
    """Customers, and lines of orders with every kind of column, rule, key and check."""
    return CONTRACT

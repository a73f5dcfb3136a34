"""Columns → the calls that clean and convert them; options that are the macro's own are left out."""

from __future__ import annotations

from decimal import Decimal

import pytest

from loaders.contracts.model import Column, LogicalType
from loaders.contracts.types import data_type
from loaders.project.calls import Call
from loaders.project.conversions import clean, convert
from loaders.project.violations import violation
from tests.unit.project.conftest import column


@pytest.mark.parametrize(
    ("given", "call", "type_"),
    [
        (column("x", "integer"), "to_integer('x')", "bigint"),
        (column("x", "integer", integer_bits=8), "to_integer('x', bits=8)", "smallint"),
        (
            column("x", "integer", unsigned=True, thousands_separator=","),
            "to_integer('x', unsigned=true, thousands_separator=',')",
            "decimal(20, 0)",
        ),
        (column("x", "integer", integer_bits=128), "to_integer('x', bits=128)", "decimal(38, 0)"),
        (column("x", "number", precision=9, scale=0), "to_decimal('x', 9, 0)", "decimal(9, 0)"),
        (
            column("x", "number", precision=9, scale=2, round_to_scale=True, decimal_separator=","),
            "to_decimal('x', 9, 2, round=true, decimal_separator=',')",
            "decimal(9, 2)",
        ),
        (column("x", "number", allow_nan=True), "to_double('x', allow_nan=true)", "double"),
        (
            column("x", "boolean", true_values=("1", "y")),
            "to_boolean('x', true_values=['1', 'y'])",
            "boolean",
        ),
        (column("x", "date"), "to_date('x')", "date"),
        (
            column("x", "date", formats=("d.M.yyyy",), minimum="1500-01-01"),
            "to_date('x', ['d.M.yyyy'], first_year=1)",
            "date",
        ),
        (
            column("x", "timestamp", timezone=True, default_timezone="Europe/Rome", maximum="2500-01-01T00:00:00"),
            "to_timestamp('x', timezone=true, default_timezone='Europe/Rome', last_year=9999)",
            "timestamp",
        ),
        (column("x", "timestamp", default_timezone="Europe/Rome"), "to_timestamp('x')", "timestamp"),
        (column("x", "time", formats=("HH:mm",)), "to_time('x', ['HH:mm'])", "time"),
    ],
)
def test_convert(given: Column, call: str, type_: str) -> None:
    found = convert(given)
    assert found is not None
    assert _written(found) == call
    assert data_type(given) == type_


def test_text_is_cleaned_only() -> None:
    assert convert(column("x")) is None
    assert _written(clean(column("x"))) == "clean_text('x')"
    assert _written(clean(column("x", normalizers=("trim",), null_tokens=("", "-")))) == (
        "clean_text('x', ['trim'], null_tokens=['', '-'])"
    )
    assert _written(clean(column("x", null_tokens=()))) == "clean_text('x', null_tokens=[])"


@pytest.mark.parametrize(
    ("reason", "type_", "options", "call"),
    [
        ("pattern", "string", {"pattern": "^a{2}$"}, "violates_pattern('x', '^a{2}$')"),
        ("length", "string", {"min_length": 0}, "violates_length('x', at_least=0)"),
        (
            "range",
            "number",
            {"precision": 5, "scale": 1, "exclusive_minimum": Decimal("1E+1"), "maximum": Decimal("20.5")},
            "violates_range('x', 'decimal(5, 1)', more_than='10', at_most='20.5')",
        ),
        (
            "range",
            "number",
            {"precision": 38, "scale": 2, "minimum": Decimal("0.001"), "exclusive_maximum": Decimal("9.990")},
            "violates_range('x', 'decimal(38, 2)', at_least='0.01', less_than='9.99')",
        ),
        (
            "range",
            "number",
            {"precision": 38, "scale": 18, "exclusive_minimum": Decimal("-0.5"), "maximum": Decimal(10**21)},
            "violates_range('x', 'decimal(38, 18)', more_than='-0.5')",
        ),
        (
            "range",
            "integer",
            {"integer_bits": 8, "exclusive_minimum": Decimal(-(10**30)), "maximum": Decimal(127)},
            "violates_range('x', 'smallint', at_most='127')",
        ),
        (
            "range",
            "integer",
            {"integer_bits": 8, "maximum": Decimal("1E+30")},
            "violates_range('x', 'smallint', at_least='-128')",
        ),
        ("range", "date", {"maximum": "2020-01-01"}, "violates_range('x', 'date', at_most='2020-01-01')"),
        ("multiple_of", "integer", {"multiple_of": Decimal(5)}, "violates_multiple_of('x', '5')"),
        (
            "multiple_of",
            "number",
            {"precision": 38, "scale": 2, "multiple_of": Decimal("0.0500")},
            "violates_multiple_of('x', '0.05')",
        ),
    ],
)
def test_violations(reason: str, type_: LogicalType, options: dict[str, object], call: str) -> None:
    assert _written(violation(reason, column("x", type_, **options), "x")) == call  # type: ignore[arg-type]


def _written(call: Call) -> str:
    return f"{call.macro}({', '.join(call.pieces())})"

"""What the view holds of a contract, and that every contract lint lets through has one."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loaders.contracts.lint import lint
from loaders.contracts.model import (
    Contract,
    Dialect,
    Duplicates,
    EnumValue,
    FileDate,
    FileSet,
    ForeignKey,
    Freshness,
    Incremental,
    MalformedLimit,
    MetricCheck,
    OrderedCheck,
    Partition,
    SumsEqualCheck,
    SumSide,
)
from loaders.contracts.read import read_contract
from loaders.contracts.yaml_text import read_yaml
from loaders.errors import ContractInvalid

SHOP = Path(__file__).resolve().parents[2] / "data" / "contracts" / "shop.odcs.yaml"
Viewed = Callable[..., Contract]


def test_contract(viewed: Viewed) -> None:
    shop = viewed()
    assert (shop.id, shop.name, shop.version) == ("shop-0001", "shop", "1.0.0")
    assert shop.description == "Orders of a small shop."
    assert [table.name for table in shop.tables] == ["customers", "orders"]


def test_table(viewed: Viewed) -> None:
    orders = viewed().table("orders")
    assert orders.grain == "One row per order."
    assert orders.primary_key == ("order_id", "line_no")
    assert orders.files == FileSet(("orders_*.csv",), FileDate("orders_([0-9]{8})", "yyyyMMdd"))
    assert orders.duplicates == Duplicates("last", ("_file_date",))
    assert orders.partition == Partition("placed_at", "month")
    assert orders.incremental == Incremental("upsert")
    assert orders.foreign_keys == (ForeignKey(("customer_id",), "customers", ("customer_id",), mostly=Decimal("0.99")),)
    assert orders.freshness == Freshness(warn_after=None, error_after=(7, "day"))
    assert viewed().table("customers").freshness is None


def test_checks(viewed: Viewed) -> None:
    assert viewed().table("orders").checks == (
        MetricCheck("some_orders", "rowCount", (), "rows", "mustBeGreaterThan", (Decimal(0),)),
        OrderedCheck("paid_before_sent", ("placed_at", "sent_at"), Decimal("0.9")),
        SumsEqualCheck(
            "amounts_agree",
            SumSide("orders", ("amount",), ("order_id",)),
            SumSide("orders", ("line_no",), ("customer_id",)),
            Decimal("0.01"),
        ),
    )


def test_columns(viewed: Viewed) -> None:
    shop = viewed()
    born_on = shop.table("customers").column("born_on")
    assert (born_on.header, born_on.aliases, born_on.may_be_absent) == ("Birth Date", ("birthday",), True)
    assert (born_on.formats, born_on.minimum, born_on.maximum) == (("dd/MM/yyyy",), "1900-01-01", "2030-12-31")
    state = shop.table("customers").column("state")
    assert state.enum == (EnumValue("SP", "Sao Paulo"), EnumValue("NO"))
    amount = shop.table("orders").column("amount")
    assert (amount.precision, amount.scale, amount.unit) == (10, 2, "EUR")
    assert (str(amount.minimum), str(amount.maximum), str(amount.multiple_of)) == ("0.00", "99.50", "0.05")
    paid = shop.table("orders").column("paid")
    assert (paid.true_values, paid.false_values) == (("yes",), ("no",))
    placed_at = shop.table("orders").column("placed_at")
    assert (placed_at.timezone, placed_at.default_timezone) == (True, "Europe/Berlin")
    assert placed_at.formats == ("yyyy-MM-dd'T'HH:mm:ssXXX",)


def test_a_key_column_is_required(viewed: Viewed) -> None:
    assert viewed().table("customers").column("customer_id").required


def test_inner_settings_win(viewed: Viewed) -> None:
    shop = viewed(
        (
            '{globs: ["customers*.csv"]}}',
            (
                '{globs: ["customers*.csv"]}}\n'
                "      - {property: csv, vendor: loaders, value: {encoding: UTF8, skipLines: 2}}\n"
                '      - {property: nullTokens, vendor: loaders, value: ["-"]}\n'
                "      - {property: maxMalformed, vendor: loaders, value: {share: 0.05}}"
            ),
        ),
        (
            "value: [birthday]}",
            (
                "value: [birthday]}\n          - {property: normalizers, vendor: loaders, value: []}\n"
                '          - {property: nullTokens, vendor: loaders, value: ["", "n/a"]}'
            ),
        ),
    )
    customers, orders = shop.table("customers"), shop.table("orders")
    assert customers.dialect == Dialect(delimiter=";", encoding="utf-8", skip_lines=2)
    assert orders.dialect == Dialect(delimiter=";", encoding="utf-8")
    assert customers.max_malformed == MalformedLimit(rows=1000, share=Decimal("0.05"))
    assert customers.column("email").null_tokens == ("-",)
    assert customers.column("email").normalizers == ("trim",)
    assert customers.column("born_on").null_tokens == ("", "n/a")
    assert customers.column("born_on").normalizers == ()
    assert orders.column("paid").null_tokens == ("",)


@pytest.mark.parametrize(
    ("contract", "table", "quote", "escape"),
    [
        ('quote: "\'"', "encoding: utf-8", "'", "'"),
        ('quote: "\'"', "escape: '\"'", "'", '"'),
        ("escape: '\\'", 'quote: "\'"', "'", "\\"),
        ("quote: '\"'", "encoding: utf-8", '"', '"'),
        ("quote: ''", "encoding: utf-8", "", '"'),
    ],
)
def test_an_escape_that_nobody_states_is_the_quote(
    viewed: Viewed, contract: str, table: str, quote: str, escape: str
) -> None:
    shop = viewed(
        ('delimiter: ";"', f'delimiter: ";", {contract}'),
        (
            '{globs: ["customers*.csv"]}}',
            '{globs: ["customers*.csv"]}}\n      - {property: csv, vendor: loaders, value: {' + table + "}}",
        ),
    )
    assert shop.table("customers").dialect == Dialect(delimiter=";", quote=quote, escape=escape)


@pytest.mark.parametrize(
    ("text", "bits", "unsigned"), [("i8", 8, False), ("u16", 16, True), ("i64", 64, False), ("u64", 64, True)]
)
def test_integer_formats(viewed: Viewed, text: str, bits: int, unsigned: bool) -> None:
    old = "name: line_no\n        logicalType: integer"
    line_no = viewed((old, f"{old}\n        logicalTypeOptions: {{format: {text}}}")).table("orders").column("line_no")
    assert (line_no.integer_bits, line_no.unsigned) == (bits, unsigned)


@pytest.mark.parametrize(
    ("bound", "seen"),
    [
        ("2024-01-05T10:00:00+02:00", "2024-01-05T08:00:00+00:00"),
        ("2024-01-05 10:00:00", "2024-01-05T10:00:00+00:00"),
        ("2024-01-05T10:00:00.250Z", "2024-01-05T10:00:00.250000+00:00"),
    ],
)
def test_bounds_with_a_zone_are_seen_in_utc(viewed: Viewed, bound: str, seen: str) -> None:
    old = "defaultTimezone: Europe/Berlin}"
    shop = viewed((old, f'defaultTimezone: Europe/Berlin, minimum: "{bound}"}}'))
    assert shop.table("orders").column("placed_at").minimum == seen


def test_bad_input_106_quotes_in_values(viewed: Viewed) -> None:
    shop = viewed(
        ('value: "NO"', 'value: "it\'s"'),
        (
            "value: [birthday]}",
            ('value: [birthday]}\n          - {property: nullTokens, vendor: loaders, value: ["\'"]}'),
        ),
    )
    assert shop.table("customers").column("state").enum[1].value == "it's"
    assert shop.table("customers").column("born_on").null_tokens == ("'",)


def test_problems_stop_the_reading(changed: Callable[..., Path]) -> None:
    path = changed(("unique: true", "uniqe: true"), ("name: paid\n", "name: _paid\n"))
    with pytest.raises(ContractInvalid) as refusal:
        read_contract(path, path.parent)
    assert [problem.file for problem in refusal.value.problems] == ["shop.odcs.yaml"] * 2


def _paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(path for key, child in children for path in _paths(child, (*at, key)))]


def _document() -> Any:
    document, _ = read_yaml(SHOP.read_bytes(), "shop")
    assert document is not None
    return document.value


PATHS = [path for path in _paths(_document()) if path]
ODD: list[Any] = [None, True, False, 0, 1, -1, 0.5, 10**30, "", " ", "x", "date", "orders", [], {}, [[]], [{}], ["x"]]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(PATHS), st.sampled_from(["remove", *ODD])), min_size=1, max_size=2))
def test_whatever_is_changed_lint_tells_or_the_view_is_whole(tmp_path: Path, changes: list[tuple[Any, Any]]) -> None:
    contract = _document()
    for path, new in changes:
        # A place may be put into itself by the second change.
        _change(contract, path, deepcopy(new))
    file = tmp_path / "changed.odcs.yaml"
    file.write_text(json.dumps(contract, default=float), encoding="utf-8")
    if not any(problem.severity == "error" for problem in lint([file])):
        assert isinstance(read_contract(file), Contract)


def _change(value: Any, path: tuple[Any, ...], new: Any) -> None:
    """One change in place; none where an earlier change took the place away."""
    try:
        for step in path[:-1]:
            value = value[step]
        value[path[-1]]
    except (KeyError, IndexError, TypeError):
        return
    if isinstance(value, str):
        return
    if new == "remove":
        del value[path[-1]]
    else:
        value[path[-1]] = new

"""What makes rows be typed again, what makes files be parsed again, and what does neither."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from loaders.contracts.fingerprint import parse_fingerprint, table_version
from loaders.contracts.model import Contract

Viewed = Callable[..., Contract]


def _both(shop: Contract, table: str) -> tuple[str, str]:
    return table_version(shop, shop.table(table)), parse_fingerprint(shop.table(table))


def test_form(viewed: Viewed) -> None:
    version, parse = _both(viewed(), "orders")
    assert re.fullmatch(r"1\.0\.0\+[0-9a-f]{8}", version)
    assert re.fullmatch(r"[0-9a-f]{64}", parse)


def test_the_same_in_every_version_of_the_tool(viewed: Viewed) -> None:
    # Landed files and typed rows of older versions carry these; changing them re-lands and rebuilds everything.
    assert _both(viewed(), "orders") == PINNED


PINNED = (
    "1.0.0+5dbc34d6",
    "42b5c3e32a260d88f51b56e358eba22985fdabe7df9671800c80f7bc064aeded",
)

VERDICTS = [
    ("pattern", "orders", "minimum: 0.00", "minimum: 0.01"),
    ("scale", "orders", "scale: 2", "scale: 3"),
    ("type", "orders", "name: paid\n        logicalType: boolean", "name: paid\n        logicalType: string"),
    ("format", "orders", "ssXXX", "ssX"),
    ("words", "orders", '["yes"]', '["y"]'),
    ("name", "orders", "name: paid\n", "name: is_paid\n"),
    ("key", "orders", "        primaryKey: true\n        primaryKeyPosition: 2\n", ""),
    (
        "reference",
        "orders",
        "value: 0.99}",
        "value: 0.99}\n              - {property: onOrphan, vendor: loaders, value: warn}",
    ),
    ("keep", "orders", "keep: last", "keep: first"),
    ("strategy", "orders", "strategy: upsert", "strategy: by_file"),
    ("partition", "orders", "granularity: month", "granularity: day"),
    ("normalizers", "orders", "value: [trim]", "value: []"),
    ("enum", "customers", 'value: "NO"', "value: RJ"),
    ("unique", "customers", "        unique: true\n", ""),
]


@pytest.mark.parametrize(("table", "old", "new"), [pytest.param(*case[1:], id=case[0]) for case in VERDICTS])
def test_another_verdict_is_another_version(viewed: Viewed, table: str, old: str, new: str) -> None:
    words = (
        []
        if "boolean" not in old
        else [
            (
                (
                    '        customProperties:\n          - {property: trueValues, vendor: loaders, value: ["yes"]}\n'
                    '          - {property: falseValues, vendor: loaders, value: ["no"]}\n'
                ),
                "",
            ),
        ]
    )
    assert _both(viewed((old, new), *words), table)[0] != _both(viewed(), table)[0]


def test_every_digit_of_a_bound_counts(viewed: Viewed) -> None:
    wide = ("precision: 10, scale: 2", "precision: 38, scale: 2")
    one, other = (_both(viewed(wide, ("99.50", f"{10**34 + last}.00")), "orders")[0] for last in (1, 2))
    assert one != other


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("People who buy.", "Customers."),
        ("One row per customer.", "A row each."),
        ("label: Sao Paulo", "label: São Paulo"),
        ("minLength: 3, maxLength: 200", "maxLength: 200, minLength: 3"),
        ("Orders of a small shop.", "Orders."),
    ],
)
def test_words_change_nothing(viewed: Viewed, old: str, new: str) -> None:
    assert _both(viewed((old, new)), "customers") == _both(viewed(), "customers")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("value: EUR", "value: BRL"),
        ("value: 0.99}", "value: 0.5}"),
        ("mostly: 0.9}", "mostly: 0.8}"),
        ("99.50", "99.5"),
    ],
)
def test_tolerances_and_units_change_nothing(viewed: Viewed, old: str, new: str) -> None:
    assert _both(viewed((old, new)), "orders") == _both(viewed(), "orders")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('delimiter: ";"', 'delimiter: ","'),
        ("encoding: utf-8", "encoding: cp1252"),
        ("physicalName: Birth Date", "physicalName: Born"),
        ("value: [birthday]", "value: [bday]"),
        ("property: mayBeAbsent, vendor: loaders, value: true", "property: mayBeAbsent, vendor: loaders, value: false"),
    ],
)
def test_another_parsing_is_another_file(viewed: Viewed, old: str, new: str) -> None:
    before, after = _both(viewed(), "customers"), _both(viewed((old, new)), "customers")
    assert before[1] != after[1]
    assert before[0] == after[0]


def test_one_dialect_with_and_without_its_usual_marks(viewed: Viewed) -> None:
    for stated in ("quote: '\"'", "escape: '\"'", "quote: '\"', escape: '\"'"):
        assert _both(viewed(('delimiter: ";"', f'delimiter: ";", {stated}')), "orders") == _both(viewed(), "orders")


def test_one_name_per_encoding(viewed: Viewed) -> None:
    assert _both(viewed(("encoding: utf-8", "encoding: UTF8")), "orders") == _both(viewed(), "orders")


def test_another_table_changes_nothing(viewed: Viewed) -> None:
    assert _both(viewed(("minLength: 3", "minLength: 4")), "orders") == _both(viewed(), "orders")


def test_the_contract_version_is_part_of_it(viewed: Viewed) -> None:
    version, parse = _both(viewed(("version: 1.0.0", "version: 1.1.0")), "orders")
    assert version == "1.1.0+" + _both(viewed(), "orders")[0].partition("+")[2]
    assert parse == _both(viewed(), "orders")[1]

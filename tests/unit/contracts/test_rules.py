"""The rules of a table: which, in which order, and what they say."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from loaders.contracts.model import Contract
from loaders.contracts.rules import rules_of

Viewed = Callable[..., Contract]


def test_order_and_words(viewed: Viewed) -> None:
    assert [(rule.id, rule.text) for rule in rules_of(viewed().table("customers"))] == [
        ("customer_id.required", "customer_id must not be empty"),
        ("customer_id.type", "customer_id must be a 64-bit integer"),
        ("email.pattern", "email must match ^[^@]+@[^@]+$"),
        ("email.length", "email must have 3 to 200 characters"),
        ("state.enum", "state must be one of SP, NO"),
        ("born_on.type", "born_on must be a date written as dd/MM/yyyy"),
        ("born_on.range", "born_on must be at least 1900-01-01 and at most 2030-12-31"),
        ("customer_id.duplicate", "only the first row of each customer_id stays"),
        ("email.duplicate", "only the first row of each email stays"),
    ]


def test_keys_of_an_upsert_supersede(viewed: Viewed) -> None:
    rules = rules_of(viewed().table("orders"))
    assert [rule.id for rule in rules][-2:] == ["customer_id.foreign_key", "order_id-line_no.superseded"]
    assert rules[-1].text == "only the last row of each order_id, line_no stays"
    assert rules[-2].text == "customer_id must exist in customers (customer_id)"
    assert rules[-2].mostly == Decimal("0.99")


def test_a_reference_that_only_warns_is_no_rule(viewed: Viewed) -> None:
    warn = "{property: onOrphan, vendor: loaders, value: warn}"
    orders = viewed(("{property: mostly, vendor: loaders, value: 0.99}", warn)).table("orders")
    assert "customer_id.foreign_key" not in {rule.id for rule in rules_of(orders)}


def test_a_key_of_one_column_called_unique_is_one_rule(viewed: Viewed) -> None:
    old = "      - name: customer_id\n        logicalType: integer\n        primaryKey: true\n"
    customers = viewed((old, f"{old}        unique: true\n")).table("customers")
    assert [rule.id for rule in rules_of(customers)].count("customer_id.duplicate") == 1


def test_ids_are_unique(viewed: Viewed) -> None:
    for table in viewed().tables:
        ids = [rule.id for rule in rules_of(table)]
        assert len(ids) == len(set(ids))

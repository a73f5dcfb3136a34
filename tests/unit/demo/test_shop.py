"""The shop before any fault is planted: consistent in itself, and as odd as real shops are."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest

from loaders.demo.faults import KEYS
from loaders.demo.shop import Shop

REFERENCES = (
    ("orders", "customer_id", "customers", "customer_id"),
    ("order_items", "order_id", "orders", "order_id"),
    ("order_items", "product_id", "products", "product_id"),
    ("order_items", "seller_id", "sellers", "seller_id"),
    ("order_payments", "order_id", "orders", "order_id"),
    ("order_reviews", "order_id", "orders", "order_id"),
)


@pytest.fixture(scope="module")
def shop() -> Shop:
    return Shop(1000, seed=1)


@pytest.mark.parametrize(("table", "column", "parent", "key"), REFERENCES)
def test_every_reference_resolves(shop: Shop, table: str, column: str, parent: str, key: str) -> None:
    known = {row[key] for row in shop.rows[parent]}
    assert all(row[column] in known for row in shop.rows[table])


@pytest.mark.parametrize(("table", "key"), KEYS.items())
def test_keys_are_unique(shop: Shop, table: str, key: tuple[str, ...]) -> None:
    assert max(Counter(tuple(row[column] for column in key) for row in shop.rows[table]).values()) == 1


def test_payments_add_up_to_items_but_for_a_few_centavos(shop: Shop) -> None:
    paid: Counter[str] = Counter()
    owed: Counter[str] = Counter()
    for row in shop.rows["order_payments"]:
        paid[row["order_id"]] += int(Decimal(row["payment_value"]) * 100)
    for row in shop.rows["order_items"]:
        owed[row["order_id"]] += int((Decimal(row["price"]) + Decimal(row["freight_value"])) * 100)
    differences = Counter(paid[order] - owed[order] for order in owed)
    assert set(differences) == {0, 5}
    assert differences[5] <= 4


def test_the_oddities_of_real_shops_occur(shop: Shop) -> None:
    with_items = {row["order_id"] for row in shop.rows["order_items"]}
    payments = Counter(row["order_id"] for row in shop.rows["order_payments"])
    reviews = Counter(row["order_id"] for row in shop.rows["order_reviews"])
    orders = shop.rows["orders"]
    assert any(row["order_id"] not in with_items for row in orders)
    assert any(row["order_id"] not in reviews for row in orders)
    assert max(payments.values()) > 1
    assert max(reviews.values()) > 1
    assert any(row["order_delivered_customer_date"] == "" for row in orders)
    assert any(row["product_category_name"] == "" for row in shop.rows["products"])
    assert any(row["customer_state"].islower() for row in shop.rows["customers"])
    assert any("\r\n\r\n" in row["review_comment_message"] for row in shop.rows["order_reviews"])


def test_times_of_an_order_go_forward(shop: Shop) -> None:
    for row in shop.rows["orders"]:
        moments = [
            row[column]
            for column in (
                "order_purchase_timestamp",
                "order_approved_at",
                "order_delivered_carrier_date",
                "order_delivered_customer_date",
            )
            if row[column]
        ]
        assert moments == sorted(moments)

"""A shop that never was: consistent rows for the nine tables, drawn from one seeded generator.

Every reference resolves and every order adds up, but for the oddities real shops have: orders without items, payments
off by a few cents, products without a category. What breaks the contract is planted later, by `loaders.demo.faults`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from loaders.demo.tables import STYLES
from loaders.demo.vocabulary import (
    ACCENTED,
    CATEGORIES,
    PLACES,
    REVIEW_MESSAGES,
    REVIEW_TITLES,
    UNTRANSLATED_CATEGORY,
)

if TYPE_CHECKING:
    from loaders.demo.tables import Row

FIRST_PURCHASE = datetime(2017, 9, 1)  # noqa: DTZ001 - the files hold local shop time without a zone
DAYS = 181
BROWSERS = 40
ZIPS_PER_PLACE = 6
POINTS_PER_ZIP = 20
UNBALANCED_EVERY = 400
"""One order in so many is paid a few centavos off, within what the contract tolerates (4 in 1,000)."""
UNTRANSLATED_EVERY = 2000
"""One product in so many has a category without a translation, within what the contract tolerates (1 in 1,000)."""
SLOPPY_SHARE = 0.02
"""Addresses typed in capitals or with stray spaces: the contract's normalisers mend them."""

STATUS_WEIGHTS = {
    "delivered": 930,
    "shipped": 25,
    "canceled": 15,
    "unavailable": 10,
    "invoiced": 8,
    "processing": 7,
    "created": 3,
    "approved": 2,
}
SCORE_WEIGHTS = {5: 57, 4: 19, 3: 8, 2: 4, 1: 12}


class Shop:
    """`rows[table]` holds the clean rows in file order; `spare(table)` makes one more that nothing refers to."""

    def __init__(self, orders: int, seed: int) -> None:
        self.random = Random(seed)
        self.rows: dict[str, list[Row]] = {table: [] for table in STYLES}
        self._prices: dict[str, int] = {}
        self._fill_places()
        self._fill_catalogue(orders)
        for number in range(orders):
            self._place_order(number)
        # They never ordered, so that a spare order can have a customer of its own.
        self._browsers = [self._add("customers", self._customer()) for _ in range(BROWSERS)]

    def spare(self, table: str) -> Row:
        """A valid row of `table` with keys of its own; it is not in `rows`, so no other row refers to it."""
        order = self.random.choice(self.rows["orders"])
        if table == "customers":
            return self._customer()
        if table == "sellers":
            return self._seller()
        if table == "products":
            return self._product()
        if table == "orders":
            return self._order(self._browsers.pop(), "canceled", self._purchase_moment())
        if table == "order_items":
            return self._item(order, 50 + len(self.rows["order_items"]) % 40)
        if table == "order_payments":
            return self._payment(order, 50 + self.random.randrange(40), "voucher", 1000)
        if table == "order_reviews":
            return self._review(order, order["order_purchase_timestamp"])
        if table == "geolocation":
            return dict(self.random.choice(self.rows["geolocation"]))
        return {"product_category_name": f"categoria_{self._id()[:8]}", "product_category_name_english": "other"}

    def unknown_id(self) -> str:
        """A key that no row of the shop has."""
        return self._id()

    def _add(self, table: str, row: Row) -> Row:
        self.rows[table].append(row)
        return row

    def _id(self) -> str:
        return f"{self.random.getrandbits(128):032x}"

    def _pick(self, weights: dict[str, int]) -> str:
        return self.random.choices(list(weights), list(weights.values()))[0]

    def _fill_places(self) -> None:
        for place in PLACES:
            for offset in range(ZIPS_PER_PLACE):
                for _ in range(POINTS_PER_ZIP):
                    spelling = ACCENTED.get(place.city, place.city) if self.random.random() < 0.3 else place.city
                    point = {
                        "geolocation_zip_code_prefix": f"{place.zip_prefix + offset:05d}",
                        "geolocation_lat": f"{place.latitude + self.random.uniform(-0.05, 0.05):.14f}",
                        "geolocation_lng": f"{place.longitude + self.random.uniform(-0.05, 0.05):.14f}",
                        "geolocation_city": spelling,
                        "geolocation_state": place.state,
                    }
                    self._add("geolocation", point)

    def _fill_catalogue(self, orders: int) -> None:
        for portuguese, english in CATEGORIES:
            row = {"product_category_name": portuguese, "product_category_name_english": english}
            self._add("product_category_name_translation", row)
        for _ in range(max(3, orders // 30)):
            self._add("sellers", self._seller())
        for number in range(max(5, orders // 3)):
            product = self._add("products", self._product())
            if number % UNTRANSLATED_EVERY == UNTRANSLATED_EVERY // 2:
                product["product_category_name"] = UNTRANSLATED_CATEGORY
            if number % 50 == 4:
                product.update(product_category_name="", product_name_lenght="", product_description_lenght="")

    def _address(self) -> tuple[str, str, str]:
        place = self.random.choices(PLACES, [place.weight for place in PLACES])[0]
        zip_prefix = f"{place.zip_prefix + self.random.randrange(ZIPS_PER_PLACE):05d}"
        if self.random.random() < SLOPPY_SHARE:
            return zip_prefix, f" {place.city.upper().replace(' ', '  ')}", place.state.lower()
        return zip_prefix, place.city, place.state

    def _customer(self) -> Row:
        zip_prefix, city, state = self._address()
        return {
            "customer_id": self._id(),
            "customer_unique_id": self._id(),
            "customer_zip_code_prefix": zip_prefix,
            "customer_city": city,
            "customer_state": state,
        }

    def _seller(self) -> Row:
        zip_prefix, city, state = self._address()
        return {
            "seller_id": self._id(),
            "seller_zip_code_prefix": zip_prefix,
            "seller_city": city,
            "seller_state": state,
        }

    def _product(self) -> Row:
        product_id = self._id()
        self._prices[product_id] = self.random.randint(490, 29_990)
        return {
            "product_id": product_id,
            "product_category_name": self.random.choice(CATEGORIES)[0],
            "product_name_lenght": str(self.random.randint(20, 60)),
            "product_description_lenght": str(self.random.randint(80, 1500)),
            "product_photos_qty": str(self.random.randint(1, 6)),
            "product_weight_g": str(self.random.randint(1, 60) * 50),
            "product_length_cm": str(self.random.randint(16, 60)),
            "product_height_cm": str(self.random.randint(2, 40)),
            "product_width_cm": str(self.random.randint(11, 50)),
        }

    def _purchase_moment(self) -> datetime:
        return FIRST_PURCHASE + timedelta(seconds=self.random.randrange(DAYS * 86_400))

    def _place_order(self, number: int) -> None:
        status = self._pick(STATUS_WEIGHTS)
        order = self._order(self._add("customers", self._customer()), status, self._purchase_moment())
        self._add("orders", order)
        items = 0 if status == "unavailable" else self.random.choices((1, 2, 3, 4), (86, 10, 3, 1))[0]
        total = sum(self._add_item(order, position) for position in range(1, items + 1))
        self._pay(order, total, off_by=5 if number % UNBALANCED_EVERY == UNBALANCED_EVERY // 2 else 0)
        self._add_reviews(order)

    def _order(self, customer: Row, status: str, purchased: datetime) -> Row:
        approved = purchased + timedelta(minutes=self.random.randint(8, 2000))
        handed_over = approved + timedelta(minutes=self.random.randint(600, 6000))
        delivered = handed_over + timedelta(minutes=self.random.randint(1500, 30_000))
        promised = (purchased + timedelta(days=self.random.randint(12, 34))).replace(hour=0, minute=0, second=0)
        return {
            "order_id": self._id(),
            "customer_id": customer["customer_id"],
            "order_status": status,
            "order_purchase_timestamp": str(purchased),
            "order_approved_at": "" if status == "created" else str(approved),
            "order_delivered_carrier_date": str(handed_over) if status in {"shipped", "delivered"} else "",
            "order_delivered_customer_date": str(delivered) if status == "delivered" else "",
            "order_estimated_delivery_date": str(promised),
        }

    def _add_item(self, order: Row, position: int) -> int:
        item = self._add("order_items", self._item(order, position))
        return _centavos(item["price"]) + _centavos(item["freight_value"])

    def _item(self, order: Row, position: int) -> Row:
        product = self.random.choice(self.rows["products"])["product_id"]
        purchased = datetime.fromisoformat(order["order_purchase_timestamp"])
        return {
            "order_id": order["order_id"],
            "order_item_id": str(position),
            "product_id": product,
            "seller_id": self.random.choice(self.rows["sellers"])["seller_id"],
            "shipping_limit_date": str(purchased + timedelta(days=self.random.randint(4, 9))),
            "price": _reais(self._prices[product]),
            "freight_value": _reais(self.random.choice((0, *range(790, 4500, 13)))),
        }

    def _pay(self, order: Row, total: int, off_by: int) -> None:
        """Pays `total` centavos: mostly at once, sometimes partly by voucher; orders without items were paid too."""
        total = (total or self.random.randint(2000, 20_000)) + off_by
        method = self._pick({"credit_card": 76, "boleto": 20, "debit_card": 4})
        vouchers = self.random.choices((0, 1, 2), (94, 5, 1))[0]
        for sequential in range(1, vouchers + 1):
            self._add("order_payments", self._payment(order, sequential, "voucher", total // 4))
        rest = total - vouchers * (total // 4)
        self._add("order_payments", self._payment(order, vouchers + 1, method, rest))

    def _payment(self, order: Row, sequential: int, method: str, value: int) -> Row:
        return {
            "order_id": order["order_id"],
            "payment_sequential": str(sequential),
            "payment_type": method,
            "payment_installments": str(self.random.randint(1, 10) if method == "credit_card" else 1),
            "payment_value": _reais(value),
        }

    def _add_reviews(self, order: Row) -> None:
        for _ in range(self.random.choices((0, 1, 2), (2, 91, 7))[0]):
            after = order["order_delivered_customer_date"] or order["order_estimated_delivery_date"]
            self._add("order_reviews", self._review(order, after))

    def _review(self, order: Row, after: str) -> Row:
        created = (datetime.fromisoformat(after) + timedelta(days=1)).replace(hour=0, minute=0, second=0)
        titled, told = self.random.random() < 0.12, self.random.random() < 0.42
        return {
            "review_id": self._id(),
            "order_id": order["order_id"],
            "review_score": self._pick({str(score): weight for score, weight in SCORE_WEIGHTS.items()}),
            "review_comment_title": self.random.choice(REVIEW_TITLES) if titled else "",
            "review_comment_message": self.random.choice(REVIEW_MESSAGES) if told else "",
            "review_creation_date": str(created),
            "review_answer_timestamp": str(created + timedelta(seconds=self.random.randint(3600, 500_000))),
        }


def _reais(centavos: int) -> str:
    return f"{centavos // 100}.{centavos % 100:02d}"


def _centavos(reais: str) -> int:
    return int(reais.replace(".", ""))

"""How each demo file is written: headers, quoting, line ends. Follows the habits of the published Olist files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

Row = dict[str, str]
"""One record: header name → text as it stands in the file, before quoting."""


@dataclass(frozen=True, slots=True)
class TableStyle:
    """`quoted` columns are always quoted, `quoted_from_digit` only when the text starts with a digit."""

    stem: str
    headers: tuple[str, ...]
    quoted: tuple[str, ...] = ()
    quoted_from_digit: tuple[str, ...] = ()
    quoted_header: bool = True
    newline: str = "\n"
    byte_order_mark: bool = False
    final_newline: bool = True
    gzip: bool = False

    def record(self, row: Row) -> bytes:
        """The row as one UTF-8 line, or several where a value holds line ends, with its newline."""
        return self._line(self.field(header, row[header]) for header in self.headers)

    def header_record(self) -> bytes:
        """The header line as UTF-8 with its newline, without byte order mark."""
        return self._line(_quote(header) if self.quoted_header else header for header in self.headers)

    def field(self, header: str, text: str) -> str:
        """`text` as it stands between two delimiters: quoted by the file's habit, or where CSV demands it."""
        by_habit = header in self.quoted or (header in self.quoted_from_digit and text[:1].isdigit())
        return _quote(text) if by_habit or any(mark in text for mark in ',"\r\n') else text

    def _line(self, fields: Iterable[str]) -> bytes:
        return (",".join(fields) + self.newline).encode()


def _quote(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


STYLES = {
    "orders": TableStyle(
        stem="olist_orders_dataset",
        headers=(
            "order_id",
            "customer_id",
            "order_status",
            "order_purchase_timestamp",
            "order_approved_at",
            "order_delivered_carrier_date",
            "order_delivered_customer_date",
            "order_estimated_delivery_date",
        ),
        quoted_from_digit=("order_id", "customer_id"),
    ),
    "order_items": TableStyle(
        stem="olist_order_items_dataset",
        headers=(
            "order_id",
            "order_item_id",
            "product_id",
            "seller_id",
            "shipping_limit_date",
            "price",
            "freight_value",
        ),
        quoted_from_digit=("order_id", "product_id", "seller_id"),
    ),
    "order_payments": TableStyle(
        stem="olist_order_payments_dataset",
        headers=("order_id", "payment_sequential", "payment_type", "payment_installments", "payment_value"),
        quoted_from_digit=("order_id",),
    ),
    "order_reviews": TableStyle(
        stem="olist_order_reviews_dataset",
        headers=(
            "review_id",
            "order_id",
            "review_score",
            "review_comment_title",
            "review_comment_message",
            "review_creation_date",
            "review_answer_timestamp",
        ),
        quoted=("review_id", "order_id"),
        newline="\r\n",
    ),
    "customers": TableStyle(
        stem="olist_customers_dataset",
        headers=(
            "customer_id",
            "customer_unique_id",
            "customer_zip_code_prefix",
            "customer_city",
            "customer_state",
        ),
        quoted=("customer_zip_code_prefix",),
        quoted_from_digit=("customer_id", "customer_unique_id"),
    ),
    "products": TableStyle(
        stem="olist_products_dataset",
        headers=(
            "product_id",
            "product_category_name",
            "product_name_lenght",
            "product_description_lenght",
            "product_photos_qty",
            "product_weight_g",
            "product_length_cm",
            "product_height_cm",
            "product_width_cm",
        ),
        quoted_from_digit=("product_id",),
    ),
    "sellers": TableStyle(
        stem="olist_sellers_dataset",
        headers=("seller_id", "seller_zip_code_prefix", "seller_city", "seller_state"),
        quoted=("seller_zip_code_prefix",),
        quoted_from_digit=("seller_id",),
    ),
    "geolocation": TableStyle(
        stem="olist_geolocation_dataset",
        headers=(
            "geolocation_zip_code_prefix",
            "geolocation_lat",
            "geolocation_lng",
            "geolocation_city",
            "geolocation_state",
        ),
        quoted=("geolocation_zip_code_prefix",),
        gzip=True,
    ),
    "product_category_name_translation": TableStyle(
        stem="product_category_name_translation",
        headers=("product_category_name", "product_category_name_english"),
        quoted_header=False,
        newline="\r\n",
        byte_order_mark=True,
        final_newline=False,
    ),
}

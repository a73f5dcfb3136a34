"""Every fault the demo plants, as data: which value of which column breaks which rule, and which lines are no rows.

Row faults go into rows that nothing refers to, one fault each, so that a rejected row never takes others with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from loaders.demo.tables import TableStyle


class RowFault(NamedTuple):
    """`value` in `header` breaks the rule `<column>.<reason>`, and no other rule of the table."""

    table: str
    header: str
    column: str
    reason: str
    value: str


class LineFault(NamedTuple):
    table: str
    kind: str


ROW_FAULTS = (
    RowFault("orders", "order_id", "order_id", "required", ""),
    RowFault("orders", "order_id", "order_id", "pattern", "e481f51cbdc54678b7cc49136f2d6af"),
    RowFault("orders", "customer_id", "customer_id", "required", ""),
    RowFault("orders", "order_status", "order_status", "enum", "shiped"),
    RowFault("orders", "order_purchase_timestamp", "order_purchase_timestamp", "type", "2018-02-30 10:00:00"),
    RowFault("orders", "order_approved_at", "order_approved_at", "type", "0000-00-00 00:00:00"),
    RowFault("orders", "order_estimated_delivery_date", "order_estimated_delivery_date", "type", "18/02/2018"),
    RowFault("order_items", "order_item_id", "order_item_id", "type", "one"),
    RowFault("order_items", "order_item_id", "order_item_id", "range", "0"),
    RowFault("order_items", "product_id", "product_id", "pattern", "4244733E06E7ECB4970A6E2683C13E6-"),
    RowFault("order_items", "shipping_limit_date", "shipping_limit_date", "type", "tomorrow"),
    RowFault("order_items", "price", "price", "type", "58,90"),
    RowFault("order_items", "price", "price", "required", ""),
    RowFault("order_items", "price", "price", "range", "-0.01"),
    RowFault("order_items", "freight_value", "freight_value", "type", "13.295"),
    RowFault("order_payments", "payment_type", "payment_type", "enum", "pix"),
    RowFault("order_payments", "payment_installments", "payment_installments", "range", "-1"),
    RowFault("order_payments", "payment_value", "payment_value", "type", "R$ 99.33"),
    RowFault("order_reviews", "review_score", "review_score", "range", "6"),
    RowFault("order_reviews", "review_score", "review_score", "type", "five"),
    RowFault("order_reviews", "review_score", "review_score", "required", ""),
    RowFault("order_reviews", "review_creation_date", "review_creation_date", "type", "2018-01-18T00:00:00Z"),
    RowFault("customers", "customer_zip_code_prefix", "customer_zip_code_prefix", "pattern", "1310"),
    RowFault("customers", "customer_state", "customer_state", "enum", "XX"),
    RowFault("customers", "customer_city", "customer_city", "required", ""),
    RowFault("products", "product_weight_g", "product_weight_g", "range", "-225"),
    RowFault("products", "product_weight_g", "product_weight_g", "type", "225g"),
    RowFault("sellers", "seller_zip_code_prefix", "seller_zip_code_prefix", "pattern", "13O23"),
    RowFault("sellers", "seller_state", "seller_state", "enum", "SPX"),
    RowFault("geolocation", "geolocation_lat", "geolocation_lat", "range", "95.5"),
    RowFault("geolocation", "geolocation_lng", "geolocation_lng", "type", "46°38'W"),
    RowFault("geolocation", "geolocation_state", "geolocation_state", "enum", "ZZ"),
)
ORPHANS = (
    ("orders", "customer_id"),
    ("order_items", "order_id"),
    ("order_items", "product_id"),
    ("order_items", "seller_id"),
    ("order_payments", "order_id"),
    ("order_reviews", "order_id"),
)
"""(table, column): the column gets an id that no row of its parent table has."""

DUPLICATES = (
    ("orders", ("order_id",)),
    ("order_items", ("order_id", "order_item_id")),
    ("order_payments", ("order_id", "payment_sequential")),
    ("order_reviews", ("review_id", "order_id")),
    ("customers", ("customer_id",)),
    ("products", ("product_id",)),
    ("sellers", ("seller_id",)),
    ("product_category_name_translation", ("product_category_name",)),
)
"""(table, key): one clean row is repeated further down in its file."""

LINE_FAULTS = (
    LineFault("order_items", "short"),
    LineFault("order_items", "long"),
    LineFault("orders", "long"),
    LineFault("order_payments", "header_row"),
    LineFault("order_payments", "short"),
    LineFault("customers", "encoding"),
    LineFault("customers", "quoting"),
    LineFault("sellers", "nul"),
    LineFault("order_reviews", "short"),
    LineFault("geolocation", "encoding"),
    LineFault("products", "unclosed"),
)


def spoil(kind: str, style: TableStyle, record: bytes) -> bytes:
    """`record` made into a line that is no row, in the way called `kind`; keeps the newline at its end."""
    newline = style.newline.encode()
    line = record.removesuffix(newline)
    first_comma = line.index(b",")
    if kind == "short":
        return line[: line.rindex(b",")] + newline
    if kind == "long":
        return line + b",left over" + newline
    if kind == "header_row":
        return style.header_record()
    if kind == "quoting":
        return b'"' + line[:first_comma].strip(b'"') + b'" copied' + line[first_comma:] + newline
    if kind == "unclosed":
        return b'"' + line[:first_comma].strip(b'"') + line[first_comma:] + newline
    stray = {"encoding": "são luís".encode("latin-1"), "nul": b"sao\0luis"}[kind]
    last_comma = line.rindex(b",")
    previous_comma = line.rindex(b",", 0, last_comma)
    return line[: previous_comma + 1] + stray + line[last_comma:] + newline

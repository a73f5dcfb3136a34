"""Every fault the demo plants, as data: which value of which column breaks which rule, and which lines are no rows.

Row faults go into rows that nothing refers to, one fault each, so that a rejected row never takes others with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from loaders.demo.tables import TableStyle

_SHORT_ID = "0f1e2d3c4b5a69788796a5b4c3d2e1f"
_TOO_EARLY, _TOO_LATE = "2015-12-31 23:59:59", "2021-01-01 00:00:00"
_OPTIONAL_TIME = {"type": "0000-00-00 00:00:00", "range": _TOO_EARLY}

ROW_FAULTS: dict[str, dict[str, dict[str, str]]] = {
    "orders": {
        "order_id": {"required": "", "pattern": _SHORT_ID},
        "customer_id": {"required": "", "pattern": _SHORT_ID},
        "order_status": {"required": "", "enum": "shiped"},
        "order_purchase_timestamp": {"required": "", "type": "2018-02-30 10:00:00", "range": _TOO_EARLY},
        "order_approved_at": _OPTIONAL_TIME,
        "order_delivered_carrier_date": _OPTIONAL_TIME,
        "order_delivered_customer_date": {"type": "2018-02-20T10:00:00Z", "range": "2081-02-20 10:00:00"},
        "order_estimated_delivery_date": {"required": "", "type": "18/02/2018", "range": _TOO_LATE},
    },
    "order_items": {
        "order_id": {"required": "", "pattern": _SHORT_ID},
        "order_item_id": {"required": "", "type": "one", "range": "0"},
        "product_id": {"required": "", "pattern": "product-4711"},
        "seller_id": {"required": "", "pattern": _SHORT_ID},
        "shipping_limit_date": {"required": "", "type": "tomorrow", "range": _TOO_LATE},
        "price": {"required": "", "type": "58,90", "range": "-0.01"},
        "freight_value": {"required": "", "type": "13.295", "range": "-13.29"},
    },
    "order_payments": {
        "order_id": {"required": "", "pattern": _SHORT_ID},
        "payment_sequential": {"required": "", "type": "1.5", "range": "0"},
        "payment_type": {"required": "", "enum": "pix"},
        "payment_installments": {"required": "", "type": "3x", "range": "-1"},
        "payment_value": {"required": "", "type": "R$ 99.33", "range": "-99.33"},
    },
    "order_reviews": {
        "review_id": {"required": "", "pattern": "REVIEW 17"},
        "order_id": {"required": "", "pattern": _SHORT_ID},
        "review_score": {"required": "", "type": "five", "range": "6"},
        "review_comment_title": {"length": "Muito bom! " * 10},
        "review_comment_message": {"length": "Ainda estou esperando. " * 100},
        "review_creation_date": {"required": "", "type": "2018-01-18", "range": "2019-01-01 00:00:00"},
        "review_answer_timestamp": {"type": "18.01.2018 21:46", "required": "", "range": "2019-01-01 00:00:00"},
    },
    "customers": {
        "customer_id": {"required": "", "pattern": _SHORT_ID},
        "customer_unique_id": {"required": "", "pattern": _SHORT_ID},
        "customer_zip_code_prefix": {"required": "", "pattern": "1310"},
        "customer_city": {"required": "", "length": "rua das flores " * 8},
        "customer_state": {"required": "", "enum": "XX"},
    },
    "products": {
        "product_id": {"required": "", "pattern": _SHORT_ID},
        "product_category_name": {"pattern": "Cadeiras & Mesas"},
        "product_name_lenght": {"type": "long", "range": "0"},
        "product_description_lenght": {"type": "287 ca.", "range": "-1"},
        "product_photos_qty": {"type": "two", "range": "0"},
        "product_weight_g": {"type": "225g", "range": "-225"},
        "product_length_cm": {"type": "16cm", "range": "0"},
        "product_height_cm": {"type": "10.5", "range": "0"},
        "product_width_cm": {"type": "14-16", "range": "0"},
    },
    "sellers": {
        "seller_id": {"required": "", "pattern": _SHORT_ID},
        "seller_zip_code_prefix": {"required": "", "pattern": "13O23"},
        "seller_city": {"required": "", "length": "avenida brasil " * 8},
        "seller_state": {"required": "", "enum": "São Paulo"},
    },
    "geolocation": {
        "geolocation_zip_code_prefix": {"required": "", "pattern": "01310-100"},
        "geolocation_lat": {"required": "", "type": "23°33'S", "range": "41.614"},
        "geolocation_lng": {"required": "", "type": "46°38'W", "range": "-8.411"},
        "geolocation_city": {"required": "", "length": "* cidade " * 15},
        "geolocation_state": {"required": "", "enum": "ZZ"},
    },
    "product_category_name_translation": {
        "product_category_name": {"required": "", "pattern": "7_artes"},
        "product_category_name_english": {"required": "", "pattern": "home & garden"},
    },
}
"""Table → header → reason → a value that breaks this rule and no other rule of the column."""

TOLERATED = ("geolocation_lat", "geolocation_lng", "review_creation_date", "review_answer_timestamp")
"""The contract fails the build when more than one row in a thousand is wrong here, so no more are planted."""

RENAMED = {
    "product_name_lenght": "product_name_length",
    "product_description_lenght": "product_description_length",
}
"""Header → the contract's column, where they differ."""

REFERENCES = (
    ("orders", "customer_id"),
    ("order_items", "order_id"),
    ("order_items", "product_id"),
    ("order_items", "seller_id"),
    ("order_payments", "order_id"),
    ("order_reviews", "order_id"),
)
"""Columns whose values must exist in another table: each gets one unknown id, and breaks with a bad pattern too."""

KEYS = {
    "orders": ("order_id",),
    "order_items": ("order_id", "order_item_id"),
    "order_payments": ("order_id", "payment_sequential"),
    "order_reviews": ("review_id", "order_id"),
    "customers": ("customer_id",),
    "products": ("product_id",),
    "sellers": ("seller_id",),
    "product_category_name_translation": ("product_category_name",),
}
"""One clean row of each of these tables is repeated further down in its file."""


class LineFault(NamedTuple):
    """`damage` names what `spoil` does to a line, `kind` what landing calls the outcome."""

    table: str
    kind: str
    damage: str


LINE_FAULTS = (
    LineFault("orders", "long", "long"),
    LineFault("order_items", "short", "short"),
    LineFault("order_items", "long", "long"),
    LineFault("order_payments", "header_row", "header_row"),
    LineFault("order_payments", "short", "short"),
    LineFault("order_reviews", "short", "short"),
    LineFault("customers", "encoding", "encoding"),
    LineFault("customers", "quoting", "text_after_quote"),
    LineFault("customers", "newline", "carriage_return"),
    LineFault("sellers", "nul", "nul"),
    LineFault("geolocation", "encoding", "encoding"),
    # Two megabytes: this file is compressed, so they cost a few kilobytes.
    LineFault("geolocation", "too_long", "too_long"),
    LineFault("products", "quoting", "unclosed_quote"),
)
BLANK_LINES = ("order_payments", "sellers")
"""No faults: the audit counts them apart."""

_STRAY = {
    "encoding": "são luís".encode("latin-1"),
    "nul": b"sao\0luis",
    "carriage_return": b"sao\rluis",
    "too_long": b"x" * 2_097_152,  # a line may have so many bytes in all
}
"""Damage → what stands in the last field but one."""


def spoil(damage: str, style: TableStyle, record: bytes) -> bytes:
    """`record` made into a line that is no row, in the way called `damage`; keeps the newline at its end."""
    newline = style.newline.encode()
    line = record.removesuffix(newline)
    first, rest = line.split(b",", 1)
    key = first.strip(b'"')
    if damage == "short":
        return line[: line.rindex(b",")] + newline
    if damage == "long":
        return line + b",left over" + newline
    if damage == "header_row":
        return style.header_record()
    if damage == "text_after_quote":
        return b'"' + key + b'" (copy),' + rest + newline
    if damage == "unclosed_quote":
        return b'"' + key + b"," + rest + newline
    *before, _, last = line.split(b",")
    return b",".join((*before, _STRAY[damage], last)) + newline

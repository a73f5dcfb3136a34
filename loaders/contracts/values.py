"""Values that a contract states as text or number, read exactly as its columns' types."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Context, Decimal
from typing import Final

from loaders.contracts.document import Node
from loaders.contracts.scalars import MAX_DIGITS

_EVERY_DIGIT: Final = Context(prec=MAX_DIGITS)


def canonical_bound(options: Node, key: str, logical_type: str, timezone: bool) -> Decimal | str | None:
    """The bound under `key`: an exact number, or ISO 8601 text in one spelling; None when absent or unreadable.

    Timestamps with a zone come back in UTC. Times and timestamps always show seconds, fractions only where not zero.
    """
    if logical_type in ("integer", "number"):
        return options.number(key)
    text = options.text(key)
    if text is None:
        return None
    return iso_value(text, logical_type, timezone)


def shortest(value: Decimal) -> str:
    """All digits of `value`, without an exponent and without zeros at the end of a fraction."""
    return format(value.normalize(_EVERY_DIGIT), "f")


def is_whole(value: Decimal) -> bool:
    """Whether nothing but zeros stands behind the point, however many digits stand before it."""
    # `value % 1` fails from 29 digits on: its result may be small, the quotient must fit the context too.
    return value == value.to_integral_value()


def iso_value(text: str, logical_type: str, timezone: bool) -> str | None:
    """The one ISO 8601 spelling of a date, timestamp or time; None when `text` is none."""
    try:
        if logical_type == "date":
            return _iso_date(text)
        if logical_type == "timestamp":
            return _iso_timestamp(text, timezone)
        if logical_type == "time":
            return _iso_time(text)
    except ValueError:
        return None
    return None


def _iso_date(text: str) -> str | None:
    # `fromisoformat` also reads 20240105 and week dates; only the one spelling is taken.
    value = date.fromisoformat(text).isoformat()
    return value if value == text else None


def _iso_timestamp(text: str, timezone: bool) -> str | None:
    if len(text) < 19 or text[10] not in "T " or text[13] != ":":
        return None
    value = datetime.fromisoformat(text)
    if not timezone:
        return None if value.tzinfo is not None else value.isoformat()
    value = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return value.isoformat()


def _iso_time(text: str) -> str | None:
    if len(text) < 8 or text[2] != ":":
        return None
    value = time.fromisoformat(text)
    return None if value.tzinfo is not None else value.isoformat()

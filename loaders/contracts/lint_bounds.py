"""What a column's values are measured by: bounds and `multipleOf`, whether they fit its type and leave it a value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from loaders.contracts import bounds
from loaders.contracts.document import Node
from loaders.contracts.names import shorten
from loaders.contracts.values import canonical_bound, is_whole
from loaders.errors import Problem

DATES = ("date", "timestamp", "time")
_INTEGER_FORMAT = re.compile(r"([iu])(8|16|32|64|128)")


def bound_problems(column: Node, options: Node, logical_type: str) -> Iterator[Problem]:
    """Problems of the column's `multipleOf`, `minimum` and the like, which stand in `options`."""
    kind = exact_type_of(column, options, logical_type)
    yield from _multiple_of(column, options, logical_type, kind)
    timezone = options.flag("timezone")
    found: dict[str, Decimal | str] = {}
    for key in ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"):
        node = options.get(key)
        if node is None:
            continue
        value = canonical_bound(options, key, logical_type, timezone)
        if value is not None:
            found[key] = value
        if logical_type in DATES and value is None and isinstance(node.value, str):
            yield node.problem(
                f"{key} `{shorten(node.value)}` is no {logical_type}",
                f"write it like {_example(logical_type, timezone)}",
            )
        if logical_type == "integer" and isinstance(value, Decimal) and not is_whole(value):
            yield node.problem(f"{key} of an integer must be a whole number", "mend it")
    empty = list(_empty_range(options, found))
    yield from empty or _out_of_reach(options, found, kind)


def _example(logical_type: str, timezone: bool) -> str:
    examples = {"date": '"2024-01-31"', "time": '"23:59:59"', "timestamp": '"2024-01-31T23:59:59"'}
    return '"2024-01-31T23:59:59+00:00"' if timezone else examples[logical_type]


def exact_type_of(column: Node, options: Node, logical_type: str) -> bounds.ExactType | None:
    """What the column holds; None for binary numbers, for what is no number, and for a type that cannot be."""
    if logical_type == "integer":
        matched = _INTEGER_FORMAT.fullmatch(options.text("format") or "i64")
        return bounds.integer(int(matched[2]), matched[1] == "u") if matched else None
    decimal = column.own("decimal")
    if logical_type != "number" or decimal is None:
        return None
    precision, scale = decimal.integer("precision"), decimal.integer("scale")
    if precision is None or scale is None or not 0 <= scale <= precision:
        return None
    return bounds.decimal(precision, scale)


def _multiple_of(column: Node, options: Node, logical_type: str, kind: bounds.ExactType | None) -> Iterator[Problem]:
    step = options.number("multipleOf")
    if step is None:
        return
    node = options.at("multipleOf")
    if logical_type == "number" and column.own("decimal") is None:
        yield node.problem("binary numbers are multiples of nothing", "make it a decimal")
    elif logical_type == "integer" and not is_whole(step):
        yield node.problem("multipleOf of an integer must be a whole number", "mend it")
    elif kind is not None and not kind.keeps(step):
        yield node.problem(f"multipleOf {_shown(step)} has more digits than the scale {kind.scale}", "mend one of them")
    elif kind is not None and step > kind.highest:
        yield node.problem(
            f"multipleOf {_shown(step)} is more than any value of the type, so that only 0 would be taken", "mend it"
        )


def _shown(value: Decimal | str) -> str:
    return shorten(value if isinstance(value, str) else format(value, "f"))


def _out_of_reach(
    options: Node, found: Mapping[str, Decimal | str], kind: bounds.ExactType | None
) -> Iterator[Problem]:
    numbers = {key: value for key, value in found.items() if isinstance(value, Decimal)}
    if kind is None or kind.meets(numbers):
        return
    stated = " and ".join(f"{key} {_shown(value)}" for key, value in numbers.items())
    yield options.at(next(iter(numbers))).problem(
        f"no value of the column's type meets {stated}",
        f"it holds {_shown(kind.lowest)} to {_shown(kind.highest)}; mend the bounds or the type",
    )


def _empty_range(options: Node, found: dict[str, Decimal | str]) -> Iterator[Problem]:
    for low_key in ("minimum", "exclusiveMinimum"):
        for high_key in ("maximum", "exclusiveMaximum"):
            low, high = found.get(low_key), found.get(high_key)
            if low is None or high is None:
                continue
            touching = low == high and (low_key, high_key) != ("minimum", "maximum")
            if _more(low, high) or touching:
                yield options.at(low_key).problem(
                    f"no value lies between {low_key} {low} and {high_key} {high}", "mend one"
                )


def _more(left: Decimal | str, right: Decimal | str) -> bool:
    # ISO texts in one spelling sort as the moments they stand for.
    if isinstance(left, str) or isinstance(right, str):
        return str(left) > str(right)
    return left > right

"""The contract's rules on one value, each as one macro call that is true where the rule is broken."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_FLOOR, Decimal
from typing import Final

from loaders.contracts.bounds import exact_type
from loaders.contracts.model import Column, Reason
from loaders.contracts.rules import plain
from loaders.contracts.types import data_type
from loaders.project.calls import Call, Value

_BOUNDS: Final = {
    "minimum": "at_least",
    "exclusiveMinimum": "more_than",
    "maximum": "at_most",
    "exclusiveMaximum": "less_than",
}
"""Key of a bound → its argument of `violates_range`."""


def violation(reason: Reason, column: Column, expression: str) -> Call:
    """The call for `reason` (enum, pattern, length, range or multiple_of) over the typed value `expression`."""
    match reason:
        case "enum":
            return _enum(column, expression)
        case "pattern":
            return Call("violates_pattern", (expression, column.pattern or ""))
        case "length":
            return Call(
                "violates_length", (expression,), _bounds(at_least=column.min_length, at_most=column.max_length)
            )
        case "range":
            return _range(column, expression)
        case "multiple_of":
            return Call("violates_multiple_of", (expression, _divisor(column)))
        case _:
            raise ValueError(f"{reason} is no rule on one value")


def _bounds(**bounds: int | str | None) -> tuple[tuple[str, Value], ...]:
    return tuple((name, bound) for name, bound in bounds.items() if bound is not None)


def _enum(column: Column, expression: str) -> Call:
    values = tuple(value.value for value in column.enum)
    options: tuple[tuple[str, Value], ...] = ()
    if column.logical_type != "string":
        options = (("data_type", data_type(column)),)
    return Call("violates_enum", (expression, values), options)


def _range(column: Column, expression: str) -> Call:
    stated = {
        "minimum": column.minimum,
        "exclusiveMinimum": column.exclusive_minimum,
        "maximum": column.maximum,
        "exclusiveMaximum": column.exclusive_maximum,
    }
    kept: Mapping[str, Decimal | str] = {key: bound for key, bound in stated.items() if bound is not None}
    kind = exact_type(column)
    if kind is not None:
        kept = kind.fitted({key: bound for key, bound in kept.items() if isinstance(bound, Decimal)})
    told = {name: plain(kept[key]) for key, name in _BOUNDS.items() if key in kept}
    return Call("violates_range", (expression, data_type(column)), _bounds(**told))


def _divisor(column: Column) -> str:
    step, kind = column.multiple_of, exact_type(column)
    if step is None:
        return ""
    # Zeros past the scale would widen the type in which engines divide.
    return plain(kind.rounded(step, ROUND_FLOOR) if kind is not None and kind.keeps(step) else step)

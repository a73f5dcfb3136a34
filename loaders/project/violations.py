"""The contract's rules on one value, each as one macro call that is true where the rule is broken."""

from __future__ import annotations

from loaders.contracts.model import Column, Reason
from loaders.contracts.rules import plain
from loaders.contracts.types import data_type
from loaders.project.calls import Call, Value


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
            return Call("violates_multiple_of", (expression, plain(column.multiple_of or "")))
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
        "at_least": column.minimum,
        "more_than": column.exclusive_minimum,
        "at_most": column.maximum,
        "less_than": column.exclusive_maximum,
    }
    bounds = {name: plain(bound) for name, bound in stated.items() if bound is not None}
    return Call("violates_range", (expression, data_type(column)), _bounds(**bounds))

"""How a column's landed text becomes its value: one macro call to clean it, one to convert it."""

from __future__ import annotations

from loaders.contracts.model import Column
from loaders.project.calls import Call, Value

Options = dict[str, tuple[Value | None, Value | None]]
"""Name of an option → its value, and the value the macro takes where none is given."""


def clean(column: Column) -> Call:
    """The call that gives the column's cleaned text."""
    arguments: list[Value] = [column.name]
    if column.normalizers:
        arguments.append(column.normalizers)
    return Call("clean_text", tuple(arguments), _given({"null_tokens": (column.null_tokens, ("",))}))


def convert(column: Column) -> Call | None:
    """The call that gives the column's value from its cleaned text, NULL where the text is none; None for text."""
    match column.logical_type:
        case "string":
            return None
        case "integer":
            return _integer(column)
        case "number":
            return _double(column) if column.precision is None else _decimal(column)
        case "boolean":
            return Call("to_boolean", (column.name,), _given(_lists(column)))
        case "date":
            return Call("to_date", _with_formats(column), _given(_years(column)))
        case "timestamp":
            return Call("to_timestamp", _with_formats(column), _given(_zone(column) | _years(column)))
        case "time":
            return Call("to_time", _with_formats(column))


def _given(options: Options) -> tuple[tuple[str, Value], ...]:
    """The options that differ from the macro's own."""
    return tuple((name, value) for name, (value, default) in options.items() if value is not None and value != default)


def _lists(column: Column) -> Options:
    return {"true_values": (column.true_values, ("true",)), "false_values": (column.false_values, ("false",))}


def _zone(column: Column) -> Options:
    zone = column.default_timezone if column.timezone else "Etc/UTC"
    return {"timezone": (column.timezone, False), "default_timezone": (zone, "Etc/UTC")}


def _integer(column: Column) -> Call:
    options: Options = {
        "bits": (column.integer_bits, 64),
        "unsigned": (column.unsigned, False),
        "thousands_separator": (column.thousands_separator, None),
    }
    return Call("to_integer", (column.name,), _given(options))


def _separators(column: Column) -> Options:
    return {
        "decimal_separator": (column.decimal_separator, "."),
        "thousands_separator": (column.thousands_separator, None),
    }


def _decimal(column: Column) -> Call:
    options: Options = {"round": (column.round_to_scale, False)}
    arguments = (column.name, column.precision or 0, column.scale or 0)
    return Call("to_decimal", arguments, _given(options | _separators(column)))


def _double(column: Column) -> Call:
    options: Options = {"allow_nan": (column.allow_nan, False)}
    return Call("to_double", (column.name,), _given(options | _separators(column)))


def _with_formats(column: Column) -> tuple[Value, ...]:
    return (column.name, column.formats) if column.formats else (column.name,)


def _years(column: Column) -> Options:
    """Years outside 1900 to 2100 are typing errors, unless the contract states a bound of its own on that side."""
    has_lower = column.minimum is not None or column.exclusive_minimum is not None
    has_upper = column.maximum is not None or column.exclusive_maximum is not None
    return {"first_year": (1 if has_lower else 1900, 1900), "last_year": (9999 if has_upper else 2100, 2100)}

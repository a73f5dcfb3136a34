"""Columns: types, formats, patterns, bounds, accepted values, and which of our keys fit which type."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from zoneinfo import available_timezones

from loaders.contracts.document import Node
from loaders.contracts.formats import parse_format
from loaders.contracts.lint_bounds import DATES, bound_problems, exact_type_of
from loaders.contracts.names import shorten
from loaders.contracts.patterns import pattern_facts
from loaders.contracts.values import iso_value
from loaders.errors import DataRefused, Problem

FLAT_TYPES = ("string", "integer", "number", "boolean", "date", "timestamp", "time")
_FITS = {
    "decimal": ("number",),
    "decimalSeparator": ("number",),
    "thousandsSeparator": ("number", "integer"),
    "allowNan": ("number",),
    "trueValues": ("boolean",),
    "falseValues": ("boolean",),
    "dateFormats": DATES,
}
"""Our key → the types it means something for; the others fit every type."""
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,37})")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,37})(\.[0-9]{1,37})?")


def column_problems(column: Node) -> Iterator[Problem]:
    """Everything about one column that needs no other column."""
    logical_type = column.text("logicalType")
    if logical_type is None:
        if column.get("logicalType") is None:
            name = shorten(column.text("name") or "")
            yield column.problem(f"column `{name}` has no `logicalType`", f"one of {', '.join(FLAT_TYPES)}")
        return
    if logical_type not in FLAT_TYPES:
        # A misspelt type is the standard schema's to tell.
        if logical_type in ("object", "array", "map", "vector"):
            yield column.at("logicalType").problem(
                f"logicalType `{logical_type}` cannot stand in a flat file", "give each part a column of its own"
            )
        return
    yield from _ill_fitting(column, logical_type)
    yield from _unread(column)
    options = column.get("logicalTypeOptions") or column.without_value()
    if logical_type == "string":
        yield from _string_options(options)
    elif logical_type in ("integer", "number"):
        yield from _number_options(column, options, logical_type)
    elif logical_type in DATES:
        yield from _date_formats(column, options, logical_type)
    yield from bound_problems(column, options, logical_type)
    yield from _enum(column, logical_type)


def _ill_fitting(column: Node, logical_type: str) -> Iterator[Problem]:
    own = column.own_holder()
    for name, types in _FITS.items():
        value = column.own(name)
        if value is not None and logical_type not in types:
            yield value.problem(f"`{name}` means nothing for a {logical_type}", f"it is for {' or '.join(types)}")
    normalizers = column.own("normalizers")
    if normalizers is not None:
        names = own.texts("normalizers")
        if "lower" in names and "upper" in names:
            yield normalizers.problem("normalizers `lower` and `upper` undo each other", "keep one")
        if "unaccent" in names and logical_type != "string":
            yield normalizers.problem(f"normalizer `unaccent` means nothing for a {logical_type}", "remove it")
    absent = column.own("mayBeAbsent")
    if absent is not None and absent.value is True and (column.flag("required") or column.flag("primaryKey")):
        yield absent.problem(
            "a required column cannot be absent: every row would be rejected", "drop `required` or `mayBeAbsent`"
        )


def _unread(column: Node) -> Iterator[Problem]:
    if column.text("semanticType") == "measure":
        yield column.at("semanticType").problem(
            "a measure is computed and stands in no file", "write it as a dbt model or metric"
        )
    physical = column.get("physicalType")
    if physical is not None:
        yield physical.problem(
            "physicalType is not read: types follow from logicalType on every engine",
            "state `decimal` or logicalTypeOptions.format where it matters",
            severity="warning",
        )


def _string_options(options: Node) -> Iterator[Problem]:
    low, high = options.integer("minLength"), options.integer("maxLength")
    if low is not None and high is not None and low > high:
        yield options.at("minLength").problem(f"minLength {low} is more than maxLength {high}", "turn them round")
    pattern = options.get("pattern")
    if pattern is not None:
        yield from pattern_problems(pattern)
    format_ = options.get("format")
    if format_ is not None:
        yield format_.problem(
            f"format `{shorten(str(format_.value))}` of a text is not checked", "write a pattern", severity="warning"
        )


def pattern_problems(pattern: Node, *, groups: int | None = None) -> Iterator[Problem]:
    """Problems of a pattern; with `groups` it must hold that many and need not be anchored."""
    if not isinstance(pattern.value, str):
        return
    try:
        facts = pattern_facts(pattern.value)
    except DataRefused as refusal:
        yield pattern.problem(refusal.what, refusal.hint)
        return
    if groups is not None and facts.groups != groups:
        yield pattern.problem(f"pattern has {facts.groups} groups, not {groups}", "put `( )` around the date only")
    elif groups is None and not facts.anchored:
        yield pattern.problem(
            "pattern is searched, not matched whole",
            "begin with ^ and end with $ to check all of it",
            severity="warning",
        )


def _number_options(column: Node, options: Node, logical_type: str) -> Iterator[Problem]:
    decimal = column.own("decimal")
    format_ = options.get("format")
    if format_ is not None and format_.value in ("i128", "u128"):
        yield format_.problem(
            f"format {format_.value} is wider than any type of Snowflake, BigQuery and Spark",
            "use a number with decimal {precision: 38, scale: 0}",
        )
    if format_ is not None and format_.value == "f32":
        yield format_.problem("format f32 keeps other digits on other engines", "use f64, or a decimal")
    if format_ is not None and decimal is not None and logical_type == "number":
        yield format_.problem("a number is either a decimal or has a binary format", "keep one of the two")
    if decimal is not None:
        precision, scale = decimal.integer("precision"), decimal.integer("scale")
        if precision is not None and scale is not None and scale > precision:
            yield decimal.problem(f"scale {scale} is more than precision {precision}", "precision counts all digits")
        nan = column.own("allowNan")
        if nan is not None and nan.value is True:
            yield nan.problem("a decimal has no nan", "remove allowNan or decimal")
    own = column.own_holder()
    thousands = column.own("thousandsSeparator")
    if thousands is not None and thousands.value == (own.text("decimalSeparator") or "."):
        yield thousands.problem("thousandsSeparator is also the decimalSeparator", "state both, and not alike")


def _date_formats(column: Node, options: Node, logical_type: str) -> Iterator[Problem]:
    timezone = options.flag("timezone")
    listed = [node for node in (options.get("format"),) if node is not None]
    formats = column.own("dateFormats")
    listed += list(formats.items()) if formats is not None else []
    for node in listed:
        if not isinstance(node.value, str):
            continue
        try:
            parse_format(node.value, logical_type, timezone)
        except DataRefused as refusal:
            yield node.problem(refusal.what, refusal.hint)
    if logical_type == "time" and timezone:
        yield options.at("timezone").problem("a time of day has no zone", "make the column a timestamp")
    zone = options.get("defaultTimezone")
    if zone is not None and isinstance(zone.value, str):
        known = available_timezones()
        if known and zone.value not in known:
            yield zone.problem(f"time zone `{shorten(zone.value)}` is unknown", "write a name like America/Sao_Paulo")


def _enum(column: Node, logical_type: str) -> Iterator[Problem]:
    seen: set[str] = set()
    for entry in column.each("enum"):
        value = entry.get("value")
        if value is None:
            continue
        if not isinstance(value.value, str):
            shown = shorten(str(value.value).lower() if isinstance(value.value, bool) else str(value.value))
            yield value.problem(f"enum value `{shown}` is no text", f'write "{shown}" in quotes')
            continue
        if value.value in seen:
            yield value.problem(f"enum value `{shorten(value.value)}` stands here twice", "keep one")
        seen.add(value.value)
        wrong = _not_of_type(value.value, column, logical_type)
        if wrong is not None:
            yield value.problem(f"enum value `{shorten(value.value)}` {wrong}", "mend the value or the type")


def _not_of_type(text: str, column: Node, logical_type: str) -> str | None:
    """Why `text` is no value of the column's type in its one plain spelling; None when it is."""
    options = column.get("logicalTypeOptions") or column.without_value()
    if logical_type == "boolean":
        return "means nothing for a boolean"
    if logical_type in ("integer", "number"):
        pattern, what = (_INTEGER, "whole number") if logical_type == "integer" else (_DECIMAL, "number")
        if pattern.fullmatch(text) is None:
            return f"is no {what} in its shortest spelling"
        kind, value = exact_type_of(column, options, logical_type), Decimal(text)
        if kind is not None and len(text.partition(".")[2]) > kind.scale:
            return "has more digits than the scale"
        return None if kind is None or kind.lowest <= value <= kind.highest else "is past the column's type"
    if logical_type in DATES:
        iso = iso_value(text, logical_type, options.flag("timezone"))
        return None if iso == text else f"is no ISO 8601 {logical_type}"
    return None

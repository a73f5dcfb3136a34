"""The rules that every row of a table must satisfy, in the order in which they are reported. No SQL here."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from loaders.contracts.model import Column, ForeignKey, Reason, Rule, Table


def rules_of(table: Table) -> tuple[Rule, ...]:
    """The table's rules: column by column, then foreign keys whose orphans are rejected, then keys.

    Ids are unique in the table. A primary key of one column that is also called unique gives one rule.
    """
    rules = [rule for column in table.columns for rule in _column_rules(column)]
    rules += [_foreign_key_rule(key) for key in table.foreign_keys if key.on_orphan == "reject"]
    rules += _key_rules(table)
    return tuple(rules)


def rule_id(columns: tuple[str, ...], reason: Reason) -> str:
    """`<column>.<reason>`, several columns joined by `-`."""
    return f"{'-'.join(columns)}.{reason}"


def _column_rules(column: Column) -> Iterator[Rule]:
    for reason, text in _column_texts(column):
        yield Rule(rule_id((column.name,), reason), reason, (column.name,), text, column.severity, column.mostly)


def _column_texts(column: Column) -> Iterator[tuple[Reason, str]]:
    name = column.name
    if column.required:
        yield "required", f"{name} must not be empty"
    if column.logical_type != "string":
        yield "type", f"{name} must be {type_text(column)}"
    if column.enum:
        yield "enum", f"{name} must be one of {', '.join(value.value for value in column.enum)}"
    if column.pattern is not None:
        yield "pattern", f"{name} must match {column.pattern}"
    if column.min_length is not None or column.max_length is not None:
        yield "length", f"{name} must have {_length_text(column)} characters"
    bounds = _range_text(column)
    if bounds:
        yield "range", f"{name} must be {bounds}"
    if column.multiple_of is not None:
        yield "multiple_of", f"{name} must be a multiple of {plain(column.multiple_of)}"


def type_text(column: Column) -> str:
    """The column's type in words, formats included."""
    if column.logical_type == "integer":
        sign = "an unsigned" if column.unsigned else "a"
        return f"{sign} {column.integer_bits}-bit integer"
    if column.logical_type == "number":
        if column.precision is None:
            return "a number"
        rounded = ", rounded to its scale" if column.round_to_scale else ""
        return f"a decimal({column.precision},{column.scale}){rounded}"
    if column.logical_type == "boolean":
        return f"true ({', '.join(column.true_values)}) or false ({', '.join(column.false_values)})"
    zone = " with a time zone" if column.timezone else ""
    how = " or ".join(column.formats) if column.formats else "ISO 8601"
    return f"a {column.logical_type}{zone} written as {how}"


def _length_text(column: Column) -> str:
    low, high = column.min_length, column.max_length
    if low is None:
        return f"at most {high}"
    if high is None:
        return f"at least {low}"
    return f"{low}" if low == high else f"{low} to {high}"


def _range_text(column: Column) -> str:
    parts = (
        ("at least", column.minimum),
        ("more than", column.exclusive_minimum),
        ("at most", column.maximum),
        ("less than", column.exclusive_maximum),
    )
    return " and ".join(f"{word} {plain(bound)}" for word, bound in parts if bound is not None)


def plain(value: Decimal | str) -> str:
    """A bound as text, numbers without an exponent."""
    return value if isinstance(value, str) else format(value, "f")


def _foreign_key_rule(key: ForeignKey) -> Rule:
    text = f"{', '.join(key.columns)} must exist in {key.to_table} ({', '.join(key.to_columns)})"
    return Rule(rule_id(key.columns, "foreign_key"), "foreign_key", key.columns, text, key.severity, key.mostly)


def _key_rules(table: Table) -> Iterator[Rule]:
    if table.primary_key:
        upsert = table.incremental.strategy == "upsert"
        yield _key_rule(table, table.primary_key, "superseded" if upsert else "duplicate")
    for column in table.columns:
        if column.unique and (column.name,) != table.primary_key:
            yield _key_rule(table, (column.name,), "duplicate")


def _key_rule(table: Table, columns: tuple[str, ...], reason: Reason) -> Rule:
    word = "the last" if reason == "superseded" or table.duplicates.keep == "last" else "the first"
    text = f"only {word} row of each {', '.join(columns)} stays"
    # A column's tolerance is about its values; a surplus row is no fault of its values.
    return Rule(rule_id(columns, reason), reason, columns, text, "warn", None)

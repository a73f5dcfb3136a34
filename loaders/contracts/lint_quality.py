"""Quality checks and service levels: that each can be run, and speaks of tables and columns that are there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from loaders.contracts.document import VENDOR, Node
from loaders.contracts.lint_columns import pattern_problems
from loaders.contracts.lint_references import type_of
from loaders.contracts.lint_tables import unknown_column
from loaders.contracts.names import nearest, shorten
from loaders.contracts.quality import OPERATORS, SEVERITIES, kind_of, quality_items
from loaders.contracts.service_levels import UNITS, elements_of, freshness_levels
from loaders.errors import Problem

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_ARGUMENTS = {
    "nullValues": (),
    "missingValues": ("missingValues",),
    "invalidValues": ("validValues", "pattern"),
    "duplicateValues": ("properties",),
    "rowCount": (),
}
_ORDERED_TYPES = ("integer", "number", "date", "timestamp", "time")


def quality_problems(root: Node) -> Iterator[Problem]:
    """Problems of every quality item and of the freshness levels of a contract."""
    tables = {table.text("name") or "": table for table in root.each("schema")}
    names: dict[str, Node] = {}
    for table in tables.values():
        for item, column in quality_items(table):
            kind = kind_of(item)
            if kind == "sql":
                yield item.problem("a quality check of type sql is not run", "write it as a dbt test in tests/dbt")
            elif kind == "custom" and item.text("engine") != VENDOR:
                yield item.at("engine").problem(
                    f"engine `{shorten(str(item.text('engine')))}` is not run here",
                    "use engine: loaders, or type: text for documentation",
                    severity="warning",
                )
            elif kind in ("library", "custom"):
                yield from _common(item, names)
                yield from _metric(item, column, table) if kind == "library" else _custom(item, table, tables)
    yield from _freshness(root, tables)


def _common(item: Node, names: dict[str, Node]) -> Iterator[Problem]:
    name = item.get("name")
    if name is None:
        yield item.problem("a quality check without a `name`", "name it; its test is called so")
    elif isinstance(name.value, str):
        if not _NAME.fullmatch(name.value):
            yield name.problem(
                f"check name `{shorten(name.value)}` is not made of a-z, 0-9 and `_`",
                "its test is called so; rename it",
            )
        earlier = names.setdefault(name.value, name)
        if earlier is not name:
            line = earlier.document.marks[earlier.path].line
            yield name.problem(f"check name `{shorten(name.value)}` is already taken (line {line})", "rename one")
    severity = item.get("severity")
    if severity is not None and severity.value not in SEVERITIES:
        yield severity.problem(f"severity `{shorten(str(severity.value))}` is unknown", "one of error, warning, info")
    for key in ("schedule", "scheduler"):
        if item.get(key) is not None:
            yield item.at(key).problem(
                f"`{key}` of a check is not read", "checks run with every dbt build", severity="warning"
            )


def _metric(item: Node, column: Node | None, table: Node) -> Iterator[Problem]:
    metric = item.text("metric")
    if metric not in _ARGUMENTS:
        return  # The standard's schema tells of it.
    if column is None and metric not in ("rowCount", "duplicateValues"):
        yield item.at("metric").problem(f"metric {metric} is about one column", "write it under that column")
    if column is not None and metric == "rowCount":
        yield item.at("metric").problem("metric rowCount is about a table", "write it under the table")
    unit = item.get("unit")
    if unit is not None and (unit.value not in ("rows", "percent") or (metric == "rowCount" and unit.value != "rows")):
        yield unit.problem(f"unit `{shorten(str(unit.value))}` does not go with {metric}", "one of rows, percent")
    yield from _operator(item)
    yield from _arguments(item, metric, column, table)


def _operator(item: Node) -> Iterator[Problem]:
    for key in OPERATORS:
        node = item.get(key)
        if node is None:
            continue
        numbers = [child.value for child in node.items()] if isinstance(node.value, list) else [node.value]
        exact = [
            Decimal(value) for value in numbers if isinstance(value, (int, Decimal)) and not isinstance(value, bool)
        ]
        if len(exact) < len(numbers):
            yield node.problem(f"{key} `{shorten(str(node.value))}` is no number", "a metric is compared with a number")
        elif exact != sorted(exact):
            yield node.problem(f"{key} has its larger number first", "turn them round")


def _arguments(item: Node, metric: str, column: Node | None, table: Node) -> Iterator[Problem]:
    arguments = item.at("arguments") if item.get("arguments") is not None else item.without_value()
    allowed = _ARGUMENTS[metric] if not (metric == "duplicateValues" and column is not None) else ()
    for key, node in arguments.entries():
        if key not in allowed:
            like = nearest(key, allowed)
            hint = f"did you mean `{like}`?" if like else f"known here: {', '.join(allowed) or 'none'}"
            yield node.problem(f"unknown argument `{shorten(key)}` of {metric}", hint, at_key=True)
        elif key == "pattern":
            yield from pattern_problems(node)
        elif not list(node.items()) or not all(isinstance(child.value, str) for child in node.items()):
            yield node.problem(f"argument `{key}` must be a list of texts", 'write it like ["a", "b"]')
    if metric == "duplicateValues" and column is None:
        if not arguments.texts("properties"):
            yield item.problem("duplicateValues of a table without columns", "add arguments: {properties: [column, …]}")
        for child in arguments.each("properties"):
            yield from _must_exist(child, table)
    if metric == "invalidValues" and not any(arguments.entries()):
        yield item.problem("invalidValues does not say what is valid", "add arguments: {validValues: […]} or a pattern")
    if metric == "missingValues" and not any(arguments.entries()):
        yield item.problem("missingValues does not say what is missing", "add arguments: {missingValues: […]}")


def _must_exist(node: Node, table: Node, types: tuple[str, ...] = ()) -> Iterator[Problem]:
    """The column `node` names must be in `table`, and of one of `types` where those are given."""
    if not isinstance(node.value, str):
        return
    column = next((found for found in table.each("properties") if found.text("name") == node.value), None)
    if column is None:
        yield unknown_column(node, node.value, table)
    elif types and column.text("logicalType") not in types:
        yield node.problem(
            f"`{shorten(node.value)}` is a {column.text('logicalType')}, not a {' or '.join(types)}",
            "choose another column",
        )


def _custom(item: Node, table: Node, tables: dict[str, Node]) -> Iterator[Problem]:
    how = item.get("implementation")
    if how is None:
        return
    if how.text("kind") == "ordered":
        for child in how.each("columns"):
            yield from _must_exist(child, table, _ORDERED_TYPES)
        types = {
            type_of(column)
            for column in table.each("properties")
            if column.text("name") in how.texts("columns") and column.text("logicalType") in _ORDERED_TYPES
        }
        if len(types) > 1:
            yield how.at("columns").problem(f"columns of {' and '.join(sorted(types))} have no order", "use one type")
    elif how.text("kind") == "sumsEqual":
        for key in ("left", "right"):
            yield from _side(how.at(key), tables)
        left, right = how.at("left").texts("by"), how.at("right").texts("by")
        if left and right and len(left) != len(right):
            yield how.at("right").problem(f"left is by {len(left)} columns and right by {len(right)}", "name as many")


def _side(side: Node, tables: dict[str, Node]) -> Iterator[Problem]:
    name = side.text("table")
    if name is None:
        return
    if name not in tables:
        like = nearest(name, tables)
        hint = f"did you mean `{like}`?" if like else f"tables: {', '.join(tables)}"
        yield side.at("table").problem(f"the contract has no table `{shorten(name)}`", hint)
        return
    for child in side.each("columns"):
        yield from _must_exist(child, tables[name], ("integer", "number"))
    for child in side.each("by"):
        yield from _must_exist(child, tables[name])


def _freshness(root: Node, tables: dict[str, Node]) -> Iterator[Problem]:
    for level in freshness_levels(root):
        value = level.integer("value")
        if value is None or value < 1:
            yield level.at("value").problem("freshness needs a whole number above 0", "write it like value: 7, unit: d")
        if (level.text("unit") or "") not in UNITS:
            shown = shorten(str(level.text("unit") or "nothing"))
            yield level.at("unit").problem(f"freshness in `{shown}` cannot be told", "one of minutes, hours, days")
        for element in elements_of(level) or ():
            if element not in tables:
                like = nearest(element, tables)
                hint = f"did you mean `{like}`?" if like else f"tables: {', '.join(tables)}"
                yield level.at("element").problem(f"the contract has no table `{shorten(element)}`", hint)

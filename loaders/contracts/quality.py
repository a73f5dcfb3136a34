"""ODCS `quality` items → checks of a table. Texts are documentation and give no check."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, cast

from loaders.contracts.document import Node
from loaders.contracts.model import Check, MetricCheck, OrderedCheck, Severity, SumsEqualCheck, SumSide

OPERATORS = (
    "mustBe",
    "mustNotBe",
    "mustBeGreaterThan",
    "mustBeGreaterOrEqualTo",
    "mustBeLessThan",
    "mustBeLessOrEqualTo",
    "mustBeBetween",
    "mustNotBeBetween",
)
SEVERITIES: dict[str, Severity] = {"error": "error", "warning": "warn", "warn": "warn", "info": "warn"}


def quality_items(table: Node) -> Iterator[tuple[Node, Node | None]]:
    """Every quality item of a table with the column it stands at: the table's own first, then column by column."""
    for item in table.each("quality"):
        yield item, None
    for column in table.each("properties"):
        for item in column.each("quality"):
            yield item, column


def kind_of(item: Node) -> str:
    """`library`, `text`, `sql` or `custom`; the standard's default is `library`."""
    return item.text("type") or "library"


def checks_of(table: Node) -> tuple[Check, ...]:
    """The table's checks in the order of `quality_items`."""
    found: list[Check] = []
    for item, column in quality_items(table):
        if kind_of(item) == "library":
            found.append(_metric(item, column))
        elif kind_of(item) == "custom" and item.text("engine") == "loaders":
            found.append(_custom(item))
    return tuple(found)


def _severity(item: Node) -> Severity:
    return SEVERITIES[item.text("severity") or "error"]


def _description(item: Node) -> str:
    return (item.text("description") or "").strip()


def _metric(item: Node, column: Node | None) -> MetricCheck:
    operator = next(key for key in OPERATORS if item.get(key) is not None)
    arguments = item.get("arguments")
    columns: tuple[str, ...] = (column.text("name") or "",) if column is not None else ()
    if column is None and arguments is not None:
        columns = arguments.texts("properties")
    return MetricCheck(
        name=item.text("name") or "",
        metric=cast(Any, item.text("metric")),
        columns=columns,
        unit="percent" if item.text("unit") == "percent" else "rows",
        operator=operator,
        operands=_operands(item, operator),
        arguments=tuple((key, arguments.texts(key)) for key, _ in arguments.entries() if key != "properties")
        if arguments is not None
        else (),
        description=_description(item),
        severity=_severity(item),
    )


def _operands(item: Node, operator: str) -> tuple[Decimal, ...]:
    single = item.number(operator)
    if single is not None:
        return (single,)
    return tuple(Decimal(node.value) for node in item.each(operator) if isinstance(node.value, (int, Decimal)))


def _custom(item: Node) -> OrderedCheck | SumsEqualCheck:
    how = item.get("implementation") or item
    name, mostly = item.text("name") or "", how.number("mostly")
    share = Decimal(1) if mostly is None else mostly
    if how.text("kind") == "ordered":
        return OrderedCheck(name, how.texts("columns"), share, _description(item), _severity(item))
    return SumsEqualCheck(
        name,
        left=_side(how.get("left") or how),
        right=_side(how.get("right") or how),
        tolerance=how.number("tolerance") or Decimal(0),
        mostly=share,
        description=_description(item),
        severity=_severity(item),
    )


def _side(node: Node) -> SumSide:
    return SumSide(node.text("table") or "", node.texts("columns"), node.texts("by"))

"""`slaProperties` → freshness of a table. Other service levels are documentation and left alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from loaders.contracts.document import Node
from loaders.contracts.model import Freshness

Period = Literal["minute", "hour", "day"]
UNITS: dict[str, Period] = {
    **dict.fromkeys(("m", "min", "minute", "minutes"), "minute"),
    **dict.fromkeys(("h", "hr", "hour", "hours"), "hour"),
    **dict.fromkeys(("d", "day", "days"), "day"),
}


def freshness_levels(root: Node) -> Iterator[Node]:
    """The service levels with `property: freshness`."""
    return (node for node in root.each("slaProperties") if node.text("property") == "freshness")


def elements_of(node: Node) -> tuple[str, ...] | None:
    """The tables a service level names, separated by commas; None when it is about every table."""
    element = node.text("element")
    return None if element is None else tuple(part.strip() for part in element.split(","))


def severity_of(node: Node) -> str:
    return node.own_holder().text("severity") or "error"


def freshness_of(root: Node, table: str) -> Freshness | None:
    """The table's freshness: a level that names the table wins over one about every table."""
    found: dict[str, tuple[int, Period]] = {}
    named: set[str] = set()
    for node in freshness_levels(root):
        elements, severity = elements_of(node), severity_of(node)
        amount, unit = node.integer("value"), UNITS.get(node.text("unit") or "")
        if amount is None or unit is None or (elements is None and severity in named):
            continue
        if elements is not None:
            if table not in elements:
                continue
            named.add(severity)
        found[severity] = (amount, unit)
    return Freshness(found.get("warn"), found.get("error")) if found else None

"""Relationships of a table as the contract writes them: at the table, or at a column with `from` implied."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from loaders.contracts.document import Node


@dataclass(frozen=True, slots=True)
class Relationship:
    """`columns` of this table refer to `to_columns` of `to_table`; `node` is where it is written."""

    node: Node
    from_tables: tuple[str, ...]
    columns: tuple[str, ...]
    to_table: str
    to_tables: tuple[str, ...]
    to_columns: tuple[str, ...]


def relationships_of(table: Node) -> tuple[Relationship, ...]:
    """The table's relationships, those at columns first, in the order of the file. Unreadable ones are left out."""
    return tuple(_read(table))


def split_reference(text: str) -> tuple[str, str] | None:
    """`table.column` → its two names; None for any other notation."""
    parts = text.split(".")
    return (parts[0], parts[1]) if len(parts) == 2 and all(parts) else None


def _read(table: Node) -> Iterator[Relationship]:
    own_name = table.text("name") or ""
    for column in table.each("properties"):
        name = column.text("name")
        for node in column.each("relationships") if name else ():
            yield from _relationship(node, ((own_name, name or ""),), node.texts("to"))
    for node in table.each("relationships"):
        origins = tuple(split_reference(text) for text in node.texts("from"))
        if all(origins):
            yield from _relationship(node, tuple(pair for pair in origins if pair), node.texts("to"))


def _relationship(node: Node, origins: tuple[tuple[str, str], ...], to: tuple[str, ...]) -> Iterator[Relationship]:
    targets = tuple(pair for pair in map(split_reference, to) if pair)
    if not targets or len(targets) != len(to):
        return
    yield Relationship(
        node,
        from_tables=tuple(name for name, _ in origins),
        columns=tuple(column for _, column in origins),
        to_table=targets[0][0],
        to_tables=tuple(name for name, _ in targets),
        to_columns=tuple(column for _, column in targets),
    )

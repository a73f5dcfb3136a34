"""Relationships: that they lead to a key that is there, of the same type, and not in a circle."""

from __future__ import annotations

import re
from collections.abc import Iterator

from loaders.contracts.document import Node
from loaders.contracts.lint_tables import column_names, primary_key_of, unknown_column
from loaders.contracts.names import nearest, shorten
from loaders.contracts.references import Relationship, relationships_of, split_reference
from loaders.errors import Problem


def reference_problems(root: Node) -> Iterator[Problem]:
    """Problems of all relationships of a contract."""
    tables = {table.text("name") or "": table for table in root.each("schema")}
    for name, table in tables.items():
        yield from _unreadable(table)
        seen: dict[frozenset[str], int] = {}
        for found in relationships_of(table):
            yield from _one(found, name, tables)
            columns = frozenset(found.columns)
            line = seen.setdefault(columns, found.node.document.marks[found.node.path].line)
            if line != found.node.document.marks[found.node.path].line:
                yield found.node.problem(
                    f"`{', '.join(found.columns)}` already refers to a table (line {line})", "keep one relationship"
                )
    yield from _circles(tables)


def _unreadable(table: Node) -> Iterator[Problem]:
    """References to three or more names or by ids, which pass the standard's schema and are not read here."""
    holders = [*table.each("relationships")]
    holders += [node for column in table.each("properties") for node in column.each("relationships")]
    for holder in holders:
        for key in ("from", "to"):
            child = holder.get(key)
            for node in [] if child is None else [child, *child.items()]:
                if (
                    isinstance(node.value, str)
                    and re.search("[./]", node.value)
                    and split_reference(node.value) is None
                ):
                    yield node.problem(
                        f"reference `{shorten(node.value)}` is not `table.column`", "name a table of this contract"
                    )


def _one(found: Relationship, own_name: str, tables: dict[str, Node]) -> Iterator[Problem]:
    to = found.node.at("to")
    if len(set(found.from_tables)) > 1 or found.from_tables[0] != own_name:
        yield found.node.at("from").problem("`from` names another table than its own", f"write `{own_name}.<column>`")
        return
    if len(set(found.to_tables)) > 1:
        yield to.problem("`to` names more than one table", "a key stands in one table")
        return
    if len(found.columns) != len(found.to_columns):
        yield to.problem(f"{len(found.columns)} columns refer to {len(found.to_columns)}", "name as many on both sides")
        return
    target = tables.get(found.to_table)
    if target is None:
        like = nearest(found.to_table, tables)
        hint = f"did you mean `{like}`?" if like else f"tables: {', '.join(tables)}"
        yield to.problem(f"the contract has no table `{shorten(found.to_table)}`", hint)
        return
    source = tables[own_name]
    unknown = [
        *(unknown_column(found.node.at("from"), name, source) for name in _missing(found.columns, source)),
        *(unknown_column(to, name, target) for name in _missing(found.to_columns, target)),
    ]
    yield from unknown
    if not unknown:
        yield from _target_key(found, to, target)
        yield from _types(found, to, source, target)


def _missing(columns: tuple[str, ...], table: Node) -> list[str]:
    return [name for name in columns if name not in column_names(table)]


def _target_key(found: Relationship, to: Node, target: Node) -> Iterator[Problem]:
    columns = set(found.to_columns)
    if columns == set(primary_key_of(target)):
        return
    if len(columns) == 1 and _column(target, found.to_columns[0]).flag("unique"):
        return
    yield to.problem(
        f"`{', '.join(found.to_columns)}` is no key of `{found.to_table}`",
        "refer to its primary key or a unique column",
    )


def _types(found: Relationship, to: Node, source: Node, target: Node) -> Iterator[Problem]:
    for own, other in zip(found.columns, found.to_columns, strict=True):
        left, right = type_of(_column(source, own)), type_of(_column(target, other))
        if left != right:
            yield to.problem(
                f"`{own}` is {left} and `{found.to_table}.{other}` is {right}", "a key and its reference need one type"
            )


def _column(table: Node, name: str) -> Node:
    return next(column for column in table.each("properties") if column.text("name") == name)


def type_of(column: Node) -> str:
    """The column's type in words, as far as two values must share it to be compared."""
    logical_type = column.text("logicalType") or "nothing"
    decimal = column.own("decimal")
    if decimal is not None:
        return f"decimal({decimal.integer('precision')},{decimal.integer('scale')})"
    options = column.get("logicalTypeOptions")
    zone = " with time zone" if options is not None and options.flag("timezone") else ""
    return f"{logical_type}{zone}"


def _circles(tables: dict[str, Node]) -> Iterator[Problem]:
    """Rejecting relationships that, followed from table to table, lead back to where they begin."""
    edges = [(name, found) for name, table in tables.items() for found in relationships_of(table) if _rejects(found)]
    for name, found in edges:
        if name in _reached(found.to_table, edges):
            what = "itself" if name == found.to_table else f"itself by way of `{found.to_table}`"
            yield found.node.problem(
                f"table `{shorten(name)}` refers to {what}, so no row could be judged first",
                "set onOrphan to warn on this relationship",
            )


def _rejects(found: Relationship) -> bool:
    return (found.node.own_holder().text("onOrphan") or "reject") == "reject"


def _reached(start: str, edges: list[tuple[str, Relationship]]) -> set[str]:
    reached, todo = {start}, [start]
    while todo:
        current = todo.pop()
        for name, found in edges:
            if name == current and found.to_table not in reached:
                reached.add(found.to_table)
                todo.append(found.to_table)
    return reached

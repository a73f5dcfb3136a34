"""Names: how they must look, which are taken, and where two of them would meet in a warehouse."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator

from loaders.contracts.document import Node
from loaders.contracts.reserved_words import engine_reserving
from loaders.errors import Problem

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.-]{0,31}")
MAX_IDENTIFIER = 63
"""Postgres cuts longer names off without a word."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word most like `word`; None when none is like it."""
    by_lower = {candidate.lower(): candidate for candidate in sorted(known)}
    found = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None


def shorten(text: str) -> str:
    """`text` on one line and at most 60 characters long, for a message."""
    flat = text.encode("unicode_escape").decode("ascii") if not text.isprintable() else text
    return flat if len(flat) <= 60 else f"{flat[:57]}…"


def name_problems(node: Node, what: str) -> Iterator[Problem]:
    """Problems of the name under `name` of a contract, table or column, which is `what`."""
    found = node.get("name")
    if found is None or not isinstance(found.value, str):
        if found is None and what == "contract":
            yield node.problem("the contract has no `name`", "add one; table and model names begin with it")
        return
    name = found.value
    shown = shorten(name)
    if not _NAME.fullmatch(name):
        yield found.problem(
            f"{what} name `{shown}` is not made of letters, digits and `_` (63 at most, no digit first)",
            "rename it" if what != "column" else "rename it and keep the file's own name in `physicalName`",
        )
    elif name.startswith("_"):
        yield found.problem(f"{what} name `{shown}` begins with `_`, which is kept for lineage columns", "rename it")
    elif "__dbt" in name.lower():
        yield found.problem(f"{what} name `{shown}` holds `__dbt`, which dbt uses for its own tables", "rename it")
    else:
        engine = engine_reserving(name)
        if engine is not None:
            yield found.problem(
                f"{what} name `{shown}` is a reserved word in {engine}",
                "rename it" if what != "column" else f"rename it and write `physicalName: {shown}`",
            )


def clash_problems(nodes: Iterable[Node], what: str) -> Iterator[Problem]:
    """Names that differ in case at most, among `nodes`; told at the second."""
    first: dict[str, Node] = {}
    for node in nodes:
        found = node.get("name")
        if found is None or not isinstance(found.value, str):
            continue
        earlier = first.setdefault(found.value.lower(), found)
        if earlier is not found:
            yield _met(found, earlier, f"{what} name `{shorten(found.value)}` is already taken")


def contract_name_problems(root: Node) -> Iterator[Problem]:
    """Problems of the contract's, its tables' and their columns' names, and of its version."""
    yield from name_problems(root, "contract")
    version = root.get("version")
    if version is not None and isinstance(version.value, str) and not _VERSION.fullmatch(version.value):
        yield version.problem(
            f"version `{shorten(version.value)}` is not made of letters, digits, `.` and `-` (32 at most)",
            'write it like "1.0.0"',
        )
    tables = list(root.each("schema"))
    yield from clash_problems(tables, "table")
    for table in tables:
        yield from name_problems(table, "table")
        yield from _long_model_name(root, table)
        columns = list(table.each("properties"))
        yield from clash_problems(columns, "column")
        for column in columns:
            yield from name_problems(column, "column")


def _long_model_name(root: Node, table: Node) -> Iterator[Problem]:
    generated = f"stg_{root.text('name') or ''}__{table.text('name') or ''}"
    if len(generated) > MAX_IDENTIFIER and all(len(node.text("name") or "") <= 63 for node in (root, table)):
        yield (table.get("name") or table).problem(
            f"model `{generated}` would have {len(generated)} characters, more than {MAX_IDENTIFIER}",
            "shorten the contract's or the table's name",
        )


def between_contracts(roots: Iterable[Node]) -> Iterator[Problem]:
    """Contracts that share a name or an id, tables whose generated names meet, and globs that take the same files."""
    roots = list(roots)
    yield from clash_problems(roots, "contract")
    yield from _shared(((root.text("id"), root.get("id")) for root in roots), "contract id `{}` is already taken")
    tables = [(root, table) for root in roots for table in root.each("schema")]
    yield from _shared(
        ((_generated(root, table), table.get("name")) for root, table in tables),
        "generated name `{}` is already taken",
        across_only=True,
    )
    globs = ((node.value, node) for _, table in tables for node in _globs(table))
    yield from _shared(
        ((glob, node) for glob, node in globs if isinstance(glob, str)), "files `{}` already belong to another table"
    )


def _globs(table: Node) -> Iterator[Node]:
    files = table.own("files")
    if files is not None:
        yield from files.each("globs")


def _generated(root: Node, table: Node) -> str | None:
    contract, name = root.text("name"), table.text("name")
    return None if contract is None or name is None else f"{contract}__{name}".lower()


def _shared(
    named: Iterable[tuple[str | None, Node | None]], message: str, *, across_only: bool = False
) -> Iterator[Problem]:
    """The second and later nodes with one name. Clashes inside one contract are told elsewhere if `across_only`."""
    first: dict[str, Node] = {}
    for name, node in named:
        if name is None or node is None:
            continue
        earlier = first.setdefault(name, node)
        if earlier is not node and not (across_only and earlier.document is node.document):
            yield _met(node, earlier, message.format(shorten(name)))


def _met(node: Node, earlier: Node, message: str) -> Problem:
    mark = earlier.document.marks[earlier.path]
    return node.problem(f"{message} ({earlier.document.file} line {mark.line})", "make the two differ")

"""Tables: keys, headers, files, CSV dialect, duplicates, partitions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from loaders.contracts.document import Node
from loaders.contracts.formats import parse_format
from loaders.contracts.lint_columns import pattern_problems
from loaders.contracts.names import nearest, shorten
from loaders.errors import DataRefused, Problem

FILE_DATE = "_file_date"
_MARKS: Final = {"delimiter": ",", "quote": '"', "escape": "", "comment": ""}
"""Mark in `csv` → where it is not stated. The escape is the quote then, which stands here already."""
_MAY_BE_ALIKE: Final = ({"quote", "escape"}, {"escape", "comment"})
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def table_problems(root: Node, table: Node) -> Iterator[Problem]:
    """Everything about one table that looks at more than one column, relationships apart."""
    name = shorten(table.text("name") or "")
    if not any(table.each("properties")):
        yield table.problem(f"table `{name}` has no columns", "list them under `properties`")
    yield from _primary_key(table)
    yield from _headers(table)
    yield from _files(table)
    yield from _csv(root, table)
    yield from _choices(table)


def column_names(table: Node) -> list[str]:
    return [name for name in (column.text("name") for column in table.each("properties")) if name]


def unknown_column(node: Node, name: str, table: Node) -> Problem:
    """The problem that `node` speaks of a column that `table` has not."""
    like = nearest(name, column_names(table))
    hint = f"did you mean `{like}`?" if like else f"columns: {', '.join(column_names(table))}"
    return node.problem(f"`{shorten(table.text('name') or '')}` has no column `{shorten(name)}`", hint)


def primary_key_of(table: Node) -> tuple[str, ...]:
    """The names of the key's columns, in the order of their positions."""
    keyed = [column for column in table.each("properties") if column.flag("primaryKey")]
    keyed.sort(key=lambda column: column.integer("primaryKeyPosition") or 0)
    return tuple(column.text("name") or "" for column in keyed)


def _primary_key(table: Node) -> Iterator[Problem]:
    keyed = [column for column in table.each("properties") if column.flag("primaryKey")]
    for column in table.each("properties"):
        position = column.get("primaryKeyPosition")
        if position is not None and position.value != -1 and not column.flag("primaryKey"):
            yield position.problem("primaryKeyPosition of a column that is no primary key", "add primaryKey: true")
    for column in keyed:
        if column.text("logicalType") == "number" and column.own("decimal") is None:
            yield column.at("primaryKey").problem(
                "a binary number is no key: it compares inexactly", "make it a decimal"
            )
    positions = [column.integer("primaryKeyPosition") for column in keyed]
    if len(keyed) == 1 and positions[0] in (None, -1):
        return
    if keyed and sorted(position or -1 for position in positions) != list(range(1, len(keyed) + 1)):
        shown = ", ".join("none" if position is None else str(position) for position in positions)
        yield (
            keyed[0]
            .at("primaryKeyPosition")
            .problem(
                f"primary key positions are {shown}, not 1 to {len(keyed)}",
                "number the key's columns from 1 without gaps",
            )
        )


def _headers(table: Node) -> Iterator[Problem]:
    """Header names that would name two columns."""
    first: dict[str, Node] = {}
    for column in table.each("properties"):
        own_name = column.get("physicalName") or column.get("name")
        aliases = column.own("aliases")
        for node in (own_name, *(aliases.items() if aliases is not None else ())):
            if node is None or not isinstance(node.value, str):
                continue
            earlier = first.setdefault(node.value.strip().lower(), node)
            both_names = node.path[-1] == earlier.path[-1] == "name"  # told as a clash of names
            if earlier is not node and not both_names:
                line = node.document.marks[earlier.path].line
                yield node.problem(
                    f"header `{shorten(node.value)}` already names another column (line {line})", "headers must differ"
                )


def _files(table: Node) -> Iterator[Problem]:
    files = table.own("files")
    if files is None:
        return
    for glob in files.each("globs"):
        if isinstance(glob.value, str):
            reason = _bad_glob(glob.value)
            if reason is not None:
                yield glob.problem(
                    f"file glob `{shorten(glob.value)}` {reason}",
                    'write a glob relative to the folder that is ingested, like "orders*.csv"',
                )
    date = files.get("date")
    if date is None:
        return
    pattern, format_ = date.get("pattern"), date.get("format")
    if pattern is not None:
        yield from pattern_problems(pattern, groups=1)
    if format_ is not None and isinstance(format_.value, str):
        try:
            parse_format(format_.value, "date")
        except DataRefused as refusal:
            yield format_.problem(refusal.what, refusal.hint)


def _bad_glob(glob: str) -> str | None:
    """Why a glob could leave the folder that is ingested or mean something else elsewhere; None for a good one."""
    if not glob.strip() or glob != glob.strip():
        return "is empty or has spaces around it"
    if _SCHEME.match(glob) or glob.startswith(("/", "//")):
        return "is an absolute path or has a scheme"
    if "\\" in glob:
        return "holds a backslash"
    if ".." in glob.split("/"):
        return "leaves its folder with `..`"
    if any(mark in glob for mark in ("~", "$", "%")):
        return "holds `~`, `$` or `%`, which stand for other places"
    if not glob.isprintable():
        return "holds a character that cannot be seen"
    return None


def _csv(root: Node, table: Node) -> Iterator[Problem]:
    merged: dict[str, Node] = {}
    for scope in (root, table):
        csv = scope.own("csv")
        merged.update(csv.entries() if csv is not None else ())
    if table.own("csv") is None and next(iter(root.each("schema")), table).path != table.path:
        return  # The contract's own dialect is told once, with its first table.
    encoding = merged.get("encoding")
    if encoding is not None and isinstance(encoding.value, str) and not _is_text_encoding(encoding.value):
        yield encoding.problem(f"encoding `{shorten(encoding.value)}` is unknown", "write a name like utf-8 or cp1252")
    yield from _marks(merged)
    header = merged.get("header")
    if header is not None and header.value is False:
        yield from _without_header(table)


def _marks(stated: Mapping[str, Node]) -> Iterator[Problem]:
    marks = {key: stated[key].value if key in stated else default for key, default in _MARKS.items()}
    if not marks["quote"]:
        marks["escape"] = ""
    for index, (key, mark) in enumerate(marks.items()):
        if not isinstance(mark, str) or not mark:
            continue
        for other in list(marks)[:index]:
            if mark == marks[other] and {key, other} not in _MAY_BE_ALIKE:
                here, there = (key, other) if key in stated else (other, key)
                yield stated[here].problem(f"csv `{here}` is the same character as `{there}`", "they must differ")
        if mark in ("\n", "\r", "\0"):
            yield stated[key].problem(f"csv `{key}` is a line end", "choose another character")
        if key != "comment" and not mark.isascii():
            yield stated[key].problem(f"csv `{key}` `{mark[:1]}` is not ASCII", "parsers take one byte: choose another")


def _is_text_encoding(name: str) -> bool:
    try:
        "a".encode(name)  # `codecs.lookup` also knows encodings of bytes
    except (LookupError, UnicodeError, ValueError):
        return False
    return True


def _without_header(table: Node) -> Iterator[Problem]:
    for column in table.each("properties"):
        for name in ("aliases", "mayBeAbsent"):
            node = column.own(name)
            if node is not None and node.value is not False:
                yield node.problem(f"`{name}` needs a header line, which csv.header: false denies", "remove it")


def _choices(table: Node) -> Iterator[Problem]:
    names = column_names(table)
    has_key = bool(primary_key_of(table))
    unique = any(column.flag("unique") for column in table.each("properties"))
    duplicates, partition, incremental = table.own("duplicates"), table.own("partition"), table.own("incremental")
    if duplicates is not None:
        if not has_key and not unique:
            yield duplicates.problem("`duplicates` without a primary key or unique column", "mark the key or remove it")
        files = table.own("files")
        for item in duplicates.each("orderBy"):
            if item.value == FILE_DATE and (files is None or files.get("date") is None):
                yield item.problem("`_file_date` needs a date in the file name", "add `date` to `files`")
            elif isinstance(item.value, str) and item.value != FILE_DATE and item.value not in names:
                yield unknown_column(item, item.value, table)
    if incremental is not None and incremental.text("strategy") == "upsert" and not has_key:
        yield incremental.problem("strategy upsert needs a primary key", "mark the key's columns with primaryKey: true")
    if partition is not None:
        yield from _partition(table, partition)


def _partition(table: Node, partition: Node) -> Iterator[Problem]:
    node = partition.get("column")
    if node is None or not isinstance(node.value, str):
        return
    column = next((found for found in table.each("properties") if found.text("name") == node.value), None)
    if column is None:
        yield unknown_column(node, node.value, table)
    elif column.text("logicalType") not in ("date", "timestamp"):
        yield node.problem(f"partition column `{shorten(node.value)}` is no date or timestamp", "choose another column")

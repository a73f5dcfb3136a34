"""How rows are stored in SQLite: declared types that tools know, and values that lose nothing.

SQLite has four kinds of value. What none of them holds exactly is stored as text, never rounded.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from loaders.warehouses.parsing import quote_identifier

if TYPE_CHECKING:
    from loaders.outputs.model import Column, Relation

_INTEGERS: Final = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"}
_AS_THEY_ARE: Final = {"VARCHAR": "TEXT", "DOUBLE": "REAL", "FLOAT": "REAL", "BLOB": "BLOB"}
_AS_TEXT: Final = {"DATE": "DATE", "TIMESTAMP": "TIMESTAMP", "TIME": "TIME"}
_DECIMAL: Final = re.compile(r"DECIMAL\((\d+),(\d+)\)")
# Every decimal of so many digits has a double of its own, and SQLite prints it as it was.
_EXACT_DIGITS: Final = 15


def declared_type(column: Column) -> str:
    """The type in CREATE TABLE. SQLite derives from it only whether texts that look like numbers become numbers."""
    decimal = _DECIMAL.fullmatch(column.type)
    if decimal:
        return "NUMERIC" if int(decimal[1]) <= _EXACT_DIGITS else "TEXT"
    if column.type in _INTEGERS:
        return "INTEGER"
    if column.type == "BOOLEAN":
        return "BOOLEAN"
    return _AS_THEY_ARE.get(column.type) or _AS_TEXT.get(column.type, "TEXT")


def stored_value(column: Column) -> str:
    """The column as DuckDB SQL, cast to what is stored."""
    name = quote_identifier(column.name)
    declared = declared_type(column)
    if declared == "NUMERIC":
        return f"cast({name} as double) as {name}"
    if declared == "BOOLEAN":
        return f"cast({name} as tinyint) as {name}"
    if column.type in _INTEGERS or column.type in _AS_THEY_ARE:
        return name
    return f"cast({name} as varchar) as {name}"


def create_table(relation: Relation) -> str:
    """CREATE TABLE with declared types and the primary key."""
    lines = []
    for column in relation.columns:
        # One integer as the key is SQLite's own row number: no second index, and appended rows stay cheap.
        inline = " primary key" if relation.primary_key == (column.name,) else ""
        lines.append(f"{quote_identifier(column.name)} {declared_type(column)}{inline}")
    if len(relation.primary_key) > 1:
        lines.append(f"primary key ({', '.join(quote_identifier(each) for each in relation.primary_key)})")
    return f"create table {quote_identifier(relation.name)} (\n  " + ",\n  ".join(lines) + "\n)"


def not_a_number(relation: Relation) -> str | None:
    """SQL that counts values that are NaN, which SQLite would store as NULL; None without columns that can be."""
    tests = [f"isnan({quote_identifier(each.name)})" for each in relation.columns if each.type in ("DOUBLE", "FLOAT")]
    return f"count(*) filter (where {' or '.join(tests)})" if tests else None

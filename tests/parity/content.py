"""What a built project holds, the same on every engine: counts, rejects by reason, hashes that mind no order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from hashlib import blake2b
from pathlib import PurePath
from typing import Any

Rows = Callable[[str], list[tuple[Any, ...]]]
"""Runs a query and gives its rows."""

SCHEMAS = ("staging", "rejects", "accounting", "marts")
WHEN = frozenset({"_landed_at", "reject_date"})
"""Columns that tell when a file landed, which is another moment on each engine."""
PATHS = frozenset({"path"})
"""Columns that name a file of which only the name counts: its folder is another one in each run."""
SIGNIFICANT_DIGITS = 9
"""Of doubles: sums of them depend on the order of their rows."""
_HASH_BYTES = 12


@dataclass(frozen=True, slots=True)
class Relation:
    """A built table or view with its columns and DuckDB's types, which say how to read what engines answer as text."""

    schema: str
    name: str
    columns: tuple[tuple[str, str], ...]

    @property
    def label(self) -> str:
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True, slots=True)
class Content:
    """Per relation its row count and hash; per reason the rejects."""

    rows: dict[str, int]
    hashes: dict[str, str]
    rejects: dict[str, int]


def relations_of(rows: Rows) -> tuple[Relation, ...]:
    """Every relation that dbt built in a DuckDB warehouse, sorted by name, without the columns of `WHEN`."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for schema, table, column, kind in rows(
        "select table_schema, table_name, column_name, data_type from information_schema.columns"
        f" where table_schema in {SCHEMAS} order by table_schema, table_name, ordinal_position"
    ):
        if column not in WHEN:
            found.setdefault((schema, table), []).append((column, kind))
    return tuple(Relation(schema, table, tuple(columns)) for (schema, table), columns in found.items())


def content_of(rows: Rows, relations: Iterable[Relation], prefix: str = "") -> Content:
    """Reads every relation whole; `prefix` stands before the names of the schemas."""
    counts: dict[str, int] = {}
    hashes: dict[str, str] = {}
    rejects: dict[str, int] = {}
    for relation in relations:
        names = ", ".join(name for name, _ in relation.columns)
        found = [_placeless(row, relation) for row in rows(f"select {names} from {prefix}{relation.label}")]
        counts[relation.label] = len(found)
        hashes[relation.label] = hash_of(found, [kind for _, kind in relation.columns])
        if relation.schema == "rejects":
            reason = [name for name, _ in relation.columns].index("reason")
            for row in found:
                rejects[row[reason]] = rejects.get(row[reason], 0) + 1
    return Content(counts, hashes, dict(sorted(rejects.items())))


def _placeless(row: tuple[Any, ...], relation: Relation) -> tuple[Any, ...]:
    names = (name for name, _ in relation.columns)
    return tuple(
        PurePath(value).name if name in PATHS and value else value for name, value in zip(names, row, strict=True)
    )


def hash_of(rows: Iterable[tuple[Any, ...]], kinds: list[str]) -> str:
    """Of the rows as a bag: their own hashes added up, so that order does not matter and doubles do."""
    total = 0
    for row in rows:
        line = "\x1f".join(map(canonical, row, kinds)).encode()
        total += int.from_bytes(blake2b(line, digest_size=_HASH_BYTES).digest())
    return f"{total % 2 ** (8 * _HASH_BYTES):0{2 * _HASH_BYTES}x}"


def canonical(value: Any, kind: str) -> str:
    """One text per value, whatever the driver made of it; NULL is a character of its own."""
    if value is None:
        return "\x00"
    if kind.startswith("DECIMAL") or kind.endswith("INT") or kind == "INTEGER":
        number = format(Decimal(str(value)), "f")
        return number.rstrip("0").rstrip(".") if "." in number else number
    if kind in ("DOUBLE", "FLOAT"):
        return format(float(value), f".{SIGNIFICANT_DIGITS}g")
    if kind.startswith("TIMESTAMP"):
        return (value if isinstance(value, datetime) else datetime.fromisoformat(str(value))).isoformat()
    if kind == "BOOLEAN":
        return str(value).lower()
    return str(value)

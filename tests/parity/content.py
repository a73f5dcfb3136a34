"""What a built project holds, the same on every engine: counts, rejects by reason, hashes that mind no order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from tests.engines.base import Engine

SCHEMAS = ("staging", "rejects", "accounting", "marts")
SIGNIFICANT_DIGITS = 9
"""Of doubles: sums of them depend on the order of their rows."""


@dataclass(frozen=True, slots=True)
class Relation:
    """A built table or view with its columns and DuckDB's types, which say how to read what engines answer as text."""

    schema: str
    name: str
    columns: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Content:
    """Per relation its row count and hash; per reason the rejects."""

    rows: dict[str, int]
    hashes: dict[str, str]
    rejects: dict[str, int]


def relations_of(duckdb_engine: Engine) -> tuple[Relation, ...]:
    """Every relation that dbt built there, sorted by name."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for schema, table, column, kind in duckdb_engine.rows(
        "select table_schema, table_name, column_name, data_type from information_schema.columns"
        f" where table_schema in {SCHEMAS} order by table_schema, table_name, ordinal_position"
    ):
        found.setdefault((schema, table), []).append((column, kind))
    return tuple(Relation(schema, table, tuple(columns)) for (schema, table), columns in found.items())


def content_of(engine: Engine, relations: Iterable[Relation]) -> Content:
    """Reads every relation whole."""
    rows: dict[str, int] = {}
    hashes: dict[str, str] = {}
    rejects: dict[str, int] = {}
    for relation in relations:
        names = ", ".join(name for name, _ in relation.columns)
        found = engine.rows(f"select {names} from {relation.schema}.{relation.name}")
        label = f"{relation.schema}.{relation.name}"
        kinds = [kind for _, kind in relation.columns]
        lines = sorted("\x1f".join(map(canonical, row, kinds)) for row in found)
        rows[label] = len(lines)
        hashes[label] = sha256("\x1e".join(lines).encode()).hexdigest()[:16]
        if relation.schema == "rejects":
            reason = [name for name, _ in relation.columns].index("reason")
            for row in found:
                rejects[row[reason]] = rejects.get(row[reason], 0) + 1
    return Content(rows, hashes, dict(sorted(rejects.items())))


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

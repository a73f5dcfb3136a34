"""Hashes that say when rows must be typed again and when a file must be parsed again.

Fields at their default are left out, so that a new option of a later version changes no hash of a contract that does
not use it.
"""

from __future__ import annotations

import json
from dataclasses import MISSING, fields, is_dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any

from loaders.contracts.model import Column, Contract, Table
from loaders.contracts.values import shortest

RULES_FORMAT = 1
"""Raised when the same contract would give other typed rows or verdicts than before."""
LOADER_FORMAT = 1
"""Raised when the same dialect would parse the same bytes into other landed rows than before."""

_WORDS_ONLY = frozenset({"description", "unit", "label"})
# What decides whether a build fails, not which rows pass; and what only landing reads.
_NO_VERDICT = frozenset({"mostly", "severity", "header", "aliases", "may_be_absent", "partition_position"})


def table_version(contract: Contract, table: Table) -> str:
    """`<contract version>+<8 hex>`: the hash is over everything that changes the table's typed rows or verdicts.

    Descriptions, labels, units, tolerances and severities do not; nor does the dialect, which changes what lands.
    """
    content = {
        "format": RULES_FORMAT,
        "columns": [_content(column, _WORDS_ONLY | _NO_VERDICT) for column in table.columns],
        "primary_key": table.primary_key,
        "foreign_keys": [_content(key, _NO_VERDICT) for key in table.foreign_keys if key.on_orphan == "reject"],
        "duplicates": _content(table.duplicates),
        "incremental": _content(table.incremental),
        "partition": None if table.partition is None else _content(table.partition),
    }
    return f"{contract.version}+{_digest(content)[:8]}"


def parse_fingerprint(table: Table) -> str:
    """64 hex digits over everything that changes how the table's files are parsed into landed rows."""
    content = {
        "format": LOADER_FORMAT,
        "dialect": _content(table.dialect),
        "columns": [_parsed(column) for column in table.columns],
    }
    return _digest(content)


def _parsed(column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "header": column.header,
        "aliases": sorted(column.aliases),
        "may_be_absent": column.may_be_absent,
    }


def _content(value: Any, skipped: frozenset[str] = frozenset()) -> Any:
    """`value` as plain JSON values; fields of dataclasses that are `skipped` or at their default left out."""
    if is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: _content(getattr(value, field.name), skipped)
            for field in fields(value)
            if field.name not in skipped and (field.default is MISSING or getattr(value, field.name) != field.default)
        }
    if isinstance(value, tuple):
        return [_content(item, skipped) for item in value]
    if isinstance(value, Decimal):
        return shortest(value)
    return value


def _digest(content: dict[str, Any]) -> str:
    return sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()

"""Reads golden.csv into values that tests use: rows, and the contract tables that hold their columns."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from loaders.contracts.model import Column, Contract, EnumValue, FileSet, Table

FILE = Path(__file__).parent / "golden.csv"
COLUMNS_PER_TABLE = 30
"""Keeps generated statements within what the slower parsers take in seconds."""

_ESCAPE = re.compile(r"\\(?:u([0-9a-f]{4})|U([0-9a-f]{8})|(.))", re.DOTALL)
_PLAIN = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\"}
_BOUNDS = frozenset({"minimum", "maximum", "exclusive_minimum", "exclusive_maximum", "multiple_of"})


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table, unescaped."""

    id: str
    kind: str
    parameters: str
    raw: str | None
    verdict: str
    value: str | None
    why: str


@dataclass(frozen=True, slots=True)
class GoldenTable:
    """A contract table, and its golden rows in `_row_number` order with the position of each one's column."""

    table: Table
    rows: tuple[tuple[Row, int], ...]

    def landed(self) -> list[list[str | None]]:
        """Per golden row the landed texts: its own in its column, what is valid in all others."""
        fillers = [_filler(column, self.rows, position) for position, column in enumerate(self.table.columns)]
        return [
            [row.raw if position == own else filler for position, filler in enumerate(fillers)]
            for row, own in self.rows
        ]


def unescaped(text: str) -> str | None:
    """The text an escaped cell stands for; None for `\\N`."""
    if text == r"\N":
        return None
    return _ESCAPE.sub(_character, text)


def _character(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    return chr(int(code, 16)) if code else _PLAIN[match[3]]


@cache
def golden_rows() -> tuple[Row, ...]:
    """All rows in file order."""
    with FILE.open(newline="", encoding="utf-8") as file:
        return tuple(
            Row(
                id=line["id"],
                kind=line["kind"],
                parameters=line["parameters"],
                raw=unescaped(line["raw"]),
                verdict=line["verdict"],
                value=unescaped(line["value"]),
                why=line["why"],
            )
            for line in csv.DictReader(file)
        )


def column_of(parameters: str, name: str) -> Column:
    """The column that `parameters` describe."""
    fields: dict[str, Any] = json.loads(parameters)
    numeric = fields["logical_type"] in ("integer", "number")
    for key, value in fields.items():
        if isinstance(value, list):
            fields[key] = tuple(value)
        elif key in _BOUNDS and numeric:
            fields[key] = Decimal(value)
    fields["enum"] = tuple(EnumValue(value) for value in fields.get("enum", ()))
    return Column(name=name, description=f"Golden column: {name}.", header=name, **fields)


def golden_contract(rows: Iterable[Row] | None = None) -> tuple[Contract, tuple[GoldenTable, ...]]:
    """A contract with one column per distinct `parameters` and the rows of each of its tables.

    Required columns have tables of their own, since a row that lacks one of them never reaches staging.
    """
    by_parameters: dict[str, list[Row]] = {}
    for row in golden_rows() if rows is None else rows:
        by_parameters.setdefault(row.parameters, []).append(row)
    required = [text for text in by_parameters if json.loads(text).get("required")]
    optional = [text for text in by_parameters if text not in required]
    tables = [
        _golden_table(f"{word}_{number + 1}", {text: by_parameters[text] for text in chunk})
        for word, texts in (("optional", optional), ("required", required))
        for number, chunk in enumerate(_chunks(texts))
    ]
    contract = Contract(
        id="golden",
        name="golden",
        version="1.0.0",
        path="contracts/golden.odcs.yaml",
        description="What a contract means.",
        tables=tuple(golden.table for golden in tables),
    )
    return contract, tuple(tables)


def _chunks(texts: list[str]) -> list[list[str]]:
    return [texts[start : start + COLUMNS_PER_TABLE] for start in range(0, len(texts), COLUMNS_PER_TABLE)]


def _golden_table(name: str, columns: dict[str, list[Row]]) -> GoldenTable:
    table = Table(
        name=name,
        description="Golden rows.",
        grain="One row per golden row.",
        columns=tuple(
            column_of(text, f"{rows[0].kind}_{position + 1:02}")
            for position, (text, rows) in enumerate(columns.items())
        ),
        files=FileSet((f"{name}.csv",)),
    )
    rows = tuple((row, position) for position, group in enumerate(columns.values()) for row in group)
    return GoldenTable(table, rows)


def _filler(column: Column, rows: tuple[tuple[Row, int], ...], position: int) -> str | None:
    if not column.required:
        return None
    return next(row.raw for row, own in rows if own == position and row.verdict == "ok")

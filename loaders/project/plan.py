"""Contract → what its models say, engine-neutral: cleaned, typed and checked columns, each rule turned into one flag.

A `TablePlan` holds everything a template needs, in the order it is written; no SQL but names and macro calls.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, count, groupby
from typing import Final

from loaders.contracts.fingerprint import table_version
from loaders.contracts.model import Check, Column, Contract, ForeignKey, Freshness, Rule, Table
from loaders.contracts.rules import rules_of
from loaders.contracts.types import data_type
from loaders.project.calls import Call
from loaders.project.conversions import clean, convert
from loaders.project.names import short_name
from loaders.project.violations import violation

KINDS: Final = ("ids", "text", "numbers", "booleans", "dates", "timestamps", "times")
"""Kinds of columns in the order in which models list them; lineage comes last."""
_KIND_OF: Final = {
    "string": "text",
    "integer": "numbers",
    "number": "numbers",
    "boolean": "booleans",
    "date": "dates",
    "timestamp": "timestamps",
    "time": "times",
}


@dataclass(frozen=True, slots=True)
class PlannedColumn:
    """`convert` is None for text; else the cleaned text stays beside the value, under `text_name`."""

    name: str
    kind: str
    data_type: str
    source: Column
    clean: Call
    convert: Call | None
    text_name: str

    @property
    def required(self) -> bool:
        return self.source.required

    def describe(self) -> str:
        """The contract's words on the column, its unit among them."""
        unit = self.source.unit
        words = self.source.description or f"{self.name}, as the contract has it."
        return words if unit is None else f"{words} Unit: {unit}."


@dataclass(frozen=True, slots=True)
class Parent:
    """Staging of another table whose keys rows of this one must find; joined as `alias`."""

    alias: str
    model: str
    columns: tuple[str, ...]
    parent_columns: tuple[str, ...]
    is_key: bool
    """Whether at most one row of the parent holds the same values."""


@dataclass(frozen=True, slots=True)
class RowRule:
    """A rule that a row keeps or breaks whatever other rows of its table hold; `flag` is true where it is broken."""

    rule: Rule
    flag: str
    violation: Call | None = None
    text_name: str | None = None
    parent: Parent | None = None


@dataclass(frozen=True, slots=True)
class KeyRule:
    """Of several rows with the same key one stays: the one whose `rank` is 1. `flag` is true of the others."""

    rule: Rule
    flag: str
    rank: str
    ordering: tuple[str, ...]
    ordering_texts: tuple[str, ...] = ()
    """Those columns of the ordering that are text, which engines sort by different rules."""


@dataclass(frozen=True, slots=True)
class TablePlan:
    """One table's models. `columns` stand grouped by kind, inside a kind in contract order."""

    contract: str
    contract_version: str
    version: str
    name: str
    grain: str
    description: str
    columns: tuple[PlannedColumn, ...]
    landed: tuple[str, ...]
    parents: tuple[Parent, ...]
    row_rules: tuple[RowRule, ...]
    key_rules: tuple[KeyRule, ...]
    primary_key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...]
    checks: tuple[Check, ...]
    freshness: Freshness | None
    uses_file_date: bool
    captures_extra: bool

    @property
    def landing(self) -> str:
        return f"{self.contract}__{self.name}"

    @property
    def staging(self) -> str:
        return f"stg_{self.landing}"

    @property
    def rejects(self) -> str:
        return f"rej_{self.landing}"

    @property
    def rebuilds(self) -> bool:
        """Whether staging is built anew by every run.

        With two keys, a new row may end one staged row by one key and itself lose by the other, so that what stays can
        only be told from all rows together.
        """
        return len(self.key_rules) > 1

    @property
    def verdicts_change(self) -> bool:
        """Whether a reject may get other reasons later without being staged: parents come and go."""
        return bool(self.parents) or self.rebuilds

    def kinds(self) -> tuple[tuple[str, tuple[PlannedColumn, ...]], ...]:
        """The columns by kind, kinds without a column left out."""
        return tuple((kind, tuple(columns)) for kind, columns in groupby(self.columns, key=lambda each: each.kind))

    def staging_description(self) -> str:
        """Grain first."""
        return " ".join(filter(None, (_sentence(self.grain or f"one row per row of {self.name}"), self.description)))

    def landing_description(self) -> str:
        return f"Rows of the files of {self.name} as text, file by file as they were landed. {self.description}".strip()

    def landed_columns(self) -> tuple[str, ...]:
        """Text columns of the landing table, in its order."""
        return (*self.landed, "_extra") if self.captures_extra else self.landed

    def rules(self) -> tuple[Rule, ...]:
        """What the rejects model looks for, in the order of the contract's rules."""
        return (*(each.rule for each in self.row_rules), *(each.rule for each in self.key_rules))


def plan_contract(contract: Contract) -> tuple[TablePlan, ...]:
    """The plan of each table, in contract order."""
    return tuple(plan_table(contract, table) for table in contract.tables)


def plan_table(contract: Contract, table: Table) -> TablePlan:
    """What the models of `table` say."""
    rules = rules_of(table)
    parents = dict(zip(_rejecting(table), _parents(contract, table), strict=True))
    row_rules = tuple(_row_rules(table, rules, list(parents.values())))
    return TablePlan(
        contract=contract.name,
        contract_version=contract.version,
        version=table_version(contract, table),
        name=table.name,
        grain=table.grain,
        description=table.description,
        columns=tuple(sorted(_columns(table), key=lambda column: KINDS.index(column.kind))),
        landed=tuple(column.name for column in table.columns),
        parents=tuple(parents.values()),
        row_rules=row_rules,
        key_rules=tuple(_key_rules(table, rules)),
        primary_key=table.primary_key,
        foreign_keys=table.foreign_keys,
        checks=table.checks,
        freshness=table.freshness,
        uses_file_date="_file_date" in table.duplicates.order_by,
        captures_extra=table.dialect.extra_columns == "capture",
    )


def _sentence(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if text.endswith(".") else f"{text}."


def _columns(table: Table) -> Iterator[PlannedColumn]:
    ids = {*table.primary_key, *(name for key in table.foreign_keys for name in key.columns)}
    for column in table.columns:
        is_id = column.name in ids or (column.logical_type == "string" and column.name.endswith("_id"))
        yield PlannedColumn(
            name=column.name,
            kind="ids" if is_id else _KIND_OF[column.logical_type],
            data_type=data_type(column),
            source=column,
            clean=clean(column),
            convert=convert(column),
            text_name=short_name(column.name, "text"),
        )


def _rejecting(table: Table) -> tuple[ForeignKey, ...]:
    return tuple(key for key in table.foreign_keys if key.on_orphan == "reject")


def _parents(contract: Contract, table: Table) -> Iterator[Parent]:
    taken: set[str] = set()
    for key in _rejecting(table):
        first = f"known_{key.to_table}"
        # A table may be called as another's second alias would be, but for capitals.
        others = (f"{first}_{number}" for number in count(2))
        alias = next(name for name in chain((first,), others) if name.lower() not in taken)
        taken.add(alias.lower())
        to_table = contract.table(key.to_table)
        yield Parent(
            alias=alias,
            model=f"stg_{contract.name}__{key.to_table}",
            columns=key.columns,
            parent_columns=key.to_columns,
            is_key=_is_key(to_table, key.to_columns),
        )


def _is_key(table: Table, columns: tuple[str, ...]) -> bool:
    unique = any(table.column(name).unique for name in columns)
    return unique or (bool(table.primary_key) and set(table.primary_key) <= set(columns))


def _row_rules(table: Table, rules: tuple[Rule, ...], parents: list[Parent]) -> Iterator[RowRule]:
    prefix = "typed." if parents else ""
    remaining = iter(parents)
    for rule in rules:
        flag = short_name(*rule.columns, rule.reason)
        if rule.reason == "foreign_key":
            yield RowRule(rule, flag, parent=next(remaining))
        elif rule.reason == "type":
            yield RowRule(rule, flag, text_name=short_name(rule.columns[0], "text"))
        elif rule.reason == "required":
            # A value that is no value of the type is not empty: the text says whether something was there.
            converted = table.column(rule.columns[0]).logical_type != "string"
            yield RowRule(rule, flag, text_name=short_name(rule.columns[0], "text") if converted else None)
        elif rule.reason not in ("duplicate", "superseded"):
            column = table.column(rule.columns[0])
            yield RowRule(rule, flag, violation=violation(rule.reason, column, f"{prefix}{column.name}"))


def _key_rules(table: Table, rules: tuple[Rule, ...]) -> Iterator[KeyRule]:
    last = table.duplicates.keep == "last" or table.incremental.strategy == "upsert"
    direction = "desc" if last else "asc"
    # BigQuery keeps names that begin with `_file_` for itself; `ranked` calls the date in a file's name otherwise.
    by = ("_dated_on" if name == "_file_date" else name for name in table.duplicates.order_by)
    ordering = tuple(f"{name} {direction}" for name in (*by, "_landed_file_id", "_row_number"))
    texts = tuple(
        name
        for name in table.duplicates.order_by
        if name != "_file_date" and table.column(name).logical_type == "string"
    )
    for rule in rules:
        if rule.reason in ("duplicate", "superseded"):
            flag, rank = short_name(*rule.columns, rule.reason), short_name(*rule.columns, "rank")
            yield KeyRule(rule, flag, rank, ordering, texts)

"""The data tests of generated models, as data for the YAML templates.

Quarantine first, fail second: staging holds no row that breaks a rule, so that what fails a build is the share of
rejects or a check over several rows or tables.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Final

from loaders.contracts.model import Check, ForeignKey, MetricCheck, OrderedCheck, Rule, Severity, SumsEqualCheck
from loaders.contracts.values import shortest
from loaders.project.plan import TablePlan

Argument = str | tuple[str, ...]
Arguments = tuple[tuple[str, Argument], ...]

_ARGUMENTS: Final = {"validValues": "valid_values", "missingValues": "missing_values", "pattern": "patterns"}
"""Argument of an ODCS metric → argument of the test."""


@dataclass(frozen=True, slots=True)
class DataTest:
    """One generic test; texts among the arguments may be contract text."""

    macro: str
    arguments: Arguments = ()
    name: str | None = None
    description: str = ""
    severity: Severity = "error"


def column_tests(table: TablePlan) -> dict[str, tuple[DataTest, ...]]:
    """Tests of staging columns by column: what the contract requires, and keys of one column."""
    keys = [each.rule.columns[0] for each in table.key_rules if len(each.rule.columns) == 1]
    return {
        column.name: (
            *((DataTest("not_null"),) if column.required else ()),
            *((DataTest("unique"),) if column.name in keys else ()),
        )
        for column in table.columns
    }


def table_tests(table: TablePlan) -> tuple[DataTest, ...]:
    """Tests of the staging model as a whole: keys of several columns, foreign keys, the contract's checks."""
    keys = (
        DataTest("unique_key", (("columns", each.rule.columns),))
        for each in table.key_rules
        if len(each.rule.columns) > 1
    )
    return (
        *keys,
        *(_foreign_key(table, key) for key in table.foreign_keys),
        *(_check(table, check) for check in table.checks),
    )


def reject_tests(table: TablePlan) -> tuple[DataTest, ...]:
    """One test for the rules of each column (or columns) with the same tolerance.

    Rows that an upsert replaces are no fault and have no test.
    """
    rules = [rule for rule in table.rules() if rule.reason != "superseded"]
    return tuple(_tolerance(table, list(same)) for _, same in groupby(rules, key=_group))


def _group(rule: Rule) -> tuple[object, ...]:
    return rule.columns, rule.mostly, rule.severity, rule.reason in ("foreign_key", "duplicate")


def _tolerance(table: TablePlan, rules: list[Rule]) -> DataTest:
    first = rules[0]
    what = "-".join(first.columns)
    if first.reason in ("foreign_key", "duplicate"):
        what = first.id.replace(".", "_")
    return DataTest(
        "rejects_within_tolerance",
        (
            ("rules", tuple(rule.id for rule in rules)),
            ("staging", _ref(table.contract, table.name)),
            ("mostly", shortest(Decimal(1) if first.mostly is None else first.mostly)),
        ),
        name=f"{table.rejects}__{what.replace('-', '_')}_within_tolerance",
        severity=first.severity,
    )


def _foreign_key(table: TablePlan, key: ForeignKey) -> DataTest:
    """Staging holds no orphan where the contract rejects them; else as many as it tolerates."""
    rejects = key.on_orphan == "reject"
    tolerance = Decimal(1) if rejects or key.mostly is None else key.mostly
    return DataTest(
        "foreign_key_holds",
        (
            ("columns", key.columns),
            ("to", _ref(table.contract, key.to_table)),
            ("to_columns", key.to_columns),
            ("mostly", shortest(tolerance)),
        ),
        severity="error" if rejects else key.severity,
    )


def _check(table: TablePlan, check: Check) -> DataTest:
    arguments: Arguments
    match check:
        case MetricCheck():
            macro, arguments = "metric_within_bounds", tuple(_metric(table, check))
        case OrderedCheck():
            macro, arguments = "columns_in_order", (("columns", check.columns), ("mostly", shortest(check.mostly)))
        case SumsEqualCheck():
            macro, arguments = "sums_equal", tuple(_sums(table, check))
    return DataTest(macro, arguments, f"{table.contract}__{check.name}", check.description, check.severity)


def _metric(table: TablePlan, check: MetricCheck) -> Iterator[tuple[str, Argument]]:
    yield "metric", check.metric
    if check.columns:
        yield "columns", check.columns
    yield "unit", check.unit
    yield "operator", check.operator
    yield "operands", tuple(map(shortest, check.operands))
    for key, values in check.arguments:
        yield _ARGUMENTS[key], values
        data_type = _type_of(table, check.columns[0])
        if data_type != "string":
            yield "data_type", data_type


def _type_of(table: TablePlan, name: str) -> str:
    return next(column.data_type for column in table.columns if column.name == name)


def _sums(table: TablePlan, check: SumsEqualCheck) -> Iterator[tuple[str, Argument]]:
    for side_name, side in (("left", check.left), ("right", check.right)):
        yield side_name, _ref(table.contract, side.table)
        yield f"{side_name}_columns", side.columns
        yield f"{side_name}_by", side.by
    yield "tolerance", shortest(check.tolerance)
    yield "mostly", shortest(check.mostly)


def _ref(contract: str, table: str) -> str:
    return f"ref('stg_{contract}__{table}')"

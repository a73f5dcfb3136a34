"""The validation summary: what went in and came out of each table, beside what the audit counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from loaders.errors import LandingMismatch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loaders.outputs.model import Relation, TableEntry, TablePlan
    from loaders.outputs.source import Source

_ACCOUNTING: Final = "file_accounting"


@dataclass(frozen=True, slots=True)
class Audit:
    """The audit's figures of one contract table: rows staged and rejected, lines too short, too long and empty."""

    staged: int
    rejected: int
    short: int
    long: int
    empty: int


@dataclass(frozen=True, slots=True)
class Figures:
    """One table's line of the summary. `read` is what the warehouse holds, `written` what the destination holds now,
    `anew` how much of that this run wrote. `audit` is None for what no contract table stands behind."""

    table: str
    read: int
    written: int
    anew: int
    parts: int
    bytes: int
    audit: Audit | None


def read_audit(source: Source, relations: Sequence[Relation]) -> dict[tuple[str, str], Audit]:
    """The audit's figures by (contract, table), read in the run's own snapshot; none where dbt built no audit."""
    view = next((each for each in source.relations() if each.name == _ACCOUNTING), None)
    wanted = {(each.contract, each.table) for each in relations if each.contract is not None}
    if view is None or not wanted:
        return {}
    files = source.query(
        "select contract, table_name, sum(staged_rows), sum(rejected_rows), sum(blank_lines) "
        f"from {source.name_of(view)} group by contract, table_name"
    )
    malformed = source.query(
        "select ledger.contract, ledger.table_name, malformed.kind, count(*) "
        f"from {source.landing_schema}.malformed_rows as malformed "
        f"inner join {source.landing_schema}.ledger as ledger on malformed.file_id = ledger.file_id "
        "where ledger.state = 'landed' group by ledger.contract, ledger.table_name, malformed.kind"
    )
    kinds = {(contract, table, kind): _number(count) for contract, table, kind, count in malformed}
    return {
        (str(contract), str(table)): Audit(
            staged=_number(staged),
            rejected=_number(rejected),
            short=kinds.get((contract, table, "short"), 0),
            long=kinds.get((contract, table, "long"), 0),
            empty=_number(blank),
        )
        for contract, table, staged, rejected, blank in files
        if (contract, table) in wanted
    }


def audit_of(relation: Relation, audits: dict[tuple[str, str], Audit]) -> Audit | None:
    """The figures of the contract table behind a relation."""
    if relation.contract is None or relation.table is None:
        return None
    return audits.get((relation.contract, relation.table))


def refuse_disagreement(plans: Sequence[TablePlan], audits: dict[tuple[str, str], Audit]) -> None:
    """Raises LandingMismatch where a staging table holds another number of rows than the audit counts."""
    for plan in plans:
        audit = audit_of(plan.relation, audits)
        if plan.relation.kind == "staging" and audit is not None and audit.staged != plan.rows:
            raise LandingMismatch(
                f"{plan.name} holds {plan.rows:,} rows where the audit counts {audit.staged:,}",
                hint="run `dbt build`: files were replaced or deleted since the last one",
            )


def figures(plan: TablePlan, entry: TableEntry, audit: Audit | None) -> Figures:
    """The summary's line of a table that was materialised."""
    return Figures(
        table=plan.name,
        read=plan.rows,
        written=entry.rows,
        anew=plan.rows_to_write,
        parts=len({part.path for part in entry.parts}),
        bytes=sum({part.path: part.bytes for part in entry.parts}.values()),
        audit=audit,
    )


def _number(value: object) -> int:
    return int(str(value or 0))

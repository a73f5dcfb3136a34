"""The plan of a table: what is new against the manifest, and the copy that brings scattered partitions together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from loaders.outputs.model import PartitionEntry, TableEntry, TablePlan
from loaders.outputs.session import SPOOL
from loaders.outputs.survey import bucket_expression, survey
from loaders.warehouses.parsing import quote_identifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loaders.outputs.model import Partition, Partitioning, Relation
    from loaders.outputs.session import Cursor

# Reading a partition means reading the stored rows between its first and its last. When that adds up to more than this
# many times the rows wanted, sorting them once is cheaper (measured: a sort costs as much as some twenty readings).
_SCATTERED: Final = 20
# Below this many rows too much read, nothing is worth sorting.
_FEW: Final = 1_000_000


def plan_table(
    relation: Relation,
    source: str,
    partitions: tuple[Partition, ...],
    partitioning: Partitioning | None,
    settings: str,
    before: TableEntry | None,
) -> TablePlan:
    """What has to be written so that a destination that holds `before` holds these partitions. Writes nothing."""
    known = {} if before is None else {each.key: each for each in before.partitions}
    same = before is not None and before.settings == settings
    kept = tuple(
        known[each.key]
        for each in partitions
        if same and each.key in known and known[each.key].fingerprint == each.fingerprint
    )
    kept_keys = {each.key for each in kept}
    keys = {each.key for each in partitions}
    return TablePlan(
        relation=relation,
        source=source,
        partitions=partitions,
        partitioning=partitioning,
        settings=settings,
        before=before,
        kept=kept,
        todo=tuple(each for each in partitions if each.key not in kept_keys),
        gone=tuple(key for key in known if key not in keys),
    )


def table_entry(plan: TablePlan, output: str, written: Sequence[PartitionEntry]) -> TableEntry:
    """The table as the manifest will list it, its partitions in the plan's order."""
    by_key = {each.key: each for each in (*plan.kept, *written)}
    return TableEntry(
        name=plan.name,
        output=output,
        settings=plan.settings,
        columns=plan.relation.columns,
        partitioning=plan.partitioning,
        partitions=tuple(by_key[each.key] for each in plan.partitions),
        schema=plan.relation.schema,
    )


def is_scattered(plan: TablePlan) -> bool:
    """Whether reading partition by partition would read the table many times over."""
    span = sum(each.last_row - each.first_row + 1 for each in plan.todo)
    return plan.partitioning is not None and span > _SCATTERED * plan.rows_to_write + _FEW


def gather(cursor: Cursor, plan: TablePlan) -> TablePlan:
    """The plan on a copy of the rows to write in which each partition stands together, in the order it had.

    Writes to memory and, past its limit, to the spill folder.
    """
    if plan.partitioning is None:
        return plan
    target = spool_name(plan.relation)
    cursor.rows(
        f"create or replace table {target} as select * from {plan.source} {rows_of(plan, plan.todo)} "
        f"order by {bucket_expression(plan.partitioning)}, rowid"
    )
    places = {each.key: each for each in survey(cursor, target, plan.relation, plan.partitioning)}
    todo = tuple(
        replace(each, first_row=places[each.key].first_row, last_row=places[each.key].last_row) for each in plan.todo
    )
    return replace(plan, source=target, todo=todo)


def rows_of(plan: TablePlan, partitions: Sequence[Partition]) -> str:
    """The WHERE clause that takes the rows of `partitions` from the plan's source; empty where those are all."""
    if len(partitions) == len(plan.partitions):
        return ""
    return f"where {' or '.join(f'({each.predicate})' for each in partitions)}"


def spool_name(relation: Relation) -> str:
    """The quoted name of a relation's copy."""
    return f"{SPOOL}.{quote_identifier(f'{relation.schema}.{relation.name}')}"

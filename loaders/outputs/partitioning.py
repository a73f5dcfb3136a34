"""Which column a dataset is partitioned by: as asked, else as the contract says, else its first date by month."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, get_args

from loaders.errors import UsageError
from loaders.outputs.model import Granularity, Partitioning

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loaders.contracts.model import Contract
    from loaders.outputs.model import Relation

_NESTED: Final = ("[]", "STRUCT", "MAP", "UNION", "BLOB")


def choose(relation: Relation, asked: str | None, contracts: Sequence[Contract]) -> Partitioning | None:
    """The partitioning of a relation's dataset; None leaves it in one folder. Raises UsageError for an unfit one."""
    if asked == "none":
        return None
    if asked is not None:
        return _asked(relation, asked)
    by_contract = _of_contract(relation, contracts)
    if by_contract is not None:
        return by_contract
    own = [column for column in relation.columns if not column.name.startswith("_")]
    dates = [column for column in own if column.type == "DATE"]
    dates += [column for column in own if column.type.startswith("TIMESTAMP")]
    return Partitioning(dates[0].name, "month") if dates else None


def _asked(relation: Relation, asked: str) -> Partitioning:
    name, _, wanted = asked.rpartition(":")
    if wanted not in _granularities():
        name, wanted = asked, ""
    column = next((each for each in relation.columns if each.name == name), None)
    if column is None:
        raise UsageError(
            f"{relation.name} has no column {name!r} to partition by",
            hint=f"use one of: {', '.join(each.name for each in relation.columns)}; or none",
        )
    is_time = column.type == "DATE" or column.type.startswith("TIMESTAMP")
    if any(word in column.type for word in _NESTED) or (not is_time and wanted not in ("", "value")):
        raise UsageError(
            f"{relation.name}.{name} ({column.type}) cannot be partitioned by {wanted or 'value'}",
            hint="day, month and year are for dates; value is for texts and numbers",
        )
    if len(relation.columns) == 1 and wanted in ("", "value") and not is_time:
        raise UsageError(
            f"{relation.name} has no other column than {name}, and that would name the folders",
            hint="leave it in one folder with --partition none",
        )
    granularity = next((each for each in _granularities() if each == wanted), "month" if is_time else "value")
    return Partitioning(name, granularity)


def _of_contract(relation: Relation, contracts: Sequence[Contract]) -> Partitioning | None:
    for contract in contracts:
        if contract.name != relation.contract or relation.table is None:
            continue
        partition = contract.table(relation.table).partition
        if partition is not None and relation.kind == "staging":
            return Partitioning(partition.column, partition.granularity)
    return None


def _granularities() -> tuple[Granularity, ...]:
    return get_args(Granularity)

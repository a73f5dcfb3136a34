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
        _refuse_hidden(relation, by_contract)
        return by_contract
    own = [column for column in relation.columns if not column.name.startswith("_")]
    dates = [column for column in own if column.type == "DATE"]
    dates += [column for column in own if column.type.startswith("TIMESTAMP")]
    by_month = [Partitioning(each.name, "month") for each in dates]
    return next((each for each in by_month if _hidden(relation, each) is None), None)


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
    granularity = next((each for each in _granularities() if each == wanted), "month" if is_time else "value")
    if len(relation.columns) == 1 and granularity == "value":
        raise UsageError(
            f"{relation.name} has no other column than {name}, and that would name the folders",
            hint="leave it in one folder with --partition none",
        )
    partitioning = Partitioning(name, granularity)
    _refuse_hidden(relation, partitioning)
    return partitioning


def _hidden(relation: Relation, partitioning: Partitioning) -> str | None:
    """The column that the folders' name would hide from readers."""
    key = partitioning.key.lower()
    others = (each.name for each in relation.columns if each.name != partitioning.column)
    return next((name for name in others if name.lower() == key), None)


def _refuse_hidden(relation: Relation, partitioning: Partitioning) -> None:
    hidden = _hidden(relation, partitioning)
    if hidden is not None:
        raise UsageError(
            f"{relation.name} has a column {hidden}, which readers would take from the names of the folders",
            hint="partition by another column or granularity, or give that column another name in the model",
        )


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

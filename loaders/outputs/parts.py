"""Cutting partitions into parts: which rows each file holds, as SQL, and what the file is called.

A part is a run of rows in storage order, so DuckDB reads only their blocks, and the same part of an unchanged table
always holds the same rows; in the same order only where that is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import quote

from loaders.outputs.model import Part, Partition, TablePlan

if TYPE_CHECKING:
    from loaders.outputs.session import Cursor


@dataclass(frozen=True, slots=True)
class Naming:
    """How a format cuts and names its files. Without `several`, a table is one file of a fixed name."""

    suffix: str
    several: bool
    rows_per_file: int | None = None


def cut(cursor: Cursor, plan: TablePlan, partition: Partition, columns: str, naming: Naming) -> list[Part]:
    """The parts of a partition, in order. `columns` is the SELECT list of the files."""
    conditions = []
    if plan.partitioning is not None and not partition.contiguous:
        conditions.append(partition.predicate)
    parts = []
    for ordinal, (first, last, rows) in enumerate(_ranges(cursor, plan, partition, conditions, naming.rows_per_file)):
        where = " and ".join([f"rowid between {first} and {last}", *conditions])
        select = f"select {columns} from {plan.source} where {where}"
        parts.append(Part(part_path(plan, partition, ordinal, naming), partition.key, rows, select))
    return parts


def _ranges(
    cursor: Cursor, plan: TablePlan, partition: Partition, conditions: list[str], size: int | None
) -> list[tuple[int, int, int]]:
    """First row, last row and number of rows of each part of a partition."""
    first, last = partition.first_row, partition.last_row
    if size is None or partition.rows <= size:
        return [(first, last, partition.rows)]
    if partition.contiguous:
        starts = range(first, last + 1, size)
        return [(start, min(start + size - 1, last), min(size, last - start + 1)) for start in starts]
    where = " and ".join([f"rowid between {first} and {last}", *conditions])
    found = cursor.rows(
        f"""
select min(row_id), max(row_id), count(*)
from (select rowid as row_id, (row_number() over () - 1) // {size} as ordinal from {plan.source} where {where})
group by ordinal
order by ordinal"""
    )
    return [(int(start), int(end), int(rows)) for start, end, rows in found]


def part_path(plan: TablePlan, partition: Partition, ordinal: int, naming: Naming) -> str:
    """A part's path below the destination: a function of what is in it, so that a retry replaces itself."""
    if not naming.several:
        return fixed_path(plan.name, naming)
    content = sha256(f"{plan.settings}/{partition.key}/{partition.fingerprint}".encode()).hexdigest()[:10]
    folder = "" if plan.partitioning is None else f"{plan.partitioning.folder(partition.key)}/"
    return f"{table_folder(plan.name)}{folder}part-{ordinal:05d}-{content}{naming.suffix}"


def fixed_path(name: str, naming: Naming) -> str:
    """The path of a table that is one file."""
    return f"{quote(name, safe='')}{naming.suffix}"


def table_folder(name: str) -> str:
    """Where a table's files are, below the destination; ends in `/`."""
    return f"{quote(name, safe='')}/"

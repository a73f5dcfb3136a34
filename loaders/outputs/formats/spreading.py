"""Scattered partitions written in one pass over the table: each row goes to its partition's file as it is met.

Sorting the rows first costs as much as writing them three times. The rows of such a file are in no order, and a pass
that is stopped begins again: no file is whole before its end.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from loaders.outputs.destinations.base import WRITING
from loaders.outputs.formats.row_groups import VECTOR
from loaders.outputs.model import NULL_VALUE
from loaders.outputs.plan import rows_of
from loaders.outputs.session import duckdb_memory
from loaders.outputs.survey import bucket_expression
from loaders.warehouses.parsing import literal

if TYPE_CHECKING:
    from loaders.outputs.model import Partition, TablePlan

# DuckDB closes files to open others past 100, and begins a second file of a partition then.
_MOST_FILES: Final = 64
# Smaller row groups would make readers slow: rows are sorted then, so that groups can be large.
_FEWEST_ROWS: Final = 4 * VECTOR
_MOST_ROWS: Final = 15 * VECTOR
_MEMORY_SHARE: Final = 3 / 4
_BUCKET: Final = "_landfall_bucket"


def rows_held_apart(plan: TablePlan, rows_per_file: int | None, memory_bytes: int) -> int | None:
    """How many rows the row groups of one pass have, one of which is held per partition; None: the rows are sorted.

    A pass writes one file per partition, named by its bucket, so that those must be few, no larger than asked for, and
    of dates: texts are changed to name a folder.
    """
    if plan.partitioning is None or plan.partitioning.granularity == "value" or not plan.todo:
        return None
    if len(plan.todo) > _MOST_FILES or max(each.rows for each in plan.todo) > (rows_per_file or plan.rows):
        return None
    rows = min(_MOST_ROWS, int(duckdb_memory(memory_bytes) * _MEMORY_SHARE) // (plan.row_bytes * len(plan.todo)))
    return rows // VECTOR * VECTOR if rows >= _FEWEST_ROWS else None


def copy_apart(plan: TablePlan, partitions: Sequence[Partition], columns: str, folder: Path, options: str) -> str:
    """The COPY that writes the rows of `partitions` into a file each, below `folder`, which must not be there."""
    if plan.partitioning is None:
        raise ValueError("a table without partitions is not spread")
    source = f"{plan.source} {rows_of(plan, partitions)}"
    select = f"select {columns}, {bucket_expression(plan.partitioning)} as {_BUCKET} from {source}"
    return (
        f"copy ({select}) to {literal(str(folder))} "
        f"({options}, partition_by ({_BUCKET}), filename_pattern 'part', file_extension '{WRITING.lstrip('.')}')"
    )


def file_of(folder: Path, partition: Partition) -> Path:
    """Where `copy_apart` puts a partition's rows."""
    return folder / f"{_BUCKET}={NULL_VALUE if partition.bucket is None else partition.bucket}" / f"part0{WRITING}"

"""Parquet: one file a table, or several with --rows-per-file; zstd."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from loaders.errors import OutputMismatch
from loaders.outputs.formats.files import FileWriter
from loaders.warehouses.parsing import quote_identifier

if TYPE_CHECKING:
    from pathlib import Path

    from loaders.outputs.formats.base import Setting
    from loaders.outputs.model import Column, Partitioning, Relation


# Types within a type's name, but for what stands in quotes: fields of a struct and values of an enum.
_INEXACT: Final = re.compile(
    r"""("(?:[^"]|"")*"|'(?:[^']|'')*')|\b(U?HUGEINT|INTERVAL|TIME WITH TIME ZONE)(?=\s*(?:[,)\[]|$))"""
)
_EXACT_TYPES: Final = {"HUGEINT": "DECIMAL(38,0)", "UHUGEINT": "DECIMAL(38,0)"}


class ParquetEncoding:
    suffix = ".parquet"

    def __init__(self, partitioned: bool) -> None:
        self.partitioned = partitioned

    def options(self, rows_per_group: int) -> str:
        return parquet_options(rows_per_group)

    def columns(self, relation: Relation, partitioning: Partitioning | None) -> str:
        """All columns; without the one whose value is the folder's name, as every reader expects."""
        left_out = partitioning.column if partitioning is not None and partitioning.granularity == "value" else None
        return ", ".join(_exact(each) for each in relation.columns if each.name != left_out)

    def check(self, path: Path, rows: int) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            found = pq.read_metadata(path).num_rows
        except pa.ArrowException as error:
            raise OutputMismatch(f"{path}: its footer cannot be read ({error})", hint="run again") from error
        if found != rows:
            raise OutputMismatch(f"{path} holds {found:,} rows where {rows:,} were written", hint="run again")


def parquet_options(rows_per_group: int) -> str:
    """Options of DuckDB's COPY."""
    return f"format parquet, compression zstd, row_group_size {rows_per_group}"


def exact_type(kind: str) -> str | None:
    """The type to cast to where Parquet would not hold every value of DuckDB's type `kind`; None where it does.

    DuckDB writes 128-bit integers (sums of integers are) as doubles, intervals in milliseconds, and times without their
    offset. A number of more than 38 digits then fails the run instead of losing digits; the others become texts.
    """
    exact = _INEXACT.sub(lambda found: found[1] or _EXACT_TYPES.get(found[2], "VARCHAR"), kind)
    return exact if exact != kind else None


def _exact(column: Column) -> str:
    name = quote_identifier(column.name)
    exact = exact_type(column.type)
    return name if exact is None else f"cast({name} as {exact}) as {name}"


def open_writer(setting: Setting) -> FileWriter:
    """Tables as Parquet files."""
    return FileWriter(setting, ParquetEncoding(partitioned=False))

"""DuckDB's types in Postgres: which type a column gets, and how its values are written so that COPY takes them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from loaders.outputs.sinks.base import exact_or_text
from loaders.warehouses.parsing import quote_identifier

if TYPE_CHECKING:
    from pathlib import Path

    import psycopg

    from loaders.outputs.model import Column

_TYPES: Final = {
    "BIGINT": "bigint",
    "INTEGER": "integer",
    "SMALLINT": "smallint",
    "TINYINT": "smallint",
    "UINTEGER": "bigint",
    "USMALLINT": "integer",
    "UTINYINT": "smallint",
    "UBIGINT": "numeric(20, 0)",
    "HUGEINT": "numeric(39, 0)",
    "UHUGEINT": "numeric(39, 0)",
    "DOUBLE": "double precision",
    "FLOAT": "real",
    "BOOLEAN": "boolean",
    "BLOB": "bytea",
    "DATE": "date",
    "TIME": "time",
    "TIME WITH TIME ZONE": "time with time zone",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP_S": "timestamp",
    "TIMESTAMP_MS": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "timestamp with time zone",
    "UUID": "uuid",
}
_DECIMAL: Final = re.compile(r"DECIMAL\((\d+),(\d+)\)")
_MOMENTS: Final = ("DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP WITH TIME ZONE")
# Of what a chunk holds as it is, every value must come out of its Arrow type as CSV that COPY reads.
_EXACT: Final = re.compile(r"U?(TINYINT|SMALLINT|INTEGER|BIGINT)|DECIMAL\(\d+,\d+\)|DOUBLE|FLOAT|BOOLEAN|VARCHAR")
_BATCH: Final = 50_000
_PLACE: Final = re.compile(r"column (.*?)(: \".*|$)", re.DOTALL)


def column_type(column: Column) -> str:
    """The type a column gets; text for what Postgres has no type for."""
    decimal = _DECIMAL.fullmatch(column.type)
    if decimal:
        return f"numeric({decimal[1]}, {decimal[2]})"
    return _TYPES.get(column.type, "text")


def travels_as(column: Column) -> str:
    """The column as it stands in a chunk, an item of SELECT: as it is, or as the text that Postgres reads it from."""
    name = quote_identifier(column.name)
    if column.type == "BLOB":
        return rf"'\x' || hex({name}) as {name}"
    if column.type in _MOMENTS:
        # Arrow's dates know neither infinity nor years before Christ as Postgres writes them: at the very end.
        text = f"cast({name} as varchar)"
        return f"if(contains({text}, ' (BC)'), replace({text}, ' (BC)', '') || ' BC', {text}) as {name}"
    return exact_or_text(column, _EXACT)


def csv_blocks(file: Path) -> Iterator[bytes]:
    """A Parquet file as CSV blocks: every value quoted, so that only NULL is bare."""
    import pyarrow as pa
    import pyarrow.csv as pc
    import pyarrow.parquet as pq

    options = pc.WriteOptions(include_header=False, quoting_style="all_valid")
    with pq.ParquetFile(file) as parquet:
        for batch in parquet.iter_batches(_BATCH):
            block = pa.BufferOutputStream()
            pc.write_csv(batch, block, options)
            yield block.getvalue().to_pybytes()


def what_is_wrong(error: psycopg.Error, file: Path) -> str:
    """One line on a value that COPY did not take: the column, the value where the server says it, and why."""
    why = error.diag.message_primary or type(error).__name__
    place = _PLACE.search(error.diag.context or "")
    if place is not None:
        return " ".join(f"column {place[1]}{place[2]}: {why}".split())
    # It reads whole lines before it parts them, so of a character it has none of it knows no column.
    column = _column_with_zero(file)
    return why if column is None else f"column {column} has a text with the character of code 0"


def _column_with_zero(file: Path) -> str | None:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    with pq.ParquetFile(file) as parquet:
        for batch in parquet.iter_batches(_BATCH):
            for name, values in zip(batch.schema.names, batch.columns, strict=True):
                if pa.types.is_string(values.type) and pc.any(pc.match_substring(values, "\0")).as_py():
                    return str(name)
    return None

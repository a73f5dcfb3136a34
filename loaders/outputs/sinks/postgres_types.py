"""DuckDB's types in Postgres: which type a column gets, and how its values are written so that COPY takes them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from loaders.outputs.sinks.base import exact_or_text
from loaders.warehouses.parsing import quote_identifier

if TYPE_CHECKING:
    from pathlib import Path

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

"""Rows of a driver as Arrow batches."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import chain
from typing import Any, Final

import pyarrow as pa

OPEN_DECIMAL: Final = {b"landfall": b"decimal of open scale"}
"""Metadata of a text field whose values are numbers, of however many digits each."""


def batches(
    columns: Sequence[tuple[str, pa.DataType] | pa.Field], blocks: Iterable[Sequence[Sequence[Any]]]
) -> Iterator[pa.RecordBatch]:
    """One batch per block of rows; a value of another type than its column's is given as text where that is text.

    Where there is no block, one batch without rows tells the columns.
    """
    schema = pa.schema(columns)
    following = iter(blocks)
    for rows in chain([next(following, ())], following):
        arrays = [_array([row[number] for row in rows], kind) for number, kind in enumerate(schema.types)]
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def scalar(value: int | str | bytes) -> pa.Scalar:
    """An int64, a string or binary. `pa.scalar` would import pandas first, where that is, and so take a second."""
    if isinstance(value, int):
        buffers, kind = [None, pa.py_buffer(struct.pack("q", value))], pa.int64()
    else:
        data = value.encode() if isinstance(value, str) else value
        buffers = [None, pa.py_buffer(struct.pack("ii", 0, len(data))), pa.py_buffer(data)]
        kind = pa.string() if isinstance(value, str) else pa.binary()
    return pa.Array.from_buffers(kind, 1, buffers)[0]


def nothing(schema: pa.Schema) -> pa.RecordBatch:
    """A batch without rows."""
    return pa.RecordBatch.from_pylist([], schema=schema)


def wide_decimals_as_text(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch with decimals that only 256 bits hold, which DuckDB does not read, as text marked OPEN_DECIMAL."""
    fields, columns = [], []
    for field, column in zip(batch.schema, batch.columns, strict=True):
        is_wide = pa.types.is_decimal256(field.type)
        fields.append(pa.field(field.name, pa.string(), metadata=OPEN_DECIMAL) if is_wide else field)
        columns.append(pa.array(map(_plain, column.to_pylist()), pa.string()) if is_wide else column)
    return pa.RecordBatch.from_arrays(columns, schema=pa.schema(fields))


def _plain(value: Decimal | None) -> str | None:
    """A decimal's digits, without the zeros that its type puts behind them."""
    if value is None:
        return None
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _array(values: list[Any], kind: pa.DataType) -> pa.Array:
    if pa.types.is_string(kind):
        values = [value if value is None or isinstance(value, str) else _text(value) for value in values]
    return pa.array(values, kind)


def _text(value: object) -> str:
    # Python would write a small decimal with an exponent.
    return format(value, "f") if isinstance(value, Decimal) else str(value)

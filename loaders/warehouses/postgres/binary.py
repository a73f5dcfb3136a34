"""Rows as Postgres's binary COPY takes them, put together from Arrow's buffers without looking at any value.

A row is its number of fields and then, for each, its length and its bytes, numbers in network order. Beside the text
formats this spares the server the search for delimiters and quotes, and us the escaping.
"""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from loaders.warehouses.arrow import scalar

_HEADER: Final = b"PGCOPY\n\xff\r\n\x00" + struct.pack(">ii", 0, 0)
_TRAILER: Final = struct.pack(">h", -1)
_LENGTH_OF_NULL: Final = scalar(-1).cast(pa.int32())
_EPOCH: Final = datetime(2000, 1, 1)  # noqa: DTZ001  # of a timestamp without zone
_CODES: Final = {4: "i", 8: "q"}


def copy_stream(batches: Iterable[pa.RecordBatch], constants: Sequence[str | datetime]) -> Iterator[bytes | memoryview]:
    """A COPY of the batches' columns and, behind them in every row, of the `constants`; a block per batch.

    Columns are text, or bigint without NULL; constants land as text or as timestamp without zone.
    """
    yield _HEADER
    suffix = b"".join(map(_field, constants))
    for batch in batches:
        if batch.num_rows:
            yield _rows(batch, len(constants), suffix)
    yield _TRAILER


def _rows(batch: pa.RecordBatch, constants: int, suffix: bytes) -> memoryview:
    pieces = [scalar(struct.pack(">h", batch.num_columns + constants))]
    for column in batch.columns:
        if pa.types.is_integer(column.type):
            pieces += [scalar(struct.pack(">i", 8)), _in_network_order(column, 8)]
        else:
            lengths = pc.fill_null(pc.binary_length(column), _LENGTH_OF_NULL)
            pieces += [_in_network_order(lengths, 4), column.cast(pa.binary())]
    joined = pc.binary_join_element_wise(
        *pieces, scalar(suffix), scalar(b""), null_handling="replace", null_replacement=b""
    )
    return memoryview(joined.buffers()[2])


def _in_network_order(numbers: pa.Array, width: int) -> pa.Array:
    """Each number as its bytes."""
    values = array(_CODES[width])
    values.frombytes(memoryview(numbers.buffers()[1])[numbers.offset * width : (numbers.offset + len(numbers)) * width])
    if sys.byteorder == "little":
        values.byteswap()
    fixed = pa.FixedSizeBinaryArray.from_buffers(pa.binary(width), len(numbers), [None, pa.py_buffer(values)])
    return fixed.cast(pa.binary())


def _field(value: str | datetime) -> bytes:
    if isinstance(value, datetime):
        return struct.pack(">iq", 8, (value - _EPOCH) // timedelta(microseconds=1))
    data = value.encode()
    return struct.pack(">i", len(data)) + data

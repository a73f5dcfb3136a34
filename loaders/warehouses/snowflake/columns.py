"""What the columns of a result are in Arrow: the same for every batch, and where there is no row.

The driver decides by a batch's values, and without any it takes decimals for integers and dates for moments.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
from snowflake.connector.constants import FIELD_ID_TO_NAME

if TYPE_CHECKING:
    from snowflake.connector.cursor import ResultMetadata

# An integer of Snowflake is number(38, 0), whatever it was declared as.
_DIGITS_OF_BIGINT: Final = 18
_MICROSECONDS: Final = {
    "DATE": pa.date32(),
    "TIME": pa.time64("us"),
    "TIMESTAMP_NTZ": pa.timestamp("us"),
    "TIMESTAMP_LTZ": pa.timestamp("us", "UTC"),
    "TIMESTAMP_TZ": pa.timestamp("us", "UTC"),
}

Query = Callable[[str], Sequence[Sequence[Any]]]


def types_of(description: Sequence[ResultMetadata], sql: str, query: Query) -> list[pa.DataType | None]:
    """Per column its type, None where the driver's own is always the same.

    Integers that may not fit 64 bits are asked for their least and greatest value by `query`, in one statement.
    """
    wide = [column.name for column in description if _is_wide_integer(column)]
    outside = _outside_64_bits(wide, sql, query) if wide else frozenset()
    return [_type(column, outside) for column in description]


def retyped(table: pa.Table, types: Sequence[pa.DataType | None]) -> pa.Table:
    """The table with these types. Raises ArrowInvalid where a value does not fit."""
    fields = [field if kind is None else field.with_type(kind) for field, kind in zip(table.schema, types, strict=True)]
    return table.cast(pa.schema(fields))


def _type(column: ResultMetadata, outside: frozenset[str]) -> pa.DataType | None:
    name = FIELD_ID_TO_NAME[column.type_code]
    if name != "FIXED":
        return _MICROSECONDS.get(name)
    if column.scale:
        return pa.decimal128(column.precision, column.scale)
    return pa.decimal128(38, 0) if column.name in outside else pa.int64()


def _is_wide_integer(column: ResultMetadata) -> bool:
    is_integer = FIELD_ID_TO_NAME[column.type_code] == "FIXED" and not column.scale
    return is_integer and column.precision > _DIGITS_OF_BIGINT


def _outside_64_bits(names: Sequence[str], sql: str, query: Query) -> frozenset[str]:
    quoted = ['"' + name.replace('"', '""') + '"' for name in names]
    asked = ", ".join(f"min({name}) < {-(2**63)} or max({name}) > {2**63 - 1}" for name in quoted)
    (found,) = query(f"select {asked} from ({sql})")
    return frozenset(name for name, is_outside in zip(names, found, strict=True) if is_outside)

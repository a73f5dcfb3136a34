"""The neutral type of a contract column: what generated files name. The engine's own name for it stands in one place,
the macro `engine_type`.
"""

from __future__ import annotations

from typing import Final

from loaders.contracts.model import Column

_SIGNED: Final = {8: "smallint", 16: "smallint", 32: "integer", 64: "bigint", 128: "decimal(38, 0)"}
_UNSIGNED: Final = {8: "smallint", 16: "integer", 32: "bigint", 64: "decimal(20, 0)", 128: "decimal(38, 0)"}


def data_type(column: Column) -> str:
    """`string`, `smallint`, `integer`, `bigint`, `decimal(p, s)`, `double`, `boolean`, `date`, `timestamp` or `time`.

    The type every value of the column fits: an unsigned integer has the next wider signed type.
    """
    if column.logical_type == "integer":
        return (_UNSIGNED if column.unsigned else _SIGNED)[column.integer_bits]
    if column.logical_type == "number":
        return "double" if column.precision is None else f"decimal({column.precision}, {column.scale or 0})"
    return column.logical_type

"""Types of a result of Snowflake's are its columns', not its values': on blocks as the service sends them."""

from __future__ import annotations

import io
from decimal import Decimal
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest

pytest.importorskip("snowflake.connector", reason="the Snowflake driver is not installed")

SQL = 'select * from "S"."T"'


def types_of(*arguments: Any) -> Any:
    return import_module("loaders.warehouses.snowflake.columns").types_of(*arguments)


def retyped(*arguments: Any) -> Any:
    return import_module("loaders.warehouses.snowflake.columns").retyped(*arguments)


def column(name: str, kind: str, precision: int | None = None, scale: int | None = None) -> Any:
    from snowflake.connector.constants import FIELD_NAME_TO_ID

    return SimpleNamespace(name=name, type_code=FIELD_NAME_TO_ID[kind], precision=precision, scale=scale)


def never(sql: str) -> Any:
    raise AssertionError(sql)


def block(values: list[int | None], precision: int, scale: int) -> pa.Table:
    """What the driver makes of a block of numbers, which the service sends as integers where they are small."""
    from snowflake.connector.arrow_context import ArrowConverterContext
    from snowflake.connector.nanoarrow_arrow_iterator import PyArrowTableIterator

    from loaders.warehouses.snowflake.settings import connection_settings

    facts = {"logicalType": "FIXED", "precision": str(precision), "scale": str(scale), "finalType": "T"}
    schema = pa.schema([pa.field("A", pa.int64(), metadata=facts)])
    sent = io.BytesIO()
    with pa.ipc.new_stream(sent, schema) as writer:
        writer.write_table(pa.table([pa.array(values, pa.int64())], schema=schema))
    as_decimals = connection_settings({})["arrow_number_to_decimal"]
    context = ArrowConverterContext({"TIMEZONE": "UTC"})
    cursor = SimpleNamespace()
    (table,) = PyArrowTableIterator(cursor, sent.getvalue(), context, False, False, as_decimals, True, True)
    return table


def test_decimals_are_exact_and_as_wide_as_declared() -> None:
    types = types_of([column("A", "FIXED", 18, 4)], SQL, never)
    table = retyped(block([123456789012345678, 1, None], 18, 4), types)
    assert table.schema.types == [pa.decimal128(18, 4)]
    assert table["A"].to_pylist() == [Decimal("12345678901234.5678"), Decimal("0.0001"), None]


@pytest.mark.parametrize(
    ("answer", "kind"), [(None, pa.int64()), (False, pa.int64()), (True, pa.decimal128(38, 0))], ids=str
)
def test_integers_have_64_bits_unless_a_value_of_the_whole_result_needs_more(
    answer: bool | None, kind: pa.DataType
) -> None:
    asked: list[str] = []

    def query(sql: str) -> list[tuple[bool | None]]:
        asked.append(sql)
        return [(answer,)]

    types = types_of([column("small", "FIXED", 9, 0), column('wi"de', "FIXED", 38, 0)], SQL, query)
    assert types == [pa.int64(), kind]
    bounds = 'min("wi""de") < -9223372036854775808 or max("wi""de") > 9223372036854775807'
    assert asked == [f"select {bounds} from ({SQL})"]
    assert retyped(block([7, None], 38, 0), types[1:]).schema.types == [kind]


def test_a_result_without_rows_has_the_types_of_one_with_rows() -> None:
    kinds = ("DATE", "TIME", "TIMESTAMP_NTZ", "TIMESTAMP_TZ", "TEXT", "REAL")
    types = types_of([column(kind, kind) for kind in kinds], SQL, never)
    # As the driver makes it up where there is no row.
    nothing = pa.schema(
        [
            *(("DATE", pa.date64()), ("TIME", pa.time64("ns")), ("TIMESTAMP_NTZ", pa.timestamp("ns"))),
            *(("TIMESTAMP_TZ", pa.timestamp("ns")), ("TEXT", pa.string()), ("REAL", pa.float64())),
        ]
    ).empty_table()
    assert [str(kind) for kind in retyped(nothing, types).schema.types] == [
        *("date32[day]", "time64[us]", "timestamp[us]", "timestamp[us, tz=UTC]", "string", "double")
    ]

"""What a source needs of an engine: a list of tables, and streams that tell their columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from loaders.outputs.model import Column
from loaders.outputs.session import Limits, Session
from loaders.outputs.source import CopiedSource
from loaders.warehouses.arrow import OPEN_DECIMAL, batches, wide_decimals_as_text
from loaders.warehouses.base import OpenOptions
from loaders.warehouses.profile import Target
from loaders.warehouses.registry import open_warehouse

SALES = pa.schema(
    [
        pa.field("ID", pa.int64()),
        pa.field("code", pa.string()),
        pa.field("AMOUNT", pa.string(), metadata=OPEN_DECIMAL),
        pa.field("at", pa.timestamp("us", tz="UTC")),
    ]
)


class OnlyStreams:
    """An engine that keeps in capitals what is written small, and has no schema of information."""

    def tables(self) -> list[tuple[str, str]]:
        return [("SHOP", "SALES"), ("shop", "Odd"), ("LANDING", "FILES"), ("INFORMATION_SCHEMA", "COLUMNS")]

    def quote(self, identifier: str) -> str:
        return f"`{identifier.upper() if identifier.islower() else identifier}`"

    def stream(self, sql: str) -> Iterator[pa.RecordBatch]:
        rows = {"select * from `SHOP`.`SALES`": [(2, "07", "1.50", None), (1, "08", "0.125", None)]}.get(sql, [])
        yield from batches(list(SALES), [rows] if rows else [])


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    session = Session.open(None, Limits(2**30, tmp_path))
    yield session
    session.close()


def source_of(warehouse: Any, session: Session) -> CopiedSource:
    return CopiedSource(session, warehouse, "landing")


def test_columns_come_from_the_stream_of_an_engine_without_a_schema_of_information(session: Session) -> None:
    source = source_of(OnlyStreams(), session)
    odd, sales = sorted(source.relations(), key=lambda each: each.name)
    assert [(each.schema, each.name) for each in (odd, sales)] == [("shop", "Odd"), ("shop", "sales")]
    cursor = session.cursor()
    ready, name = source.ready(cursor, sales)
    assert ready.columns == (
        Column("id", "BIGINT"),
        Column("code", "VARCHAR"),
        Column("amount", "DECIMAL(38,3)"),
        Column("at", "TIMESTAMP WITH TIME ZONE"),
    )
    assert [str(amount) for (amount,) in cursor.rows(f"select amount from {name}")] == ["0.125", "1.500"]
    empty, name = source.ready(cursor, odd)
    assert [each.type for each in empty.columns] == ["BIGINT", "VARCHAR", "VARCHAR", "TIMESTAMP WITH TIME ZONE"]
    assert cursor.rows(f"from {name}") == []


def test_a_staging_table_has_the_contracts_types_where_no_value_changes(session: Session) -> None:
    """As from an engine that has one type for integers, one for decimals and none for times of day."""
    kinds = {
        "small": pa.int64(),
        "amount": pa.decimal128(38, 9),
        "rounded": pa.decimal128(38, 9),
        "opens": pa.string(),
        "never": pa.string(),
        "nanoseconds": pa.string(),
        "huge": pa.int64(),
        "overflows": pa.int64(),
        "wide": pa.string(),
    }
    schema = pa.schema([pa.field(name, kind) for name, kind in kinds.items()])
    schema = schema.set(8, schema.field("wide").with_metadata(OPEN_DECIMAL))
    big = 2**63 - 1
    rows = [
        (7, Decimal("1.5"), Decimal("1.005"), "08:30:00", "25:00:00", "08:30:00.123456789", big, big, "0.5"),
        (None, None, None, None, None, None, None, None, "12345678901234567890"),
    ]

    class Wide(OnlyStreams):
        def stream(self, sql: str) -> Iterator[pa.RecordBatch]:
            assert sql == "select * from `SHOP`.`SALES`"
            yield from batches(list(schema), [rows])

    types = (
        ("small", "SMALLINT"),
        ("amount", "DECIMAL(12,2)"),
        ("rounded", "DECIMAL(12,2)"),
        ("opens", "TIME"),
        ("never", "TIME"),
        ("nanoseconds", "TIME"),
        ("huge", "DOUBLE"),
        ("overflows", "DECIMAL(38,30)"),
        ("wide", "DECIMAL(30,10)"),
    )
    source = source_of(Wide(), session)
    relation = replace(next(each for each in source.relations() if each.name == "sales"), types=types)
    ready, name = source.ready(session.cursor(), relation)
    assert {each.name: each.type for each in ready.columns} == {
        **dict(types),
        "rounded": "DECIMAL(38,9)",
        "never": "VARCHAR",
        "nanoseconds": "VARCHAR",
        "huge": "BIGINT",
        "overflows": "BIGINT",
    }
    assert session.cursor().rows(
        f"select amount::varchar, opens::varchar, wide::varchar from {name} where small = 7"
    ) == [("1.50", "08:30:00", "0.5000000000")]


def test_decimals_of_256_bits_come_as_text_without_an_exponent() -> None:
    values = [Decimal("1.50"), Decimal("-1e-20"), None, Decimal(10) ** 37, Decimal("0e-38")]
    batch = pa.RecordBatch.from_pydict(
        {"wide": pa.array(values, pa.decimal256(76, 38)), "narrow": pa.array(values[:1] * 5, pa.decimal128(4, 2))}
    )
    found = wide_decimals_as_text(batch)
    assert found["wide"].to_pylist() == ["1.5", "-0.00000000000000000001", None, "1" + "0" * 37, "0"]
    assert found.schema.field("wide").metadata == OPEN_DECIMAL
    assert found["narrow"].equals(batch["narrow"])


def test_a_duckdb_file_can_be_such_an_engine(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "file.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema shop")
        connection.execute("create table shop.sales as select 1 as id, 2.5::decimal(8, 3) as amount")
        connection.execute("create view shop.nothing as from shop.sales where false")
    target = Target("p", "dev", "duckdb", tmp_path, tmp_path / "profiles.yml", {"path": str(path)})
    warehouse = open_warehouse(target, OpenOptions(read_only=True))
    source = source_of(warehouse, session)
    relations = {each.name: each for each in source.relations() if each.schema == "shop"}
    assert relations.keys() == {"sales", "nothing"}
    columns = (Column("id", "INTEGER"), Column("amount", "DECIMAL(8,3)"))
    for name, count in (("sales", 1), ("nothing", 0)):
        ready, copied = source.ready(session.cursor(), relations[name])
        assert ready.columns == columns
        assert session.cursor().rows(f"select count(*) from {copied}") == [(count,)]
    warehouse.close()

"""Out of a warehouse that is not DuckDB: a real Postgres, its types, its empty tables, its open-ended numbers."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from loaders.jobs.run import run_job
from loaders.jobs.store import JobStore
from loaders.outputs.checkpoint import Checkpoint
from loaders.outputs.model import Request
from loaders.outputs.run import Outcome, Place, materialize
from loaders.warehouses.profile import Target
from tests.engines.base import Engine

TABLES = """
create schema shop;
create table shop.sales as
select
    i::bigint as id,
    ('=' || i)::varchar(20) as name,
    (i / 7.0)::numeric(12, 2) as amount,
    date '2024-01-01' + i as sold_on,
    timestamp(3) '2024-01-01 00:00:00.125' + i * interval '1 hour' as sold_at,
    timestamptz '2024-01-01 00:00:00+02' as seen_at,
    i % 2 = 0 as is_paid,
    '{"a": [1, 2]}'::jsonb as note,
    array[i, 2] as places,
    case when i % 10 = 0 then 'nan'::double precision else i end as score
from generate_series(1, 100) as i;
create table shop.nothing as select * from shop.sales where false;
create view shop.totals as
select
    date_trunc('month', sold_on)::date as month,
    sum(amount) as amount,
    avg(id) as mean,
    sum(id) as ids,
    0.00000001::numeric as little,
    case when max(id) > 90 then 'NaN'::numeric else 1.5 end as odd
from shop.sales group by 1
"""


@dataclass(frozen=True)
class Source:
    folder: Path
    settings: dict[str, Any]

    def run(self, format_name: Any, to: Path, *tables: str, **options: Any) -> Outcome:
        settings = {key: value for key, value in self.settings.items() if key != "type"}
        target = Target("p", "pg", "postgres", self.folder, self.folder / "profiles.yml", settings)
        place = Place(self.folder, target, (), self.folder / "checkpoints")
        store = JobStore.open("sqlite://")
        with run_job(store, "materialize", {}) as job:
            request = Request(tables, format_name, str(to), **options)
            return materialize(place, job, Checkpoint.new(place.checkpoint_dir, job.id, request))


@pytest.fixture(scope="module")
def sales(postgres: Engine) -> Engine:
    postgres.run("drop schema if exists shop cascade")
    postgres.run(TABLES)
    return postgres


@pytest.fixture
def source(sales: Engine, tmp_path: Path) -> Source:
    return Source(tmp_path, sales.profile())


def test_tables_are_partitioned_by_their_dates_and_keep_their_types(source: Source, tmp_path: Path) -> None:
    source.run("dataset", tmp_path / "out", "sales")
    data = ds.dataset(tmp_path / "out" / "sales", partitioning="hive")
    assert {name.rpartition("=")[2] for name in map(str, (tmp_path / "out" / "sales").iterdir())} == {
        *("2024-01", "2024-02", "2024-03", "2024-04")
    }
    assert {name: str(data.schema.field(name).type) for name in data.schema.names} == {
        "id": "int64",
        "name": "string",
        "amount": "decimal128(12, 2)",
        "sold_on": "date32[day]",
        "sold_at": "timestamp[us]",
        "seen_at": "timestamp[us, tz=UTC]",
        "is_paid": "bool",
        "note": "string",
        "places": "string",
        "score": "double",
        "sold_on_month": "string",
    }
    row = data.to_table(filter=ds.field("id") == 5).to_pylist()[0]
    assert str(row["amount"]) == "0.71"
    assert row["sold_at"].isoformat() == "2024-01-01T05:00:00.125000"
    assert row["seen_at"].isoformat() == "2023-12-31T22:00:00+00:00"
    # JSON and arrays as Postgres writes them.
    assert (row["note"], row["places"]) == ('{"a": [1, 2]}', "{5,2}")
    assert not source.run("dataset", tmp_path / "out", "sales").changed


def test_a_table_without_rows_keeps_its_types(source: Source, tmp_path: Path) -> None:
    source.run("parquet", tmp_path / "out", "sales", "nothing")
    empty, full = (pq.read_schema(tmp_path / "out" / f"{name}.parquet") for name in ("nothing", "sales"))
    assert list(zip(empty.names, empty.types, strict=True)) == list(zip(full.names, full.types, strict=True))
    assert pq.read_metadata(tmp_path / "out" / "nothing.parquet").num_rows == 0


def test_numbers_without_declared_digits_stay_exact(source: Source, sales: Engine, tmp_path: Path) -> None:
    source.run("parquet", tmp_path / "out", "totals")
    table = pq.read_table(tmp_path / "out" / "totals.parquet")
    kinds = {name: str(table.schema.field(name).type) for name in ("amount", "ids", "little", "odd")}
    assert kinds == {
        "amount": "decimal128(38, 2)",
        "ids": "decimal128(38, 0)",
        "little": "decimal128(38, 8)",
        # No decimal is NaN, so these stay as they are written.
        "odd": "string",
    }
    found = sorted((row["month"], row["amount"], row["mean"], row["little"]) for row in table.to_pylist())
    assert found == sales.rows("select month, amount, mean, little from shop.totals order by 1")
    assert sorted(table["odd"].to_pylist()) == ["1.5", "1.5", "1.5", "NaN"]


def test_csv_is_safe_and_sqlite_has_numbers(source: Source, tmp_path: Path) -> None:
    source.run("csv", tmp_path / "out", "sales", safe_csv=True)
    assert "\n1,'=1,0.14,2024-01-02," in (tmp_path / "out" / "sales.csv").read_text()
    source.run("sqlite", tmp_path / "shop.sqlite", "totals")
    with closing(sqlite3.connect(tmp_path / "shop.sqlite")) as connection:
        assert connection.execute("select sum(cast(ids as integer)) from totals").fetchone() == (5050,)

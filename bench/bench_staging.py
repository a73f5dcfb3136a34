"""Generated staging and rejects of a table against one statement that a person would write for staging alone.

Usage: python -m bench.bench_staging [--small] [--rows N] [--rounds N]

Both read the same landing table and take turns on one connection; the ratio is that of the medians. The one by hand
types the same columns with `try_cast`, cleans them the same way, keeps the rows that the same rules keep, and where
there is a key, keeps one row of each. It does not say what was wrong with the others, and lets `1e3` be an integer.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import duckdb

from loaders.contracts.model import Column, Contract, EnumValue, FileSet, LogicalType, Table
from loaders.contracts.rules import rules_of
from loaders.project.dbt import run_dbt
from loaders.project.generate import generated_files
from loaders.project.write import write

MOST_TIMES_BY_HAND = 1.3
REPOSITORY = Path(__file__).resolve().parents[1]
LANDING = """
    create table landing.bench__{table} as
    select
        case when i % 1000 = 7 then 'no id' else md5(i::varchar) end as order_id,
        md5((i % 400000)::varchar) as customer_id,
        case i % 8 when 0 then 'shipped' when 1 then ' canceled' when 2 then 'Delivered' else 'delivered' end as status,
        (i % 9 + 1)::varchar as quantity,
        case when i % 2000 = 11 then 'free' else printf('%d.%02d', i % 900, i % 97) end as price,
        case when i % 50 = 3 then '' else printf('%d.%02d', i % 40, i % 89) end as freight,
        printf('%05d', i * 7919 % 99999) as zip_prefix,
        strftime(timestamp '2017-01-01' + to_seconds(i * 13), '%Y-%m-%d %H:%M:%S') as purchased_at,
        case when i % 20 = 5 then ''
            else strftime(timestamp '2017-01-02' + to_seconds(i * 13), '%Y-%m-%d %H:%M:%S') end as approved_at,
        (i % 180 - 90 + 1.0 / (i % 7919 + 1))::varchar as latitude,
        repeat('ab12', 16) as _landed_file_id, i + 1 as _row_number, 'job' as _job_id,
        timestamp '2024-01-01 00:00:00' as _landed_at
    from range({rows}) as numbers (i)
"""
BY_HAND = """
    with typed as (
        select
            nullif(trim(order_id), '') as order_id,
            nullif(trim(customer_id), '') as customer_id,
            nullif(lower(trim(status)), '') as status,
            try_cast(nullif(trim(quantity), '') as bigint) as quantity,
            try_cast(nullif(trim(price), '') as decimal(10, 2)) as price,
            try_cast(nullif(trim(freight), '') as decimal(10, 2)) as freight,
            nullif(trim(zip_prefix), '') as zip_prefix,
            try_cast(nullif(trim(purchased_at), '') as timestamp) as purchased_at,
            try_cast(nullif(trim(approved_at), '') as timestamp) as approved_at,
            try_cast(nullif(trim(latitude), '') as double) as latitude,
            _landed_file_id, _row_number, _landed_at, '1.0.0' as _contract_version
        from landing.bench__{table}
        where _landed_file_id in (select file_id from landing.ledger where state = 'landed')
    )
    select * from typed
    where
        regexp_matches(order_id, '^[0-9a-f]{{32}}$')
        and regexp_matches(customer_id, '^[0-9a-f]{{32}}$')
        and status in ('shipped', 'canceled', 'delivered')
        and quantity >= 1
        and price >= 0
        and coalesce(freight >= 0, true)
        and regexp_matches(zip_prefix, '^[0-9]{{5}}$')
        and purchased_at >= timestamp '2016-01-01'
        and coalesce(approved_at >= timestamp '2016-01-01', true)
        and latitude between -90 and 90
"""
ONE_PER_KEY = " qualify row_number() over (partition by order_id order by _landed_file_id, _row_number) = 1"


@dataclass(frozen=True, slots=True)
class Timing:
    """Medians of one kind of work: seconds on the clock, and seconds of all processors."""

    clock: float
    processor: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", action="store_true", help="200,000 rows, one round")
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    rows, rounds = (200_000, 1) if asked.small else (asked.rows, asked.rounds)
    with tempfile.TemporaryDirectory(prefix="landfall-bench-") as folder:
        ratios = _measure(Path(folder), rows, rounds)
    return 0 if asked.small or max(ratios) <= MOST_TIMES_BY_HAND else 1


def _measure(folder: Path, rows: int, rounds: int) -> list[float]:
    contract = _contract()
    warehouse = folder / "bench.duckdb"
    with duckdb.connect(warehouse) as connection:
        _make_landing(connection, contract, rows)
    compiled = _compile(folder, contract, warehouse)
    rules = len(rules_of(contract.tables[0]))
    print(f"{rows:,} rows, 10 columns, {rules} rules, one in 667 rows rejected; medians of {rounds} rounds\n")
    print(
        "| table | by hand s | staging s | rejects s | ratio (clock) | ratio (processor) |\n|---|---|---|---|---|---|"
    )
    with duckdb.connect(warehouse) as connection:
        connection.execute("create schema if not exists staging; create schema if not exists rejects")
        return [_compare(connection, compiled, table.name, rounds) for table in contract.tables]


def _compare(connection: duckdb.DuckDBPyConnection, compiled: Path, table: str, rounds: int) -> float:
    name = f"bench__{table}"
    by_hand = BY_HAND.format(table=table) + (ONE_PER_KEY if table == "keyed" else "")
    staging = (compiled / f"staging/bench/stg_{name}.sql").read_text()
    rejects = (compiled / f"rejects/bench/rej_{name}.sql").read_text()
    work: list[Callable[[], object]] = [
        lambda: connection.execute(f"create or replace table by_hand as {by_hand}"),
        lambda: connection.execute(f"create or replace table staging.stg_{name} as {staging}"),
        lambda: connection.execute(f"create or replace table rejects.rej_{name} as {rejects}"),
    ]
    hand, stg, rej = _timings(work, rounds)
    _check_same(connection, name)
    clock = (stg.clock + rej.clock) / hand.clock
    processor = (stg.processor + rej.processor) / hand.processor
    print(
        f"| {table} | {hand.clock:.2f} | {stg.clock:.2f} | {rej.clock:.2f} | {clock:.2f} | {processor:.2f} |",
        flush=True,
    )
    return clock


def _timings(work: list[Callable[[], object]], rounds: int) -> list[Timing]:
    measured: list[list[tuple[float, float]]] = [[] for _ in work]
    for _ in range(rounds + 1):
        for kind, run in zip(measured, work, strict=True):
            clock, processor = time.perf_counter(), time.process_time()
            run()
            kind.append((time.perf_counter() - clock, time.process_time() - processor))
    # The first round warms up.
    return [Timing(*(statistics.median(values) for values in zip(*kind[1:], strict=True))) for kind in measured]


def _check_same(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Both ways keep the same rows with the same values, and every row is somewhere."""
    same = connection.execute(
        f"select count(*) from (select * exclude (_contract_version) from by_hand except"
        f" select * exclude (_contract_version) from (select order_id, customer_id, status, quantity, price, freight,"
        f" zip_prefix, purchased_at, approved_at, latitude, _landed_file_id, _row_number, _landed_at, _contract_version"
        f" from staging.stg_{name}))"
    ).fetchone()
    counts = connection.execute(
        f"select (select count(*) from landing.{name}) - (select count(*) from staging.stg_{name})"
        f" - (select count(distinct _row_number) from rejects.rej_{name})"
    ).fetchone()
    assert same == (0,), same
    assert counts == (0,), counts


def _make_landing(connection: duckdb.DuckDBPyConnection, contract: Contract, rows: int) -> None:
    connection.execute("create schema landing")
    connection.execute(
        "create table landing.ledger as select repeat('ab12', 16) as file_id, 'bench' as contract, 'landed' as state,"
        f" {rows}::bigint as landed_rows, null::date as file_date"
    )
    connection.execute("create table landing.malformed_rows (file_id varchar)")
    for table in contract.tables:
        connection.execute(LANDING.format(table=table.name, rows=rows))
    connection.execute("checkpoint")


def _compile(folder: Path, contract: Contract, warehouse: Path) -> Path:
    """Lays a project and compiles it; returns the folder of compiled models."""
    project = folder / "project"
    project.mkdir()
    shutil.copy(REPOSITORY / "dbt_project.yml", project)
    shutil.copytree(REPOSITORY / "profiles", project / "profiles")
    write(project, generated_files(project, [contract]))
    os.environ |= {"LANDFALL_DUCKDB_PATH": str(warehouse), "DBT_PROFILES_DIR": str(project / "profiles")}
    run_dbt(project, ["compile", "--exclude", "file_accounting"])
    return project / "target" / "compiled" / "landfall" / "models"


def _contract() -> Contract:
    rows = Table("plain", "Orders made up.", "one row per order", _columns(), FileSet(("*.csv",)))
    first = replace(rows.columns[0], primary_key_position=1)
    keyed = replace(rows, name="keyed", columns=(first, *rows.columns[1:]), primary_key=("order_id",))
    return Contract("bench", "bench", "1.0.0", "", "", (rows, keyed))


def _columns() -> tuple[Column, ...]:
    hexadecimal, moment = "^[0-9a-f]{32}$", ("yyyy-MM-dd HH:mm:ss",)
    return (
        _column("order_id", required=True, pattern=hexadecimal),
        _column("customer_id", required=True, pattern=hexadecimal),
        _column(
            "status",
            required=True,
            normalizers=("trim", "lower"),
            enum=tuple(map(EnumValue, ("shipped", "canceled", "delivered"))),
        ),
        _column("quantity", "integer", required=True, minimum=Decimal(1)),
        _column("price", "number", required=True, precision=10, scale=2, minimum=Decimal(0)),
        _column("freight", "number", precision=10, scale=2, minimum=Decimal(0)),
        _column("zip_prefix", required=True, pattern="^[0-9]{5}$"),
        _column("purchased_at", "timestamp", required=True, formats=moment, minimum="2016-01-01T00:00:00"),
        _column("approved_at", "timestamp", formats=moment, minimum="2016-01-01T00:00:00"),
        _column("latitude", "number", required=True, minimum=Decimal(-90), maximum=Decimal(90)),
    )


def _column(name: str, logical_type: LogicalType = "string", **options: object) -> Column:
    options = {"normalizers": ("trim",), **options}
    return Column(name, logical_type, f"The {name}.", name, **options)  # type: ignore[arg-type]  # fields of Column


if __name__ == "__main__":
    sys.exit(main())

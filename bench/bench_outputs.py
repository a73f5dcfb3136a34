"""Materialising against DuckDB's own COPY, against Python's executemany, peak memory, and how well time left is told.

Usage: python bench/bench_outputs.py [--small] [--rows N] [--memory-rows N] [--rounds N]

Baseline and materialise take turns, each in a process of its own, timed once it has imported what it needs; the ratio
is that of their medians. Materialise is the whole of it: job, survey, parts, SHA-256 of every file, fsync, manifest.
Seconds of the processors stand beside those of the clock, which other work on the machine disturbs.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

LEAST_OF_DUCKDB = 0.9
LEAST_OF_EXECUTEMANY = 5.0
MOST_MEMORY = 2**30
TABLE = "staging.stg_shop__orders"
ORDERS = f"""
create schema staging;
create table {TABLE} as
select
    i as order_id,
    md5((i * 7)::varchar) as customer_id,
    ['delivered', 'shipped', 'canceled', 'invoiced'][1 + (hash(i) % 4)::int] as order_status,
    'some text ' || (hash(i * 3) % 100000) as note,
    ((hash(i * 5) % 10000000) / 100)::decimal(12, 2) as amount,
    hash(i * 11) % 100 / 7.0::double as score,
    hash(i) % 2 = 0 as is_paid,
    date '2016-01-01' + (i * 1000 // {{rows}})::int as order_date,
    timestamp '2016-01-01' + to_seconds((hash(i * 13) % 86400000)::bigint) as ordered_at,
    sha256((i // 100000)::varchar) as _landed_file_id,
    i % 100000 as _row_number,
    timestamp '2026-01-01' as _landed_at,
    '1.0.0+abcdef12' as _contract_version
from range({{rows}}) as numbers (i)
"""
MAKE = """
import sys, duckdb
with duckdb.connect(sys.argv[1]) as connection:
    connection.execute("set enable_progress_bar = false")
    connection.execute(sys.argv[2])
"""
COPY = """
import json, sys, time, duckdb
start, cpu = time.monotonic(), time.process_time()
with duckdb.connect(sys.argv[1], read_only=True) as connection:
    # Its bar, which comes after two seconds, would stand among the figures.
    connection.execute("set enable_progress_bar = false")
    connection.execute(f"copy ({sys.argv[3]}) to '{sys.argv[2]}' ({sys.argv[4]})")
print(json.dumps({"seconds": time.monotonic() - start, "cpu": time.process_time() - cpu}))
"""
# What is written without a library: rows as Python objects, decimals and dates as text.
EXECUTEMANY = """
import json, sys, time, sqlite3, datetime, decimal, duckdb
start, cpu = time.monotonic(), time.process_time()
for kind in (decimal.Decimal, datetime.date, datetime.datetime):
    sqlite3.register_adapter(kind, str)
target = sqlite3.connect(sys.argv[2])
with duckdb.connect(sys.argv[1], read_only=True) as connection:
    connection.execute("set enable_progress_bar = false")
    rows = connection.execute(sys.argv[3])
    names = [each[0] for each in rows.description]
    target.execute(f"create table orders (order_id integer primary key, {', '.join(names[1:])})")
    insert = f"insert into orders values ({', '.join('?' * len(names))})"
    while batch := rows.fetchmany(50_000):
        target.executemany(insert, batch)
target.commit()
print(json.dumps({"seconds": time.monotonic() - start, "cpu": time.process_time() - cpu}))
"""
MATERIALIZE = """
import json, sys, time
from pathlib import Path
from loaders.contracts.model import Column, Contract, FileSet, Table
from loaders.jobs.run import new_job_id, run_job
from loaders.jobs.store import JobStore
from loaders.outputs.checkpoint import Checkpoint
from loaders.outputs.model import Request
from loaders.outputs.run import Place, materialize
from loaders.outputs.formats import csv, dataset, sqlite
from loaders.warehouses.profile import Target
import adbc_driver_sqlite.dbapi, pyarrow.parquet
database, to, options = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
folder = Path(database).parent
target = Target("bench", "duckdb", "duckdb", folder, folder / "profiles.yml", {"path": database})
# The contract the table is generated from: fingerprints of a staging table are sums over its lineage columns.
columns = (Column(name="order_id", logical_type="integer", description="", header="order_id"),)
orders = Table("orders", "", "one row per order", columns, FileSet(globs=("orders*.csv",)), primary_key=("order_id",))
contract = Contract("shop", "shop", "1.0.0", "shop.odcs.yaml", "", (orders,))
place = Place(folder, target, (contract,), folder / "checkpoints")
request = Request(("stg_shop__orders",), to=to, **options)
estimates, start, cpu = [], time.monotonic(), time.process_time()
def listen(event):
    if event.eta_seconds is not None:
        estimates.append((time.monotonic() - start, event.eta_seconds))
store = JobStore.open(folder / "state.sqlite")
with run_job(store, "materialize", {}, listen, new_job_id("materialize")) as job:
    materialize(place, job, Checkpoint.new(place.checkpoint_dir, job.id, request))
seconds, cpu = time.monotonic() - start, time.process_time() - cpu
print(json.dumps({"seconds": seconds, "cpu": cpu, "estimates": estimates}))
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One child: seconds from start to end, the most memory it held (bytes), and what it printed."""

    seconds: float
    memory: int
    output: str


@dataclass(frozen=True, slots=True)
class Race:
    """A baseline (script and its arguments after database and output) against a request."""

    name: str
    baseline: str
    arguments: tuple[str, ...]
    options: dict[str, object]
    least: float


def races() -> list[Race]:
    parquet = "format parquet, compression zstd"
    everything = f"from {TABLE}"
    by_month = f"select *, strftime({{}}, '%Y-%m') as month from {TABLE}"
    partitioned = f"{parquet}, partition_by (month)"
    return [
        Race("parquet", COPY, (everything, parquet), {"format": "parquet"}, LEAST_OF_DUCKDB),
        Race(
            "dataset by month, rows in order of it",
            COPY,
            (by_month.format("order_date"), partitioned),
            {"format": "dataset", "partition": "order_date"},
            LEAST_OF_DUCKDB,
        ),
        Race(
            "the same, against COPY into one file",
            COPY,
            (everything, parquet),
            {"format": "dataset", "partition": "order_date"},
            LEAST_OF_DUCKDB,
        ),
        Race(
            "dataset by month, rows in no order",
            COPY,
            (by_month.format("ordered_at"), partitioned),
            {"format": "dataset", "partition": "ordered_at"},
            LEAST_OF_DUCKDB,
        ),
        Race("csv", COPY, (everything, "format csv, header"), {"format": "csv"}, LEAST_OF_DUCKDB),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="500,000 rows: to try it out")
    parser.add_argument("--rows", type=int, help="rows of the races [default: 10,000,000]")
    parser.add_argument("--memory-rows", type=int, help="rows of the memory run [default: 50,000,000]")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    rows = asked.rows or (500_000 if asked.small else 10_000_000)
    many = asked.memory_rows or (1_000_000 if asked.small else 50_000_000)
    with tempfile.TemporaryDirectory(prefix="landfall-bench-") as name:
        folder = Path(name)
        missed = run_races(folder, rows, asked.rounds)
        missed += sqlite_race(folder, max(rows // 10, 100_000), asked.rounds)
        missed += memory_and_estimates(folder, many)
    print(*missed, sep="\n")
    return 1 if missed and not asked.small else 0


def run_races(folder: Path, rows: int, rounds: int) -> list[str]:
    """Prints the table of the formats; what missed its target."""
    database = make_database(folder / "races", rows)
    heading(f"{rows:,} rows, {rounds} rounds (medians)", "DuckDB's COPY", "COPY")
    return [missed for race in races() for missed in run_race(race, database, rounds)]


def sqlite_race(folder: Path, rows: int, rounds: int) -> list[str]:
    """Prints the table of SQLite; what missed its target."""
    database = make_database(folder / "sqlite", rows)
    print()
    heading(f"{rows:,} rows, {rounds} rounds (medians)", "executemany", "executemany")
    race = Race("sqlite", EXECUTEMANY, (f"from {TABLE}",), {"format": "sqlite"}, LEAST_OF_EXECUTEMANY)
    return run_race(race, database, rounds)


def heading(what: str, baseline: str, short: str) -> None:
    """Prints the head of a table of races."""
    columns = (what, f"{baseline}, s", "materialise, s", f"speed of {short}", "processors' seconds", "their ratio")
    print(f"| {' | '.join(columns)} |")
    print(f"|{'---|' * len(columns)}")


def run_race(race: Race, database: Path, rounds: int) -> list[str]:
    """Prints the race's line; what missed its target."""
    output = database.parent / "output"
    baselines, ours = [], []
    for _ in range(rounds):
        command = [sys.executable, "-c", race.baseline, str(database), str(output), *race.arguments]
        baselines.append(json.loads(run(command, output).output))
        command = [sys.executable, "-c", MATERIALIZE, str(database), str(output), json.dumps(race.options)]
        ours.append(json.loads(run(command, output).output))
    base, own = (statistics.median(each["seconds"] for each in runs) for runs in (baselines, ours))
    base_cpu, own_cpu = (statistics.median(each["cpu"] for each in runs) for runs in (baselines, ours))
    print(
        f"| {race.name} | {base:.2f} | {own:.2f} | {base / own:.2f} | {base_cpu:.2f}, {own_cpu:.2f} "
        f"| {base_cpu / own_cpu:.2f} |",
        flush=True,
    )
    if base / own < race.least:
        return [f"missed: {race.name} has {base / own:.2f} of the baseline's speed, {race.least} is the least"]
    return []


def memory_and_estimates(folder: Path, rows: int) -> list[str]:
    """Prints memory and the error of the estimates, of a first run and of one with history; what missed its target."""
    database = make_database(folder / "memory", rows)
    output = database.parent / "output"
    print(f"\n| {rows:,} rows | seconds | peak memory | error of the time left at 25 % / 50 % / 75 % / on average |")
    print("|---|---|---|---|")
    missed = []
    cases: list[tuple[str, dict[str, object]]] = [
        ("dataset, first run", {"format": "dataset", "partition": "order_date"}),
        ("dataset, with history", {"format": "dataset", "partition": "order_date"}),
        ("dataset, rows in no order", {"format": "dataset", "partition": "ordered_at"}),
        ("csv", {"format": "csv"}),
    ]
    for name, options in cases:
        done = run([sys.executable, "-c", MATERIALIZE, str(database), str(output), json.dumps(options)], output)
        errors = estimate_errors(json.loads(done.output.splitlines()[-1]))
        print(f"| {name} | {done.seconds:.1f} | {done.memory / 2**20:.0f} MiB | {errors} |", flush=True)
        if done.memory > MOST_MEMORY:
            missed.append(f"missed: {name} held {done.memory / 2**20:.0f} MiB, {MOST_MEMORY / 2**20:.0f} are the most")
    return missed


def estimate_errors(told: dict[str, object]) -> str:
    """How far the estimates of the end were off, as shares of the whole run."""
    total = float(str(told["seconds"]))
    estimates = told["estimates"]
    assert isinstance(estimates, list)
    errors = [(at / total, abs(at + left - total) / total) for at, left in estimates if at < 0.98 * total]
    if not errors:
        return "too short to tell"
    at_shares = [min(errors, key=lambda each: abs(each[0] - share))[1] for share in (0.25, 0.5, 0.75)]
    return " / ".join(f"{error:.0%}" for error in (*at_shares, statistics.mean(error for _, error in errors)))


def make_database(folder: Path, rows: int) -> Path:
    """A DuckDB file with orders in the order of their date; their timestamp is in no order."""
    folder.mkdir(parents=True)
    # In a process of its own: what this one holds when it starts a child counts as that child's peak memory.
    subprocess.run([sys.executable, "-c", MAKE, str(folder / "bench.duckdb"), ORDERS.format(rows=rows)], check=True)
    return folder / "bench.duckdb"


def run(command: list[str], output: Path) -> Run:
    """Runs a child to its end, measures it and removes what it wrote."""
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        said = child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - started
    if child.returncode:
        raise SystemExit(f"{command[3:]} ended with {child.returncode}")
    if output.is_dir():
        shutil.rmtree(output)
    output.unlink(missing_ok=True)
    return Run(seconds, usage.ru_maxrss * 1024, said)


if __name__ == "__main__":
    sys.exit(main())

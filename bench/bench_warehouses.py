"""Landing in Postgres against plain COPY of the same file, and the making of parts that other warehouses load.

Usage: python -m bench.bench_warehouses [--small] [--bytes N] [--rounds N]

Each run is a process of its own, after one that compiles the modules; the ratio is that of medians. Parts are made by
the whole of an ingest, into a warehouse that takes everything and keeps nothing: hash, one parse, row numbers, Parquet,
SHA-256 of each part.
Postgres runs without fsync, on a cluster of its own; without its server that half is left out. COPY of the landed rows
as a file stands beside, for what the lineage of each row costs the server.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path

from bench.measuring import Run, run
from bench.orders import COLUMNS, LOADERS, make_project, write_orders
from tests.engines.base import EngineAbsent
from tests.engines.postgres_engine import Postgres

LEAST_OF_COPY = 0.7
LEAST_BYTES_PER_SECOND = 100_000_000
MOST_MEMORY = 2**30
COPY = """
import sys, psycopg
with psycopg.connect(sys.argv[2]) as connection, open(sys.argv[1], "rb") as file:
    connection.execute(f"create table copied ({sys.argv[3]})")
    with connection.cursor().copy("copy copied from stdin (format csv, header true)") as copy:
        while block := file.read(2**20):
            copy.write(block)
"""
LINEAGE = ["_landed_file_id text", "_row_number bigint", "_job_id text", "_landed_at timestamp"]
WRITE_LANDED = """
import sys, psycopg
with psycopg.connect(sys.argv[2]) as connection, open(sys.argv[1], "wb") as file:
    with connection.cursor().copy("copy landing.bench__orders to stdout (format csv, header true)") as copy:
        for block in copy:
            file.write(block)
"""
MAKE_PARTS = """
import sys
from pathlib import Path
from loaders.contracts.read import read_contracts
from loaders.jobs.run import run_job
from loaders.jobs.store import JobStore
from loaders.landing.job import IngestRequest, ingest
from loaders.landing.limits import landing_settings, open_options
from loaders.warehouses.parsing import quote_identifier
from loaders.warehouses.staged.again import Again
from loaders.warehouses.staged.warehouse import StagedWarehouse
from loaders.warehouses.statements import Dialect

class Nowhere:
    leaves_unseen_rows = False
    dialect = Dialect(dict.fromkeys(("text", "bigint", "date", "timestamp"), "text"), quote_identifier, "landing")

    def rows(self, sql, parameters=()):
        return []

    def existing_columns(self):
        return {}

    def has_table(self, name):
        return False

    def load_tables(self, load):
        return []

    def reconnect(self):
        pass

    prepare = upload = settle = load = publish = clean = close = lambda self, *given: None

class Warehouse(StagedWarehouse):
    def _fill(self, load):
        print(sum(part.size_bytes for part in load.parts))

project, options = Path.cwd(), open_options(2**30, 0)
contracts = read_contracts(project / "contracts")
request = IngestRequest((project / "inbox",), contracts, project, landing_settings(2**30))
nowhere = Nowhere()
warehouse = Warehouse(nowhere, nowhere, Again(nowhere.reconnect, 0), options)
with run_job(JobStore.in_memory(), "ingest", {}) as job:
    result = ingest(request, warehouse, job)
warehouse.close()
assert result.rows > 0 and result.all_accepted, result
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="50 MB: to try it out")
    parser.add_argument("--bytes", type=int, help="size of the file [default: 5e8]")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    size = asked.bytes or (50_000_000 if asked.small else 500_000_000)
    with tempfile.TemporaryDirectory(prefix="landfall-bench-") as folder:
        missed = measure_parts(Path(folder), size, asked.rounds) + measure_postgres(Path(folder), size, asked.rounds)
    print(*missed, sep="\n")
    return 1 if missed and not asked.small else 0


def measure_parts(folder: Path, size: int, rounds: int) -> list[str]:
    """Prints how fast the parts of one file are made; what missed its target."""
    project = make_project(folder / "parts")
    file = project / "inbox" / "orders.csv"
    write_orders(file, 10_000)
    run([sys.executable, "-c", MAKE_PARTS], project)
    size = write_orders(file, size)
    runs = [run([sys.executable, "-c", MAKE_PARTS], project) for _ in range(rounds)]
    speed = size / statistics.median(each.seconds for each in runs)
    memory = max(each.memory for each in runs)
    print(f"| {size / 1e6:,.0f} MB of CSV, {rounds} rounds | MB/s of CSV | peak memory |")
    print("|---|---|---|")
    print(f"| parts of an ingest | {speed / 1e6:,.0f} | {memory / 2**20:,.0f} MiB |\n")
    missed = []
    if speed < LEAST_BYTES_PER_SECOND:
        missed.append(f"missed: parts are made at {speed / 1e6:.0f} MB/s, {LEAST_BYTES_PER_SECOND / 1e6:.0f} at least")
    if memory > MOST_MEMORY:
        missed.append(f"missed: making parts held {memory / 2**20:.0f} MiB, {MOST_MEMORY / 2**20:.0f} are the most")
    return missed


def measure_postgres(folder: Path, size: int, rounds: int) -> list[str]:
    """Prints landing in Postgres beside COPY; what missed its target."""
    try:
        server = Postgres()
    except EngineAbsent as absence:
        print(f"Postgres: left out: {absence}")
        return []
    try:
        return _measure_postgres(server, folder, size, rounds)
    finally:
        server.stop()


def _measure_postgres(server: Postgres, folder: Path, size: int, rounds: int) -> list[str]:
    outputs = {"postgres": server.profile()}
    project = make_project(folder / "postgres", json.dumps({"bench": {"target": "postgres", "outputs": outputs}}))
    file = project / "inbox" / "orders.csv"
    write_orders(file, 10_000)
    run([*LOADERS, "inbox", "--dry-run"], project)
    size = write_orders(file, size)
    address = "host=127.0.0.1 port={port} user={user} dbname={dbname}".format(**server.profile())
    text = [f"{name} text" for name in COLUMNS]
    rows_as_landed = folder / "landed.csv"

    def copy(source: Path, columns: list[str]) -> Run:
        done = run([sys.executable, "-c", COPY, str(source), address, ", ".join(columns)], project)
        server.run("drop table copied")
        return done

    copies: list[Run] = []
    landings: list[Run] = []
    lineage_copies: list[Run] = []
    for _ in range(rounds):
        copies.append(copy(file, text))
        server.run("drop schema if exists landing cascade")
        landings.append(run([*LOADERS, "inbox"], project))
        run([sys.executable, "-c", WRITE_LANDED, str(rows_as_landed), address], project)
        server.run("drop schema landing cascade")
        lineage_copies.append(copy(rows_as_landed, text + LINEAGE))
    base, ours, lineage = (
        statistics.median(each.seconds for each in runs) for runs in (copies, landings, lineage_copies)
    )
    print(f"| {size / 1e6:,.0f} MB of CSV, {rounds} rounds | seconds (median) | speed | CPU seconds of the client |")
    print("|---|---|---|---|")
    for name, runs, seconds in (
        ("COPY by psycopg", copies, base),
        ("`loaders ingest`", landings, ours),
        (f"COPY of the rows as landed, {rows_as_landed.stat().st_size / 1e6:,.0f} MB", lineage_copies, lineage),
    ):
        cpu = statistics.median(each.cpu_seconds for each in runs)
        print(f"| {name} | {seconds:.2f} | {base / seconds:.2f} | {cpu:.2f} |")
    if base / ours < LEAST_OF_COPY:
        return [f"missed: landing in Postgres is {base / ours:.2f} times as fast as COPY, {LEAST_OF_COPY} at least"]
    return []


if __name__ == "__main__":
    sys.exit(main())

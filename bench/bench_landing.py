"""Landing against DuckDB's own load of the same file, of a file with malformed lines against one without, peak memory,
and a run that has nothing to do.

Usage: python -m bench.bench_landing [--small] [--bytes N] [--files N] [--rounds N]

Baseline and landing take turns, each in a process and a database of its own; the ratio is that of their medians.
Landing is the whole command: start, contract, hash, row numbers, ledger, reconciliation.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

from bench.measuring import Run, figures, run
from bench.orders import LOADERS, make_project, write_orders

MOST_TIMES_BASELINE = 1.15
MALFORMED_EVERY = 1_000
MOST_TIMES_CLEAN = 2.0
MOST_MEMORY = 2**30
MOST_SECONDS_WITHOUT_WORK = 2.0
BASELINE = """
import sys, duckdb
with duckdb.connect(sys.argv[2]) as connection:
    connection.execute("create table orders as select * from read_csv(?, all_varchar = true)", [sys.argv[1]])
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="100 MB and 500 files: to try it out")
    parser.add_argument("--bytes", type=int, help="size of the file [default: 1.05e9]")
    parser.add_argument("--files", type=int, help="files of the run without work [default: 5000]")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    size = asked.bytes or (100_000_000 if asked.small else 1_050_000_000)
    files = asked.files or (500 if asked.small else 5_000)
    with tempfile.TemporaryDirectory(prefix="landfall-bench-") as folder:
        missed = measure_one_file(Path(folder), size, asked.rounds) + measure_no_work(Path(folder), files)
    print(*missed, sep="\n")
    return 1 if missed and not asked.small else 0


def measure_one_file(folder: Path, size: int, rounds: int) -> list[str]:
    """Prints the table for one big file, clean and with malformed lines; what missed its target."""
    project = make_project(folder / "one")
    file, database = project / "inbox" / "orders.csv", project / "bench.duckdb"
    write_orders(file, 1_000)
    run([*LOADERS, "inbox", "--dry-run"], project)
    size = write_orders(file, size)
    broken = project / "broken" / "orders.csv"
    write_orders(broken, size, malformed_every=MALFORMED_EVERY)
    baselines, landings, careful = [], [], []
    for _ in range(rounds):
        baselines.append(run([sys.executable, "-c", BASELINE, str(file), str(database)], project, database))
        database.unlink()
        landings.append(land(project, "inbox"))
        careful.append(land(project, "broken"))
    base, ours, slow = (statistics.median(each.seconds for each in runs) for runs in (baselines, landings, careful))
    print(f"| {size / 1e9:.2f} GB, {rounds} rounds | seconds (median) | ratio | CPU seconds | peak memory | database |")
    print("|---|---|---|---|---|---|")
    statement = "`create table as select * from read_csv(…, all_varchar = true)`"
    print(f"| {statement} | {base:.2f} | 1 | {figures(baselines)} |")
    print(f"| `loaders ingest` | {ours:.2f} | {ours / base:.2f} | {figures(landings)} |")
    share = f"{1 / MALFORMED_EVERY:.1%}"
    print(f"| `loaders ingest`, {share} malformed | {slow:.2f} | {slow / ours:.2f} of clean | {figures(careful)} |\n")
    missed = []
    if ours > MOST_TIMES_BASELINE * base:
        missed.append(f"missed: landing takes {ours / base:.2f} times the baseline, {MOST_TIMES_BASELINE} is the most")
    if slow > MOST_TIMES_CLEAN * ours:
        missed.append(
            f"missed: landing with {share} malformed takes {slow / ours:.2f} times as long, {MOST_TIMES_CLEAN} at most"
        )
    for name, runs in (("a clean file", landings), (f"a file with {share} malformed", careful)):
        memory = max(each.memory for each in runs)
        if memory > MOST_MEMORY:
            most = MOST_MEMORY / 2**20
            missed.append(f"missed: landing {name} held {memory / 2**20:.0f} MiB, {most:.0f} are the most")
    return missed


def land(project: Path, inbox: str) -> Run:
    """One landing of the files in `inbox` into a new warehouse, which is measured and taken away."""
    database = project / "bench.duckdb"
    landing = run([*LOADERS, inbox], project, database)
    shutil.rmtree(project / "artifacts")
    database.unlink()
    return landing


def measure_no_work(folder: Path, files: int) -> list[str]:
    """Prints the table for many landed files; what missed its target."""
    project = make_project(folder / "many")
    for number in range(files):
        file = project / "inbox" / f"{number % 100}" / f"{number}.csv"
        write_orders(file, 2_000, seed=number)
        os.utime(file, (time.time() - 60, time.time() - 60))
    first = run([*LOADERS, "inbox"], project)
    again = [run([*LOADERS, "inbox"], project) for _ in range(3)]
    seconds = statistics.median(each.seconds for each in again)
    print(f"| {files:,} small files | seconds | per file |")
    print("|---|---|---|")
    print(f"| `loaders ingest`, first run | {first.seconds:.2f} | {first.seconds / files * 1e3:.2f} ms |")
    print(f"| `loaders ingest`, nothing to do (median of 3) | {seconds:.2f} | {seconds / files * 1e3:.2f} ms |\n")
    if seconds > MOST_SECONDS_WITHOUT_WORK:
        return [f"missed: a run without work takes {seconds:.2f} s, {MOST_SECONDS_WITHOUT_WORK} are the most"]
    return []


if __name__ == "__main__":
    sys.exit(main())

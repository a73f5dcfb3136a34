"""Landing against DuckDB's own load of the same file, of a file with malformed lines against one without, peak memory,
and a run that has nothing to do.

Usage: python bench/bench_landing.py [--small] [--bytes N] [--files N] [--rounds N]

Baseline and landing take turns, each in a process and a database of its own; the ratio is that of their medians.
Landing is the whole command: start, contract, hash, row numbers, ledger, reconciliation.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

COLUMNS = ("order_id", "customer_id", "status", "purchased_at", "approved_at", "shipped_at", "delivered_at", "amount")
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
CONTRACT_HEAD = """\
apiVersion: v3.2.0
kind: DataContract
id: bench
name: bench
version: 1.0.0
status: active
description: {purpose: Orders made up to measure landing.}
schema:
  - name: orders
    description: Orders made up to measure landing.
    dataGranularityDescription: One row per order.
    customProperties:
      - {property: files, vendor: loaders, value: {globs: ["*.csv"]}}
      - {property: maxMalformed, vendor: loaders, value: {rows: 1000000000}}
    properties:
"""
PROFILE = "bench: {target: duckdb, outputs: {duckdb: {type: duckdb, path: bench.duckdb}}}\n"


@dataclass(frozen=True, slots=True)
class Run:
    """One child process: seconds from start to end, seconds of processors, the most memory it held (bytes, memory
    files included), and the size of the database it left (bytes)."""

    seconds: float
    cpu_seconds: float
    memory: int
    database: int


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


LOADERS = (sys.executable, "-c", "from loaders.commands.cli import main; main()", "ingest")


def make_project(folder: Path) -> Path:
    """A dbt project with one contract, ready to ingest from its `inbox`."""
    for name in ("inbox", "contracts", "profiles"):
        (folder / name).mkdir(parents=True)
    columns = [f"      - {{name: {name}, logicalType: string, description: Made up.}}\n" for name in COLUMNS]
    (folder / "contracts" / "bench.odcs.yaml").write_text(CONTRACT_HEAD + "".join(columns))
    (folder / "profiles" / "profiles.yml").write_text(PROFILE)
    (folder / "dbt_project.yml").write_text("name: bench\nprofile: bench\n")
    return folder


def write_orders(file: Path, size: int, seed: int = 0, malformed_every: int | None = None) -> int:
    """A CSV of at most `size` bytes; returns its size. A block of 32 MB at most is made up, then repeated.

    Of every `malformed_every` lines one lacks its last field.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    random_source = random.Random(seed)
    lines: list[str] = []
    made = 0
    while made < min(size, 32_000_000):
        day = f"2017-{random_source.randint(1, 12):02d}-{random_source.randint(1, 28):02d}"
        values = (
            f"{random_source.getrandbits(128):032x}",
            f"{random_source.getrandbits(128):032x}",
            random_source.choice(("delivered", "shipped", "canceled", "invoiced")),
            *(f"{day} {random_source.randint(0, 23):02d}:{random_source.randint(0, 59):02d}:33" for _ in range(4)),
            f"{random_source.randint(1, 99_999) / 100:.2f}",
        )
        is_malformed = malformed_every is not None and len(lines) % malformed_every == malformed_every - 1
        lines.append(",".join(values[:-1] if is_malformed else values) + "\n")
        made += len(lines[-1])
    block = "".join(lines).encode()
    with file.open("wb") as target:
        target.write(",".join(COLUMNS).encode() + b"\n")
        while target.tell() + len(block) <= size:
            target.write(block)
        rest = block[: max(size - target.tell(), 0)]
        target.write(rest[: rest.rfind(b"\n") + 1])
        return target.tell()


def run(command: list[str], folder: Path, database: Path | None = None) -> Run:
    """Runs a child to its end and measures it."""
    # Compiled modules are kept, as for anybody who runs a command twice.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(folder.parent / "compiled")
    memory_files = SharedMemory()
    started = time.perf_counter()
    child = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with memory_files:
        _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - started
    if status:
        raise SystemExit(f"{command} ended with {os.waitstatus_to_exitcode(status)}")
    size = database.stat().st_size if database is not None else 0
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 + memory_files.peak, size)


class SharedMemory:
    """How much more shared memory the machine holds than before: a child's memory files are no part of its RSS."""

    def __init__(self) -> None:
        self.peak = 0
        self._before = self._now()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> SharedMemory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(0.05):
            self.peak = max(self.peak, self._now() - self._before)

    @staticmethod
    def _now() -> int:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("Shmem:"):
                return int(line.split()[1]) * 1024
        return 0


def figures(runs: list[Run]) -> str:
    """Median processor seconds, most memory, size of the database."""
    cpu = statistics.median(each.cpu_seconds for each in runs)
    return f"{cpu:.2f} | {max(each.memory for each in runs) / 2**20:.0f} MiB | {runs[0].database / 2**20:.0f} MiB"


if __name__ == "__main__":
    sys.exit(main())

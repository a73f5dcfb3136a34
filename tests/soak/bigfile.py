"""Files too big for what is there: for one sitting, for the disk, for memory."""

from __future__ import annotations

import random
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from time import monotonic

import duckdb

from loaders.contracts.model import Contract, MalformedLimit
from loaders.landing.land import LandingSettings
from tests.faults.driver import World
from tests.faults.invariants import CHECKERS, Evidence
from tests.faults.scenario import CONTRACT
from tests.faults.snapshot import take

HEADER = b"id,name,note\n"
MALFORMED_EVERY = 100_003
_BLOCK_ROWS = 200_000
LEAST_KILLS = 20
DISK_CONTENT_ROWS = 300_000
DISK_SIZES = range(2, 66)
"""MiB of the small file systems."""


def write_big(path: Path, size_bytes: float) -> tuple[int, int]:
    """A file of about that size; the rows and the malformed lines in it. Row `n` has `n` as its id."""
    rows = malformed = 0
    first = 1
    with path.open("wb") as file:
        file.write(HEADER)
        while file.tell() < size_bytes:
            lines = []
            for number in range(first, first + _BLOCK_ROWS):
                if number % MALFORMED_EVERY == 0:
                    lines.append(b"broken\n")
                    malformed += 1
                else:
                    lines.append(b'%d,"name, of %d",a note that is neither long nor short\n' % (number, number % 1000))
                    rows += 1
            file.write(b"".join(lines))
            first += _BLOCK_ROWS
    return rows, malformed


def kill_a_big_load(folder: Path, gigabytes: float, over: Callable[[], bool]) -> tuple[str, list[str]]:
    """Lands one big file with kills all along; what was done, and what is wrong with the end."""
    settings = LandingSettings(window_bytes=32 * 2**20)
    world = World(folder / "world", _patient(CONTRACT), settings, engine_memory=400 * 2**20)
    world.inbox.mkdir(parents=True)
    rows, malformed = write_big(world.inbox / "sales_big.csv", gigabytes * 2**30)
    size = (world.inbox / "sales_big.csv").stat().st_size
    dice, kills, started = random.Random(), 0, monotonic()
    # Every run hashes the file first; lives this long end in that or in the load.
    patience = max(gigabytes * 1.2, 0.5)
    while kills < LEAST_KILLS and not over():
        process = world.start()
        process.join(patience * dice.uniform(0.5, 2))
        if process.exitcode is not None:
            # It came through before its time: kill sooner.
            break
        process.kill()
        process.join()
        kills += 1
    ended = world.run()
    seconds = monotonic() - started
    wrong = [] if ended.code == 0 else [f"the last run ended with {ended.code}: {ended.error}"]
    wrong += _not_whole(world.database, rows, malformed)
    peak = ended.usage.peak_bytes / 2**20 if ended.usage is not None else 0
    told = (
        f"{size / 2**30:.1f} GiB, {rows:,} rows and {malformed} malformed lines, {kills} kills, {seconds:.0f} s in all"
    )
    return f"{told}, peak memory {peak:.0f} MiB", wrong


def _patient(contract: Contract) -> Contract:
    """The contract with room for the malformed lines of a file of any size."""
    limit = MalformedLimit(rows=10**9)
    return replace(contract, tables=tuple(replace(table, max_malformed=limit) for table in contract.tables))


def _not_whole(database: Path, rows: int, malformed: int) -> list[str]:
    """What differs from a whole load, found by SQL: there are too many rows to look at one by one."""
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute("set enable_progress_bar = false")
        found = connection.execute(
            "select count(*), count(distinct _row_number), min(_row_number), max(_row_number), sum(id::bigint), "
            "count(distinct id), count(distinct _landed_file_id) from landing.shop__sales"
        ).fetchone()
        lines = connection.execute(
            "select count(*), count(distinct line_number) from landing.malformed_rows"
        ).fetchone()
        state = connection.execute("select state, landed_rows, malformed_rows from landing.ledger").fetchall()
        gaps = connection.execute(
            "select count(*) from (select byte_start - lag(byte_end) over (order by chunk_number) as gap "
            "from landing.chunks) where gap != 0"
        ).fetchone()
    last = rows + malformed
    total = last * (last + 1) // 2 - MALFORMED_EVERY * malformed * (malformed + 1) // 2
    expected = {
        "rows": (found, (rows, rows, 1, rows, total, rows, 1)),
        "malformed lines": (lines, (malformed, malformed)),
        "ledger": (state, [("landed", rows, malformed)]),
        "gaps between chunks": (gaps, (0,)),
    }
    return [f"{name}: {actual} instead of {wanted}" for name, (actual, wanted) in expected.items() if actual != wanted]


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """A file system in memory of that size. Needs root."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)
        folder.rmdir()


def disk_sweep(folder: Path, over: Callable[[], bool]) -> tuple[int, int, list[str]]:
    """Loads onto disks of every size: points tried, how many were too small, and what was wrong."""
    inbox = folder / "source"
    inbox.mkdir()
    rows, malformed = write_big(inbox / "sales_big.csv", DISK_CONTENT_ROWS * 60)
    points, full, wrong = 0, 0, []
    for megabytes in DISK_SIZES:
        if over():
            break
        points += 1
        with small_disk(folder / "disk", megabytes) as disk:
            world = World(disk, settings=LandingSettings(window_bytes=2**20), notes=folder)
            world.inbox.symlink_to(inbox)
            too_small, found = _on_a_disk(world, folder / "larger", rows, malformed)
        full += too_small
        wrong += [f"{megabytes} MiB: {each}" for each in found]
    return points, full, wrong


def _on_a_disk(world: World, larger: Path, rows: int, malformed: int) -> tuple[bool, list[str]]:
    ended = world.run()
    if ended.code == 0:
        return False, _not_whole(world.database, rows, malformed)
    wrong = [] if ended.code == 3 and "bug" not in ended.kind else [f"ended with {ended.code}: {ended.error}"]
    shutil.copytree(world.folder, larger, symlinks=True)
    seen = Evidence(take(larger / "w.duckdb"))
    wrong += [f"{name}: {breach}" for name in ("I1", "I2", "I5") for breach in CHECKERS[name](seen)]
    mended = replace(world, folder=larger).run()
    wrong += [] if mended.code == 0 else [f"on a larger disk it ended with {mended.code}: {mended.error}"]
    wrong += _not_whole(larger / "w.duckdb", rows, malformed) if mended.code == 0 else []
    shutil.rmtree(larger)
    return True, wrong


def memory_limits(folder: Path, over: Callable[[], bool]) -> tuple[str, list[str]]:
    """Loads a file of 1 GiB within ever less memory; the peaks, and those past their limit."""
    source = folder / "source"
    source.mkdir()
    rows, malformed = write_big(source / "sales_big.csv", 2**30)
    told, wrong = [], []
    for megabytes in (1024, 512, 256):
        if over():
            break
        work = folder / str(megabytes)
        window = megabytes * 2**20 // 16
        world = World(work, settings=LandingSettings(window_bytes=window), engine_memory=megabytes * 2**20 * 2 // 5)
        work.mkdir()
        world.inbox.symlink_to(source)
        ended = world.run()
        if ended.code != 0 or ended.usage is None:
            wrong.append(f"{megabytes} MiB: ended with {ended.code}: {ended.error}")
            continue
        peak = ended.usage.peak_bytes >> 20
        told.append(f"{megabytes} MiB allowed: peak {peak} MiB")
        wrong += [f"{megabytes} MiB: peak {peak} MiB"] if peak > megabytes + 300 else []
        wrong += _not_whole(world.database, rows, malformed)
        shutil.rmtree(work)
    return f"a file of 1 GiB; {'; '.join(told)}", wrong

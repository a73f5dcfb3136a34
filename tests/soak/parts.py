"""The parts of the soak: each takes a folder and an allowance, and says in figures what it did and what was wrong."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from tests.drift.feed import csse_world, deliver, feed, landed, last_of_each, restatements
from tests.faults.kills import Tally, campaign
from tests.faults.sweep import Subject, pollock, sweep, torture
from tests.soak.bigfile import disk_sweep, kill_a_big_load, memory_limits
from tests.soak.differential import Difference, compare
from tests.soak.mutations import FAULTS, REPOSITORY, is_caught
from tests.soak.outputs import World, build_warehouse, kill_and_resume

MATERIALISE_KILLS = 30
SHARED = REPOSITORY.parent / "shared" / "data"


@dataclass(frozen=True)
class Allowance:
    """When to stop at the latest (monotonic clock), and the full sizes."""

    deadline: float
    kills: int
    files: int
    examples: int
    gigabytes: float

    @property
    def over(self) -> bool:
        return time.monotonic() > self.deadline


@dataclass
class Found:
    """`figures` for people, `wrong` for the exit code."""

    figures: str = ""
    wrong: list[str] = field(default_factory=list)


Part = Callable[[Path, Allowance], Found]


def kills(folder: Path, allowance: Allowance) -> Found:
    """Random SIGKILLs over two deliveries, every state in between checked."""
    tally = Tally()

    def enough(now: Tally) -> bool:
        tally.kills, tally.rounds = now.kills, now.rounds
        return now.kills >= allowance.kills or allowance.over

    try:
        campaign(folder, random.Random(), enough)
    except (AssertionError, duckdb.Error) as breach:
        return Found(f"{tally.kills:,} kills, then a breach", [str(breach)[:2000]])
    return Found(f"{tally.kills:,} kills in {tally.rounds:,} rounds, 0 lost, 0 doubled")


def disk(folder: Path, allowance: Allowance) -> Found:
    """A full disk at every size of a small file system."""
    if os.name != "posix" or os.geteuid() != 0:
        return Found("skipped: mounting a small file system needs root")
    points, full, wrong = disk_sweep(folder, lambda: allowance.over)
    return Found(f"{points} sizes, {full} of them too small, all resumed to the whole on a larger disk", wrong)


def memory(folder: Path, allowance: Allowance) -> Found:
    """A file larger than the memory that landing may use."""
    told, wrong = memory_limits(folder, lambda: allowance.over)
    return Found(told, wrong)


def properties(folder: Path, allowance: Allowance) -> Found:
    """Hypothesis at full size over every property of the unit tests."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "tests.soak.more_examples"]
    command += ["tests/unit"]
    environment = {**os.environ, "SOAK_EXAMPLES": str(allowance.examples)}
    left = None if allowance.deadline == float("inf") else max(allowance.deadline - time.monotonic(), 1)
    try:
        done = subprocess.run(
            command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False, timeout=left
        )
    except subprocess.TimeoutExpired:
        return Found(f"not finished: {allowance.examples:,} examples per property take longer")
    last = done.stdout.strip().splitlines()[-1] if done.stdout.strip() else done.stderr[-200:]
    return Found(f"{allowance.examples:,} examples per property: {last}", [] if done.returncode == 0 else [last])


def differential(folder: Path, allowance: Allowance) -> Found:
    """Random files against Python's csv."""
    found, batch = Difference(), 0
    while found.files < allowance.files and not allowance.over:
        work = folder / str(batch)
        window = random.Random(batch).choice((16, 64, 2**20, 2**20))
        compare(work, random.Random(batch), 250 if window < 2**20 else 2_500, found, window)
        shutil.rmtree(work)
        batch += 1
    told = ", ".join(f"{count} by {rule}" for rule, count in found.explained.items()) or "0"
    figures = (
        f"{found.files:,} files, {found.rows:,} rows, {found.malformed:,} malformed lines, {found.refused:,} refused; "
        f"disagreements explained: {told}; unexplained: {len(found.unexplained)}"
    )
    return Found(figures, found.unexplained[:5])


def big(folder: Path, allowance: Allowance) -> Found:
    """A big file under kills."""
    told, wrong = kill_a_big_load(folder, allowance.gigabytes, lambda: allowance.over)
    return Found(told, wrong)


def mutations(folder: Path, allowance: Allowance) -> Found:
    """Every planted fault must be caught."""
    caught, missed = 0, []
    for number, fault in enumerate(FAULTS):
        if allowance.over:
            break
        work = folder / str(number)
        work.mkdir()
        if is_caught(fault, work):
            caught += 1
        else:
            missed.append(f"not caught: {fault.name}")
        shutil.rmtree(work)
    return Found(f"{caught} of {caught + len(missed)} planted faults caught ({len(FAULTS)} in all)", missed)


def real_files(folder: Path, allowance: Allowance) -> Found:
    """Every file of the torture suites and of Pollock."""
    if not SHARED.is_dir():
        return Found("skipped: the real data files are not on this machine")
    with tarfile.open(SHARED / "pollock.tar.xz") as packed:
        packed.extractall(folder, filter="data")
    sets: dict[str, Iterator[Subject]] = {
        "torture": torture(SHARED / "torture"),
        "pollock": pollock(folder / "pollock" / "polluted_files"),
    }
    told, wrong = [], []
    for name, subjects in sets.items():
        work = folder / f"land-{name}"
        work.mkdir()
        result = sweep(work, list(subjects))
        fates = ", ".join(f"{count:,} {fate}" for fate, count in sorted(result.fates.items()))
        told.append(f"{name}: {fates}; {result.lines:,} lines, {result.malformed_rows:,} malformed rows")
        wrong += result.wrong
    return Found("; ".join(told), wrong)


def restated(folder: Path, allowance: Allowance) -> Found:
    """Every published version of the CSSE days in order, with kills, against the last versions alone."""
    if not SHARED.is_dir():
        return Found("skipped: the real data files are not on this machine")
    versions = restatements(SHARED / "csse_restatements.tar.xz")
    world = csse_world(folder / "fed")
    through = sum(1 for _ in feed(world, versions, random.Random(1)))
    ended = world.run()
    clean = csse_world(folder / "clean")
    for version in last_of_each(versions):
        deliver(clean, version)
    clean.run()
    same = ended.code == 0 and landed(world.database) == landed(clean.database)
    figures = f"{len(versions)} versions of {len(last_of_each(versions))} days, {len(versions) - through} killed"
    return Found(figures, [] if same else ["landing differs from a clean run over the last versions"])


def materialise(folder: Path, allowance: Allowance) -> Found:
    """Every format under kills: a shop of a million rows in nine tables, and the real files where they are."""
    told, wrong = [], []
    sources: dict[str, Path | None] = {"million": None}
    if (SHARED / "olist").is_dir():
        sources["olist"] = SHARED / "olist"
    for name, files in sources.items():
        built = build_warehouse(folder / name, files, orders=180_000)
        world = World(REPOSITORY, built, folder / name / "outputs")
        tally = kill_and_resume(world, random.Random(), min(allowance.kills, MATERIALISE_KILLS), lambda: allowance.over)
        rows = sum(table.digest[0] for table in world.tables)
        told.append(
            f"{name}: {rows:,} rows in {len(world.tables)} tables, {tally.kills} kills in materialise, {tally.resumed} "
            f"with parts to go on from, {tally.compared} outputs compared"
        )
        wrong += tally.wrong
        shutil.rmtree(folder / name)
    return Found("; ".join(told), wrong)


PARTS: dict[str, Part] = {
    "mutations": mutations,
    "real-files": real_files,
    "restated": restated,
    "materialise": materialise,
    "differential": differential,
    "properties": properties,
    "disk": disk,
    "memory": memory,
    "big": big,
    "kills": kills,
}

"""Killed at random moments and run again, an ingest leaves what one that was never killed leaves."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

MOST_KILLS = 60
LEAST_KILLS = 50
SEED = 20_240_229

# One process imports everything once and forks for every run, so that a run costs no more than its own work.
SERVER = """
import os, sys
from pathlib import Path
from loaders.contracts.model import Column, Contract, FileSet, Table
from loaders.landing.job import IngestRequest, ingest
from loaders.landing.land import LandingSettings
from loaders.warehouses.base import OpenOptions
from loaders.warehouses.duckdb import DuckDBWarehouse

class Job:
    id = "job"
    def progress(self, progress): pass
    def metric(self, name, value, **labels): pass
    def obey(self): pass

columns = tuple(Column(name=name, logical_type="string", description="", header=name) for name in ("id", "name"))
table = Table("sales", "", "", columns, FileSet(("*.csv",)))
contract = Contract("id", "shop", "1.0.0", "shop.odcs.yaml", "", (table,))
settings = LandingSettings(window_bytes=4096, group_files=3, threads=2)
for line in sys.stdin:
    inbox, database = line.split()
    child = os.fork()
    if not child:
        request = IngestRequest((Path(inbox),), (contract,), Path(inbox), settings)
        warehouse = DuckDBWarehouse.open(Path(database), OpenOptions(threads=2))
        result = ingest(request, warehouse, Job())
        warehouse.close()
        os._exit(0 if result.all_accepted else 1)
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
STATE = {
    "rows": "select id, name, _landed_file_id, _row_number from landing.shop__sales order by all",
    "malformed": "select file_id, line_number, byte_offset, raw, kind from landing.malformed_rows order by all",
    "ledger": "select file_id, path, state, lines, landed_rows, malformed_rows from landing.ledger order by all",
}


class Server:
    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ingest(self, inbox: Path, database: Path, kill_after: float | None = None) -> int:
        """Runs an ingest to its end, or kills it after some seconds; its exit code (-9: killed)."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(inbox, database, file=self._process.stdin, flush=True)
        child = int(self._process.stdout.readline())
        if kill_after is not None:
            # The killer must wait as long as the drawn moment says; nothing else here depends on time.
            subprocess.run(["sh", "-c", f"sleep {kill_after:.4f}; kill -9 {child} 2>&-"], check=False)
        return int(self._process.stdout.readline())

    def close(self) -> None:
        self._process.communicate()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small files that share units, and one of many chunks, with malformed lines and quoted newlines in between."""
    folder = tmp_path_factory.mktemp("inbox")
    for number in range(10):
        rows = "".join(f"{number}-{row},some name\n" for row in range(number * 20))
        (folder / f"small_{number}.csv").write_text(f"id,name\n{rows}")
    lines = (f'{row},"name\nof {row}"\n' if row % 50 == 0 else f"{row},name of {row}\n" for row in range(4_000))
    text = "".join(f"{line}broken\n" if number % 97 == 0 else line for number, line in enumerate(lines))
    (folder / "big.csv").write_text(f"id,name\n{text}")
    return folder


def state_of(database: Path) -> dict[str, list[tuple[object, ...]]]:
    with duckdb.connect(str(database)) as connection:
        return {name: connection.execute(sql).fetchall() for name, sql in STATE.items()}


def assert_no_half_file(database: Path) -> None:
    """Every file the ledger calls landed has all of its rows, whatever happened."""
    with duckdb.connect(str(database)) as connection:
        tables = connection.execute("select count(*) from duckdb_tables() where table_name = 'shop__sales'").fetchone()
        if tables == (0,):
            return
        half = connection.execute(
            "select path from landing.ledger left join landing.shop__sales on _landed_file_id = file_id "
            "where state = 'landed' group by path, landed_rows having count(_landed_file_id) != landed_rows"
        ).fetchall()
    assert half == []


def test_kills_at_random_moments_lose_nothing_and_double_nothing(server: Server, inbox: Path, tmp_path: Path) -> None:
    clean = tmp_path / "clean.duckdb"
    started = time.monotonic()
    assert server.ingest(inbox, clean) == 0
    whole_run = time.monotonic() - started
    expected = state_of(clean)
    moments = random.Random(SEED)
    database = tmp_path / "killed-0.duckdb"
    kills = finished = 0
    for number in range(MOST_KILLS * 3):
        code = server.ingest(inbox, database, kill_after=moments.uniform(0, whole_run))
        kills += code == -9
        if code == 0:
            finished += 1
            assert state_of(database) == expected
            database = tmp_path / f"killed-{number + 1}.duckdb"
        else:
            assert code == -9
            assert_no_half_file(database)
        if kills == MOST_KILLS:
            break
    assert server.ingest(inbox, database) == 0
    assert state_of(database) == expected
    assert kills >= LEAST_KILLS

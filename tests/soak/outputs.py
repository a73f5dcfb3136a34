"""Materialising in every format, killed at random moments and gone on with, until the rows are those of the warehouse.

A round starts at an empty destination. Rows are compared as a multiset: by a sum of hashes, which neither their order
nor how they are cut into files changes.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa

FORMATS: Final = ("csv", "parquet", "dataset", "sqlite", "warehouse")
_BATCH: Final = 50_000
_BIN: Final = Path(sys.executable).parent
REPOSITORY: Final = Path(__file__).resolve().parents[2]
_SCHEMAS: Final = ("staging", "rejects", "marts")

Digest = tuple[int, int]
"""Rows, and the sum of their hashes."""


@dataclass(frozen=True)
class Table:
    """A table of the warehouse: its columns' types, and its rows' digest."""

    schema: str
    name: str
    columns: dict[str, str]
    digest: Digest


@dataclass
class Tally:
    """A kill counts where the process really ended by it; `resumed` are those after which a checkpoint was there."""

    kills: int = 0
    resumed: int = 0
    compared: int = 0
    wrong: list[str] = field(default_factory=list)


class World:
    """A built warehouse, destinations, and a profile that knows the warehouse and, as `other`, an empty DuckDB file."""

    def __init__(self, project: Path, warehouse: Path, folder: Path) -> None:
        self.project, self.warehouse, self.folder = project, warehouse, folder
        self.out = folder / "out"
        self.other = folder / "other" / "other.duckdb"
        self.checkpoints = folder / "checkpoints"
        outputs = {
            name: {"type": "duckdb", "path": str(path)} for name, path in (("this", warehouse), ("other", self.other))
        }
        (folder / "profiles").mkdir(parents=True)
        profile = {"landfall": {"target": "this", "outputs": outputs}}
        (folder / "profiles" / "profiles.yml").write_text(json.dumps(profile))
        with connected(warehouse) as connection:
            self.tables = list(_tables(connection))

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """`loaders materialize` with these arguments."""
        command = [str(_BIN / "loaders"), "materialize", *arguments, "--json"]
        command += ["--checkpoint-dir", str(self.checkpoints)]
        environment = {
            **os.environ,
            "DBT_PROFILES_DIR": str(self.folder / "profiles"),
            "LANDFALL_STATE_URL": f"sqlite:///{self.folder / 'state.sqlite'}",
        }
        return subprocess.Popen(
            command, cwd=self.project, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def run(self, *arguments: str) -> dict[str, Any]:
        """Runs one to its end; what it printed. Raises AssertionError where it fails."""
        process = self.start(*arguments)
        said, complained = process.communicate()
        assert process.returncode == 0, complained
        outcome: dict[str, Any] = json.loads(said)
        return outcome

    def killed(self, seconds: float, *arguments: str) -> bool:
        """Kills one after so long; False where it had come through by then."""
        process = self.start(*arguments)
        try:
            _, complained = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
        else:
            assert process.returncode == 0, complained
        return process.returncode == -signal.SIGKILL

    def clear(self) -> None:
        """Empties both destinations."""
        for path in (self.out, self.other.parent):
            shutil.rmtree(path, ignore_errors=True)
        self.other.parent.mkdir()


def build_warehouse(folder: Path, files: Path | None, orders: int) -> Path:
    """A warehouse that files went into and dbt built; of a demo shop with so many orders where no files are given."""
    folder.mkdir(parents=True, exist_ok=True)
    environment = {
        **os.environ,
        "LANDFALL_DUCKDB_PATH": str(folder / "warehouse.duckdb"),
        "LANDFALL_STATE_URL": f"sqlite:///{folder / 'state.sqlite'}",
        "DBT_PROFILES_DIR": str(REPOSITORY / "profiles"),
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
    }
    inbox = files or folder / "files"
    demo = [["loaders", "demo", str(inbox), "--orders", str(orders)]] if files is None else []
    # What dbt's tests find is no matter here, and they take their time at a million rows.
    build = ["dbt", "--quiet", "build", "--exclude-resource-type", "test", "unit_test"]
    steps = [*demo, ["loaders", "ingest", str(inbox)], ["loaders", "generate", "--check"], build]
    for tool, *arguments in steps:
        command = [str(_BIN / tool), *arguments]
        done = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return folder / "warehouse.duckdb"


def kill_and_resume(world: World, dice: random.Random, kills: int, over: Callable[[], bool] = lambda: False) -> Tally:
    """So many kills, spread over the formats; every format is brought to its end and compared. Stops when `over`."""
    tally = Tally()
    for number, format_name in enumerate(FORMATS, 1):
        order = _order(world, format_name)
        world.clear()
        started = time.monotonic()
        world.run(*order)
        seconds = time.monotonic() - started
        while tally.kills < kills * number // len(FORMATS) and not over() and not tally.wrong:
            world.clear()
            _round(world, order, dice, seconds, tally)
        _compare(world, format_name, tally)
    return tally


def _order(world: World, format_name: str) -> tuple[str, ...]:
    # As they are, also in rejects: what is compared is values.
    own = ("--no-safe-csv",) if format_name == "csv" else ()
    to = "other" if format_name == "warehouse" else str(world.out)
    return (*(table.name for table in world.tables), "--format", format_name, "--to", to, *own)


def _round(world: World, order: tuple[str, ...], dice: random.Random, seconds: float, tally: Tally) -> None:
    """Killed until one comes through by itself, at the latest after four; then nothing is left to do."""
    arguments = order
    for _ in range(4):
        if not world.killed(dice.uniform(seconds / 10, seconds), *arguments):
            arguments = order
            break
        tally.kills += 1
        tally.wrong += _half_visible(world)
        waits = any(world.checkpoints.glob("*.json"))
        tally.resumed += waits
        arguments = ("--resume-latest",) if waits else order
    world.run(*arguments)
    if world.run(*order)["changed"]:
        tally.wrong.append(f"{' '.join(order)}: a run after the last one wrote something")


def _half_visible(world: World) -> list[str]:
    """What readers could see of a run that is not over."""
    with connected(world.other) as other:
        seen = other.execute(
            "select table_name from duckdb_tables() where schema_name in ('staging', 'rejects', 'marts') "
            "and not prefix(table_name, 'landfall_loading_')"
        ).fetchall()
        published = other.execute("select 1 from duckdb_tables() where schema_name = 'landfall_outputs'").fetchall()
        listed = other.execute("select count(*) from landfall_outputs.tables").fetchall() if published else [(0,)]
    wrong = [] if [(len(seen),)] == listed else [f"{len(seen)} tables are in the other warehouse, {listed} are listed"]
    if any((world.out / "_manifest").glob("*.publishing.json")):
        return wrong
    manifests = sorted((world.out / "_manifest").glob("*.json"))
    listed_parts = _parts(json.loads(manifests[-1].read_text())) if manifests else {}
    visible = {
        path.relative_to(world.out).as_posix(): path
        for path in world.out.rglob("*")
        if path.is_file() and path.relative_to(world.out).parts[0] not in ("_manifest", "_staging")
    }
    wrong += [f"{path} is visible and not listed" for path in visible.keys() - listed_parts.keys()]
    wrong += [f"{path} is listed and not there" for path in listed_parts.keys() - visible.keys()]
    return wrong + [
        f"{path} is not what is listed"
        for path in visible.keys() & listed_parts.keys()
        if sha256(visible[path].read_bytes()).hexdigest() != listed_parts[path]
    ]


def _parts(manifest: dict[str, Any]) -> dict[str, str]:
    """Path → SHA-256 of every part a manifest lists."""
    return {
        part["path"]: part["sha256"]
        for table in manifest["tables"]
        for partition in table["partitions"]
        for part in partition["parts"]
    }


def _compare(world: World, format_name: str, tally: Tally) -> None:
    for table in world.tables:
        found = _found(world, format_name, table)
        tally.compared += 1
        if found != table.digest:
            tally.wrong.append(f"{format_name}: {table.name} has {found}, the warehouse {table.digest}")


def _found(world: World, format_name: str, table: Table) -> Digest:
    if format_name == "sqlite":
        return _of_sqlite(world.out / "landfall.sqlite", table)
    if format_name == "warehouse":
        with connected(world.other) as connection:
            return digest(connection, f'{table.schema}."{table.name}"', table.columns)
    with connected(None) as connection:
        if format_name == "csv":
            types = ", ".join(f"'{name}': '{kind}'" for name, kind in table.columns.items())
            options = "header=true, auto_detect=false, delim=',', quote='\"', escape='\"', allow_quoted_nulls=false"
            file = world.out / f"{table.name}.csv"
            return digest(connection, f"read_csv('{file}', {options}, columns={{{types}}})", table.columns)
        files = sorted(map(str, (world.out / table.name).rglob("*.parquet")))
        files += [str(path) for path in (world.out / f"{table.name}.parquet",) if path.exists()]
        if not files:
            return (0, 0)
        return digest(connection, f"read_parquet({files}, hive_partitioning=false)", table.columns)


def _of_sqlite(file: Path, table: Table) -> Digest:
    """Every value is brought back to its type in the warehouse: what cannot be was not kept exactly."""
    rows, total = 0, 0
    with connected(None) as memory, closing(sqlite3.connect(file)) as connection:
        found = connection.execute(f'select * from "{table.name}"')
        while batch := found.fetchmany(_BATCH):
            values = zip(*batch, strict=True)
            memory.register("batch", pa.table(dict(zip(table.columns, map(list, values), strict=True))))
            more, hashed = digest(memory, "batch", table.columns)
            rows, total = rows + more, total + hashed
    return rows, total


def digest(connection: duckdb.DuckDBPyConnection, reader: str, columns: dict[str, str]) -> Digest:
    """The digest of what a FROM clause gives, its columns cast to the given types."""
    values = ", ".join(f'cast("{name}" as {kind})' for name, kind in columns.items())
    ((rows, total),) = connection.execute(f"select count(*), coalesce(sum(hash({values})), 0) from {reader}").fetchall()
    return int(rows), int(total)


def _tables(connection: duckdb.DuckDBPyConnection) -> Iterator[Table]:
    found = connection.execute(
        "select schema_name, table_name, list((column_name, data_type) order by column_index) from duckdb_columns() "
        "where list_contains($1, schema_name) and not internal group by all order by all",
        [list(_SCHEMAS)],
    )
    for schema, name, columns in found.fetchall():
        typed = dict(columns)
        yield Table(schema, name, typed, digest(connection, f'{schema}."{name}"', typed))


def connected(file: Path | None) -> duckdb.DuckDBPyConnection:
    """A file to read, or memory where there is none; moments are in UTC."""
    there = file is not None and file.exists()
    connection = duckdb.connect(str(file) if there else ":memory:", read_only=there)
    connection.execute("set timezone = 'UTC'")
    connection.execute("set enable_progress_bar = false")
    return connection

"""A small project made from contracts, a DuckDB warehouse with landing tables by hand, and dbt at the ready."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb

from loaders.contracts.model import Contract, Table
from loaders.project.generate import generated_files
from loaders.project.write import write

LANDED_AT = datetime(2024, 5, 1, 12, 0, 0)  # noqa: DTZ001 - landing keeps UTC without a zone
LEDGER = """
    create table landing.ledger (
        file_id varchar, contract varchar, table_name varchar, path varchar, state varchar, file_date date,
        lines bigint, header_lines bigint, skipped_lines bigint, blank_lines bigint, comment_lines bigint,
        landed_lines bigint, malformed_lines bigint, landed_rows bigint, malformed_rows bigint, landed_at timestamp
    )
"""
MALFORMED = "create table landing.malformed_rows (file_id varchar, line_number bigint, raw varchar)"


@dataclass(frozen=True, slots=True)
class DbtResult:
    """`results` holds status and message by node name, tests by their own name."""

    success: bool
    results: Mapping[str, Mapping[str, str]]
    error: str | None

    def failures(self) -> dict[str, str]:
        """Name → status of every node that did not succeed or pass."""
        good = ("success", "pass")
        return {name: each["status"] for name, each in self.results.items() if each["status"] not in good}


class DbtSession:
    """One project in `folder`, generated from `contracts`; dbt runs in a child process until `close`."""

    def __init__(self, repository: Path, folder: Path, contracts: Sequence[Contract]) -> None:
        self.project = folder / "project"
        self.folder = folder
        self.project.mkdir(parents=True)
        for name in ("dbt_project.yml", "profiles"):
            source = repository / name
            (shutil.copytree if source.is_dir() else shutil.copy)(source, self.project / name)
        self.generate(contracts)
        self._worker: subprocess.Popen[str] | None = None
        self._stale = True

    def __enter__(self) -> DbtSession:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._worker is not None and self._worker.stdin is not None and self._worker.stdout is not None:
            self._worker.stdin.close()
            self._worker.wait(timeout=30)
            self._worker.stdout.close()

    def generate(self, contracts: Sequence[Contract]) -> None:
        """Makes the project be that of `contracts`; dbt parses it anew before its next run."""
        write(self.project, generated_files(self.project, contracts))
        self._stale = True

    def dbt(self, warehouse: Path, *arguments: str) -> DbtResult:
        """Runs `dbt <arguments>` against the DuckDB file `warehouse`."""
        environment = {
            "LANDFALL_DUCKDB_PATH": str(warehouse),
            "DBT_PROFILES_DIR": str(self.project / "profiles"),
            "DBT_PROJECT_DIR": str(self.project),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        }
        worker = self._started()
        assert worker.stdin is not None
        assert worker.stdout is not None
        request = {"arguments": arguments, "environment": environment, "parse": self._stale}
        worker.stdin.write(json.dumps(request) + "\n")
        worker.stdin.flush()
        answer = worker.stdout.readline()
        assert answer, f"dbt is gone; see {self.folder / 'worker.log'}"
        self._stale = False
        return DbtResult(**json.loads(answer))

    def build(self, warehouse: Path, *arguments: str) -> DbtResult:
        """`dbt run`, which must succeed."""
        done = self.dbt(warehouse, "run", *arguments)
        assert done.success, (done.error, done.failures(), done.results)
        return done

    def _started(self) -> subprocess.Popen[str]:
        if self._worker is None:
            with (self.folder / "worker.log").open("w") as log:
                self._worker = subprocess.Popen(
                    [sys.executable, str(Path(__file__).with_name("dbt_worker.py"))],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    text=True,
                    cwd=self.project,
                    env={**os.environ, "PYTHONPATH": ""},
                )
        return self._worker


def make_landing(warehouse: Path, contracts: Iterable[Contract]) -> None:
    """Empty landing tables of all contract tables, a ledger and malformed rows."""
    with duckdb.connect(warehouse) as connection:
        connection.execute("create schema if not exists landing")
        connection.execute(LEDGER)
        connection.execute(MALFORMED)
        for contract in contracts:
            for table in contract.tables:
                columns = ", ".join(f"{column.name} varchar" for column in table.columns)
                connection.execute(
                    f"create table landing.{contract.name}__{table.name} ({columns}, _landed_file_id varchar,"
                    " _row_number bigint, _job_id varchar, _landed_at timestamp)"
                )


def land(
    warehouse: Path,
    contract: Contract,
    table: Table,
    file_id: str,
    rows: Sequence[Sequence[str | None]],
    file_date: date | None = None,
) -> None:
    """Lands one file of well-formed rows, values in the contract's order of columns."""
    name = f"landing.{contract.name}__{table.name}"
    count = len(rows)
    ledger: dict[str, Any] = {
        "file_id": file_id,
        "contract": contract.name,
        "table_name": table.name,
        "path": f"{file_id}.csv",
        "state": "landed",
        "file_date": file_date,
        **dict.fromkeys(("skipped_lines", "blank_lines", "comment_lines", "malformed_lines", "malformed_rows"), 0),
        "lines": count + 1,
        "header_lines": 1,
        "landed_lines": count,
        "landed_rows": count,
        "landed_at": LANDED_AT,
    }
    with duckdb.connect(warehouse) as connection:
        connection.begin()
        marks = ", ".join("?" * (len(table.columns) + 4))
        for number, row in enumerate(rows, start=1):
            connection.execute(f"insert into {name} values ({marks})", [*row, file_id, number, "job", LANDED_AT])
        columns, values = ", ".join(ledger), list(ledger.values())
        connection.execute(f"insert into landing.ledger ({columns}) values ({', '.join('?' * len(values))})", values)
        connection.commit()


def take_out(warehouse: Path, contract: Contract, table: Table, file_id: str, *, rows_too: bool) -> None:
    """Makes a file superseded; `rows_too` deletes its landing rows, as replacing a file does."""
    with duckdb.connect(warehouse) as connection:
        connection.execute("update landing.ledger set state = 'superseded' where file_id = ?", [file_id])
        if rows_too:
            connection.execute(
                f"delete from landing.{contract.name}__{table.name} where _landed_file_id = ?", [file_id]
            )


def rows_of(warehouse: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(warehouse, read_only=True) as connection:
        return connection.execute(sql).fetchall()


def contents(warehouse: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every table of staging and rejects, rows sorted."""
    with duckdb.connect(warehouse, read_only=True) as connection:
        tables = connection.execute(
            "select table_schema, table_name from information_schema.tables"
            " where table_schema in ('staging', 'rejects') order by all"
        ).fetchall()
        return {
            f"{schema}.{table}": sorted(connection.execute(f"from {schema}.{table}").fetchall(), key=repr)
            for schema, table in tables
        }

"""Everything a landing schema holds, read by plain DuckDB and not by the code under test."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

Record = dict[str, Any]

_VOLATILE = frozenset({"job_id", "started_at", "landed_at", "inode", "tool_version", "committed_at"})


@dataclass(frozen=True)
class Snapshot:
    """`rows` holds per landing table (file id, row number, values); `tables` are all tables of the warehouse."""

    ledger: tuple[Record, ...]
    chunks: tuple[Record, ...]
    malformed: tuple[Record, ...]
    rows: dict[str, list[tuple[Any, ...]]]
    tables: frozenset[str]

    def entries(self, state: str) -> list[Record]:
        return [entry for entry in self.ledger if entry["state"] == state]

    def rows_of(self, entry: Record) -> list[tuple[Any, ...]]:
        """(row number, values) of one file, in order."""
        table = f"{entry['contract']}__{entry['table_name']}"
        return sorted(row[1:] for row in self.rows.get(table, []) if row[0] == entry["file_id"])

    @property
    def lasting(self) -> dict[str, Any]:
        """What must be equal however often and wherever the way here was interrupted."""
        # A version that was never finished, or is gone, may or may not have left an entry behind.
        ledger = [entry for entry in self.ledger if entry["state"] in ("landed", "quarantined")]
        return {
            "ledger": sorted((_steady(entry) for entry in ledger), key=str),
            "malformed": sorted((_steady(entry) for entry in self.malformed), key=str),
            "rows": {table: sorted(rows, key=str) for table, rows in self.rows.items()},
        }


def _steady(entry: Record) -> list[Any]:
    return [value for name, value in entry.items() if name not in _VOLATILE]


def take(database: Path) -> Snapshot:
    """The warehouse as it stands on disk; nothing where there is none. Opens it for reading only."""
    if not database.exists():
        return Snapshot((), (), (), {}, frozenset())
    with duckdb.connect(str(database), read_only=True) as connection:
        found = connection.execute("select table_schema, table_name from information_schema.tables").fetchall()
        names = {name for schema, name in found if schema == "landing"}
        landing = sorted(name for name in names if "__" in name)
        return Snapshot(
            _records(connection, "ledger") if "ledger" in names else (),
            _records(connection, "chunks") if "chunks" in names else (),
            _records(connection, "malformed_rows") if "malformed_rows" in names else (),
            {name: _rows(connection, name) for name in landing},
            frozenset(f"{schema}.{name}" for schema, name in found),
        )


def _records(connection: duckdb.DuckDBPyConnection, table: str) -> tuple[Record, ...]:
    done = connection.execute(f"select * from landing.{table}")
    names = [column[0] for column in done.description or ()]
    return tuple(dict(zip(names, row, strict=True)) for row in done.fetchall())


def _rows(connection: duckdb.DuckDBPyConnection, table: str) -> list[tuple[Any, ...]]:
    return connection.execute(
        "select _landed_file_id, _row_number, * exclude (_landed_file_id, _row_number, _job_id, _landed_at)"
        f' from landing."{table}"'
    ).fetchall()

"""The SQLite file while it is written: which parts it holds stands in it, committed with their rows.

A killed process leaves at most a hot journal, which SQLite rolls back. What a crash of the machine leaves is not
trusted: the file is brought to the disk only at its end, so one from before the last boot is thrown away.
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from loaders.errors import OutputMismatch, UsageError
from loaders.outputs.durable import destination_fault
from loaders.outputs.formats.sqlite_types import create_table
from loaders.warehouses.parsing import quote_identifier

if TYPE_CHECKING:
    from loaders.outputs.model import Relation

# Few and large pages: rows of a warehouse are wide.
_PAGE: Final = 32_768
_PARTS: Final = "_landfall_parts"
_RUN: Final = "_landfall_run"
_FULL: Final = {"SQLITE_FULL", "SQLITE_IOERR_WRITE"}


def refuse_reserved(name: str) -> None:
    """Raises UsageError for a table that cannot stand in the file: SQLite's own names, and those of a run's notes."""
    if name.lower().startswith("sqlite_") or name.lower() in (_PARTS, _RUN):
        raise UsageError(
            f"a SQLite file cannot hold a table called {name!r}", hint="leave it out, or materialise it as Parquet"
        )


class SqliteFile:
    """The file at `path`, not published yet. `uri` names the destination in errors."""

    def __init__(self, path: Path, uri: str) -> None:
        self.path = path
        self._uri = uri

    def fits(self, base: str) -> bool:
        """Whether an earlier run of this job began the file, on `base`, since this machine was started."""
        if not self.path.exists():
            return False
        try:
            with closing(sqlite3.connect(self.path)) as connection:
                found = connection.execute(f"select base, boot from {_RUN}").fetchall()
        except sqlite3.DatabaseError:
            return False
        return found == [(base, boot_id())]

    def begin(self, base: str) -> None:
        """Adds the notes of a run to an empty file or a copy of the published one. Writes."""
        with self.connection() as connection:
            connection.execute(f"pragma page_size = {_PAGE}")
            connection.execute(f"create table {_RUN} (base text, boot text)")
            connection.execute(f"insert into {_RUN} values (?, ?)", (base, boot_id()))
            connection.execute(f"create table {_PARTS} (name text, storage_order text, part text, row_count integer)")
            connection.commit()

    def start_table(self, relation: Relation, storage_order: str) -> set[str]:
        """Makes the table, unless parts of it cut from the same order are there. Returns those parts. Writes."""
        name = quote_identifier(relation.name)
        with self.connection() as connection:
            found = connection.execute(
                f"select part from {_PARTS} where name = ? and storage_order = ?", (relation.name, storage_order)
            ).fetchall()
            if not found:
                connection.execute(f"drop table if exists {name}")
                connection.execute(f"delete from {_PARTS} where name = ?", (relation.name,))
                connection.execute(create_table(relation))
                connection.execute(f"insert into {_PARTS} values (?, ?, '', 0)", (relation.name, storage_order))
                connection.commit()
        return {part for (part,) in found}

    def note_part(self) -> str:
        """The statement that notes a part, to be run in the transaction of its rows: name, order, part, rows."""
        return f"insert into {_PARTS} values (?, ?, ?, ?)"

    def rows(self, name: str) -> int:
        """How many rows a table holds."""
        with self.connection() as connection:
            return int(connection.execute(f"select count(*) from {quote_identifier(name)}").fetchone()[0])

    def seal(self) -> None:
        """Removes the notes of the run; the file is then what readers get. Writes."""
        with self.connection() as connection:
            for table in (_PARTS, _RUN):
                connection.execute(f"drop table if exists {table}")
            connection.commit()

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """A connection, with SQLite's errors as ours."""
        try:
            with closing(sqlite3.connect(self.path)) as connection:
                connection.execute("pragma synchronous = off")
                yield connection
        except sqlite3.DatabaseError as error:
            name = getattr(error, "sqlite_errorname", "")
            if name in _FULL:
                raise destination_fault(self._uri, errno.ENOSPC, str(error)) from error
            raise OutputMismatch(f"{self.path}: {error}", hint="run again; without --resume it starts over") from error


def boot_id() -> str:
    """What is different after each start of this machine; empty where the system does not say."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""

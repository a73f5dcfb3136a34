"""Tables into another DuckDB file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from loaders.outputs.sinks.base import CREATE_NOTES, PARTS, TABLES, next_name
from loaders.warehouses.base import OpenOptions
from loaders.warehouses.duckdb.connection import connect, translated
from loaders.warehouses.parsing import literal, quote_identifier

if TYPE_CHECKING:
    import duckdb

    from loaders.outputs.model import Relation
    from loaders.warehouses.profile import Target

# It only appends; what it reads is in the file of the part.
_MEMORY: Final = 256 * 2**20


def open_sink(target: Target, lock_timeout: float) -> DuckDBSink:
    """The file of a DuckDB output; opened when held."""
    return DuckDBSink(target.database_path, lock_timeout)


class DuckDBSink:
    is_remote = False

    def __init__(self, path: Path, lock_timeout: float) -> None:
        self.where = str(path)
        self._path = path
        self._lock_timeout = lock_timeout
        self._opened: duckdb.DuckDBPyConnection | None = None

    @contextmanager
    def held(self) -> Iterator[None]:
        # The file's own lock keeps others away as long as it is open.
        for statement in CREATE_NOTES:
            self._rows(statement)
        # DDL that is still in the write-ahead log is what a kill has made files unreadable with.
        self._rows("checkpoint")
        try:
            yield
        finally:
            self.close()

    def reconnect(self) -> None:
        """A file's connection does not break."""

    def close(self) -> None:
        if self._opened is not None:
            with translated(self._path):
                self._opened.close()
            self._opened = None

    def entries(self) -> list[tuple[str, int, str]]:
        if not self._path.exists():
            return []
        if not self._rows("select 1 from duckdb_tables() where schema_name || '.' || table_name = $1", [TABLES]):
            return []
        return [
            (entry, sequence, job)
            for entry, sequence, job in self._rows(f"select entry, sequence, job_id from {TABLES}")
        ]

    def count(self, schema: str, name: str) -> int | None:
        if not self._path.exists():
            return None
        known = "select 1 from duckdb_tables() where schema_name = $1 and table_name = $2"
        if not self._rows(known, [schema, name]):
            return None
        return int(self._rows(f"select count(*) from {_name(schema, name)}")[0][0])

    def create_statement(self, relation: Relation, name: str) -> str:
        columns = ", ".join(f"{quote_identifier(column.name)} {column.type}" for column in relation.columns)
        return f"create table {_name(relation.schema, name)} ({columns})"

    def start_table(self, relation: Relation, cut: str) -> set[str]:
        name = next_name(relation.name)
        found = self._rows(
            f"select part from {PARTS} where relation = $1 and storage_order = $2", [_key(relation), cut]
        )
        if self.count(relation.schema, name) is None:
            found = []
        if not found:
            with self._transaction():
                self._rows(f"create schema if not exists {quote_identifier(relation.schema)}")
                self._rows(f"drop table if exists {_name(relation.schema, name)}")
                self._rows(self.create_statement(relation, name))
                self._rows(f"delete from {PARTS} where relation = $1", [_key(relation)])
                self._rows(f"insert into {PARTS} values ($1, $2, '', 0)", [_key(relation), cut])
            self._rows("checkpoint")
        return {part for (part,) in found}

    def add_part(self, relation: Relation, cut: str, part: str, file: Path) -> None:
        key = _key(relation)
        target = _name(relation.schema, next_name(relation.name))
        with self._transaction():
            if self._rows(f"select 1 from {PARTS} where relation = $1 and part = $2", [key, part]):
                return
            ((rows,),) = self._rows(f"insert into {target} by name select * from read_parquet({literal(str(file))})")
            self._rows(f"insert into {PARTS} values ($1, $2, $3, $4)", [key, cut, part, rows])

    def loaded(self, relation: Relation) -> int:
        return self.count(relation.schema, next_name(relation.name)) or 0

    def discard(self, relation: Relation) -> None:
        with self._transaction():
            self._rows(f"drop table if exists {_name(relation.schema, next_name(relation.name))}")
            self._rows(f"delete from {PARTS} where relation = $1", [_key(relation)])
        self._rows("checkpoint")

    def swap(self, relations: Sequence[tuple[Relation, str]], sequence: int, job_id: str) -> None:
        with self._transaction():
            for relation, entry in relations:
                key = _key(relation)
                self._rows(f"drop table if exists {_name(relation.schema, relation.name)}")
                loaded = _name(relation.schema, next_name(relation.name))
                self._rows(f"alter table {loaded} rename to {quote_identifier(relation.name)}")
                self._rows(f"delete from {PARTS} where relation = $1", [key])
                self._rows(f"delete from {TABLES} where relation = $1", [key])
                self._rows(f"insert into {TABLES} values ($1, $2, $3, $4)", [key, entry, sequence, job_id])
        self._rows("checkpoint")

    def _rows(self, sql: str, parameters: list[object] | None = None) -> list[tuple[Any, ...]]:
        if self._opened is None:
            self._opened = connect(self._path, OpenOptions(self._lock_timeout, _MEMORY))
        with translated(self._path):
            return self._opened.execute(sql, parameters).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._rows("begin transaction")
        try:
            yield
            self._rows("commit")
        except BaseException:
            # After a failed commit there is nothing left to roll back; closing drops it either way.
            self.close()
            raise


def _key(relation: Relation) -> str:
    return f"{relation.schema}.{relation.name}"


def _name(schema: str, name: str) -> str:
    return f"{quote_identifier(schema)}.{quote_identifier(name)}"

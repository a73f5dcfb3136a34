"""Tables into another DuckDB file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from loaders.errors import UsageError
from loaders.outputs.sinks.base import (
    CREATE_NOTES,
    PARTS,
    SCHEMA,
    TABLES,
    Noted,
    exact_or_text,
    key_of,
    loading_name,
    parts_there,
)
from loaders.warehouses.base import OpenOptions
from loaders.warehouses.duckdb.connection import connect, translated
from loaders.warehouses.parsing import literal, quote_identifier

if TYPE_CHECKING:
    import duckdb

    from loaders.outputs.model import Column, Relation
    from loaders.warehouses.profile import Target

# It only appends; what it reads is in the file of the part.
_MEMORY: Final = 256 * 2**20
# What comes out of Parquet as it went in, and lists of it. Of other types the text is what loses nothing: Parquet keeps
# no offset of a time, milliseconds of an interval, and doubles of 128-bit integers.
_EXACT: Final = re.compile(
    r"(U?(TINYINT|SMALLINT|INTEGER|BIGINT)|DECIMAL\(\d+,\d+\)|DOUBLE|FLOAT|BOOLEAN|VARCHAR|BLOB|UUID"
    r"|DATE|TIME|TIMESTAMP(_NS| WITH TIME ZONE)?)(\[\d*\])*"
)
_LOST_IN_UNIONS: Final = re.compile(r"\b(INTERVAL|U?HUGEINT|TIMESTAMP_M?S|TIME WITH TIME ZONE)\b|\[\d+\]")
_CAPITALS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_KINDS: Final = """
select kind from (
    select database_name, schema_name, table_name as name, 'table' as kind from duckdb_tables()
    union all
    select database_name, schema_name, view_name, 'view' from duckdb_views()
)
where database_name = current_database()"""


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
        for statement in (f"create schema if not exists {SCHEMA}", *CREATE_NOTES):
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

    def key(self, relation: Relation) -> str:
        return _fold(key_of(relation))

    def entries(self) -> list[Noted]:
        if not self._path.exists():
            return []
        if not self._rows("select 1 from duckdb_tables() where schema_name || '.' || table_name = $1", [TABLES]):
            return []
        found = self._rows(f"select relation, entry, sequence, job_id from {TABLES}")
        return [Noted(_fold(key), entry, sequence, job) for key, entry, sequence, job in found]

    def refuse(self, relation: Relation) -> None:
        for column in relation.columns:
            lost = _LOST_IN_UNIONS.search(column.type) if "UNION(" in column.type else None
            if lost:
                raise UsageError(
                    f"{self.where}: {relation.schema}.{relation.name}: column {column.name} is a union with {lost[0]}, "
                    "which no Parquet file holds as it is",
                    hint="cast the column in the model, say to varchar or to a union without that type",
                )

    def kind(self, schema: str, name: str) -> str | None:
        if not self._path.exists():
            return None
        named = f"{_KINDS} and {_folded('schema_name')} = $1 and {_folded('name')} = $2"
        found = self._rows(named, [_fold(schema), _fold(name)])
        return str(found[0][0]) if found else None

    def count(self, schema: str, name: str) -> int:
        return int(self._rows(f"select count(*) from {_name(schema, name)}")[0][0])

    def create_statement(self, relation: Relation, name: str) -> str:
        columns = ", ".join(f"{quote_identifier(column.name)} {column.type}" for column in relation.columns)
        return f"create table {_name(relation.schema, name)} ({columns})"

    def travels_as(self, column: Column) -> str:
        if "UNION(" in column.type or column.type == "VARIANT":
            # A text says nothing of the member it was, nor that it was NULL.
            return quote_identifier(column.name)
        return exact_or_text(column, _EXACT)

    def start_table(self, relation: Relation, cut: str) -> set[str]:
        key = self.key(relation)
        name = loading_name(key)
        noted = self._rows(f"select storage_order, part from {PARTS} where relation = $1", [key])
        found = parts_there(self, relation, [(each, part) for each, part in noted], cut)
        if found:
            return found
        with self._transaction():
            self._rows(f"create schema if not exists {quote_identifier(relation.schema)}")
            self._rows(f"drop table if exists {_name(relation.schema, name)}")
            self._rows(self.create_statement(relation, name))
            self._rows(f"delete from {PARTS} where relation = $1", [key])
            self._rows(f"insert into {PARTS} values ($1, $2, '', 0)", [key, cut])
        self._rows("checkpoint")
        return set()

    def add_part(self, relation: Relation, cut: str, part: str, file: Path) -> None:
        key = self.key(relation)
        target = _name(relation.schema, loading_name(key))
        with self._transaction():
            if self._rows(f"select 1 from {PARTS} where relation = $1 and part = $2", [key, part]):
                return
            # A path is a pattern to DuckDB, and `name=value` in it a column that stands before the file's own.
            source = f"read_parquet({literal(escape(str(file)))}, hive_partitioning = false)"
            ((rows,),) = self._rows(f"insert into {target} by name select * from {source}")
            self._rows(f"insert into {PARTS} values ($1, $2, $3, $4)", [key, cut, part, rows])

    def discard(self, relation: Relation) -> None:
        key = self.key(relation)
        with self._transaction():
            self._rows(f"drop table if exists {_name(relation.schema, loading_name(key))}")
            self._rows(f"delete from {PARTS} where relation = $1", [key])
        self._rows("checkpoint")

    def swap(self, relations: Sequence[tuple[Relation, str]], sequence: int, job_id: str) -> None:
        with self._transaction():
            for relation, entry in relations:
                key = self.key(relation)
                self._rows(f"drop table if exists {_name(relation.schema, relation.name)}")
                loaded = _name(relation.schema, loading_name(key))
                self._rows(f"alter table {loaded} rename to {quote_identifier(relation.name)}")
                self._rows(f"delete from {PARTS} where relation = $1", [key])
                self._rows(f"delete from {TABLES} where {_folded('relation')} = $1", [key])
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


def _fold(name: str) -> str:
    """Names that are one to DuckDB, made equal: it takes no notice of the case of A to Z, and does of any other."""
    return name.translate(str.maketrans(_CAPITALS, _CAPITALS.lower()))


def _folded(column: str) -> str:
    return f"translate({column}, {literal(_CAPITALS)}, {literal(_CAPITALS.lower())})"


def _name(schema: str, name: str) -> str:
    return f"{quote_identifier(schema)}.{quote_identifier(name)}"

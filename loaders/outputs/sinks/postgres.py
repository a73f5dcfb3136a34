"""Tables into Postgres: types of its own, primary keys, parts through COPY."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psycopg

from loaders.errors import DataRefused, OutputMismatch, UsageError, WarehouseUnavailable
from loaders.outputs.sinks.base import CREATE_NOTES, PARTS, SCHEMA, TABLES, Noted, key_of, loading_name, parts_there
from loaders.outputs.sinks.postgres_types import column_type, csv_blocks, travels_as, what_is_wrong
from loaders.warehouses.parsing import quote_identifier
from loaders.warehouses.postgres.connection import Connection, connection_settings

if TYPE_CHECKING:
    from loaders.outputs.model import Column, Relation
    from loaders.warehouses.profile import Target

# Of the rest of a name it says nothing, and takes two that begin alike for one.
_LONGEST_NAME: Final = 63
_KINDS: Final = """
select case relkind
    when 'r' then 'table' when 'p' then 'table' when 'v' then 'view' when 'm' then 'materialized view'
    when 'f' then 'foreign table' when 'S' then 'sequence' when 'c' then 'type' else 'index' end
from pg_class inner join pg_namespace on pg_namespace.oid = pg_class.relnamespace
where nspname = ? and relname = ?"""
# What keeps a table from being dropped: views, keys and functions that lean on it.
_LEANING: Final = """
select pg_describe_object(pg_depend.classid, pg_depend.objid, 0)
from pg_depend
left join pg_rewrite on pg_depend.classid = cast('pg_rewrite' as regclass) and pg_rewrite.oid = pg_depend.objid
left join pg_constraint on pg_depend.classid = cast('pg_constraint' as regclass) and pg_constraint.oid = pg_depend.objid
where pg_depend.refclassid = cast('pg_class' as regclass) and pg_depend.refobjid = cast(to_regclass(?) as oid)
    and pg_depend.deptype = 'n' and coalesce(pg_rewrite.ev_class, pg_constraint.conrelid, 0) <> pg_depend.refobjid
    and pg_depend.classid in (
        cast('pg_rewrite' as regclass), cast('pg_constraint' as regclass), cast('pg_proc' as regclass)
    )
order by 1 limit 1"""


def open_sink(target: Target, lock_timeout: float) -> PostgresSink:
    """Connects as the output says. Raises WarehouseUnavailable."""
    return PostgresSink(target, lock_timeout)


class PostgresSink:
    is_remote = True

    def __init__(self, target: Target, lock_timeout: float) -> None:
        self._target = target
        self._lock_timeout = lock_timeout
        self._connection = self._connect()

    @property
    def where(self) -> str:
        return self._connection.where

    @contextmanager
    def held(self) -> Iterator[None]:
        try:
            self._connection.lock(SCHEMA, self._lock_timeout)
            yield
        finally:
            self.close()

    def reconnect(self) -> None:
        self._connection.close()
        self._connection = self._connect()
        self._connection.lock(SCHEMA, self._lock_timeout)

    def close(self) -> None:
        self._connection.close()

    def key(self, relation: Relation) -> str:
        return key_of(relation)

    def entries(self) -> list[Noted]:
        if self._connection.rows("select to_regclass(?)", [TABLES]) == [(None,)]:
            return []
        found = self._connection.rows(f"select relation, entry, sequence, job_id from {TABLES}")
        return [Noted(str(key), str(entry), int(sequence), str(job)) for key, entry, sequence, job in found]

    def refuse(self, relation: Relation) -> None:
        for name in (relation.schema, relation.name, *(column.name for column in relation.columns)):
            size = len(name.encode())
            if size > _LONGEST_NAME:
                raise UsageError(
                    f"{self.where}: {relation.schema}.{relation.name}: the name {name!r} has {size} bytes, of "
                    f"which Postgres keeps {_LONGEST_NAME}",
                    hint="give it a shorter one in the model (`alias` for a table's)",
                )

    def kind(self, schema: str, name: str) -> str | None:
        found = self._connection.rows(_KINDS, [schema, name])
        return str(found[0][0]) if found else None

    def count(self, schema: str, name: str) -> int:
        return int(self._connection.rows(f"select count(*) from {_name(schema, name)}")[0][0])

    def create_statement(self, relation: Relation, name: str) -> str:
        columns = ", ".join(f"{quote_identifier(column.name)} {column_type(column)}" for column in relation.columns)
        return f"create table {_name(relation.schema, name)} ({columns})"

    def travels_as(self, column: Column) -> str:
        return travels_as(column)

    def start_table(self, relation: Relation, cut: str) -> set[str]:
        key = self.key(relation)
        name = loading_name(key)
        self._make_schema(SCHEMA)
        for statement in CREATE_NOTES:
            self._connection.execute(statement)
        noted = self._connection.rows(f"select storage_order, part from {PARTS} where relation = ?", [key])
        found = parts_there(self, relation, [(str(each), str(part)) for each, part in noted], cut)
        if found:
            return found
        self._refuse_leaning(relation)
        with self._connection.transaction():
            self._make_schema(relation.schema)
            self._connection.execute(f"drop table if exists {_name(relation.schema, name)}")
            self._connection.execute(self.create_statement(relation, name))
            self._connection.execute(f"delete from {PARTS} where relation = ?", [key])
            self._connection.execute(f"insert into {PARTS} values (?, ?, '', 0)", [key, cut])
        return set()

    def add_part(self, relation: Relation, cut: str, part: str, file: Path) -> None:
        key = self.key(relation)
        target = _name(relation.schema, loading_name(key))
        names = ", ".join(quote_identifier(column.name) for column in relation.columns)
        with self._connection.transaction():
            if self._connection.rows(f"select 1 from {PARTS} where relation = ? and part = ?", [key, part]):
                return
            with self._refusals(relation, file):
                rows = self._connection.copy(f"copy {target} ({names}) from stdin (format csv)", csv_blocks(file))
            self._connection.execute(f"insert into {PARTS} values (?, ?, ?, ?)", [key, cut, part, rows])

    def discard(self, relation: Relation) -> None:
        key = self.key(relation)
        with self._connection.transaction():
            self._connection.execute(f"drop table if exists {_name(relation.schema, loading_name(key))}")
            self._connection.execute(f"delete from {PARTS} where relation = ?", [key])

    def swap(self, relations: Sequence[tuple[Relation, str]], sequence: int, job_id: str) -> None:
        with self._connection.transaction():
            for relation, entry in relations:
                key = self.key(relation)
                loaded = _name(relation.schema, loading_name(key))
                if relation.primary_key:
                    columns = ", ".join(quote_identifier(each) for each in relation.primary_key)
                    self._connection.execute(f"alter table {loaded} add primary key ({columns})")
                self._connection.execute(f"drop table if exists {_name(relation.schema, relation.name)}")
                self._connection.execute(f"alter table {loaded} rename to {quote_identifier(relation.name)}")
                self._connection.execute(f"delete from {PARTS} where relation = ?", [key])
                self._connection.execute(f"delete from {TABLES} where relation = ?", [key])
                self._connection.execute(f"insert into {TABLES} values (?, ?, ?, ?)", [key, entry, sequence, job_id])

    def _make_schema(self, schema: str) -> None:
        """Makes a schema where there is none. Writes."""
        # Postgres asks for the right to make one also where `if not exists` finds it there.
        if not self._connection.rows("select 1 from pg_namespace where nspname = ?", [schema]):
            self._connection.execute(f"create schema if not exists {quote_identifier(schema)}")

    def _refuse_leaning(self, relation: Relation) -> None:
        """Raises OutputMismatch where the table that readers see cannot be dropped when the new one is loaded."""
        for (leaning,) in self._connection.rows(_LEANING, [_name(relation.schema, relation.name)]):
            raise OutputMismatch(
                f"{self.where}: {relation.schema}.{relation.name} cannot be replaced while there is "
                f"{str(leaning).removeprefix('rule _RETURN on ')}",
                hint="drop that, run again, and make it anew",
            )

    @contextmanager
    def _refusals(self, relation: Relation, file: Path) -> Iterator[None]:
        """Turns what Postgres says of a value it does not take, and never will, into DataRefused."""
        try:
            yield
        except WarehouseUnavailable as error:
            if not isinstance(error.__cause__, psycopg.DataError):
                raise
            raise DataRefused(
                f"{self.where}: {relation.schema}.{relation.name}: {what_is_wrong(error.__cause__, file)}",
                hint="Postgres has no such value: change it in the model, or cast the column to text there",
            ) from error

    def _connect(self) -> Connection:
        return Connection(self._target.name, connection_settings(self._target.settings))


def _name(schema: str, name: str) -> str:
    return f"{quote_identifier(schema)}.{quote_identifier(name)}"

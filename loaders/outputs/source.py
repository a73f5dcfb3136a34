"""Where rows come from: the relations of a warehouse, each as a DuckDB table whose rows keep their places.

DuckDB's own tables are read where they are. A view, and everything of another engine, is first copied, in a total order
of its columns, so that every run finds the same row in the same place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Final, Protocol

from loaders.contracts.types import data_type
from loaders.errors import UsageError
from loaders.outputs.model import Column, Relation, is_exact_number
from loaders.outputs.plan import spool_name
from loaders.outputs.session import Cursor, Limits, Session
from loaders.warehouses.parsing import quote_identifier
from loaders.warehouses.registry import open_warehouse

if TYPE_CHECKING:
    import pyarrow as pa

    from loaders.contracts.model import Column as ContractColumn
    from loaders.contracts.model import Contract
    from loaders.warehouses.base import Warehouse
    from loaders.warehouses.profile import Target

_NOT_OFFERED: Final = ("information_schema", "pg_catalog")
# What DuckDB's decimals hold, and Parquet's.
_MOST_DIGITS: Final = 38


class Source(Protocol):
    """One warehouse, unchanging while it is open."""

    @property
    def session(self) -> Session: ...

    @property
    def landing_schema(self) -> str:
        """Its tables hold text as it came, and are no output."""

    def relations(self) -> list[Relation]:
        """Everything that can be materialised, by schema and name. Columns may be unknown until it is `ready`."""

    def name_of(self, relation: Relation) -> str:
        """The relation's quoted name in its own engine."""

    def query(self, sql: str) -> list[tuple[object, ...]]:
        """All rows of a statement in the warehouse's own SQL."""

    def ready(self, cursor: Cursor, relation: Relation) -> tuple[Relation, str]:
        """The relation with its columns' types in DuckDB, and the quoted name of a DuckDB table with its rows.

        May copy them, into memory and the spill folder.
        """


class DuckDBSource:
    """A DuckDB file. It is open to read, so no other process can write it: every table is seen at one moment."""

    def __init__(self, session: Session, landing_schema: str) -> None:
        self.session = session
        self.landing_schema = landing_schema

    def relations(self) -> list[Relation]:
        found = self.session.cursor().rows(
            """
select schema_name, table_name, view_name is not null as is_view, list((column_name, data_type) order by column_index)
from duckdb_columns()
left join (select database_oid, schema_oid, view_name, view_name as table_name from duckdb_views()) as view
    using (database_oid, schema_oid, table_name)
where database_name = current_database() and not internal
group by all
order by schema_name, table_name"""
        )
        return [
            Relation(schema, name, tuple(Column(*each) for each in columns), is_view)
            for schema, name, is_view, columns in found
            if schema not in (self.landing_schema, *_NOT_OFFERED)
        ]

    def name_of(self, relation: Relation) -> str:
        return f"{quote_identifier(relation.schema)}.{quote_identifier(relation.name)}"

    def query(self, sql: str) -> list[tuple[object, ...]]:
        return [*self.session.cursor().rows(sql)]

    def ready(self, cursor: Cursor, relation: Relation) -> tuple[Relation, str]:
        name = self.name_of(relation)
        if not relation.is_view:
            return relation, name
        cursor.rows(f"create or replace table {spool_name(relation)} as select * from {name} order by all")
        return relation, spool_name(relation)


class CopiedSource:
    """Any other engine: each table is fetched once, as it is when its turn comes."""

    def __init__(self, session: Session, warehouse: Warehouse, landing_schema: str) -> None:
        self.session = session
        self.landing_schema = landing_schema
        self._warehouse = warehouse

    def relations(self) -> list[Relation]:
        found = {
            (self._as_dbt_writes_it(schema), self._as_dbt_writes_it(name))
            for schema, name in self._warehouse.tables()
            if schema.lower() not in (self.landing_schema, *_NOT_OFFERED)
        }
        return [Relation(schema, name, (), is_view=True) for schema, name in sorted(found)]

    def name_of(self, relation: Relation) -> str:
        return f"{self._warehouse.quote(relation.schema)}.{self._warehouse.quote(relation.name)}"

    def query(self, sql: str) -> list[tuple[object, ...]]:
        return self._warehouse.query(sql)

    def ready(self, cursor: Cursor, relation: Relation) -> tuple[Relation, str]:
        from loaders.warehouses.arrow import OPEN_DECIMAL

        batches = self._warehouse.stream(f"select * from {self.name_of(relation)}")
        first = next(batches)
        columns = [self._as_dbt_writes_it(each) for each in first.schema.names]
        name = spool_name(relation)
        cursor.load(name, _reader(chain([first], batches), columns), "all")
        marked = zip(columns, first.schema, strict=True)
        _make_numbers(cursor, name, [column for column, field in marked if field.metadata == OPEN_DECIMAL])
        _give_types(cursor, name, dict(relation.types))
        return replace(relation, columns=_columns(cursor, name)), name

    def _as_dbt_writes_it(self, name: str) -> str:
        """Snowflake keeps in capitals what dbt writes small, and its `quote` writes it so again."""
        small = name.lower()
        return small if self._warehouse.quote(small) == self._warehouse.quote(name) else name


@contextmanager
def open_source(target: Target, limits: Limits) -> Iterator[Source]:
    """The target's warehouse, to read. Raises WarehouseLocked, WarehouseUnavailable, ProfileInvalid, DriverMissing."""
    if target.type == "duckdb":
        session = Session.open(target.database_path, limits)
        try:
            yield DuckDBSource(session, target.landing_schema)
        finally:
            session.close()
        return
    warehouse = open_warehouse(target)
    session = Session.open(None, limits)
    try:
        yield CopiedSource(session, warehouse, target.landing_schema)
    finally:
        session.close()
        warehouse.close()


def with_contracts(relations: Sequence[Relation], contracts: Sequence[Contract]) -> list[Relation]:
    """The relations, those generated from a contract table tied to it; staging tables with their primary key and
    types."""
    tables = {f"{each.name}__{table.name}": (each, table) for each in contracts for table in each.tables}

    def tied(relation: Relation) -> Relation:
        layer, _, name = relation.name.partition("_")
        if layer not in ("stg", "rej") or name not in tables:
            return relation
        contract, table = tables[name]
        relation = replace(relation, contract=contract.name, table=table.name)
        if layer == "rej":
            return relation
        types = tuple((column.name, _duckdb_type(column)) for column in table.columns)
        return replace(relation, primary_key=table.primary_key, types=types)

    return [tied(each) for each in relations]


def _duckdb_type(column: ContractColumn) -> str:
    neutral = data_type(column)
    return "VARCHAR" if neutral == "string" else neutral.upper().replace(" ", "")


def refuse_unreadable(relation: Relation) -> None:
    """Raises UsageError for a relation whose rows cannot be told apart by their place."""
    if any(column.name.lower() == "rowid" for column in relation.columns):
        raise UsageError(
            f"{relation.schema}.{relation.name} has a column `rowid`, which hides the rows' places",
            hint="give the column another name in the model",
        )


def _make_numbers(cursor: Cursor, table: str, columns: Sequence[str]) -> None:
    """Decimals of `table` that no scale was declared for, and so came as text, become as wide as they have to be.

    A column stays text where 38 digits do not hold its values, and where one of them is no number (NaN).
    """
    for column in columns:
        name = quote_identifier(column)
        ((text, numbers, whole, scale),) = cursor.rows(
            rf"""
select
    typeof(any_value({name})) = 'VARCHAR',
    bool_and(regexp_full_match({name}::varchar, '-?\d+(\.\d+)?')),
    max(length(ltrim(split_part({name}::varchar, '.', 1), '-'))),
    max(length(split_part({name}::varchar, '.', 2)))
from {table}"""
        )
        if text and numbers and whole + scale <= _MOST_DIGITS:
            cursor.rows(f"alter table {table} alter column {name} set data type decimal({_MOST_DIGITS}, {scale})")


def _give_types(cursor: Cursor, table: str, types: Mapping[str, str]) -> None:
    """Columns of `table` get the contract's types where every value stays what it is.

    An engine keeps what it has no type for in a wider one: BigQuery small integers and decimals, Spark times of day.
    """
    for column in _columns(cursor, table):
        wanted = types.get(column.name, column.type)
        if wanted == column.type:
            continue
        ((stays,),) = cursor.rows(f"select coalesce(bool_and({_stays(column, wanted)}), true) from {table}")
        if stays:
            name = quote_identifier(column.name)
            cursor.rows(f"alter table {table} alter column {name} set data type {wanted}")


def _stays(column: Column, wanted: str) -> str:
    """SQL that is true for values of the column which another type holds as they are."""
    name = quote_identifier(column.name)
    if is_exact_number(column.type) and is_exact_number(wanted):
        # There and back, since a comparison of two types is made in a third that need not hold either's values.
        return f"try_cast(try_cast({name} as {wanted}) as {column.type}) is not distinct from {name}"
    if (column.type, wanted) == ("VARCHAR", "TIME"):
        return rf"coalesce(regexp_full_match({name}, '([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{{1,6}})?'), true)"
    return f"{name} is null"


def _columns(cursor: Cursor, table: str) -> tuple[Column, ...]:
    return tuple(Column(*each) for each in cursor.rows(f"select column_name, column_type from (describe {table})"))


def _reader(batches: Iterator[pa.RecordBatch], names: list[str]) -> pa.RecordBatchReader:
    """The batches, their columns under these names."""
    import pyarrow as pa

    renamed = (batch.rename_columns(names) for batch in batches)
    first = next(renamed)
    return pa.RecordBatchReader.from_batches(first.schema, chain([first], renamed))

"""Where rows come from: the relations of a warehouse, each as a DuckDB table whose rows keep their places.

DuckDB's own tables are read where they are. A view, and everything of another engine, is first copied, in a total order
of its columns, so that every run finds the same row in the same place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING, Protocol

from loaders.errors import UsageError
from loaders.outputs.model import Column, Relation
from loaders.outputs.plan import spool_name
from loaders.outputs.session import Cursor, Limits, Session
from loaders.warehouses.parsing import quote_identifier
from loaders.warehouses.registry import open_warehouse

if TYPE_CHECKING:
    import pyarrow as pa

    from loaders.contracts.model import Contract
    from loaders.warehouses.base import Warehouse
    from loaders.warehouses.profile import Target

_NOT_OFFERED = ("information_schema", "pg_catalog")


class Source(Protocol):
    """One warehouse, unchanging while it is open."""

    @property
    def session(self) -> Session: ...

    @property
    def landing_schema(self) -> str:
        """Its tables hold text as it came, and are no output."""

    def relations(self) -> list[Relation]:
        """Everything that can be materialised, by schema and name."""

    def name_of(self, relation: Relation) -> str:
        """The relation's quoted name in its own engine."""

    def query(self, sql: str) -> list[tuple[object, ...]]:
        """All rows of a statement in the warehouse's own SQL."""

    def ready(self, cursor: Cursor, relation: Relation) -> str:
        """The quoted name of a DuckDB table with the relation's rows. May copy them."""


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

    def ready(self, cursor: Cursor, relation: Relation) -> str:
        name = self.name_of(relation)
        if not relation.is_view:
            return name
        cursor.rows(f"create or replace table {spool_name(relation)} as select * from {name} order by all")
        return spool_name(relation)


class CopiedSource:
    """Any other engine: each table is fetched once, as it is when its turn comes."""

    def __init__(self, session: Session, warehouse: Warehouse, landing_schema: str) -> None:
        self.session = session
        self.landing_schema = landing_schema
        self._warehouse = warehouse

    def relations(self) -> list[Relation]:
        columns = self._warehouse.query(
            "select table_schema, table_name, column_name, data_type from information_schema.columns "
            "order by table_schema, table_name, ordinal_position"
        )
        found: dict[tuple[str, str], list[Column]] = {}
        for schema, name, column, kind in columns:
            if str(schema).lower() not in (self.landing_schema, *_NOT_OFFERED):
                found.setdefault((str(schema), str(name)), []).append(Column(str(column), str(kind)))
        return [Relation(schema, name, tuple(each), is_view=True) for (schema, name), each in found.items()]

    def name_of(self, relation: Relation) -> str:
        return f"{self._warehouse.quote(relation.schema)}.{self._warehouse.quote(relation.name)}"

    def query(self, sql: str) -> list[tuple[object, ...]]:
        return self._warehouse.query(sql)

    def ready(self, cursor: Cursor, relation: Relation) -> str:
        columns = ", ".join(self._warehouse.quote(each.name) for each in relation.columns)
        batches = self._warehouse.stream(f"select {columns} from {self.name_of(relation)}")
        cursor.load(spool_name(relation), _reader(batches, relation), "all")
        return spool_name(relation)


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
    """The relations, those generated from a contract table tied to it, staging tables with their primary key."""
    generated: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
        f"{prefix}_{contract.name}__{table.name}": (
            contract.name,
            table.name,
            table.primary_key if prefix == "stg" else (),
        )
        for contract in contracts
        for table in contract.tables
        for prefix in ("stg", "rej")
    }
    tied = []
    for each in relations:
        contract, table, key = generated.get(each.name, (None, None, ()))
        tied.append(Relation(each.schema, each.name, each.columns, each.is_view, contract, table, key))
    return tied


def refuse_unreadable(relation: Relation) -> None:
    """Raises UsageError for a relation whose rows cannot be told apart by their place."""
    if any(column.name.lower() == "rowid" for column in relation.columns):
        raise UsageError(
            f"{relation.schema}.{relation.name} has a column `rowid`, which hides the rows' places",
            hint="give the column another name in the model",
        )


def _reader(batches: Iterator[pa.RecordBatch], relation: Relation) -> pa.RecordBatchReader:
    import pyarrow as pa

    first = next(batches, None)
    if first is None:
        schema = pa.schema([(column.name, pa.string()) for column in relation.columns])
        return pa.RecordBatchReader.from_batches(schema, [])
    return pa.RecordBatchReader.from_batches(first.schema, chain([first], batches))

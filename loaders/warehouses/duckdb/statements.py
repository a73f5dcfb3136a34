"""Every landing statement DuckDB runs, as text; identifiers quoted, values bound.

No PRIMARY KEY, UNIQUE or index: they are where DuckDB files were found corrupt, and one writer needs none. Names carry
the catalog, because a database file may be called `landing` too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from loaders.warehouses.layout import (
    BOOKKEEPING,
    CHUNKS,
    LEDGER,
    LINEAGE_COLUMNS,
    MALFORMED_ROWS,
    ColumnType,
    LandingTable,
)
from loaders.warehouses.parsing import literal, quote_identifier

TYPES: Final[dict[ColumnType, str]] = {
    "text": "varchar",
    "bigint": "bigint",
    "date": "date",
    "timestamp": "timestamp",
}


class Statements:
    """The statements for one catalog and schema; `has_zstd`: its file's format knows that compression."""

    def __init__(self, catalog: str, schema: str, *, has_zstd: bool) -> None:
        self._has_zstd = has_zstd
        self._schema_name = schema
        self._schema = f"{quote_identifier(catalog)}.{quote_identifier(schema)}"

    @staticmethod
    def file() -> str:
        """The catalog's name and the version of its file's format."""
        return (
            "select database_name, tags['storage_version'] from duckdb_databases() "
            "where database_name = current_database()"
        )

    def name(self, table: str) -> str:
        """A landing table's full name."""
        return f"{self._schema}.{quote_identifier(table)}"

    def create_schema(self) -> str:
        return f"create schema if not exists {self._schema}"

    def create_bookkeeping(self, table: str) -> str:
        columns = ", ".join(f"{quote_identifier(name)} {TYPES[kind]}" for name, kind in BOOKKEEPING[table])
        return f"create table if not exists {self.name(table)} ({columns})"

    def create_landing(self, table: LandingTable) -> str:
        text = [f"{quote_identifier(name)} {self._text(table, name)}" for name in table.text_columns]
        lineage = [f"{name} {TYPES[kind]}" for name, kind in LINEAGE_COLUMNS]
        return f"create table if not exists {self.name(table.name)} ({', '.join(text + lineage)})"

    def add_column(self, table: LandingTable, column: str) -> str:
        return f"alter table {self.name(table.name)} add column {quote_identifier(column)} {self._text(table, column)}"

    def _text(self, table: LandingTable, column: str) -> str:
        # Long texts that differ take DuckDB's own choice, a dictionary, twice the time to write; reading is as fast.
        return "varchar using compression zstd" if self._has_zstd and column in table.long_text else "varchar"

    def existing_columns(self) -> str:
        """(table, column) of everything in the landing schema of catalog $1."""
        return (
            "select table_name, column_name from duckdb_columns() "
            f"where database_name = $1 and schema_name = {literal(self._schema_name)}"
        )

    def insert_rows(self, table: LandingTable, columns: Sequence[str], rows: str) -> str:
        names = ", ".join(quote_identifier(column) for column in columns)
        return f"insert into {self.name(table.name)} ({names})\n{rows}"

    def insert_entries(self, table: str) -> str:
        """Binds one list per column."""
        values = ", ".join(
            f"unnest(${number}::{TYPES[kind]}[])" for number, (_, kind) in enumerate(BOOKKEEPING[table], start=1)
        )
        return f"insert into {self.name(table)} select {values}"

    def select_ledger(self) -> str:
        """The entries of contract $1, table $2."""
        return (
            f"select {_names(LEDGER)} from {self.name(LEDGER)} "
            "where contract = $1 and table_name = $2 order by started_at, file_id"
        )

    def select_chunks(self) -> str:
        """The chunks of file $1."""
        return f"select {_names(CHUNKS)} from {self.name(CHUNKS)} where file_id = $1 order by chunk_number"

    def delete_ledger(self) -> str:
        """Removes the entries of the files in list $1."""
        return f"delete from {self.name(LEDGER)} where list_contains($1::varchar[], file_id)"

    def delete_file(self, table: str, id_column: str) -> str:
        """Removes what `table` holds of file $1."""
        return f"delete from {self.name(table)} where {id_column} = $1"

    def mismatches(self, table: LandingTable, some_files: bool) -> str:
        """Files of contract $1, table $2 (of list $3 only, with `some_files`) that are not as the ledger says."""
        rows_of, malformed_of, files = ("", "", "")
        if some_files:
            rows_of = "where list_contains($3::varchar[], _landed_file_id)"
            malformed_of = files = "where list_contains($3::varchar[], file_id)"
        return f"""
with
expected as (
    select
        file_id,
        case state
            when 'landed' then landed_rows
            when 'landing' then (
                select coalesce(sum(chunk.landed_rows), 0)
                from {self.name(CHUNKS)} as chunk where chunk.file_id = entry.file_id
            )
            else 0
        end as landed_rows,
        case state
            when 'landed' then malformed_rows
            when 'landing' then (
                select coalesce(sum(chunk.malformed_rows), 0)
                from {self.name(CHUNKS)} as chunk where chunk.file_id = entry.file_id
            )
            else 0
        end as malformed_rows
    from (select * from {self.name(LEDGER)} {files}) as entry
    where contract = $1 and table_name = $2
),
landed as (
    select _landed_file_id as file_id, count(*) as row_count from {self.name(table.name)} {rows_of} group by all
),
malformed as (
    select file_id, count(*) as row_count from {self.name(MALFORMED_ROWS)} {malformed_of} group by all
)
select
    coalesce(expected.file_id, landed.file_id) as file_id,
    coalesce(expected.landed_rows, 0), coalesce(landed.row_count, 0),
    coalesce(expected.malformed_rows, 0), coalesce(malformed.row_count, 0)
from expected
full join landed on expected.file_id = landed.file_id
left join malformed on expected.file_id = malformed.file_id
where coalesce(expected.landed_rows, 0) != coalesce(landed.row_count, 0)
    or coalesce(expected.malformed_rows, 0) != coalesce(malformed.row_count, 0)
order by file_id"""


def _names(table: str) -> str:
    return ", ".join(name for name, _ in BOOKKEEPING[table])

"""What publishing says to Delta tables: single statements, each atomic, each to the same end however often it runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Final

from loaders.warehouses.delta.literals import literal, quote, records, texts
from loaders.warehouses.layout import BOOKKEEPING, LEDGER, ColumnType, Entry, LandingTable, LedgerEntry
from loaders.warehouses.staged.load import Load, plain
from loaders.warehouses.statements import Dialect, LandingSql

TYPES: Final[dict[ColumnType, str]] = {
    "text": "string",
    "bigint": "bigint",
    "date": "date",
    "timestamp": "timestamp_ntz",
}
KEYS: Final = {
    "ledger": ("file_id",),
    "chunks": ("file_id", "chunk_number"),
    "malformed_rows": ("file_id", "line_number", "byte_offset"),
}
GONE: Final = ("superseded", "quarantined", "deleted")
"""States of files of which nothing is to stay."""


def delta_dialect(schema: str) -> Dialect:
    """Delta tables in `schema`, a full name, quoted. Files are skipped by the one column that landing is read by."""
    statistics = "delta.dataSkippingStatsColumns"
    return Dialect(
        TYPES,
        quote,
        schema,
        table_options=" using delta",
        landing_options=f" tblproperties ('{statistics}' = '_landed_file_id')",
    )


class DeltaSql:
    """Statements over the tables of one landing schema."""

    def __init__(self, dialect: Dialect) -> None:
        self._sql = LandingSql(dialect)

    def fill(self, load: Load, load_table: str, urls: Sequence[str]) -> str:
        """Makes a load table anew out of Parquet parts."""
        columns = ", ".join(f"cast({quote(name)} as {TYPES[kind]}) as {quote(name)}" for name, kind in load.columns)
        parts = " union all ".join(f"select {columns} from parquet.{quote(url)}" for url in urls)
        return f"create or replace table {self._sql.name(load_table)} using delta as {parts}"

    def file_ids(self, table: str, column: str, among: Sequence[str] | None = None) -> str:
        """The file ids that a table has rows of, all or those `among`."""
        where = "" if among is None else f" where {quote(column)} in ({texts(among)})"
        return f"select distinct {quote(column)} from {self._sql.name(table)}{where}"

    def counts(self, table: str, file_ids: Sequence[str]) -> str:
        """File id and number of rows."""
        column = quote("_landed_file_id")
        among = f"{column} in ({texts(file_ids)})"
        return f"select {column}, count(*) from {self._sql.name(table)} where {among} group by {column}"

    def count_landed(self, table: LandingTable, load_table: str, file_ids: Sequence[str]) -> str:
        """How many of a load table's rows are in landing."""
        same = " and ".join(f"t.{quote(name)} = s.{quote(name)}" for name in ("_landed_file_id", "_row_number"))
        return (
            f"select count(*) from {self._sql.name(table.name)} as t join {self._sql.name(load_table)} as s on {same} "
            f"where t.{quote('_landed_file_id')} in ({texts(file_ids)})"
        )

    def claim(self, entries: Sequence[LedgerEntry], reloaded: Sequence[str]) -> str:
        """Calls files `landing`, by their entries; one that is landed only where it is among `reloaded`."""
        free = f"t.{quote('state')} != 'landed'"
        if reloaded:
            free = f"({free} or t.{quote('file_id')} in ({texts(reloaded)}))"
        claims = [replace(entry, state="landing", landed_at=None) for entry in entries]
        return self._put_ledger(self._entries(LEDGER, claims), f" and {free}")

    def flip(self, entries: Sequence[LedgerEntry], claimed: Sequence[LedgerEntry]) -> str:
        """Writes all entries, or none where not all of `claimed` are still this publisher's."""
        source = self._entries(LEDGER, entries)
        if claimed:
            held = f"({self._held(claimed, 'count(*) as held')}) as claims"
            source = f"select written.* from ({source}) as written cross join {held} where held = {len(claimed)}"
        return self._put_ledger(source)

    def insert_rows(self, load: Load, load_table: str, file_ids: Sequence[str]) -> str:
        """Adds a load table's rows, those of `file_ids`, but for rows that are there."""
        columns = (*load.table.text_columns, "_landed_file_id", "_row_number")
        landed_at = f"cast({literal(plain(load.landed_at))} as {TYPES['timestamp']})"
        source = (
            f"select {self._sql.names(columns)}, {literal(load.job_id)} as {quote('_job_id')}, "
            f"{landed_at} as {quote('_landed_at')} from {self._sql.name(load_table)}"
        )
        return self._insert_missing(
            load.table.name,
            source,
            (*columns, "_job_id", "_landed_at"),
            ("_landed_file_id", "_row_number"),
            ("_landed_file_id", file_ids),
        )

    def insert_entries(self, table: str, entries: Sequence[Entry]) -> str:
        """Adds malformed rows or chunks, but for those that are there."""
        columns = [name for name, _ in BOOKKEEPING[table]]
        file_ids = sorted({entry.file_id for entry in entries})
        return self._insert_missing(table, self._entries(table, entries), columns, KEYS[table], ("file_id", file_ids))

    def delete_gone(self, table: str, column: str, file_ids: Sequence[str]) -> str:
        """Takes out what is left of those of the files that the ledger calls gone."""
        gone = f"{quote('file_id')} in ({texts(file_ids)}) and {quote('state')} in ({texts(GONE)})"
        return self._delete(table, column, f"select {quote('file_id')} from {self._sql.name(LEDGER)} where {gone}")

    def delete_claimed(self, table: str, column: str, claimed: Sequence[LedgerEntry]) -> str:
        """Takes out what is there of those of the files that are still this publisher's."""
        return self._delete(table, column, self._held(claimed, f"l.{quote('file_id')}"))

    def gone_files(self, table: LandingTable) -> str:
        """File ids of the table that the ledger calls gone."""
        where = f"{quote('contract')} = {literal(table.contract)} and {quote('table_name')} = {literal(table.table)}"
        states = f"{quote('state')} in ({texts(GONE)})"
        return f"select {quote('file_id')} from {self._sql.name(LEDGER)} where {where} and {states}"

    def _held(self, claimed: Sequence[LedgerEntry], what: str) -> str:
        """`what` of the ledger's rows that still hold the claims as they were written."""
        same = " and ".join(f"l.{quote(name)} = c.{quote(name)}" for name in ("file_id", "job_id", "started_at"))
        claims = self._entries(LEDGER, claimed)
        return (
            f"select {what} from {self._sql.name(LEDGER)} as l join ({claims}) as c on {same} "
            f"where l.{quote('state')} = 'landing'"
        )

    def _put_ledger(self, source: str, condition: str = "") -> str:
        """Each entry in place of an older one of its file that the condition is true of."""
        columns = [name for name, _ in BOOKKEEPING[LEDGER]]
        changes = ", ".join(f"t.{quote(name)} = s.{quote(name)}" for name in columns)
        values = ", ".join(f"s.{quote(name)}" for name in columns)
        return (
            f"merge into {self._sql.name(LEDGER)} as t using ({source}) as s "
            f"on t.{quote('file_id')} = s.{quote('file_id')} "
            f"when matched{condition} then update set {changes} "
            f"when not matched then insert ({self._sql.names(columns)}) values ({values})"
        )

    def _insert_missing(
        self,
        table: str,
        source: str,
        columns: Sequence[str],
        key: Sequence[str],
        among: tuple[str, Sequence[str]],
    ) -> str:
        """An insert of what no row of the key is there of. The list of values lets Delta skip files."""
        same = " and ".join(f"t.{quote(name)} = s.{quote(name)}" for name in key)
        values = ", ".join(f"s.{quote(name)}" for name in columns)
        return (
            f"merge into {self._sql.name(table)} as t using ({source}) as s "
            f"on {same} and t.{quote(among[0])} in ({texts(among[1])}) "
            f"when not matched then insert ({self._sql.names(columns)}) values ({values})"
        )

    def _delete(self, table: str, column: str, file_ids: str) -> str:
        # Delta's own DELETE takes no subquery outside of Databricks.
        return (
            f"merge into {self._sql.name(table)} as t using ({file_ids}) as s "
            f"on t.{quote(column)} = s.{quote('file_id')} when matched then delete"
        )

    def _entries(self, table: str, entries: Sequence[Entry]) -> str:
        fields = ", ".join(
            f"cast(entry[{literal(name)}] as {TYPES[kind]}) as {quote(name)}" for name, kind in BOOKKEEPING[table]
        )
        rows = [{name: plain(value) for name, value in asdict(entry).items()} for entry in entries]
        return f"select {fields} from {records(rows)}"

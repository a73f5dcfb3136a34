"""The landing statements of every engine but DuckDB, as text: one wording that all of them take, values as `?`.

What differs between engines is a `Dialect`: their types, their quoting, the name of the landing schema.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from loaders.warehouses.layout import (
    BOOKKEEPING,
    CHUNKS,
    LEDGER,
    LINEAGE_COLUMNS,
    MALFORMED_ROWS,
    ColumnType,
    LandingTable,
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """`schema` is the landing schema's full name, quoted; `table_options` what follows a table's columns, and
    `landing_options` what follows those of a landing table.

    `rows_of_json` makes, of a `?` that is a JSON list of objects, something to select from, and `json_field` gets a
    key of one such object as text: for engines that take few parameters in a statement.
    """

    types: Mapping[ColumnType, str]
    quote: Callable[[str], str]
    schema: str
    table_options: str = ""
    landing_options: str = ""
    rows_of_json: str | None = None
    json_field: str = ""


class LandingSql:
    """The statements in one dialect."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._quote = self.quote = dialect.quote

    def name(self, table: str) -> str:
        """A landing table's full name."""
        return f"{self._dialect.schema}.{self._quote(table)}"

    def names(self, columns: Sequence[str]) -> str:
        """Column names, quoted, parted by commas."""
        return ", ".join(map(self._quote, columns))

    def cast_mark(self, kind: ColumnType) -> str:
        """A `?` of a certain type, so that NULL and text find theirs."""
        return f"cast(? as {self._dialect.types[kind]})"

    def create_schema(self) -> str:
        return f"create schema if not exists {self._dialect.schema}"

    def create_bookkeeping(self, table: str) -> str:
        return self.create_table(table, BOOKKEEPING[table])

    def create_landing(self, table: LandingTable) -> str:
        text: list[tuple[str, ColumnType]] = [(name, "text") for name in table.text_columns]
        return self.create_table(table.name, [*text, *LINEAGE_COLUMNS]) + self._dialect.landing_options

    def create_table(self, name: str, columns: Sequence[tuple[str, ColumnType]]) -> str:
        defined = ", ".join(f"{self._quote(column)} {self._dialect.types[kind]}" for column, kind in columns)
        return f"create table if not exists {self.name(name)} ({defined}){self._dialect.table_options}"

    def add_column(self, table: LandingTable, column: str) -> str:
        return f"alter table {self.name(table.name)} add column {self._quote(column)} {self._dialect.types['text']}"

    def insert_entries(self, table: str, entries: int) -> str:
        """Binds the values of that many entries, one after the other. Casts give NULL its type."""
        casts = ", ".join(self.cast_mark(kind) for _, kind in BOOKKEEPING[table])
        columns = [name for name, _ in BOOKKEEPING[table]]
        rows = "\nunion all\n".join([f"select {casts}"] * entries)
        return f"insert into {self.name(table)} ({self.names(columns)})\n{rows}"

    @property
    def takes_json(self) -> bool:
        """Whether `insert_json` is to be used instead of `insert_entries`."""
        return self._dialect.rows_of_json is not None

    def insert_json(self, table: str) -> str:
        """Binds the entries as one JSON list of objects by column name."""
        field = self._dialect.json_field
        casts = ", ".join(
            f"cast({field.format(name)} as {self._dialect.types[kind]})" for name, kind in BOOKKEEPING[table]
        )
        columns = [name for name, _ in BOOKKEEPING[table]]
        source = self._dialect.rows_of_json
        return f"insert into {self.name(table)} ({self.names(columns)})\nselect {casts} from {source}"

    def select_ledger(self) -> str:
        """Binds contract and table."""
        return (
            f"select {self._columns(LEDGER)} from {self.name(LEDGER)} "
            f"where {self._quote('contract')} = ? and {self._quote('table_name')} = ? "
            f"order by {self._quote('started_at')}, {self._quote('file_id')}"
        )

    def select_chunks(self) -> str:
        """Binds a file id."""
        return (
            f"select {self._columns(CHUNKS)} from {self.name(CHUNKS)} "
            f"where {self._quote('file_id')} = ? order by {self._quote('chunk_number')}"
        )

    def delete_ledger(self, entries: int) -> str:
        """Binds that many file ids."""
        return f"delete from {self.name(LEDGER)} where {self._quote('file_id')} in ({marks(entries)})"

    def delete_file(self, table: str, id_column: str) -> str:
        """Binds a file id."""
        return f"delete from {self.name(table)} where {self._quote(id_column)} = ?"

    def mismatches(self, table: LandingTable, files: int | None, *, landed_only: bool = False) -> str:
        """Files that are not as the ledger says. Binds contract and table; with `files`, that many file ids thrice.

        With `landed_only` what other files hold is passed over: it may be on its way in or out.
        """
        among = "" if files is None else f" and {self._quote('file_id')} in ({marks(files)})"
        rows_among = "" if files is None else f" where {self._quote('_landed_file_id')} in ({marks(files)})"
        malformed_among = "" if files is None else f" where {self._quote('file_id')} in ({marks(files)})"
        landed = f" and {self._quote('state')} = 'landed'" if landed_only else ""
        file_id, rows, malformed, state = map(self._quote, ("file_id", "landed_rows", "malformed_rows", "state"))
        return f"""
with
entries as (
    select {file_id} as file_id, {state} as state, {rows} as landed_rows, {malformed} as malformed_rows
    from {self.name(LEDGER)}
    where {self._quote("contract")} = ? and {self._quote("table_name")} = ?{among}{landed}
),
chunked as (
    select {file_id} as file_id, sum({rows}) as landed_rows, sum({malformed}) as malformed_rows
    from {self.name(CHUNKS)} group by {file_id}
),
expected as (
    select
        entries.file_id,
        case entries.state
            when 'landed' then entries.landed_rows when 'landing' then coalesce(chunked.landed_rows, 0) else 0
        end as landed_rows,
        case entries.state
            when 'landed' then entries.malformed_rows when 'landing' then coalesce(chunked.malformed_rows, 0) else 0
        end as malformed_rows
    from entries
    left join chunked on entries.file_id = chunked.file_id
),
landed as (
    select {self._quote("_landed_file_id")} as file_id, count(*) as row_count
    from {self.name(table.name)}{rows_among} group by {self._quote("_landed_file_id")}
),
malformed as (
    select {file_id} as file_id, count(*) as row_count
    from {self.name(MALFORMED_ROWS)}{malformed_among} group by {file_id}
),
counted as (
    select
        coalesce(expected.file_id, landed.file_id) as file_id,
        coalesce(expected.landed_rows, 0) as expected_rows, coalesce(landed.row_count, 0) as actual_rows,
        coalesce(expected.malformed_rows, 0) as expected_malformed, coalesce(malformed.row_count, 0) as actual_malformed
    from expected
    {"left" if landed_only else "full"} join landed on expected.file_id = landed.file_id
    left join malformed on expected.file_id = malformed.file_id
)
select file_id, expected_rows, actual_rows, expected_malformed, actual_malformed from counted
where expected_rows != actual_rows or expected_malformed != actual_malformed
order by file_id"""

    def _columns(self, table: str) -> str:
        return self.names([name for name, _ in BOOKKEEPING[table]])


def marks(number: int) -> str:
    """That many `?`, parted by commas."""
    return ", ".join("?" * number)

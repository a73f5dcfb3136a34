"""A load: rows on their way through uploaded parts and a table of their own into the landing table.

Nobody reads the load table, so it may be filled as often as it takes. The rows then move into landing in the
transaction that writes the ledger; it first takes the landing table's row in `publishing`, so that publishers follow
one after the other, and then looks whether somebody was faster.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

from loaders.errors import WarehouseLocked
from loaders.warehouses.layout import ColumnType, Entry, LandingTable
from loaders.warehouses.statements import LandingSql

PART_COLUMN: Final = "_part"
LOAD_PREFIX: Final = "load_"
PUBLISHING: Final = "publishing"
"""The table with one row per landing table that publishers take turns by."""
PUBLISHING_COLUMNS: Final[tuple[tuple[str, ColumnType], ...]] = (("table_name", "text"), ("turn", "bigint"))
_KEY_LENGTH: Final = 24


@dataclass(frozen=True, slots=True)
class BuiltPart:
    """One Parquet file on this machine. `number` counts from 1 and stands in its rows' `_part`."""

    number: int
    path: Path
    rows: int
    size_bytes: int
    sha256: str

    @property
    def name(self) -> str:
        """The same for the same rows, on every machine."""
        return f"p{self.number:05d}-{self.sha256[:8]}.parquet"


@dataclass(frozen=True, slots=True)
class Load:
    """The parts that go into one landing table by one publishing step."""

    table: LandingTable
    parts: tuple[BuiltPart, ...]
    job_id: str
    landed_at: datetime

    @property
    def key(self) -> str:
        """24 hex, the same whenever the same rows are loaded into the same table."""
        content = "\n".join([self.table.name, *(part.sha256 for part in self.parts)])
        return sha256(content.encode()).hexdigest()[:_KEY_LENGTH]

    @property
    def rows(self) -> int:
        return sum(part.rows for part in self.parts)

    @property
    def load_table(self) -> str:
        """The load table's name, without schema."""
        return LOAD_PREFIX + self.key

    @property
    def folder(self) -> str:
        """Where its parts lie in a stage."""
        return f"{self.table.name}/{self.key}"

    @property
    def columns(self) -> list[tuple[str, ColumnType]]:
        """Columns of the parts and of the load table."""
        text: list[tuple[str, ColumnType]] = [(name, "text") for name in self.table.text_columns]
        return [*text, ("_landed_file_id", "text"), ("_row_number", "bigint"), (PART_COLUMN, "bigint")]


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with `?`. The transaction fails unless it changes `changes` rows, or its first value is `gives`."""

    sql: str
    parameters: tuple[object, ...] = ()
    changes: int | None = None
    gives: int | None = None


def publish_rows(sql: LandingSql, load: Load, load_tables: Sequence[str]) -> list[Statement]:
    """Adds the load tables' rows to landing."""
    columns = (*load.table.text_columns, "_landed_file_id", "_row_number")
    return [
        Statement(
            f"insert into {sql.name(load.table.name)} ({sql.names((*columns, '_job_id', '_landed_at'))}) "
            f"select {sql.names(columns)}, {sql.cast_mark('text')}, {sql.cast_mark('timestamp')} "
            f"from {sql.name(table)}",
            (load.job_id, plain(load.landed_at)),
            sum(part.rows for part in parts),
        )
        for table, parts in by_load_table(load, load_tables).items()
    ]


def by_load_table(load: Load, load_tables: Sequence[str]) -> dict[str, tuple[BuiltPart, ...]]:
    """The parts of each load table: one for all, or one each."""
    if len(load_tables) == 1:
        return {load_tables[0]: load.parts}
    return {table: (part,) for table, part in zip(load_tables, load.parts, strict=True)}


def hold(sql: LandingSql, tables: Iterable[str]) -> list[Statement]:
    """Makes other publishers of the landing tables wait for the end of this transaction, or fail."""
    columns = {name: sql.names([name]) for name in ("table_name", "turn")}
    update = f"update {sql.name(PUBLISHING)} set {columns['turn']} = {columns['turn']} + 1"
    return [Statement(f"{update} where {columns['table_name']} = ?", (table,), 1) for table in sorted(tables)]


def check(where: str, statement: Statement, found: int | None) -> None:
    """Raises WarehouseLocked unless `found`, rows changed or the first value, is what the statement must bring."""
    wanted = statement.changes if statement.gives is None else statement.gives
    if wanted is not None and found != wanted:
        raise WarehouseLocked(
            f"{where}: another process has published in between ({found} where {wanted} was right)",
            hint="run again: the ledger tells what has landed",
        )


def part_counts(sql: LandingSql, table: str) -> str:
    """Rows per part of a load table."""
    part = sql.names([PART_COLUMN])
    return f"select {part}, count(*) from {sql.name(table)} group by {part}"


def insert_entries(sql: LandingSql, table: str, entries: Sequence[Entry], at_once: int = 50) -> list[Statement]:
    """Statements that add bookkeeping entries, some at once: engines limit the values of a statement."""
    groups = [entries[start : start + at_once] for start in range(0, len(entries), at_once)]
    if sql.takes_json:
        return [
            Statement(sql.insert_json(table), (json.dumps([_plain_entry(entry) for entry in group]),))
            for group in groups
        ]
    return [
        Statement(
            sql.insert_entries(table, len(group)),
            tuple(value for each in group for value in _plain_entry(each).values()),
        )
        for group in groups
    ]


def _plain_entry(entry: Entry) -> dict[str, object]:
    return {name: plain(value) for name, value in asdict(entry).items()}


def plain(value: object) -> object:
    """Dates and times as text: every driver binds text alike, and the statements cast it."""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, date) else value

"""The protocol of a warehouse that tables are written into.

A table is loaded beside the one that readers see, in its schema under a name of our own, part by part, each part in one
transaction with the note that it is there. One more transaction puts all tables of a run in place, with what is to be
known of them. So a kill anywhere loses at most one part, and readers see the old tables or the new ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from loaders.errors import OutputMismatch
from loaders.warehouses.parsing import quote_identifier

if TYPE_CHECKING:
    import re

    from loaders.outputs.model import Column, Relation

SCHEMA: Final = "landfall_outputs"
PARTS: Final = f"{SCHEMA}.parts"
TABLES: Final = f"{SCHEMA}.tables"
CREATE_NOTES: Final = (
    f"create table if not exists {PARTS} (relation text, storage_order text, part text, row_count bigint)",
    f"create table if not exists {TABLES} (relation text, entry text, sequence bigint, job_id text)",
)


@dataclass(frozen=True, slots=True)
class Noted:
    """What is kept of a published table: the key it is kept under, its entry as JSON text, and the run's number and
    job."""

    key: str
    entry: str
    sequence: int
    job_id: str


def key_of(relation: Relation) -> str:
    """Schema and name as one text, another for every pair; names with a dot are quoted."""
    parts = (relation.schema, relation.name)
    return ".".join(quote_identifier(part) if "." in part or '"' in part else part for part in parts)


def loading_name(key: str) -> str:
    """The name a table is loaded under; `key` is what its notes are kept under.

    Postgres keeps 63 bytes of a name, so none is made from the table's own.
    """
    return f"landfall_loading_{sha256(key.encode()).hexdigest()[:20]}"


def exact_or_text(column: Column, exact: re.Pattern[str]) -> str:
    """An item of SELECT: the column as it is where its whole type matches `exact`, or else as text."""
    name = quote_identifier(column.name)
    return name if exact.fullmatch(column.type) else f"cast({name} as varchar) as {name}"


class Sink(Protocol):
    """One open warehouse. Not thread-safe. Methods raise WarehouseUnavailable, which trying again may mend."""

    @property
    def is_remote(self) -> bool:
        """Whether a step that failed may go well when it is tried again."""

    @property
    def where(self) -> str:
        """What it is called in messages."""

    def held(self) -> AbstractContextManager[None]:
        """Keeps other runs away while inside."""

    def reconnect(self) -> None:
        """Opens anew after a connection broke; nothing where that cannot happen."""

    def key(self, relation: Relation) -> str:
        """What a table's notes are kept under: equal for names that are one to the engine."""

    def entries(self) -> list[Noted]:
        """What is noted of published tables."""

    def refuse(self, relation: Relation) -> None:
        """Raises UsageError for a relation with a name or type that the engine would not keep as it is."""

    def kind(self, schema: str, name: str) -> str | None:
        """What has that name to the engine: `table`, or a word for what is none (`view`); None where it is free."""

    def count(self, schema: str, name: str) -> int:
        """Rows of a table that is there."""

    def create_statement(self, relation: Relation, name: str) -> str:
        """CREATE TABLE for a relation under `name`."""

    def travels_as(self, column: Column) -> str:
        """A column as it stands in the Parquet file of a part: an item of DuckDB's SELECT."""

    def start_table(self, relation: Relation, cut: str) -> set[str]:
        """Makes the table to load, and the notes, unless it is there with parts `cut` alike; returns those. Writes."""

    def add_part(self, relation: Relation, cut: str, part: str, file: Path) -> None:
        """Inserts a Parquet file's rows and notes the part, both or neither; nothing where it is noted. Writes."""

    def discard(self, relation: Relation) -> None:
        """Drops the table that is loaded, and the notes of its parts. Writes."""

    def swap(self, relations: Sequence[tuple[Relation, str]], sequence: int, job_id: str) -> None:
        """Puts loaded tables in place of those of their name, with their entries (JSON text), at once. Writes."""

    def close(self) -> None: ...


def parts_there(sink: Sink, relation: Relation, noted: Sequence[tuple[str, str]], cut: str) -> set[str]:
    """The parts that a run loaded and cut alike, of those `noted` as (cut, part); none where the table is to be made.

    Raises OutputMismatch where something is called as the table that is loaded, and no run made it.
    """
    name = loading_name(sink.key(relation))
    kind = sink.kind(relation.schema, name)
    if kind is None:
        return set()
    if kind != "table" or not noted:
        raise OutputMismatch(
            f"{sink.where}: {relation.schema}.{name} is in the way: a table is loaded under that name, and no run made "
            "this one",
            hint="drop or rename it and run again",
        )
    return {part for each, part in noted if each == cut}

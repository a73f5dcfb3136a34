"""The protocol of a warehouse that tables are written into.

A table is loaded beside the one that readers see, under the name `<table>__next`, part by part, each part in one
transaction with the note that it is there. One more transaction puts all tables of a run in place, with what is to be
known of them. So a kill anywhere loses at most one part, and readers see the old tables or the new ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from loaders.outputs.model import Relation

SCHEMA: Final = "landfall_outputs"
PARTS: Final = f"{SCHEMA}.parts"
TABLES: Final = f"{SCHEMA}.tables"
CREATE_NOTES: Final = (
    f"create schema if not exists {SCHEMA}",
    f"create table if not exists {PARTS} (relation text, storage_order text, part text, row_count bigint)",
    f"create table if not exists {TABLES} (relation text, entry text, sequence bigint, job_id text)",
)


def next_name(name: str) -> str:
    """The name a table is loaded under."""
    return f"{name}__next"


class Sink(Protocol):
    """One open warehouse. Not thread-safe. Methods raise WarehouseUnavailable, which trying again may mend."""

    @property
    def is_remote(self) -> bool:
        """Whether a step that failed may go well when it is tried again."""

    @property
    def where(self) -> str:
        """What it is called in messages."""

    def held(self) -> AbstractContextManager[None]:
        """Keeps other runs away while inside, and has the tables of notes ready. Writes."""

    def reconnect(self) -> None:
        """Opens anew after a connection broke; nothing where that cannot happen."""

    def entries(self) -> list[tuple[str, int, str]]:
        """What is noted of published tables: entry as JSON text, sequence, job."""

    def count(self, schema: str, name: str) -> int | None:
        """Rows of a table; None where there is none."""

    def create_statement(self, relation: Relation, name: str) -> str:
        """CREATE TABLE for a relation under `name`."""

    def start_table(self, relation: Relation, cut: str) -> set[str]:
        """Makes the table to load, unless it is there with parts that were `cut` alike; returns those. Writes."""

    def add_part(self, relation: Relation, cut: str, part: str, file: Path) -> None:
        """Inserts a Parquet file's rows and notes the part, both or neither; nothing where it is noted. Writes."""

    def loaded(self, relation: Relation) -> int:
        """Rows of the table that is loaded."""

    def discard(self, relation: Relation) -> None:
        """Drops the table that is loaded, and the notes of its parts. Writes."""

    def swap(self, relations: Sequence[tuple[Relation, str]], sequence: int, job_id: str) -> None:
        """Puts loaded tables in place of those of their name, with their entries (JSON text), at once. Writes."""

    def close(self) -> None: ...

"""What Spark and Databricks differ by: how a statement is sent, and how parts come to where the engine reads them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, Protocol

from loaders.errors import WarehouseLocked
from loaders.warehouses.staged.load import Load

if TYPE_CHECKING:
    import pyarrow as pa


class Conflict(WarehouseLocked):
    """Another process changed the table while a statement was at it; nothing of the statement happened."""


_CONFLICTS: Final = (
    "DELTA_CONCURRENT",
    "ConcurrentModification",
    "DELTA_METADATA_CHANGED",
    "DELTA_PROTOCOL_CHANGED",
    "Failed to commit transaction",
)


def is_conflict(message: str) -> bool:
    """Whether the engine says that another process was faster with a table."""
    return any(word in message for word in _CONFLICTS)


class DeltaConnection(Protocol):
    """One session. Every method translates the driver's errors into ours, a lost race for a table into Conflict."""

    @property
    def where(self) -> str:
        """Engine, place and target, for messages."""

    @property
    def schema(self) -> str:
        """The landing schema's full name, quoted."""

    def close(self) -> None: ...

    def reconnect(self) -> None:
        """Makes a new session in place of a broken one."""

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """All rows that a statement gives."""

    def stream(self, sql: str, batch_rows: int) -> Iterator[pa.RecordBatch]:
        """As `Warehouse.stream`."""

    def columns(self) -> dict[str, set[str]]:
        """Column names by table of the landing schema, in the engine's spelling; nothing where there is none."""

    def has_table(self, name: str) -> bool:
        """Whether the landing schema has the table."""

    def prepare(self) -> None:
        """Makes what parts are sent to. Writes."""

    def upload(self, load: Load) -> None:
        """Brings the load's parts to where the engine reads them, and tells of each."""

    def urls(self, load: Load) -> list[str]:
        """Where the engine finds the uploaded parts."""

    def run(self, sql: str) -> str | None:
        """Runs a statement that gives no rows; the engine's own id of it."""

    def remove(self, load: Load) -> None:
        """Takes the uploaded parts away."""

"""What an engine that takes uploaded files must offer; everything else about landing is the same for all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from loaders.warehouses.staged.load import Load, Statement
from loaders.warehouses.statements import Dialect

if TYPE_CHECKING:
    import pyarrow as pa


class LoadingEngine(Protocol):
    """One connection. Every method translates the driver's errors into ours."""

    @property
    def dialect(self) -> Dialect: ...

    def close(self) -> None: ...

    def reconnect(self) -> None:
        """Makes a new connection in place of a broken one."""

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of a statement with `?` for its parameters."""

    def stream(self, sql: str, batch_rows: int) -> Iterator[pa.RecordBatch]:
        """As `Warehouse.stream`."""

    def tables(self) -> list[tuple[str, str]]:
        """Schema and name of every table and view there is, as `Warehouse.tables`."""

    def existing_columns(self) -> dict[str, set[str]]:
        """Column names, in the contract's spelling where the engine keeps it, else in lower case, by landing table."""

    def has_table(self, name: str) -> bool:
        """Whether a table of the landing schema is there, by its name in lower case."""

    def prepare(self) -> None:
        """Whatever the engine needs beside the schema and its tables: a stage, for instance. Writes."""

    def upload(self, load: Load) -> None:
        """Puts the load's parts where the engine can read them; those that are there already are left alone."""

    def load_tables(self, load: Load) -> list[str]:
        """Names of the load's tables: one for all parts, or one for each in their order."""

    def settle(self, load: Load) -> None:
        """Waits for what a process that died left running on the load's tables."""

    def load(self, load: Load) -> None:
        """Makes the load's tables anew and fills them with the uploaded parts. Writes."""

    def clean(self, load: Load) -> None:
        """Takes the load tables and the uploaded parts away."""


class StagedEngine(LoadingEngine, Protocol):
    """An engine with a transaction over several tables."""

    def publish(self, statements: Sequence[Statement], token: str) -> None:
        """Runs all statements in one transaction; `token` names this publishing, however often it is sent.

        Raises WarehouseLocked, all undone, where one does not change or give what it must."""

"""The protocol of a format: from planned tables to published ones."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from loaders.outputs.control import Control
    from loaders.outputs.desk import Desk
    from loaders.outputs.manifest import Manifest
    from loaders.outputs.model import Partitioning, Relation, Request, TableEntry, TablePlan
    from loaders.warehouses.profile import Target


@dataclass(frozen=True, slots=True)
class Setting:
    """What a writer works with. `scratch` is a local folder for files on their way; `target` the warehouse read."""

    request: Request
    job_id: str
    scratch: Path
    target: Target
    control: Control


class Writer(Protocol):
    """One run's writer. `write` may be called from several threads when `parallel`; everything else from one."""

    @property
    def output(self) -> str:
        """What its tables are told apart by from those that other runs write to the same destination."""

    @property
    def parallel(self) -> bool: ...

    @property
    def partitioned(self) -> bool:
        """Whether tables are spread over partitions."""

    def held(self) -> AbstractContextManager[None]:
        """Keeps other runs away from the destination while inside."""

    def recover(self) -> None:
        """Finishes publications that a crash interrupted. Writes where there are any."""

    def manifest(self, relations: Sequence[Relation]) -> Manifest:
        """What the destination holds, or would once `recover` was done. Writes nothing.

        Raises OutputMismatch where what is there of `relations` is not what it lists.
        """

    def settings(self, relation: Relation, partitioning: Partitioning | None) -> str:
        """A hash of everything but the rows that shapes a table's output; another one means: write it all again."""

    def takes(self, plan: TablePlan) -> bool:
        """Whether `write` reads the plan's rows where they lie; otherwise each partition's are gathered first."""

    def write(self, plan: TablePlan, desk: Desk) -> TableEntry:
        """Writes what the plan says is to be written; nothing of it becomes visible. Returns the whole table."""

    def publish(self, before: Manifest, entries: Sequence[TableEntry]) -> Manifest:
        """Makes the written tables visible, together. Writes."""

    def clear(self) -> None:
        """Removes what the job left behind. Writes."""

    def close(self) -> None:
        """Gives up connections."""

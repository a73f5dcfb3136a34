"""How what waits becomes visible: the one step of landing in which engines differ by what a transaction is to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from loaders.warehouses.layout import LEDGER, ChunkEntry, LandingTable
from loaders.warehouses.staged.engine import LoadingEngine
from loaders.warehouses.staged.load import Load
from loaders.warehouses.staged.pending import Pending
from loaders.warehouses.statements import LandingSql, marks


class Publisher(Protocol):
    """Publishes over one engine's connection."""

    @property
    def leaves_unseen_rows(self) -> bool:
        """Whether landing may hold rows of files that are not landed, so that only landed ones can be counted."""

    def prepare(self, tables: Sequence[LandingTable], existing: set[str]) -> None:
        """Makes ready what publishing the tables needs; `existing` are the tables that were there. Writes."""

    def publish(self, pending: Pending, loads: Sequence[Load]) -> None:
        """Makes everything that waits visible, in order: rows, what is malformed, chunks, the ledger.

        The loads' tables are filled. Raises WarehouseLocked where another process was faster, with nothing visible of
        what waits; WarehouseUnavailable, after which publishing the same once more ends the same."""


def is_published(engine: LoadingEngine, sql: LandingSql, pending: Pending) -> bool:
    """Whether the last entry of what waits is there as it was written."""
    if pending.ledger:
        ids = list(pending.ledger)
        columns = sql.names(["file_id", "state", "job_id", "started_at"])
        among = f"{sql.names(['file_id'])} in ({marks(len(ids))})"
        rows = engine.rows(f"select {columns} from {sql.name(LEDGER)} where {among}", ids)
        there = {(row[0], row[1], row[2], row[3]) for row in rows}
        return there >= {(e.file_id, e.state, e.job_id, e.started_at) for e in pending.ledger.values()}
    last = pending.chunks[-1]
    return last.chunk_number in [
        ChunkEntry(*row).chunk_number for row in engine.rows(sql.select_chunks(), [last.file_id])
    ]

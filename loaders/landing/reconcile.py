"""Whether landing holds exactly what the ledger says: the check that would catch a warehouse losing data."""

from __future__ import annotations

from collections.abc import Sequence

from loaders.errors import LandingMismatch
from loaders.warehouses.base import Warehouse
from loaders.warehouses.layout import LandingTable


def reconcile(warehouse: Warehouse, table: LandingTable, file_ids: Sequence[str] | None = None) -> None:
    """Compares rows and malformed rows of each file (all of the table, or the given) with the ledger.

    Raises LandingMismatch naming the first files that differ.
    """
    wrong = warehouse.mismatches(table, file_ids)
    if not wrong:
        return
    first = wrong[0]
    more = f" (and {len(wrong) - 1} more files)" if len(wrong) > 1 else ""
    raise LandingMismatch(
        f"landing.{table.name}, file {first.file_id}: the ledger says {first.expected_rows} rows and "
        f"{first.expected_malformed} malformed, there are {first.actual_rows} and {first.actual_malformed}{more}",
        hint="stop loading and restore the warehouse from a copy, or land these files again with --reload",
    )

"""Reading the ledger and mending it by hand: which files there are, what became of one, and forgetting one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, cast

from loaders.contracts.model import Contract, Table
from loaders.errors import UsageError
from loaders.failpoints import failpoint
from loaders.landing.draft import landing_table
from loaders.warehouses.base import Warehouse
from loaders.warehouses.layout import (
    MALFORMED_ROWS,
    ChunkEntry,
    LandingTable,
    LedgerEntry,
    LedgerState,
    MalformedEntry,
    columns_of,
)

SHORTEST_ID: Final = 6
"""Hex digits of a file id that are enough to name it, as long as they are unique."""


@dataclass(frozen=True, slots=True)
class FileFilter:
    """Which ledger entries are wanted; None for all."""

    contract: str | None = None
    table: str | None = None
    state: LedgerState | None = None


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A ledger entry and where its rows stand."""

    entry: LedgerEntry
    landing: LandingTable


@dataclass(frozen=True, slots=True)
class FileDetails:
    """All that is known of one file version; `malformed` in file order, cut to what was asked for."""

    entry: LedgerEntry
    chunks: tuple[ChunkEntry, ...]
    malformed: tuple[MalformedEntry, ...]


def tables_of(contracts: Sequence[Contract], wanted: FileFilter) -> list[tuple[Contract, Table]]:
    """The contract tables a filter leaves. Raises UsageError where none has the wanted name."""
    found = [
        (contract, table)
        for contract in contracts
        for table in contract.tables
        if wanted.contract in (None, contract.name) and wanted.table in (None, table.name)
    ]
    if not found:
        asked = ".".join(name for name in (wanted.contract, wanted.table) if name)
        known = ", ".join(f"{contract.name}.{table.name}" for contract in contracts for table in contract.tables)
        raise UsageError(f"no contract table is called {asked}", hint=f"known: {known}")
    return found


def known_files(warehouse: Warehouse, contracts: Sequence[Contract], wanted: FileFilter) -> list[KnownFile]:
    """Ledger entries by contract, table and start of landing. Reads only. Raises UsageError as `tables_of`."""
    return [
        KnownFile(entry, landing)
        for contract, table in tables_of(contracts, wanted)
        for landing in [landing_table(contract, table)]
        for entry in warehouse.ledger(contract.name, table.name)
        if wanted.state in (None, entry.state)
    ]


def find(files: Sequence[KnownFile], name: str) -> KnownFile:
    """The one file that `name` means: the first digits of its id, or its path, whose newest version counts.

    Raises UsageError where nothing or more than one file has that name.
    """
    by_id = [each for each in files if len(name) >= SHORTEST_ID and each.entry.file_id.startswith(name)]
    at_path = [each for each in files if each.entry.path == name]
    in_sight = [each for each in at_path if each.entry.state != "superseded"] or at_path
    found = by_id or in_sight[-1:]
    if not found:
        raise UsageError(f"the ledger knows no file {name}", hint="`loaders files list` shows paths and ids")
    if len(found) > 1:
        ids = ", ".join(each.entry.file_id[:12] for each in found)
        raise UsageError(f"{name} begins the ids of {len(found)} files: {ids}", hint="give more of its digits")
    return found[0]


def details(warehouse: Warehouse, file: KnownFile, most_malformed: int) -> FileDetails:
    """The file's chunks and its first malformed lines. Reads only."""
    names = ", ".join(name for name, _ in columns_of(MalformedEntry))
    rows = warehouse.query(
        f"select {names} from {warehouse.landing_name(MALFORMED_ROWS)} where file_id = ? "
        f"order by line_number limit {int(most_malformed)}",
        [file.entry.file_id],
    )
    malformed = tuple(MalformedEntry(*cast("tuple[str, ...]", row)) for row in rows)  # type: ignore[arg-type]
    return FileDetails(file.entry, tuple(warehouse.chunks(file.entry.file_id)), malformed)


def forget(warehouse: Warehouse, files: Iterable[KnownFile], job_id: str) -> None:
    """Takes the files' rows, malformed rows and chunks out, all in one unit; the next ingest lands them like new ones.

    Their entries stay, as superseded by nothing, and say which job it was. Writes.
    """
    forgotten = list(files)
    if not forgotten:
        return
    with warehouse.landing() as unit:
        for file in forgotten:
            unit.remove_file(file.landing, file.entry.file_id)
        unit.put_ledger(
            [replace(file.entry, state="superseded", error=f"forgotten by job {job_id}") for file in forgotten]
        )
        failpoint("landing.forgotten")

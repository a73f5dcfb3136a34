"""The audit: where every line of every landed file went, read from the generated view `file_accounting`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from itertools import groupby
from typing import Final

from loaders.errors import EnvironmentFault, WarehouseLocked, WarehouseUnavailable

Query = Callable[[str, Sequence[object]], Sequence[Sequence[object]]]
"""Runs a statement with its parameters and gives all its rows."""

ACCOUNTING_SCHEMA: Final = "accounting"
ACCOUNTING_VIEW: Final = "file_accounting"


@dataclass(frozen=True, slots=True)
class Counts:
    """Lines are physical lines of the decompressed file. What begins with `missing_` is accounted for by nothing."""

    lines: int = 0
    header_lines: int = 0
    skipped_lines: int = 0
    blank_lines: int = 0
    comment_lines: int = 0
    landed_lines: int = 0
    malformed_lines: int = 0
    landed_rows: int = 0
    malformed_rows: int = 0
    staged_rows: int = 0
    rejected_rows: int = 0
    deduplicated_rows: int = 0
    missing_lines: int = 0
    missing_rows: int = 0
    missing_landed_rows: int = 0
    missing_malformed_rows: int = 0

    @property
    def missing(self) -> int:
        """How many lines and rows are unaccounted for; a surplus counts like a lack, and both do not cancel out."""
        return sum(abs(getattr(self, field.name)) for field in fields(self) if field.name.startswith("missing_"))


@dataclass(frozen=True, slots=True)
class FileAccount:
    """One landed file version."""

    contract: str
    table: str
    file_id: str
    path: str
    counts: Counts


@dataclass(frozen=True, slots=True)
class TableAccount:
    """All landed files of one contract table; `missing` is the sum over its files, without cancelling out."""

    contract: str
    table: str
    files: int
    counts: Counts
    missing: int


@dataclass(frozen=True, slots=True)
class Accounting:
    """The audit's result: files in order of contract, table and path."""

    files: tuple[FileAccount, ...]

    @property
    def tables(self) -> tuple[TableAccount, ...]:
        return tuple(
            _table_account(contract, table, tuple(files))
            for (contract, table), files in groupby(self.files, key=lambda file: (file.contract, file.table))
        )

    @property
    def missing(self) -> int:
        return sum(file.counts.missing for file in self.files)


def read_accounting(query: Query, schema: str = ACCOUNTING_SCHEMA, contract: str | None = None) -> Accounting:
    """The accounting of all contracts, or of one, out of the view in `schema`. Reads only.

    Raises EnvironmentFault when the view cannot be read: dbt has not built the project in this warehouse.
    """
    counted = [field.name for field in fields(Counts)]
    columns = ", ".join(("contract", "table_name", "file_id", "path", *counted))
    condition, parameters = (" where contract = ?", (contract,)) if contract is not None else ("", ())
    view = f"{schema}.{ACCOUNTING_VIEW}"
    try:
        rows = query(
            f"select {columns} from {view}{condition} order by contract, table_name, path, file_id", parameters
        )
    except WarehouseLocked:
        raise
    except WarehouseUnavailable as error:
        # Catalogues are asked differently in each engine; the view's absence is an error of the same kind in all.
        raise EnvironmentFault(
            f"{view} cannot be read: {error.what}",
            hint="run `loaders generate`, then `dbt build`, then audit again",
        ) from error
    return Accounting(tuple(_file_account(row) for row in rows))


def _file_account(row: Sequence[object]) -> FileAccount:
    contract, table, file_id, path, *counts = row
    return FileAccount(str(contract), str(table), str(file_id), str(path), Counts(*(int(str(each)) for each in counts)))


def _table_account(contract: str, table: str, files: tuple[FileAccount, ...]) -> TableAccount:
    counts = _sum(file.counts for file in files)
    return TableAccount(contract, table, len(files), counts, sum(file.counts.missing for file in files))


def _sum(counts: Iterable[Counts]) -> Counts:
    summed = list(counts)
    return Counts(*(sum(getattr(each, field.name) for each in summed) for field in fields(Counts)))

"""What an ingest did, per file and in all."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal

Status = Literal["landed", "skipped", "refused", "quarantined", "pending"]


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """How one file ended. `pending` stands in dry runs for what would land; `note` says why for all but `landed`.

    `rows` and `malformed_rows` are what this run landed, `size_bytes` the file's size as stored.
    """

    path: str
    contract: str
    table: str
    status: Status
    note: str = ""
    file_id: str | None = None
    rows: int = 0
    malformed_rows: int = 0
    size_bytes: int = 0
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IngestResult:
    """One outcome per file found, in the order they were tried.

    `unmatched` are given paths with nothing of any table, `passed_over` the files of given folders that belong to none.
    """

    job_id: str
    outcomes: tuple[FileOutcome, ...]
    unmatched: tuple[str, ...]
    seconds: float
    dry_run: bool = False
    passed_over: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """Files per status."""
        return dict(Counter(outcome.status for outcome in self.outcomes))

    @property
    def rows(self) -> int:
        return sum(outcome.rows for outcome in self.outcomes)

    @property
    def malformed_rows(self) -> int:
        return sum(outcome.malformed_rows for outcome in self.outcomes)

    @property
    def all_accepted(self) -> bool:
        """Whether no file was refused or quarantined."""
        return not any(outcome.status in ("refused", "quarantined") for outcome in self.outcomes)

"""Lands one file after another: hash, decide, read, and either hold it for a shared unit or load it in chunks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from loaders.contracts.fingerprint import parse_fingerprint, table_version
from loaders.errors import FileRefused, LandingMismatch
from loaders.files.discovery import Candidate
from loaders.files.shapes import Preamble
from loaders.landing.draft import Draft, landing_table
from loaders.landing.load import load
from loaders.landing.meter import Meter
from loaders.landing.opened import Opened, opened
from loaders.landing.outcome import FileOutcome, Status
from loaders.landing.plan import Book, Identity, Land, Seen, Skip, changed_since
from loaders.landing.whole import Landed, Ready, land_together, quarantine
from loaders.warehouses.base import Warehouse
from loaders.warehouses.layout import LandingTable, LedgerEntry


@dataclass(frozen=True, slots=True)
class LandingSettings:
    """`window_bytes` bounds what is parsed and lost at once; small files share a unit up to the `group_` limits."""

    window_bytes: int = 64 * 2**20
    group_bytes: int = 16 * 2**20
    group_files: int = 500
    threads: int = 2
    reload: bool = False
    verify: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class TableRun:
    """What landing knows of one contract table during a run."""

    landing: LandingTable
    version: str
    parse_fingerprint: str
    book: Book

    @classmethod
    def of(cls, candidate: Candidate, warehouse: Warehouse) -> TableRun:
        """Reads the table's ledger."""
        landing = landing_table(candidate.contract, candidate.table)
        return cls(
            landing,
            table_version(candidate.contract, candidate.table),
            parse_fingerprint(candidate.table),
            Book(warehouse.ledger(landing.contract, landing.table)),
        )

    def draft(self, file: Opened, identity: Identity, decision: Land, job_id: str) -> Draft:
        """What is known of a file that is to land."""
        return Draft(
            file.candidate,
            self.landing,
            self.version,
            file.seen,
            file.trusted_modified_ns,
            identity,
            decision,
            file.preamble,
            job_id,
            file.started_at,
        )


@dataclass(slots=True)
class Lander:
    """Lands candidates into one warehouse. Each file ends as one outcome; `finish` must be called at the end."""

    warehouse: Warehouse
    settings: LandingSettings
    meter: Meter
    job_id: str
    outcomes: list[FileOutcome] = field(default_factory=list)
    contents: Mapping[str, str] = field(default_factory=dict)
    """By ledger path the only content (SHA-256) that may land from there."""
    landed: dict[LandingTable, list[str]] = field(default_factory=dict)
    """File ids that this run wrote rows of, per table."""
    _group: list[tuple[TableRun, Ready]] = field(default_factory=list)
    _waiting: set[str] = field(default_factory=set)
    """File ids and paths of the group: what is decided on them must wait for it."""
    _waiting_bytes: int = 0
    _evidence: list[LedgerEntry] = field(default_factory=list)
    _copies: list[tuple[Candidate, TableRun, Seen, Skip]] = field(default_factory=list)
    """Files of a content that landed from another path, where a newer one may yet replace it."""

    def finish(self) -> None:
        """Brings the files that had to wait to their outcome. Writes."""
        self.flush()
        while self._copies:
            copies, self._copies = self._copies, []
            for candidate, table, seen, before in copies:
                skip = table.book.still(before, seen.path, table.parse_fingerprint)
                if skip is not None:
                    self._tell(candidate, skip.status, skip.note, skip.entry.file_id, seen.size_bytes)
                else:
                    self.land(candidate, table, seen)
            self.flush()

    def land(self, candidate: Candidate, table: TableRun, seen: Seen) -> None:
        """Brings one file to its outcome, at once or with the group it joins. Writes.

        What is wrong with the file becomes an outcome; only faults of the environment raise.
        """
        skip = self.skip_of(table, seen)
        if skip is not None:
            self._tell(candidate, skip.status, skip.note, skip.entry.file_id, seen.size_bytes)
            return
        self.meter.obey()
        self.meter.start_file(candidate.display, candidate.table.name, seen.size_bytes)
        make_ahead = not self.settings.dry_run and not table.book.has_unfinished(seen.path)
        threads = self.settings.threads
        try:
            with opened(candidate, seen.path, self._window_bytes, threads, make_ahead=make_ahead) as file:
                self._land_open(file, table)
        except (FileRefused, LandingMismatch) as refusal:
            self._tell(candidate, "refused", str(refusal), None, seen.size_bytes)
        self.meter.end_file()

    @property
    def _window_bytes(self) -> int:
        return min(self.settings.window_bytes, self.warehouse.largest_window)

    def skip_of(self, table: TableRun, seen: Seen) -> Skip | None:
        """The skip of a file that need not even be opened."""
        if self.settings.verify or self.settings.reload:
            return None
        return table.book.unchanged(seen, table.parse_fingerprint)

    def flush(self) -> None:
        """Lands the waiting group and notes new evidence about files that need no landing. Writes."""
        group, self._group = self._group, []
        self._waiting, self._waiting_bytes = set(), 0
        for (table, _), landed in zip(group, land_together(self.warehouse, [each for _, each in group]), strict=True):
            self._close(table, landed)
        evidence, self._evidence = self._evidence, []
        if evidence:
            with self.warehouse.landing() as unit:
                unit.put_ledger(evidence)

    def _land_open(self, file: Opened, table: TableRun) -> None:
        identity = file.identify(table.landing, table.parse_fingerprint, self.meter.hashing)
        if self.contents.get(file.path, identity.content_sha256) != identity.content_sha256:
            raise changed_since(file.candidate.display)
        if identity.file_id in self._waiting or file.path in self._waiting:
            self.flush()
        decision = table.book.decide(
            file.path,
            identity,
            file.candidate.table.on_file_change,
            reload=self.settings.reload,
            replay=file.path in self.contents,
        )
        if isinstance(decision, Skip):
            if self._may_be_replaced(decision, file):
                self._copies.append((file.candidate, table, file.seen, decision))
                return
            self._note_evidence(table, decision.entry, file)
            size = file.seen.size_bytes
            self._tell(file.candidate, decision.status, decision.note, decision.entry.file_id, size)
            return
        draft = table.draft(file, identity, decision, self.job_id)
        if self.settings.dry_run:
            self._plan(draft, table, file.prepared)
        elif isinstance(file.prepared, FileRefused):
            self._close(table, quarantine(self.warehouse, draft, file.prepared))
        else:
            threads = self.settings.threads
            loaded = load(file, draft, self.warehouse, self._window_bytes, threads, self._chunk_landed)
            if isinstance(loaded, Ready):
                self._wait(table, loaded)
            else:
                self._close(table, loaded)

    def _may_be_replaced(self, skip: Skip, file: Opened) -> bool:
        elsewhere = skip.entry.state == "landed" and skip.entry.path != file.path
        return elsewhere and file.candidate.table.on_file_change == "replace"

    def _wait(self, table: TableRun, ready: Ready) -> None:
        self._group.append((table, ready))
        self._waiting |= {ready.draft.file_id, ready.draft.seen.path}
        self._waiting_bytes += len(ready.text.data)
        if self._waiting_bytes >= self.settings.group_bytes or len(self._group) >= self.settings.group_files:
            self.flush()

    def _chunk_landed(self, text_bytes: int, rows: int) -> None:
        self.meter.add_rows(rows)
        self.meter.landing(text_bytes)
        self.meter.obey()

    def _close(self, table: TableRun, landed: Landed) -> None:
        """Takes the ledger's new words into the book and into the outcomes."""
        draft, entry = landed.draft, landed.entry
        for written in (entry, *draft.superseded(refusals_only=landed.refusal is not None)):
            table.book.record(written)
        self.landed.setdefault(table.landing, []).append(draft.file_id)
        preamble_warnings = draft.preamble.warnings if draft.preamble is not None else ()
        self.outcomes.append(
            FileOutcome(
                draft.display,
                draft.landing.contract,
                draft.landing.table,
                "landed" if landed.refusal is None else "quarantined",
                _replaces(draft) if landed.refusal is None else str(landed.refusal),
                draft.file_id,
                entry.landed_rows or 0,
                entry.malformed_rows or 0,
                draft.seen.size_bytes,
                (*preamble_warnings, *landed.warnings),
            )
        )

    def _plan(self, draft: Draft, table: TableRun, prepared: Preamble | FileRefused) -> None:
        refused = isinstance(prepared, FileRefused)
        status: Status = "quarantined" if refused else "pending"
        note = str(prepared) if refused else _replaces(draft)
        for entry in draft.superseded(refusals_only=refused):
            table.book.record(entry)
        self._tell(draft.candidate, status, note, draft.file_id, draft.seen.size_bytes)

    def _tell(self, candidate: Candidate, status: Status, note: str, file_id: str | None, size_bytes: int) -> None:
        """An outcome without rows."""
        contract, table = candidate.contract.name, candidate.table.name
        self.outcomes.append(
            FileOutcome(candidate.display, contract, table, status, note, file_id, size_bytes=size_bytes)
        )

    def _note_evidence(self, table: TableRun, entry: LedgerEntry, file: Opened) -> None:
        """A file that was hashed in vain: its new size, time and inode save the hashing next time."""
        seen = file.seen
        fresh = replace(entry, size_bytes=seen.size_bytes, modified_ns=file.trusted_modified_ns, inode=seen.inode)
        if entry.path == seen.path and fresh != entry and not self.settings.dry_run:
            table.book.record(fresh)
            self._evidence.append(fresh)


def _replaces(draft: Draft) -> str:
    old = [entry for entry in draft.decision.replaced if entry.state == "landed"]
    return f"replaces what landed by job {', '.join(entry.job_id for entry in old)}" if old else ""

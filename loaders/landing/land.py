"""Lands one file after another: hash, decide, read, and either hold it for a shared unit or load it in chunks."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import chain

from loaders.contracts.fingerprint import parse_fingerprint, table_version
from loaders.errors import DataRefused, FileRefused, FileUnstable, LandingMismatch
from loaders.failpoints import failpoint
from loaders.files.discovery import Candidate
from loaders.files.reading import FileReader
from loaders.files.shapes import Preamble
from loaders.landing.chunks import ChunkedLoad
from loaders.landing.draft import Draft, landing_table, utc_now
from loaders.landing.meter import Meter
from loaders.landing.outcome import FileOutcome
from loaders.landing.plan import Book, Seen, Skip, changed_since, identity_of, trusted_modified_ns
from loaders.landing.rows import Text
from loaders.landing.whole import Landed, Ready, land_together, make_ready, quarantine
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


@dataclass(slots=True)
class Lander:
    """Lands candidates into one warehouse. Each file ends as one outcome; `flush` must be called at the end."""

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

    def land(self, candidate: Candidate, table: TableRun, seen: Seen) -> None:
        """Brings one file to its outcome, at once or with the group it joins. Writes.

        What is wrong with the file becomes an outcome; only faults of the environment raise.
        """
        self.meter.start_file(candidate.display, candidate.table.name, seen.size_bytes)
        if not self.settings.verify and not self.settings.reload:
            skip = table.book.unchanged(seen, table.parse_fingerprint)
            if skip is not None:
                self._skip(candidate, skip, seen)
                return
        try:
            with FileReader.open(candidate.path, candidate.display, candidate.table) as reader:
                self._land_open(candidate, table, seen.path, reader)
        except (FileRefused, LandingMismatch) as refusal:
            self._refuse(candidate, refusal, seen.size_bytes)
        self.meter.end_file()

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

    def _land_open(self, candidate: Candidate, table: TableRun, path: str, reader: FileReader) -> None:
        started_at, started_ns = utc_now(), time.time_ns()
        content = reader.fingerprint(self.meter.hashing)
        failpoint("landing.after_hash")
        if self.contents.get(path, content) != content:
            raise changed_since(candidate.display)
        seen = Seen(path, reader.stat.size_bytes, reader.stat.modified_ns, reader.stat.inode)
        prepared = _prepare(reader)
        preamble = prepared if isinstance(prepared, Preamble) else None
        empty_at = path if preamble is not None and preamble.empty else None
        identity = identity_of(table.landing, content, table.parse_fingerprint, empty_at)
        if identity.file_id in self._waiting or path in self._waiting:
            self.flush()
        decision = table.book.decide(
            path,
            identity,
            candidate.table.on_file_change,
            reload=self.settings.reload,
            replay=path in self.contents,
        )
        trusted = trusted_modified_ns(seen.modified_ns, started_ns)
        if isinstance(decision, Skip):
            self._note_evidence(table, decision.entry, seen, trusted)
            self._skip(candidate, decision, seen)
            return
        draft = Draft(
            candidate,
            table.landing,
            table.version,
            seen,
            trusted,
            identity,
            decision,
            preamble,
            self.job_id,
            started_at,
        )
        if self.settings.dry_run:
            self._plan(draft, prepared)
        elif isinstance(prepared, FileRefused):
            self._close(table, quarantine(self.warehouse, draft, prepared))
        else:
            self._load(table, draft, reader, prepared)

    def _load(self, table: TableRun, draft: Draft, reader: FileReader, preamble: Preamble) -> None:
        load = ChunkedLoad(self.warehouse, draft, preamble.shape, self.settings.threads, self._chunk_landed)
        position = load.take_up()
        windows = reader.windows(self.settings.window_bytes, position or preamble.start)
        try:
            first = next(windows, None)
            if position is not None or (first is not None and not first.last):
                load.run(chain([first] if first is not None else [], windows))
                landed = Landed(draft, load.finish(end := reader.finish()), warnings=end.warnings)
            else:
                text = _nothing(preamble) if first is None else Text.of(first, preamble.shape)
                ready = make_ready(draft, text, preamble.shape, reader.finish(), self.settings.threads)
                self._wait(table, ready)
                return
        except FileUnstable:
            # Its chunks are of no content that anybody can name any more; the entry stays for the next run to mend.
            load.withdraw(draft.entry("landing"))
            raise
        except FileRefused as refusal:
            landed = quarantine(self.warehouse, draft, refusal)
        self._close(table, landed)

    def _wait(self, table: TableRun, ready: Ready) -> None:
        self._group.append((table, ready))
        self._waiting |= {ready.draft.file_id, ready.draft.seen.path}
        self._waiting_bytes += len(ready.text.data)
        if self._waiting_bytes >= self.settings.group_bytes or len(self._group) >= self.settings.group_files:
            self.flush()

    def _chunk_landed(self, text_bytes: int, rows: int) -> None:
        self.meter.add_rows(rows)
        self.meter.landing(text_bytes)

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

    def _plan(self, draft: Draft, prepared: Preamble | FileRefused) -> None:
        refused = isinstance(prepared, FileRefused)
        self.outcomes.append(
            FileOutcome(
                draft.display,
                draft.landing.contract,
                draft.landing.table,
                "quarantined" if refused else "pending",
                str(prepared) if refused else _replaces(draft),
                draft.file_id,
                size_bytes=draft.seen.size_bytes,
            )
        )

    def _skip(self, candidate: Candidate, skip: Skip, seen: Seen) -> None:
        self.outcomes.append(
            FileOutcome(
                candidate.display,
                candidate.contract.name,
                candidate.table.name,
                skip.status,
                skip.note,
                skip.entry.file_id,
                size_bytes=seen.size_bytes,
            )
        )

    def _refuse(self, candidate: Candidate, refusal: DataRefused, size_bytes: int) -> None:
        self.outcomes.append(
            FileOutcome(
                candidate.display,
                candidate.contract.name,
                candidate.table.name,
                "refused",
                str(refusal),
                size_bytes=size_bytes,
            )
        )

    def _note_evidence(self, table: TableRun, entry: LedgerEntry, seen: Seen, trusted: int | None) -> None:
        """A file that was hashed in vain: its new size, time and inode save the hashing next time."""
        fresh = replace(entry, size_bytes=seen.size_bytes, modified_ns=trusted, inode=seen.inode)
        if entry.path == seen.path and fresh != entry and not self.settings.dry_run:
            table.book.record(fresh)
            self._evidence.append(fresh)


def _prepare(reader: FileReader) -> Preamble | FileRefused:
    try:
        return reader.prepare()
    except FileUnstable:
        raise
    except FileRefused as refusal:
        return refusal


def _nothing(preamble: Preamble) -> Text:
    """The text of a file without a byte after its header."""
    start = preamble.start
    return Text(b"", start.byte, start.line, 0, True, preamble.shape.newline[-1:], ())


def _replaces(draft: Draft) -> str:
    old = [entry for entry in draft.decision.replaced if entry.state == "landed"]
    return f"replaces what landed by job {', '.join(entry.job_id for entry in old)}" if old else ""

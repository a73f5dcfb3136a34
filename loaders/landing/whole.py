"""Lands files that fit into one window: data, malformed rows and ledger entry in one unit, several files a unit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from loaders.errors import FileRefused
from loaders.failpoints import failpoint
from loaders.files.shapes import FileEnd, RecordShape
from loaders.landing.draft import Draft, check_limits, check_lines, check_longest
from loaders.landing.rows import Cut, Text, cut_fast, needs_care
from loaders.landing.scanning import cut_carefully
from loaders.warehouses.base import ParseOptions, Part, Piece, Segment, Warehouse
from loaders.warehouses.layout import LandingTable, LedgerEntry
from loaders.warehouses.memory_files import MemoryFile

# Below this a second thread has nothing to win.
_LEAST_SEGMENT = 2**20


@dataclass(frozen=True, slots=True)
class Ready:
    """A file read to its end and cut, waiting for its unit. `scanned` says that the careful way has been gone."""

    draft: Draft
    text: Text
    shape: RecordShape
    cut: Cut
    end: FileEnd
    scanned: bool

    @property
    def entry(self) -> LedgerEntry:
        return self.draft.entry("landed", self.cut.tally, self.end)


@dataclass(frozen=True, slots=True)
class Landed:
    """A file's fate after its unit: its ledger entry, and why it could not land, if so."""

    draft: Draft
    entry: LedgerEntry
    refusal: FileRefused | None = None
    warnings: tuple[str, ...] = ()


def make_ready(draft: Draft, text: Text, shape: RecordShape, end: FileEnd, threads: int) -> Ready:
    """Cuts a whole file. Raises FileRefused past the contract's limits, LandingMismatch when counts do not add up."""
    segments = max(1, min(threads, len(text.data) // _LEAST_SEGMENT))
    scanned = _worth_scanning(text, shape)
    cut = cut_carefully(text, shape, segments) if scanned else cut_fast(text, segments)
    return _checked(Ready(draft, text, shape, cut, end, scanned))


def _worth_scanning(text: Text, shape: RecordShape) -> bool:
    # A small file is scanned as soon as a quoted newline is possible: a refused parse costs its whole group a retry.
    small_and_quoted = len(text.data) < _LEAST_SEGMENT and bool(shape.quote) and shape.quote in text.data
    return small_and_quoted or needs_care(text, shape)


def _checked(ready: Ready) -> Ready:
    cut = ready.cut
    check_lines(ready.draft, cut.tally, ready.end)
    check_longest(ready.draft, cut.malformed)
    check_limits(ready.draft, cut.tally, cut.malformed[0] if cut.malformed else None, whole=True)
    return ready


def land_together(warehouse: Warehouse, group: Sequence[Ready]) -> list[Landed]:
    """Lands all of the group in one unit; where the parser refuses one, each in a unit of its own. Writes."""
    if not group:
        return []
    try:
        failpoint("landing.before_unit")
        with warehouse.landing() as unit:
            for draft in (ready.draft for ready in group):
                for old in draft.decision.replaced:
                    unit.remove_file(draft.landing, old.file_id)
            for part in _parts(group):
                unit.insert_rows(part)
            unit.insert_malformed([each for ready in group for each in ready.draft.malformed(ready.cut.malformed)])
            entries = [ready.entry for ready in group]
            unit.put_ledger([*entries, *(old for ready in group for old in ready.draft.superseded())])
    except FileRefused as refusal:
        if len(group) == 1:
            return [_land_carefully(warehouse, group[0], refusal)]
        return [landed for ready in group for landed in land_together(warehouse, [ready])]
    failpoint("landing.after_unit")
    return [
        Landed(ready.draft, entry, warnings=ready.end.warnings) for ready, entry in zip(group, entries, strict=True)
    ]


def _land_carefully(warehouse: Warehouse, ready: Ready, refusal: FileRefused) -> Landed:
    if ready.scanned:
        return quarantine(warehouse, ready.draft, refusal)
    try:
        cut = cut_carefully(ready.text, ready.shape, max(1, len(ready.cut.segments)))
        again = _checked(replace(ready, cut=cut, scanned=True))
    except FileRefused as limits:
        return quarantine(warehouse, ready.draft, limits)
    return land_together(warehouse, [again])[0]


def quarantine(warehouse: Warehouse, draft: Draft, refusal: FileRefused) -> Landed:
    """Writes the refusal into the ledger and takes out what an earlier, unfinished load left. Writes."""
    entry = draft.quarantined(refusal)
    failpoint("landing.before_quarantine")
    with warehouse.landing() as unit:
        unit.remove_file(draft.landing, draft.file_id)
        unit.put_ledger([entry, *draft.superseded(refusals_only=True)])
    return Landed(draft, entry, refusal)


def _parts(group: Sequence[Ready]) -> Iterator[Part]:
    """One part for all files of the group that are parsed alike."""
    alike: dict[tuple[LandingTable, ParseOptions], list[Ready]] = {}
    for ready in group:
        if ready.cut.segments:
            alike.setdefault((ready.draft.landing, ready.draft.options), []).append(ready)
    for readies in alike.values():
        yield readies[0].draft.part(_segments(readies))


def _segments(readies: Sequence[Ready]) -> Iterator[Segment]:
    """The files' segments; small files whose every row is one line in one segment together."""
    joined: list[bytes] = []
    pieces: list[Piece] = []
    for ready in readies:
        segments = list(ready.draft.segments(ready.cut))
        one_line_each = ready.cut.tally.landed_lines == ready.cut.tally.landed_rows
        data = ready.cut.segments[0].data
        if len(readies) == 1 or len(segments) > 1 or not one_line_each or isinstance(data, MemoryFile):
            yield from segments
            continue
        joined.append(bytes(data))
        if not joined[-1].endswith(ready.shape.newline):
            joined.append(ready.shape.newline)
        pieces += segments[0].pieces
    if pieces:
        yield Segment(b"".join(joined), tuple(pieces))

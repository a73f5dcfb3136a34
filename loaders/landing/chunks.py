"""Lands a file larger than one window: a unit per chunk, and a last one that makes all of them visible at once.

Until that last unit the ledger calls the file `landing` and no reader sees a row of it. A killed load goes on after
its last committed chunk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from hashlib import sha256

from loaders.errors import FileRefused, LandingMismatch
from loaders.failpoints import failpoint
from loaders.files.fastway import must_scan
from loaders.files.reading import Window
from loaders.files.shapes import FileEnd, Malformed, Position, RecordShape
from loaders.landing.draft import Draft, check_limits, check_lines, utc_now
from loaders.landing.rows import Cut, Tally, Text, cut_carefully, cut_fast
from loaders.landing.windows import Ahead, read_ahead
from loaders.warehouses.base import Warehouse
from loaders.warehouses.layout import ChunkEntry, LedgerEntry


@dataclass(slots=True)
class ChunkedLoad:
    """One big file on its way. `tally` and `chunks` are what is committed; `on_chunk` hears bytes and rows of each."""

    warehouse: Warehouse
    draft: Draft
    shape: RecordShape
    threads: int
    on_chunk: Callable[[int, int], None]
    chunks: list[ChunkEntry] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)
    carefully: bool = False
    first_malformed: Malformed | None = None

    def take_up(self) -> Position | None:
        """Takes over what an earlier run committed; the position to read on from, None to begin."""
        if self.draft.decision.resumes:
            self.chunks = self.warehouse.chunks(self.draft.file_id)
        if not self.chunks:
            return None
        self.tally = sum(map(_tally_of, self.chunks), Tally())
        # The last chunk is read again, to be sure that its bytes are the committed ones.
        return Position(self.chunks[-1].byte_start, self.chunks[-1].first_line_number)

    def run(self, windows: Iterator[Window]) -> None:
        """Commits every chunk of the windows, which start where `take_up` said. Writes.

        Raises FileRefused when the content cannot land.
        """
        with read_ahead(windows) as ahead:
            rest = self._after_committed(ahead) if self.chunks else None
            if rest is not None and rest.last:
                self._land(rest, ahead)
            for window in ahead:
                text = Text.of(window, self.shape) if rest is None else rest.followed_by(window)
                rest = self._land(text, ahead)

    def finish(self, end: FileEnd) -> LedgerEntry:
        """Makes the file visible in one unit, in which the versions it replaces go. Writes."""
        check_lines(self.draft, self.tally, end)
        check_limits(self.draft, self.tally, self.first_malformed, whole=True)
        entry = self.draft.entry("landed", self.tally, end)
        failpoint("landing.before_flip")
        with self.warehouse.landing() as unit:
            for old in self.draft.decision.replaced:
                if old.file_id != self.draft.file_id:
                    unit.remove_file(self.draft.landing, old.file_id)
            unit.put_ledger([entry, *self.draft.superseded()])
        failpoint("landing.after_flip")
        return entry

    def withdraw(self, entry: LedgerEntry) -> None:
        """Takes every committed chunk out again and leaves `entry` in the ledger. Writes."""
        with self.warehouse.landing() as unit:
            unit.remove_file(self.draft.landing, self.draft.file_id)
            unit.put_ledger([entry])

    def _after_committed(self, ahead: Ahead) -> Text:
        last = self.chunks[-1]
        committed = last.byte_end - last.byte_start
        text = Text.of(next(ahead), self.shape)
        while len(text.data) < committed and not text.last:
            text = text.followed_by(next(ahead))
        if sha256(memoryview(text.data)[:committed]).hexdigest() != last.sha256:
            raise LandingMismatch(
                f"{self.draft.display}: bytes {last.byte_start} to {last.byte_end} are not those an earlier run landed",
                hint="run with --reload to land the file from its start",
            )
        return text.rest(committed, last.lines)

    def _land(self, text: Text, ahead: Ahead) -> Text | None:
        """Commits what is whole of `text`; what is left of it, if anything."""
        carefully = self.carefully or must_scan(text.data, self.shape)
        cut = self._cut(text, carefully)
        try:
            self._commit(text, cut, ahead)
        except FileRefused:
            if carefully:
                raise
            cut = self._cut(text, carefully=True)
            self._commit(text, cut, ahead)
        # One window that needed care makes the next likely to; one that did not need it ends the suspicion.
        self.carefully = cut.tally.landed_rows != cut.tally.lines
        return text.rest(cut.consumed, cut.tally.lines) if cut.consumed < len(text.data) else None

    def _cut(self, text: Text, carefully: bool) -> Cut:
        cut = cut_carefully(text, self.shape, self.threads) if carefully else cut_fast(text, self.threads)
        self.first_malformed = self.first_malformed or next(iter(cut.malformed), None)
        check_limits(self.draft, self.tally + cut.tally, self.first_malformed, whole=False)
        return cut

    def _commit(self, text: Text, cut: Cut, ahead: Ahead) -> None:
        if cut.consumed == 0:
            return
        digest = ahead.sha256(memoryview(text.data)[: cut.consumed])
        failpoint("landing.before_chunk")
        with self.warehouse.landing() as unit:
            if not self.chunks:
                # Nothing of an abandoned or replaced load of the same content may stay beside the new one.
                unit.remove_file(self.draft.landing, self.draft.file_id)
                unit.put_ledger([self.draft.entry("landing")])
            if cut.segments:
                unit.insert_rows(self.draft.part(cut, self.tally.landed_rows + 1))
            unit.insert_malformed(self.draft.malformed(cut.malformed))
            chunk = self._chunk(text, cut, digest)
            unit.insert_chunk(chunk)
        failpoint("landing.after_chunk")
        self.chunks.append(chunk)
        self.tally += cut.tally
        self.on_chunk(chunk.byte_end, chunk.landed_rows)

    def _chunk(self, text: Text, cut: Cut, digest: Future[str]) -> ChunkEntry:
        return ChunkEntry(
            file_id=self.draft.file_id,
            chunk_number=len(self.chunks) + 1,
            byte_start=text.byte_start,
            byte_end=text.byte_start + cut.consumed,
            sha256=digest.result(),
            lines=cut.tally.lines,
            blank_lines=cut.tally.blank_lines,
            comment_lines=cut.tally.comment_lines,
            landed_lines=cut.tally.landed_lines,
            landed_rows=cut.tally.landed_rows,
            malformed_lines=cut.tally.malformed_lines,
            malformed_rows=cut.tally.malformed_rows,
            first_row_number=self.tally.landed_rows + 1,
            first_line_number=text.first_line_number,
            job_id=self.draft.job_id,
            committed_at=utc_now(),
        )


def _tally_of(chunk: ChunkEntry) -> Tally:
    return Tally(
        chunk.lines,
        chunk.blank_lines,
        chunk.comment_lines,
        chunk.landed_lines,
        chunk.landed_rows,
        chunk.malformed_lines,
        chunk.malformed_rows,
    )

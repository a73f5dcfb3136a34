"""Lands a file larger than one window: a unit per chunk, and a last one that makes all of them visible at once.

Until that last unit the ledger calls the file `landing` and no reader sees a row of it. A killed load goes on after
its last committed chunk.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field

from loaders.errors import FileRefused, LandingMismatch
from loaders.failpoints import failpoint
from loaders.files.shapes import FileEnd, Malformed, Position, RecordShape
from loaders.landing.ahead import Ahead, ReadyChunk
from loaders.landing.draft import Draft, check_limits, check_lines, check_longest, utc_now
from loaders.landing.rows import Tally
from loaders.warehouses.base import LandingUnit, Warehouse
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

    def run(self, ahead: Ahead) -> None:
        """Commits every chunk of a file that is read from where `take_up` said. Writes.

        Raises FileRefused when the content cannot land.
        """
        if self.chunks:
            self._pass_over_committed(ahead)
        for ready in ahead:
            with closing(ready):
                self._commit_somehow(ready, ahead)

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

    def _pass_over_committed(self, ahead: Ahead) -> None:
        last = self.chunks[-1]
        if not ahead.start_after(last.byte_end - last.byte_start, last.lines, last.sha256):
            raise LandingMismatch(
                f"{self.draft.display}: bytes {last.byte_start} to {last.byte_end} are not those an earlier run landed",
                hint="run with --reload to land the file from its start",
            )

    def _commit_somehow(self, ready: ReadyChunk, ahead: Ahead) -> None:
        """Lands one chunk the way it was cut, or else scanned. Raises FileRefused where neither can be."""
        refusal = self._commit(ready)
        if refusal is not None and not ready.carefully:
            with closing(ahead.again_carefully(ready)) as scanned:
                refusal = self._commit(scanned)
        if refusal is not None:
            raise refusal

    def _commit(self, ready: ReadyChunk) -> FileRefused | None:
        """Lands one chunk; the refusal where the parser does not take it. Raises FileRefused past the limits."""
        cut = ready.cut
        self.first_malformed = self.first_malformed or next(iter(cut.malformed), None)
        check_limits(self.draft, self.tally + cut.tally, self.first_malformed, whole=False)
        check_longest(self.draft, cut.malformed)
        if not cut.consumed:
            return None
        chunk = self._chunk(ready)
        failpoint("landing.before_chunk")
        try:
            with self.warehouse.landing() as unit:
                self._write(unit, ready, chunk)
        except FileRefused as refusal:
            return refusal
        failpoint("landing.after_chunk")
        self.chunks.append(chunk)
        self.tally += cut.tally
        self.on_chunk(chunk.byte_end, chunk.landed_rows)
        return None

    def _write(self, unit: LandingUnit, ready: ReadyChunk, chunk: ChunkEntry) -> None:
        if not self.chunks:
            # Nothing of an abandoned or replaced load of the same content may stay beside the new one.
            unit.remove_file(self.draft.landing, self.draft.file_id)
            unit.put_ledger([self.draft.entry("landing")])
        if ready.cut.segments:
            unit.insert_rows(self.draft.part(self.draft.segments(ready.cut, self.tally.landed_rows + 1)))
        unit.insert_malformed(self.draft.malformed(ready.cut.malformed))
        unit.insert_chunk(chunk)

    def _chunk(self, ready: ReadyChunk) -> ChunkEntry:
        text, cut = ready.text, ready.cut
        return ChunkEntry(
            file_id=self.draft.file_id,
            chunk_number=len(self.chunks) + 1,
            byte_start=text.byte_start,
            byte_end=text.byte_start + cut.consumed,
            sha256=ready.sha256,
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

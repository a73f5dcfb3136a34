"""Gets a big file's next chunk ready in a helper thread while the engine parses the one before.

Reading, judging or scanning, hashing and the parser's memory files all happen ahead, so that the parser never waits.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256

from loaders.files.reading import Window
from loaders.files.shapes import RecordShape
from loaders.landing.rows import Cut, RowSegment, Text, cut_carefully, cut_fast, needs_care
from loaders.warehouses.memory_files import MemoryFile
from loaders.warehouses.parsing import segment_file


@dataclass(frozen=True, slots=True)
class ReadyChunk:
    """A text cut and filed for the parser; `sha256` is of the bytes the cut consumed."""

    text: Text
    cut: Cut
    sha256: str
    carefully: bool

    def close(self) -> None:
        """Gives the parser's memory files back."""
        for segment in self.cut.segments:
            if isinstance(segment.data, MemoryFile):
                segment.data.close()


class Ahead:
    """Iterates over a file's chunks, the next one always in the making. Each must be closed by who takes it."""

    def __init__(
        self, windows: Iterator[Window], shape: RecordShape, segments: int, helper: ThreadPoolExecutor
    ) -> None:
        self._windows = windows
        self._shape = shape
        self._segments = segments
        self._helper = helper
        self._carry: Text | None = None
        self._waiting: Text | None = None
        self._carefully = False
        self._next: Future[ReadyChunk | None] | None = None

    def start_after(self, committed: int, lines: int, digest: str) -> bool:
        """Reads over what an earlier run committed, before the first chunk; False where the bytes are others."""
        text = self._text()
        while text is not None and len(text.data) < committed and not text.last:
            self._carry = text
            text = self._text()
        if text is None or sha256(memoryview(text.data)[:committed]).hexdigest() != digest:
            return False
        self._carry = text.rest(committed, lines)
        return True

    def __iter__(self) -> Iterator[ReadyChunk]:
        return self

    def __next__(self) -> ReadyChunk:
        ready = (self._next or self._helper.submit(self._make)).result()
        if ready is None:
            raise StopIteration
        self._next = self._helper.submit(self._make)
        return ready

    def again_carefully(self, ready: ReadyChunk) -> ReadyChunk:
        """The chunk scanned after all, because the parser refused it. What it leaves over goes before the next one."""
        behind = self._next.result() if self._next is not None else None
        carefully = self._ready(ready.text, carefully=True)
        if behind is not None:
            behind.close()
            # The chunk behind was cut at a newline that may stand inside a record.
            self._waiting = behind.text if self._carry is None else self._carry.followed_by(behind.text)
            self._carry = None
        self._next = None
        return carefully

    def close(self) -> None:
        """Gives back what was made ahead in vain."""
        if self._next is None:
            return
        error = self._next.exception()
        ready = None if error is not None else self._next.result()
        if ready is not None:
            ready.close()

    def _make(self) -> ReadyChunk | None:
        text = self._text()
        while text is not None:
            ready = self._ready(text, carefully=self._carefully or needs_care(text, self._shape))
            if ready.cut.consumed or text.last:
                return ready
            # One record is longer than the window; it goes on in the next.
            text = self._text()
        return None

    def _text(self) -> Text | None:
        """What waits, or else what is carried over with the next window behind it; None at the end."""
        carry, self._carry = self._carry, None
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            return waiting
        if carry is not None and carry.last:
            return carry
        window = next(self._windows, None)
        if window is None:
            return None
        text = Text.of(window, self._shape)
        return text if carry is None else carry.followed_by(text)

    def _ready(self, text: Text, *, carefully: bool) -> ReadyChunk:
        cut = cut_carefully(text, self._shape, self._segments) if carefully else cut_fast(text, self._segments)
        # One chunk that needed care makes the next likely to; one that did not need it ends the suspicion.
        self._carefully = cut.tally.landed_rows != cut.tally.lines
        self._carry = text.rest(cut.consumed, cut.tally.lines) if cut.consumed < len(text.data) else None
        digest = sha256(memoryview(text.data)[: cut.consumed]).hexdigest()
        return ReadyChunk(text, replace(cut, segments=self._filed(cut)), digest, carefully)

    def _filed(self, cut: Cut) -> tuple[RowSegment, ...]:
        newline = self._shape.newline.decode()
        return tuple(
            segment
            if isinstance(segment.data, MemoryFile)
            else RowSegment(segment_file(segment.data, newline), segment.rows)
            for segment in cut.segments
        )


@contextmanager
def chunks_ahead(windows: Iterator[Window], shape: RecordShape, segments: int) -> Iterator[Ahead]:
    """The chunks of one file; the helper has ended when the context has."""
    with ThreadPoolExecutor(1, thread_name_prefix="landfall-ahead") as helper:
        ahead = Ahead(windows, shape, segments, helper)
        try:
            yield ahead
        finally:
            ahead.close()

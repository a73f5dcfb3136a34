"""Gets a big file's next chunk ready in a helper thread while the engine parses the one before.

Reading, judging or scanning, hashing and the parser's memory files all happen ahead, so that the parser never waits.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256

from loaders.files.reading import Window
from loaders.files.shapes import RecordShape
from loaders.landing.rows import Cut, RowSegment, Text, cut_carefully, cut_fast, needs_care
from loaders.warehouses.memory_files import MemoryFile
from loaders.warehouses.parsing import segment_bytes, segment_file


@dataclass(frozen=True, slots=True)
class ReadyChunk:
    """A text cut and filed for the parser; `sha256` is of the bytes the cut consumed.

    The text of one not cut `carefully` is emptied: its bytes stand in the parser's files.
    """

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
        self._waiting: deque[Text] = deque()
        self._carefully = False
        self._made: deque[Future[ReadyChunk | None]] = deque()

    def start(self, chunks: int) -> None:
        """Begins to make this many chunks, while there is other work to do."""
        while len(self._made) < chunks:
            self._made.append(self._helper.submit(self._make))

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
        self.start(1)
        ready = self._made.popleft().result()
        if ready is None:
            raise StopIteration
        self.start(1)
        return ready

    def again_carefully(self, ready: ReadyChunk) -> ReadyChunk:
        """The chunk scanned after all, because the parser refused it. What it leaves over goes before the next one."""
        waiting = deque(self._undone())
        scanned = self._ready(self._whole(ready), carefully=True)
        ready.close()
        self._waiting = waiting
        return scanned

    def close(self) -> None:
        """Gives back what was made ahead in vain."""
        for future in self._made:
            made = None if future.exception() is not None else future.result()
            if made is not None:
                made.close()
        self._made.clear()

    def _undone(self) -> Iterator[Text]:
        """The texts of the chunks made ahead, without overlap: each may have been cut inside a record."""
        made = [chunk for chunk in (future.result() for future in self._made) if chunk is not None]
        self._made.clear()
        for number, chunk in enumerate(made, start=1):
            text = self._whole(chunk)
            chunk.close()
            yield text if number == len(made) else text.start(chunk.cut.consumed, chunk.cut.tally.lines)
        yield from self._waiting

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
        """What is carried over with what waits or the next window behind it; None at the end."""
        carry, self._carry = self._carry, None
        if self._waiting:
            text = self._waiting.popleft()
            return text if carry is None else carry.followed_by(text)
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
        filed = replace(cut, segments=self._filed(cut))
        return ReadyChunk(text if carefully else text.emptied(), filed, digest, carefully)

    def _whole(self, ready: ReadyChunk) -> Text:
        """The chunk's text with its bytes."""
        if ready.carefully:
            return ready.text
        newline = self._shape.newline.decode()
        files = [segment.data for segment in ready.cut.segments]
        return ready.text.filled(
            b"".join(segment_bytes(each, newline) for each in files if isinstance(each, MemoryFile))
        )

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

"""Gets a big file's next chunk ready in a helper thread while the engine parses the one before.

Reading, judging or scanning, hashing and the parser's memory files all happen ahead, so that the parser never waits.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from io import BytesIO

from loaders.files.reading import Window
from loaders.files.shapes import RecordShape
from loaders.landing.rows import Cut, Text, cut_fast, needs_care
from loaders.landing.scanning import cut_carefully
from loaders.warehouses.memory_files import MemoryFile
from loaders.warehouses.parsing import segment_blocks, segment_file


@dataclass(frozen=True, slots=True)
class ReadyChunk:
    """A text cut and filed for the parser; `sha256` is of the bytes the cut consumed.

    The text of one not cut `carefully` is emptied: its bytes stand in the parser's files. One cut carefully cannot be
    put together again from them, so that it holds its text until the chunk before it has landed.
    """

    text: Text
    cut: Cut
    sha256: str
    carefully: bool

    def settled(self) -> ReadyChunk:
        """The same for its last user: nothing of it will be cut once more, unless it was cut fast."""
        return replace(self, text=self.text.forgotten()) if self.carefully else self

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
        ready = self._made[0].result()
        self._made.popleft()
        if ready is None:
            raise StopIteration
        # Only now may its text go, and only then is there room for the next one.
        ready = ready.settled()
        self.start(1)
        return ready

    def again_carefully(self, ready: ReadyChunk) -> ReadyChunk:
        """The chunk scanned after all, because the parser refused it. What it leaves over goes before the next one."""
        waiting = deque(self._undone())
        text = self._whole(ready)
        ready.close()
        scanned = self._ready(text, carefully=True)
        self._waiting = waiting
        return scanned.settled()

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
        cut = self._filed(text, carefully=carefully)
        # One chunk that needed care makes the next likely to; one that did not need it ends the suspicion.
        self._carefully = cut.tally.landed_rows != cut.tally.lines
        self._carry = text.rest(cut.consumed, cut.tally.lines) if cut.consumed < len(text.data) else None
        digest = sha256(memoryview(text.data)[: cut.consumed]).hexdigest()
        return ReadyChunk(text if carefully else text.emptied(), cut, digest, carefully)

    def _filed(self, text: Text, *, carefully: bool) -> Cut:
        """The text cut, each segment in a file of the parser's."""
        with ExitStack() as files:

            def keep(pieces: Iterable[bytes | memoryview]) -> MemoryFile:
                return files.enter_context(closing(segment_file(pieces, self._shape.newline.decode())))

            if carefully:
                cut = cut_carefully(text, self._shape, self._segments, keep)
            else:
                cut = cut_fast(text, self._segments, lambda data: keep((data,)))
            files.pop_all()
        return cut

    def _whole(self, ready: ReadyChunk) -> Text:
        """The chunk's text with its bytes."""
        if ready.carefully:
            return ready.text
        whole = BytesIO()
        for segment in ready.cut.segments:
            if isinstance(segment.data, MemoryFile):
                for block in segment_blocks(segment.data, self._shape.newline.decode()):
                    whole.write(block)
        # Joined so that no byte is held twice; `getvalue` copies nothing.
        return ready.text.filled(whole.getvalue())


@contextmanager
def chunks_ahead(windows: Iterator[Window], shape: RecordShape, segments: int) -> Iterator[Ahead]:
    """The chunks of one file; the helper has ended when the context has."""
    with ThreadPoolExecutor(1, thread_name_prefix="landfall-ahead") as helper:
        ahead = Ahead(windows, shape, segments, helper)
        try:
            yield ahead
        finally:
            ahead.close()

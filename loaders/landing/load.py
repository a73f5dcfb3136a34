"""Reads one file's rows: whole, to share a unit with others, or in chunks where it is larger than a window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from loaders.errors import FileRefused, FileUnstable
from loaders.files.reading import Window
from loaders.files.shapes import Preamble
from loaders.landing.ahead import Ahead, chunks_ahead
from loaders.landing.chunks import ChunkedLoad
from loaders.landing.draft import Draft
from loaders.landing.opened import Opened
from loaders.landing.rows import Text
from loaders.landing.whole import Landed, Ready, make_ready, quarantine
from loaders.warehouses.base import Warehouse


def load(
    file: Opened,
    draft: Draft,
    warehouse: Warehouse,
    window_bytes: int,
    threads: int,
    on_chunk: Callable[[int, int], None],
) -> Landed | Ready:
    """Lands a big file; reads a small one to be landed with others. Writes in the first case only.

    `on_chunk` hears the text bytes behind and the rows of each chunk. What is wrong with the content becomes a
    quarantine; raises FileUnstable for a file that changed, LandingMismatch when counts do not add up.
    """
    preamble = draft.preamble
    if preamble is None:
        raise ValueError("a file is loaded only once its header was read")
    chunked = ChunkedLoad(warehouse, draft, preamble.shape, threads, on_chunk)
    position = chunked.take_up()
    try:
        if file.ahead is not None and position is None:
            return _land(chunked, file.ahead, file)
        if file.ahead is not None:
            file.ahead.close()
        windows = file.reader.windows(window_bytes, position or preamble.start)
        first = list(islice(windows, 1))
        if position is None and (not first or first[0].last):
            text = Text.of(first[0], preamble.shape) if first else _nothing(preamble)
            return make_ready(draft, text, preamble.shape, file.reader.finish(), threads)
        with chunks_ahead(_handed_on(first, windows), preamble.shape, threads) as ahead:
            return _land(chunked, ahead, file)
    except FileUnstable:
        # Its chunks are of no content that anybody can name any more; the entry stays for the next run to mend.
        chunked.withdraw(draft.entry("landing"))
        raise
    except FileRefused as refusal:
        return quarantine(warehouse, draft, refusal)


def _land(chunked: ChunkedLoad, ahead: Ahead, file: Opened) -> Landed:
    chunked.run(ahead)
    end = file.reader.finish()
    return Landed(chunked.draft, chunked.finish(end), warnings=end.warnings)


def _handed_on(first: list[Window], rest: Iterator[Window]) -> Iterator[Window]:
    """All windows, none of them kept: each may be large."""
    while first:
        yield first.pop()
    yield from rest


def _nothing(preamble: Preamble) -> Text:
    """The text of a file without a byte after its header."""
    start = preamble.start
    return Text(b"", start.byte, start.line, 0, True, preamble.shape.newline[-1:], ())

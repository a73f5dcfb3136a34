"""Cuts a file's text stream into windows of whole lines, with exact offsets, in bounded memory.

Plain UTF-8 is read in place; everything else streams through unpacking and transcoding, whose lines stay paired with
the file's own bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from loaders.errors import FileRefused
from loaders.files.encodings import UTF8_MARK, Encoding, Piece, line_starts, pieces_of
from loaders.files.shapes import Malformed, Position

if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterator, Sequence

    from loaders.files.rawfile import RawFile

SEARCH_BYTES = 64 * 1024
LONGEST_LINE_FACTOR = 8
"""A line up to this many times the longest accepted one is malformed and kept; past it the file is refused."""
END_OF_FILE_MARK = b"\x1a"


class OwnLines:
    """The file's own bytes of a window's lines: what transcoding started from. `start` is their offset there."""

    def __init__(self, data: bytes, start: int, line_end: bytes) -> None:
        self.data = data
        self.start = start
        self.line_end = line_end

    @cached_property
    def starts(self) -> array[int]:
        return line_starts(self.data, self.line_end)

    def after(self, lines: int) -> OwnLines:
        """What is left after the first `lines` lines."""
        cut = self.starts[min(lines, len(self.starts) - 1)]
        return OwnLines(self.data[cut:], self.start + cut, self.line_end)

    def upto(self, lines: int) -> OwnLines:
        cut = self.starts[min(lines, len(self.starts) - 1)]
        return OwnLines(self.data[:cut], self.start, self.line_end)


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of the text stream that starts at a line's start and ends after a newline, unless `last`.

    `newlines` counts the line ends in `data`; `last` says that the file's records end with it.
    """

    data: bytes
    byte_start: int
    byte_end: int
    first_line_number: int
    newlines: int
    last: bool
    own: OwnLines | None = None


def in_file(malformed: Malformed, windows: Sequence[Window]) -> Malformed:
    """`malformed`, found in these consecutive windows, with offset and bytes as the unpacked file itself has them.

    The same for UTF-8; in any other encoding the bytes before transcoding.
    """
    first, raw, offset = malformed.line_number, b"", malformed.byte_offset
    for window in windows:
        if window.own is None:
            return malformed
        starts = window.own.starts
        low = max(first - window.first_line_number, 0)
        high = min(first + malformed.lines - window.first_line_number, len(starts) - 1)
        if low < high:
            offset = offset if raw else window.own.start + starts[low]
            raw += window.own.data[starts[low] : starts[high]]
    return replace(malformed, byte_offset=offset, raw=raw)


@dataclass(frozen=True, slots=True)
class Cut:
    """How windows are cut: their size, the byte that ends lines, and the longest line kept."""

    window_bytes: int
    line_end: bytes
    longest_line: int
    display: str

    def too_long(self, start: int, line: int | None = None) -> FileRefused:
        reason = f"a line of more than {self.longest_line} bytes"
        hint = "check that this is delimited text; maxLineBytes in the contract sets the longest accepted line"
        return FileRefused(self.display, reason, hint=hint, line=line, byte_offset=start)

    def check(self, data: bytes, start: Position) -> None:
        """Raises FileRefused for a line of `data` past the longest one kept, wherever windows happen to end."""
        line = 0
        while len(data) - line > self.longest_line:
            end = data.rfind(self.line_end, line, line + self.longest_line) + 1
            if end == 0:
                raise self.too_long(start.byte + line, start.line + data.count(self.line_end, 0, line))
            line = end


class WindowSource:
    """What both ways of reading share: the place reached."""

    def __init__(self, cut: Cut, start: Position) -> None:
        self.cut = cut
        self.next = start
        self.lines = start.line - 1
        self.marks = 0
        """End-of-file marks that were left off the end."""

    def _make(self, data: bytes, last: bool, own: OwnLines | None = None) -> Window:
        start = self.next
        self.cut.check(data, start)
        newlines = data.count(self.cut.line_end)
        end = start.byte + len(data)
        self.next = Position(end, start.line + newlines)
        self.lines = start.line - 1 + newlines + (bool(data) and not data.endswith(self.cut.line_end))
        return Window(data, start.byte, end, start.line, newlines, last, own)


class PlainWindows(WindowSource):
    """Windows of a file whose bytes are the text: each byte is read where it stands, so nothing is copied."""

    def __init__(self, raw: RawFile, cut: Cut, start: Position) -> None:
        super().__init__(cut, start)
        self._raw = raw
        self._end = text_end(raw)
        self.marks = raw.stat.size_bytes - self._end

    def __iter__(self) -> Iterator[Window]:
        while self.next.byte < self._end:
            start = self.next.byte
            end = self._cut_at(start, min(self._end, start + self.cut.window_bytes))
            yield self._make(self._raw.read_at(start, end - start), last=end == self._end)

    def _cut_at(self, start: int, target: int) -> int:
        """The offset after the last line end between `start` and `target`, or else after the first one behind."""
        if target == self._end:
            return target
        high = target
        while high > start:
            low = max(start, high - SEARCH_BYTES)
            found = self._raw.read_at(low, high - low).rfind(self.cut.line_end)
            if found >= 0:
                return low + found + 1
            high = low
        while target < self._end and target - start <= self.cut.longest_line:
            block = self._raw.read_at(target, min(SEARCH_BYTES, self._end - target))
            found = block.find(self.cut.line_end)
            target += found + 1 if found >= 0 else len(block)
            if found >= 0:
                break
        if target - start > self.cut.longest_line:
            raise self.cut.too_long(start, self.next.line)
        return target


class StreamWindows(WindowSource):
    """Windows of a packed or transcoded file, from its beginning: what stands before the start is read over."""

    def __init__(self, blocks: Iterator[bytes], encoding: Encoding, cut: Cut, start: Position) -> None:
        super().__init__(cut, start)
        line_end = cut.line_end.decode()
        self._pieces = pieces_of(self._watched(blocks, encoding.own(line_end)), encoding, line_end)
        self._own_end = b"" if encoding.is_text_already else encoding.own(line_end)
        self._text = b""
        self._own = OwnLines(b"", 0, self._own_end)
        self._exhausted = False
        self._mark = encoding.mark

    def __iter__(self) -> Iterator[Window]:
        self._skip_to(self.next)
        while self._fill(self.cut.window_bytes):
            fits = self._exhausted and len(self._text) <= self.cut.window_bytes
            end = len(self._text) if fits else self._line_cut(self.cut.window_bytes)
            # Only the next byte tells whether a window is the last, and a line longer than the window took them all.
            self._fill(end)
            last = end == len(self._text)
            data, self._text = self._text[:end], self._text[end:]
            window = self._make(data, last, self._own_of(data))
            if self._own_end:
                self._own = self._own.after(window.newlines)
            del data
            yield window

    def _own_of(self, data: bytes) -> OwnLines | None:
        if not self._own_end:
            return None
        lines = data.count(self.cut.line_end) + (not data.endswith(self.cut.line_end))
        return self._own.upto(lines)

    def _fill(self, target: int) -> bool:
        """Make more than `target` bytes of text wait, as far as there are; False where none are left.

        More than the target, because only the next byte tells whether a window is the last.
        """
        texts, owns, size = [self._text], [self._own.data], len(self._text)
        while not self._exhausted and (size <= target or not texts[-1].strip(END_OF_FILE_MARK)):
            piece = next(self._pieces, None)
            if piece is None:
                self._exhausted = True
                break
            texts.append(piece.text)
            owns.append(piece.own if self._own_end else b"")
            size += len(piece.text)
        self._text = b"".join(texts)
        self._own = OwnLines(b"".join(owns), self._own.start, self._own_end)
        if self._exhausted:
            kept = self._text.rstrip(END_OF_FILE_MARK)
            self.marks += len(self._text) - len(kept)
            self._text = kept
        return bool(self._text)

    def _line_cut(self, target: int) -> int:
        end = self._text.rfind(self.cut.line_end, 0, target) + 1
        while end == 0:
            end = self._text.find(self.cut.line_end, target) + 1
            if end == 0 and (self._exhausted or not self._fill(len(self._text) + 1)):
                end = len(self._text)
            if end > target and end > self.cut.longest_line:
                raise self.cut.too_long(self.next.byte, self.next.line)
        return end

    def _skip_to(self, start: Position) -> None:
        """Drop the text before `start`, and with it the file's own bytes of the same lines."""
        dropped = 0
        while dropped < start.byte:
            piece = next(self._pieces, None)
            if piece is None:
                self._exhausted = True
                return
            count = min(start.byte - dropped, len(piece.text))
            self._own = self._own_behind(piece, count, is_first=dropped == 0)
            self._text = piece.text[count:]
            dropped += count

    def _own_behind(self, piece: Piece, count: int, *, is_first: bool) -> OwnLines:
        """The file's own bytes of what follows the first `count` bytes of the piece's text."""
        if not self._own_end:
            return self._own
        own = OwnLines(piece.own, self._own.start, self._own_end)
        if is_first and self._mark and count == len(UTF8_MARK):
            return OwnLines(own.data[len(self._mark) :], len(self._mark), self._own_end)
        return own.after(piece.text.count(self.cut.line_end, 0, count))

    def _watched(self, blocks: Iterator[bytes], own_end: bytes) -> Iterator[bytes]:
        """The blocks, as long as no line goes on past the longest one kept: it would have to wait in memory."""
        offset, line_start = 0, 0
        for block in blocks:
            found = block.find(own_end)
            if offset + (len(block) if found < 0 else found) - line_start > self.cut.longest_line:
                raise self.cut.too_long(line_start)
            if found >= 0:
                line_start = offset + block.rfind(own_end) + len(own_end)
            offset += len(block)
            yield block


def text_end(raw: RawFile) -> int:
    """The offset after the last byte that is not an end-of-file mark (Ctrl-Z, which DOS programs append)."""
    end = raw.stat.size_bytes
    while end > 0:
        low = max(0, end - SEARCH_BYTES)
        kept = raw.read_at(low, end - low).rstrip(END_OF_FILE_MARK)
        if kept:
            return low + len(kept)
        end = low
    return 0

"""Opens a file once and gives its text in windows with exact offsets; checks at the end that it was read whole.

The order of calls is open, fingerprint, prepare, windows, finish. Nothing is written anywhere.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from loaders.errors import FileRefused
from loaders.files.containers import BLOCK_BYTES, SUFFIXES, container_of, refuse_foreign, unpacked
from loaders.files.encodings import Encoding, encoding_of, to_piece
from loaders.files.preamble import Head, read_preamble
from loaders.files.rawfile import RawFile
from loaders.files.shapes import FileEnd, FileStat, Position, Preamble
from loaders.files.windows import (
    END_OF_FILE_MARK,
    LONGEST_LINE_FACTOR,
    Cut,
    PlainWindows,
    StreamWindows,
    Window,
    WindowSource,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import TracebackType

    from loaders.contracts.model import Table
    from loaders.files.containers import Container

__all__ = ["FileReader", "Window"]

MAGIC_BYTES = 512
"""A tar archive shows itself at byte 257; every other kind of file sooner."""


class FileReader:
    """One open file. Use as a context manager; `stat` is what the file was when it was opened."""

    def __init__(self, raw: RawFile, table: Table) -> None:
        self.stat: FileStat = raw.stat
        self._raw = raw
        self._table = table
        self._preamble: Preamble | None = None
        self._encoding = Encoding("utf-8")
        self._container: Container = "none"
        self._content_bytes = 0
        self._source: WindowSource | None = None
        self._windows: Iterator[Window] = iter(())

    @classmethod
    def open(cls, path: Path, display: str, table: Table) -> FileReader:
        """Open `path` without ever blocking. Raises FileRefused for what is no readable regular file."""
        return cls(RawFile.open(path, display), table)

    def __enter__(self) -> FileReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the descriptor back; the reader is of no use afterwards."""
        self._raw.close()

    def fingerprint(self, on_bytes: Callable[[int], None] = lambda _: None) -> str:
        """SHA-256 of the file's stored bytes, 64 hex digits; `on_bytes` hears the size of each block read.

        Raises FileUnstable where the file grew, shrank or was written to since it was opened.
        """
        return self._raw.fingerprint(on_bytes)

    def prepare(self) -> Preamble:
        """Settle container, encoding, newline and header. Raises FileRefused for the first thing that is not right."""
        stored = self._raw.read_at(0, MAGIC_BYTES)
        refuse_foreign(stored, self._raw.display)
        self._container = container_of(stored)
        warnings = self._container_warnings()
        head, whole = self._unpacked_head()
        refuse_foreign(head[:MAGIC_BYTES], self._raw.display)
        dialect = self._table.dialect
        self._encoding = encoding_of(dialect.encoding, head, self._raw.display, strip_nul=dialect.nul == "strip")
        text = to_piece(head, self._encoding, "\n").text
        if whole and text.endswith(END_OF_FILE_MARK):
            text = text.rstrip(END_OF_FILE_MARK)
        prepared = Head(text, whole, self._encoding.codec, self._container, warnings)
        self._preamble = read_preamble(prepared, self._table, self._raw.display)
        return self._preamble

    def windows(self, window_bytes: int, start: Position | None = None) -> Iterator[Window]:
        """The records' text from `start` (default: the first record) to the end, in windows of about `window_bytes`.

        A window is longer where one line does not fit. `start` must be the start of a
        record, as from `Preamble.start` or a window's end. Raises FileRefused for damaged packing, a line past eight
        times the longest accepted one, and what unpacks past the contract's ratio; FileUnstable where it shrank.
        """
        if window_bytes < 1:
            raise ValueError("window_bytes must be at least 1")
        preamble = self._prepared()
        dialect = self._table.dialect
        line_end = b"\r" if preamble.newline == "\r" else b"\n"
        cut = Cut(window_bytes, line_end, dialect.max_line_bytes * LONGEST_LINE_FACTOR, self._raw.display)
        begin = start or preamble.start
        if self._container == "none" and self._encoding.is_text_already:
            plain = PlainWindows(self._raw, cut, begin)
            self._source, self._windows = plain, iter(plain)
        else:
            streamed = StreamWindows(self._blocks(), self._encoding, cut, begin)
            self._source, self._windows = streamed, iter(streamed)
        return self._windows

    def finish(self) -> FileEnd:
        """Read what is left, so that every checksum was seen, and verify that the file is still what was opened.

        Raises FileRefused for damaged packing, FileUnstable where the file changed while it was read.
        """
        if self._source is None:
            self.windows(BLOCK_BYTES)
        for _ in self._windows:
            pass
        source = self._source
        if source is None:
            raise ValueError("no window has been read")
        warnings = [f"{source.marks} byte(s) of end-of-file mark (Ctrl-Z) left off"] if source.marks else []
        if not self._raw.verify():
            warnings.append("deleted or replaced while it was read; what was opened was landed")
        plain = isinstance(source, PlainWindows)
        return FileEnd(
            content_bytes=self.stat.size_bytes if plain else self._content_bytes,
            raw_bytes=self.stat.size_bytes,
            text_bytes=source.next.byte,
            lines=source.lines,
            warnings=tuple(warnings),
        )

    def _prepared(self) -> Preamble:
        return self._preamble or self.prepare()

    def _blocks(self) -> Iterator[bytes]:
        self._content_bytes = 0
        for block in unpacked(self._raw, self._container, self._table.dialect.max_expansion):
            self._content_bytes += len(block)
            yield block

    def _unpacked_head(self) -> tuple[bytes, bool]:
        """The first unpacked bytes, one longest line and a little more, and whether that is all there is."""
        wanted = max(self._table.dialect.max_line_bytes, MAGIC_BYTES) + MAGIC_BYTES
        if self._container == "none":
            head = self._raw.read_at(0, wanted)
            return head, len(head) == self.stat.size_bytes
        taken: list[bytes] = []
        blocks = self._blocks()
        for block in blocks:
            taken.append(block)
            if sum(map(len, taken)) > wanted:
                return b"".join(taken), False
        return b"".join(taken), True

    def _container_warnings(self) -> tuple[str, ...]:
        """Raises FileRefused where the contract names another container; a misleading file name is only a warning."""
        declared, found = self._table.dialect.compression, self._container
        if declared not in ("auto", found) and self.stat.size_bytes > 0:
            shown = "not packed" if found == "none" else f"a {found} file"
            reason = f"the contract says compression {declared}, but this is {shown}"
            raise FileRefused(self._raw.display, reason, hint="declare `compression: auto`, or send what was agreed")
        named = SUFFIXES.get(PurePath(self._raw.display).suffix.lower(), "none")
        if named == found:
            return ()
        if found == "none":
            return (f"named like a {named} file, but it is not packed; read as it is",)
        return (f"a {found} file by its first bytes, whatever its name; unpacked",)

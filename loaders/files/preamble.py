"""Reads what stands before a file's records: byte order mark, skipped lines, header. Settles how the records look."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from loaders.errors import FileRefused
from loaders.files.encodings import UTF8_MARK
from loaders.files.explain import Text
from loaders.files.fields import cells_of, record_end
from loaders.files.grammar import grammar_of
from loaders.files.header import HeaderLine, Mapping, map_by_name, map_by_position
from loaders.files.newlines import newline_of, shape_of
from loaders.files.shapes import Preamble, RecordShape

if TYPE_CHECKING:
    from loaders.contracts.model import Table


@dataclass(frozen=True, slots=True)
class Head:
    """The first bytes of the text stream (UTF-8); `whole` where there are no more."""

    text: bytes
    whole: bool
    encoding: str
    container: str
    warnings: tuple[str, ...]


def read_preamble(head: Head, table: Table, display: str) -> Preamble:
    """Raises FileRefused where the header is not the contract's, or not within the longest line."""
    return _Reader(head, table, display).read()


class _Reader:
    def __init__(self, head: Head, table: Table, display: str) -> None:
        self.head = head
        self.table = table
        self.display = display
        self.dialect = table.dialect
        self.position = len(UTF8_MARK) if head.text.startswith(UTF8_MARK) else 0
        self.newline = newline_of(head.text[self.position :], self.dialect)
        self.end_byte = b"\r" if self.newline == "\r" else b"\n"
        self.skipped = 0
        self.warnings = list(head.warnings)

    def read(self) -> Preamble:
        for _ in range(self.dialect.skip_lines):
            self._skip_line()
        header: HeaderLine | None = None
        body = self.position
        if self.dialect.header:
            body_before, skipped_before = self.position, self.skipped
            self._skip_empty_and_comments()
            if self.position < len(self.head.text):
                header = self._header()
                body = self.position
            else:
                # Nothing but blank lines: they are counted as such, and there is no header to check.
                self.skipped, body = skipped_before, body_before
        return self._preamble(header, body)

    def _preamble(self, header: HeaderLine | None, body: int) -> Preamble:
        if header is not None:
            mapping = map_by_name(header, self.table, self.display)
        elif self.dialect.header:
            mapping = Mapping(len(self.table.columns), (None,) * len(self.table.columns), ())
            self.warnings.append("the file holds nothing, not even a header")
        else:
            mapping = map_by_position(self.table)
        return Preamble(
            newline=self.newline,
            header=header.cells if header else (),
            fields=mapping.fields,
            columns=mapping.columns,
            extra=mapping.extra,
            header_lines=self._lines(header.text.encode()) if header else 0,
            skipped_lines=self.skipped,
            body_start=body,
            empty=self.head.whole and body >= len(self.head.text),
            warnings=tuple(self.warnings),
            encoding=self.head.encoding,
            container=self.head.container,
            shape=self._shape(mapping, header),
        )

    def _shape(self, mapping: Mapping, header: HeaderLine | None) -> RecordShape:
        shape = shape_of(self.dialect, mapping.fields, self.newline)
        if shape.fields == 1 and shape.blank_lines == "row" and not shape.quote:
            reason = "blank lines cannot be rows where the contract has no quote character"
            raise FileRefused(self.display, reason, hint="declare a quote, or `blankLines: skip`")
        if header is None:
            return replace(shape, blank_lines="skip") if self.dialect.header else shape
        return replace(shape, header=header.cells, header_line=header.text.encode())

    def _lines(self, text: bytes) -> int:
        """Physical lines of a header, whose newline is not part of `text`."""
        return text.count(self.end_byte) + 1

    def _skip_line(self) -> None:
        if self.position >= len(self.head.text):
            return
        found = self.head.text.find(self.end_byte, self.position)
        if found < 0 and not self.head.whole:
            raise self._too_long()
        self.position = found + 1 if found >= 0 else len(self.head.text)
        self.skipped += 1

    def _skip_empty_and_comments(self) -> None:
        """Blank and comment lines before the header; they count as skipped."""
        comment = (self.dialect.comment or "").encode()
        text = self.head.text
        while self.position < len(text):
            blank = text.startswith((b"\n", b"\r\n", self.end_byte), self.position)
            if not blank and not (comment and text.startswith(comment, self.position)):
                return
            self._skip_line()

    def _header(self) -> HeaderLine:
        start = self.position
        shape = shape_of(self.dialect, 1, self.newline)
        text = Text(self.head.text, shape, grammar_of(shape), self.head.whole)
        found = record_end(text, start)
        if found is None:
            raise self._too_long()
        text_end, self.position = found
        raw = self.head.text[start:text_end]
        line = self.skipped + 1
        try:
            decoded = raw.decode()
        except UnicodeDecodeError as error:
            reason = f"the header is not valid {self.dialect.encoding}"
            hint = "declare the file's encoding in the contract (cp1252 is the usual one of Windows programs)"
            # In any other encoding the text's offsets are not the file's.
            offset = start + error.start if self.head.encoding == "utf-8" else None
            raise FileRefused(self.display, reason, hint=hint, line=line, byte_offset=offset) from error
        cells = tuple(cell.decode() for cell in cells_of(raw, shape))
        return HeaderLine(cells, decoded, line, start)

    def _too_long(self) -> FileRefused:
        reason = f"no line end within the first {len(self.head.text)} bytes of the header"
        hint = "check that this is delimited text with quotes closed; maxLineBytes in the contract sets the limit"
        return FileRefused(self.display, reason, hint=hint, line=self.skipped + 1, byte_offset=self.position)

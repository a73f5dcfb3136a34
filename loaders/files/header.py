"""Reads the header and maps it to the contract's columns by name, or says exactly how the two differ."""

from __future__ import annotations

import difflib
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from loaders.errors import FileRefused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from loaders.contracts.model import Column, Table

INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
OTHER_DELIMITERS = ",;\t|:"
MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Mapping:
    """`fields` per record; for each contract column its position in the file (None: absent); the surplus fields."""

    fields: int
    columns: tuple[int | None, ...]
    extra: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class HeaderLine:
    """The header as found: its cells, its text, and where it stands."""

    cells: tuple[str, ...]
    text: str
    line: int
    byte_offset: int


def normal(name: str) -> str:
    """A name as it is compared: NFC, trimmed, without invisible characters, no-break spaces as spaces."""
    visible = unicodedata.normalize("NFC", name).translate(INVISIBLE).replace("\u00a0", " ")
    return visible.strip()


def map_by_position(table: Table) -> Mapping:
    """Without a header the columns stand in contract order."""
    count = len(table.columns)
    return Mapping(count + table.dialect.trailing_delimiter, tuple(range(count)), ())


def map_by_name(header: HeaderLine, table: Table, display: str) -> Mapping:
    """Raises FileRefused naming every difference between header and contract that cannot be passed over."""
    check = _Check(header, table, display)
    check.delimiter_and_data()
    names = check.names()
    check.distinct(names)
    columns = check.positions(names)
    extra = tuple((name, position) for position, name in enumerate(names) if position not in columns)
    check.known(names, columns, extra)
    landed = extra if table.dialect.extra_columns != "error" else ()
    return Mapping(len(names) + table.dialect.trailing_delimiter, columns, landed)


def accepted_names(column: Column) -> tuple[str, ...]:
    """Header and aliases as they are compared."""
    return tuple(dict.fromkeys(normal(name) for name in (column.header, *column.aliases)))


@dataclass(frozen=True, slots=True)
class _Check:
    header: HeaderLine
    table: Table
    display: str

    def refusal(self, reason: str, hint: str) -> FileRefused:
        return FileRefused(self.display, reason, hint=hint, line=self.header.line, byte_offset=self.header.byte_offset)

    def delimiter_and_data(self) -> None:
        """A header of which not one name is known was split by the wrong delimiter, or is no header."""
        known = {name for column in self.table.columns for name in accepted_names(column)}
        found = sum(normal(cell) in known for cell in self.header.cells)
        declared = self.table.dialect.delimiter
        best, most = declared, found
        for other in OTHER_DELIMITERS:
            quote = self.table.dialect.quote
            hits = sum(normal(cell.strip(quote or None)) in known for cell in self.header.text.split(other))
            if other != declared and hits > most:
                best, most = other, hits
        if best != declared and most > 1:
            reason = f"the header is not delimited by {declared!r}: {most} names are known when split by {best!r}"
            raise self.refusal(reason, f"declare `delimiter: {best!r}` in the contract, or send the file with its own")
        if found == 0 and len(self.table.columns) > 0:
            shown = self.header.text[:80]
            if shown.lstrip().startswith(("{", "[")):
                raise self.refusal("this looks like JSON, not delimited text", "convert it to CSV")
            reason = f"no column name of the contract is in the first line, which looks like data: {shown!r}"
            raise self.refusal(
                reason, "declare `header: false` if the file has none, or `skipLines` for lines before it"
            )

    def names(self) -> tuple[str, ...]:
        names = tuple(normal(cell) for cell in self.header.cells)
        if self.table.dialect.trailing_delimiter:
            return names[:-1] if names[-1] == "" else names
        if names[-1] == "" and len(names) > 1 and "" not in names[:-1]:
            reason = f"the header ends with a delimiter: {len(names)} names, the last one empty"
            raise self.refusal(reason, "declare `trailingDelimiter: true` in the contract if every line ends so")
        empty = [position for position, name in enumerate(names, 1) if not name]
        if empty:
            reason = f"the header has no name for field {_listed(map(str, empty))} of {len(names)}"
            raise self.refusal(reason, "name every field in the file")
        return names

    def distinct(self, names: tuple[str, ...]) -> None:
        seen: dict[str, str] = {}
        for name in names:
            other = seen.setdefault(name.casefold(), name)
            if other is not name:
                same = "twice" if other == name else f"beside {other!r}, equal but for case"
                raise self.refusal(f"the header has {name!r} {same}", "give every field a name of its own")

    def positions(self, names: tuple[str, ...]) -> tuple[int | None, ...]:
        found = {name: position for position, name in enumerate(names)}
        columns: list[int | None] = []
        for column in self.table.columns:
            hits = [name for name in accepted_names(column) if name in found]
            if len(hits) > 1:
                reason = f"{_listed(map(repr, hits))} are both names of column {column.name!r}"
                raise self.refusal(reason, "keep one of them in the file, or make one a column of its own")
            columns.append(found[hits[0]] if hits else None)
        taken = [position for position in columns if position is not None]
        if len(set(taken)) < len(taken):
            raise self.refusal("two contract columns accept the same header name", "mend the contract's aliases")
        return tuple(columns)

    def known(
        self, names: tuple[str, ...], columns: tuple[int | None, ...], extra: tuple[tuple[str, int], ...]
    ) -> None:
        pairs = zip(self.table.columns, columns, strict=True)
        missing = [column for column, position in pairs if position is None and not column.may_be_absent]
        unknown = [self.header.cells[position] for _, position in extra]
        if missing:
            spelt = _listed(repr(column.header) for column in missing)
            near = [_near(column, unknown) for column in missing]
            similar = f"; the file has {_listed(filter(None, near))}" if any(near) else ""
            reason = f"the header lacks {spelt}{similar} (its {len(names)} names: {_listed(map(repr, names))})"
            raise self.refusal(reason, "add an alias to the contract, or `mayBeAbsent: true` for older files")
        if unknown and self.table.dialect.extra_columns == "error":
            reason = f"the header has columns the contract does not know: {_listed(map(repr, unknown))}"
            raise self.refusal(reason, "add them to the contract, or declare `extraColumns: ignore` or `capture`")


def _near(column: Column, unknown: list[str]) -> str:
    """`'Order_ID' where 'order_id' is expected`, for the unknown name most like the column's."""
    by_fold = {normal(name).casefold(): name for name in unknown}
    for name in accepted_names(column):
        close = difflib.get_close_matches(name.casefold(), by_fold, n=1, cutoff=0.8)
        if close:
            return f"{by_fold[close[0]]!r} where {column.header!r} is expected"
    return ""


def _listed(names: Iterable[str]) -> str:
    words = list(names)
    more = f" and {len(words) - MOST_SHOWN} more" if len(words) > MOST_SHOWN else ""
    return ", ".join(words[:MOST_SHOWN]) + more

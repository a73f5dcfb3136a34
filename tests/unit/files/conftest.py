"""Tables made in a line, and files read to their end with every byte and line accounted for."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from loaders.contracts.model import Column, Contract, Dialect, FileDate, FileSet, Table
from loaders.files.reading import FileReader
from loaders.files.records import scan
from loaders.files.shapes import FileEnd, Malformed, Preamble
from loaders.files.windows import Window, in_file


@dataclass(frozen=True)
class Reading:
    """A file read to its end: rows in contract order, absent columns as None."""

    preamble: Preamble
    rows: list[list[str | None]]
    malformed: list[Malformed]
    blank_lines: int
    comment_lines: int
    end: FileEnd

    @property
    def kinds(self) -> list[str]:
        return [each.kind for each in self.malformed]

    @property
    def raws(self) -> list[bytes]:
        return [each.raw for each in self.malformed]


TableOf = Callable[..., Table]
Read = Callable[..., Reading]


def make_table(*headers: str, **dialect: object) -> Table:
    columns = tuple(Column(name=name, logical_type="string", description="", header=name) for name in headers)
    return Table("orders", "", "", columns, FileSet(("*.csv",)), Dialect(**dialect))  # type: ignore[arg-type]


def read_to_end(path: Path, table: Table, window_bytes: int = 1 << 20) -> Reading:
    """Read `path`, and assert that its lines and bytes add up."""
    rows: list[list[str | None]] = []
    malformed: list[Malformed] = []
    blank = comments = record_lines = reached = 0
    with FileReader.open(path, path.name, table) as reader:
        preamble = reader.prepare()
        reached = preamble.body_start
        line, data = preamble.start.line, b""
        line_end = preamble.shape.newline[-1:]
        held: list[Window] = []  # those that what is left of `data` comes from
        for window in reader.windows(window_bytes):
            assert window.byte_start == reached + len(data)
            assert window.byte_end == window.byte_start + len(window.data)
            data += window.data
            held.append(window)
            found = scan(data, preamble.shape, last=window.last, first_line_number=line, byte_start=reached)
            assert found.consumed == len(data) or not window.last
            sizes = [end - start for start, end in found.good] + [len(each.raw) for each in found.malformed]
            assert found.consumed == sum(sizes) + found.blank_bytes + found.comment_bytes
            rows += _rows(found.good_text, preamble)
            malformed += [in_file(each, held) for each in found.malformed]
            blank, comments = blank + found.blank_lines, comments + found.comment_lines
            record_lines += found.record_lines
            reached += found.consumed
            line += data.count(line_end, 0, found.consumed)
            data = data[found.consumed :]
            held = [each for each in held if each.byte_end > reached]
        end = reader.finish()
    before = preamble.header_lines + preamble.skipped_lines
    assert end.lines == before + blank + comments + record_lines + sum(each.lines for each in malformed)
    assert reached == end.text_bytes
    return Reading(preamble, rows, malformed, blank, comments, end)


def _rows(text: bytes, preamble: Preamble) -> list[list[str | None]]:
    shape = preamble.shape
    newline = shape.newline.decode()
    parsed = csv.reader(
        io.StringIO(text.decode().replace(newline, "\n") if newline == "\r" else text.decode(), newline=""),
        delimiter=shape.delimiter.decode(),
        quotechar=shape.quote.decode() or None,
        quoting=csv.QUOTE_MINIMAL if shape.quote else csv.QUOTE_NONE,
        doublequote=shape.escape == shape.quote,
        escapechar=shape.escape.decode() if shape.escape not in (b"", shape.quote) else None,
        strict=True,
    )
    rows = list(parsed)
    assert all(len(row) == shape.fields for row in rows)
    return [[None if position is None else row[position] for position in preamble.columns] for row in rows]


@pytest.fixture(scope="session")
def table_of() -> TableOf:
    """`table_of("a", "b", quote="'")`: a table of text columns with that dialect, for files `*.csv`."""
    return make_table


@pytest.fixture(scope="session")
def read_path() -> Callable[[Path, Table], Reading]:
    return read_to_end


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """`read(data, table, name=…, window_bytes=…)`: `data` as a file, read to its end."""

    def reading(data: bytes, table: Table, name: str = "a.csv", window_bytes: int = 1 << 20) -> Reading:
        path = tmp_path / name
        path.write_bytes(data)
        return read_to_end(path, table, window_bytes)

    return reading


@pytest.fixture(scope="session")
def contract_of() -> Callable[..., Contract]:
    """`contract_of(orders=("orders*.csv",))`: a contract `shop` with a table per keyword and its globs."""

    def contract(date: FileDate | None = None, **globs: tuple[str, ...]) -> Contract:
        tables = tuple(
            Table(name, "", "", make_table("a").columns, FileSet(patterns, date)) for name, patterns in globs.items()
        )
        return Contract("shop", "shop", "1.0.0", "contracts/shop.odcs.yaml", "", tables)

    return contract

"""DuckDB as the parser of other engines: batches in file order, the same whoever parses, errors as ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime

import pyarrow as pa
import pytest

from loaders.errors import FileRefused, WarehouseUnavailable
from loaders.warehouses.base import OpenOptions, ParseOptions, Part, Piece, Segment
from loaders.warehouses.layout import LandingTable
from loaders.warehouses.parser import Parser
from loaders.warehouses.parsing import segment_file

TABLE = LandingTable("shop", "sales", ("id", "name"))
COLUMNS = ("id", "name", "_row_number")
LINES = [f"{number},name {number}\n".encode() for number in range(50_000)]
AT_ONCE = 1_000
MOMENT = datetime.fromisoformat("2026-01-02")


@pytest.fixture
def parser() -> Iterator[Parser]:
    with closing(Parser(OpenOptions(threads=2))) as parser:
        yield parser


def part_of(*segments: list[bytes], rows: int | None = None, in_files: bool = False) -> Part:
    """Lines, a segment each list, as one file of one part."""
    made, first = [], 1
    for lines in segments:
        data = segment_file(lines, "\n") if in_files else b"".join(lines)
        count = len(lines) if rows is None else rows
        made.append(Segment(data, (Piece("f" * 64, first, count),)))
        first += count
    return Part(TABLE, ParseOptions(2, (0, 1)), tuple(made), "job-1", MOMENT, "sales.csv")


def parsed(parser: Parser, part: Part, rows: int = AT_ONCE) -> list[pa.RecordBatch]:
    return list(parser.batches(part, COLUMNS, rows))


@pytest.mark.parametrize("in_files", [False, True])
def test_rows_come_in_file_order_with_their_numbers(parser: Parser, in_files: bool) -> None:
    batches = parsed(parser, part_of(LINES[:20_000], LINES[20_000:], in_files=in_files))
    assert max(batch.num_rows for batch in batches) == AT_ONCE
    table = pa.Table.from_batches(batches)
    assert table["_row_number"].to_pylist() == list(range(1, len(LINES) + 1))
    assert table["name"].to_pylist() == [f"name {number}" for number in range(len(LINES))]


@pytest.mark.parametrize("line", [b"1,2,3\n", b"1\n", b'"open,2\n', b"\xff,2\n"])
def test_bytes_that_are_no_rows_are_refused_and_the_next_part_is_parsed(parser: Parser, line: bytes) -> None:
    with pytest.raises(FileRefused, match=r"sales\.csv: the strict parse refused it: Invalid Input Error"):
        parsed(parser, part_of([*LINES[:40_000], line, *LINES[40_001:]]))
    assert sum(batch.num_rows for batch in parsed(parser, part_of(LINES))) == len(LINES)


@pytest.mark.parametrize("rows", [len(LINES) - 1, len(LINES) + 1])
def test_another_number_of_rows_is_refused_behind_the_last(parser: Parser, rows: int) -> None:
    seen: list[pa.RecordBatch] = []
    wrong = pytest.raises(FileRefused, match=f"gave {len(LINES)} rows where {rows} stand")
    with wrong:
        seen.extend(parser.batches(part_of(LINES, rows=rows), COLUMNS, AT_ONCE))
    assert sum(batch.num_rows for batch in seen) == len(LINES)


def test_a_part_that_is_left_early_leaves_the_parser_usable(parser: Parser) -> None:
    with closing(parser.batches(part_of(LINES), COLUMNS, AT_ONCE)) as batches:
        assert next(batches).column(0)[0].as_py() == "0"
    assert sum(batch.num_rows for batch in parsed(parser, part_of(LINES))) == len(LINES)


def test_too_little_memory_says_what_to_give() -> None:
    short = pytest.raises(WarehouseUnavailable, match=r"out of memory while parsing.*--memory")
    with closing(Parser(OpenOptions(memory_bytes=2**20, threads=2))) as parser, short:
        parsed(parser, part_of(LINES))

"""Parts of rows: the same bytes for the same rows, however they come."""

from __future__ import annotations

from collections import deque
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from loaders.warehouses.base import OpenOptions, ParseOptions, Part, Piece, Segment
from loaders.warehouses.layout import LandingTable
from loaders.warehouses.parser import Parser
from loaders.warehouses.staged.pending import StagedUnit, Workbench
from loaders.warehouses.staged.spool import GROUP_ROWS, Spool

LINES = [f"{number},name {number % 1000}\n".encode() for number in range(GROUP_ROWS + 50_000)]
MOMENT = datetime.fromisoformat("2026-01-02")
TABLE = LandingTable("shop", "sales", ("id", "name"))


def rows_of(sizes: list[int]) -> deque[pa.RecordBatch]:
    """Rows numbered through, in batches of these sizes."""
    rows: deque[pa.RecordBatch] = deque()
    first = 0
    for size in sizes:
        numbers = range(first, first + size)
        ids = pa.DictionaryArray.from_arrays(pa.array([0] * size, pa.int32()), ["f" * 64])
        rows.append(pa.record_batch({"name": list(map(str, numbers)), "_landed_file_id": ids}))
        first += size
    return rows


def built(folder: Path, sizes: list[int]) -> tuple[str, pa.Table]:
    folder.mkdir()
    spool = Spool(folder)
    spool.add(rows_of(sizes))
    (part,) = spool.parts()
    assert part.rows == sum(sizes)
    return part.sha256, pq.read_table(part.path)


@pytest.mark.parametrize(
    "sizes",
    [
        [GROUP_ROWS, 10_000],
        [1, GROUP_ROWS - 1, 10_000],
        [100_000, 0, GROUP_ROWS + 10_000 - 100_000],
        [GROUP_ROWS - 1, 2, 9_999],
    ],
)
def test_a_part_is_the_same_however_its_rows_were_batched(tmp_path: Path, sizes: list[int]) -> None:
    whole, expected = built(tmp_path / "whole", [GROUP_ROWS + 10_000])
    digest, table = built(tmp_path / "batched", sizes)
    assert table.equals(expected)
    assert table["name"].to_pylist() == list(map(str, range(GROUP_ROWS + 10_000)))
    assert digest == whole


def test_rows_are_let_go_of_while_they_are_written(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    rows = rows_of([10, 10])
    spool.add(rows)
    spool.parts()
    assert not rows


def digests(threads: int, cuts: list[int], in_one: bool) -> list[str]:
    """SHA-256 of the parts of the lines, cut into segments of two files, or of one where they are `in_one`."""
    segments, first = [], 1
    for start, end in zip([0, *cuts], [*cuts, len(LINES)], strict=True):
        file_id = ("a" if in_one or start < GROUP_ROWS else "b") * 64
        segments.append(Segment(b"".join(LINES[start:end]), (Piece(file_id, first, end - start),)))
        first += end - start
    part = Part(TABLE, ParseOptions(2, (0, 1)), tuple(segments), "job-1", MOMENT, "sales.csv")
    with closing(Parser(OpenOptions(threads=threads))) as parser, closing(Workbench()) as bench:
        unit = StagedUnit(parser)
        unit.insert_rows(part)
        bench.add(unit.pending.rows)
        (load,) = bench.loads()
        table = pq.read_table(load.parts[0].path)
        assert table["_row_number"].to_pylist() == list(range(1, len(LINES) + 1))
        ids = [piece.file_id for segment in segments for piece in segment.pieces for _ in range(piece.rows)]
        assert table["_landed_file_id"].cast(pa.string()).to_pylist() == ids
        return [part.sha256 for part in load.parts]


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("cuts", [[], [80_000], [10, 11, 150_000]], ids=["whole", "halves", "uneven"])
def test_a_part_is_the_same_however_it_is_cut_and_parsed(threads: int, cuts: list[int]) -> None:
    assert digests(threads, cuts, in_one=True) == digests(2, [1, 2, 3, 4], in_one=True)


@pytest.mark.parametrize("cut", [GROUP_ROWS, GROUP_ROWS + 10_000])
def test_rows_of_several_files_keep_theirs(cut: int) -> None:
    assert digests(2, [cut], in_one=False) == digests(1, [10, cut], in_one=False)

"""Rows as binary COPY takes them, read back here field by field."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from datetime import datetime

import pyarrow as pa
import pytest

pytest.importorskip("psycopg", reason="the Postgres driver is not installed")

from loaders.warehouses.postgres.binary import copy_stream

HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
TRAILER = b"\xff\xff"
LONG = "x" * 70_000
ROWS = pa.record_batch(
    {
        "word": pa.array(["plain", None, "", 'a "quote", \\N\n\t\\.', "日本語 🙂", "a\0b", LONG]),
        "nothing": pa.array([None] * 7, pa.string()),
        "number": pa.array([1, 2, 256, 2**40, 5, 6, 2**63 - 1], pa.int64()),
    }
)
EXPECTED = [
    [None if word is None else word.encode(), None, struct.pack(">q", number)]
    for word, number in zip(ROWS["word"].to_pylist(), ROWS["number"].to_pylist(), strict=True)
]


def fields(stream: bytes) -> Iterator[list[bytes | None]]:
    """The rows of a whole COPY, as the server reads them."""
    assert stream.startswith(HEADER)
    at = len(HEADER)
    while stream[at:] != TRAILER:
        (count,) = struct.unpack_from(">h", stream, at)
        at += 2
        row: list[bytes | None] = []
        for _ in range(count):
            (length,) = struct.unpack_from(">i", stream, at)
            at += 4
            row.append(None if length == -1 else stream[at : at + length])
            at += max(length, 0)
        yield row


def read_back(batches: list[pa.RecordBatch], *constants: str | datetime) -> list[list[bytes | None]]:
    return list(fields(b"".join(map(bytes, copy_stream(batches, constants)))))


def test_every_value_stands_as_it_is_and_null_apart_from_the_empty_text() -> None:
    assert read_back([ROWS]) == EXPECTED


@pytest.mark.parametrize(("start", "rows"), [(0, 3), (1, 4), (5, 2), (3, 0)])
def test_a_slice_of_a_batch_gives_its_own_rows(start: int, rows: int) -> None:
    assert read_back([ROWS.slice(start, rows)]) == EXPECTED[start : start + rows]


def test_batches_follow_each_other_in_one_stream() -> None:
    assert read_back([ROWS.slice(0, 2), ROWS.slice(2, 0), ROWS.slice(2)]) == EXPECTED


def test_without_rows_it_is_a_stream_all_the_same() -> None:
    assert read_back([], "constant") == []


def test_constants_stand_behind_every_row() -> None:
    since_2000 = struct.pack(">q", 26 * 366 * 86_400_000_000 - 19 * 86_400_000_000 + 1)
    behind = ["é".encode(), since_2000, b""]
    assert read_back([ROWS], "é", datetime.fromisoformat("2026-01-01 00:00:00.000001"), "") == [
        [*row, *behind] for row in EXPECTED
    ]


def test_times_before_the_servers_epoch_count_down() -> None:
    ((*_, at),) = read_back([ROWS.slice(0, 1)], datetime.fromisoformat("1999-12-31 23:59:59"))
    assert at == struct.pack(">q", -1_000_000)

"""A file larger than a window: chunks commit one by one, appear together, and a stopped load goes on."""

from __future__ import annotations

import gzip
from contextlib import closing
from hashlib import sha256
from typing import Any

import pytest

from loaders.contracts.model import Dialect
from loaders.errors import JobCancelled
from loaders.failpoints import failpoint
from loaders.files.reading import Window
from loaders.files.shapes import RecordShape
from loaders.landing import scanning
from loaders.landing.ahead import chunks_ahead
from loaders.warehouses.duckdb import DuckDBWarehouse
from loaders.warehouses.parsing import segment_blocks

CONTENT = "id,name,note\n" + "".join(
    f"{n},{'broken' if n % 7 == 0 else f'n{n},x'}\n" if n % 5 else f'{n},"two\nlines",x\n' for n in range(1, 41)
)


def clean_state(shop: Any) -> Any:
    shop.ingest()
    return shop.all_state()


def same_in_windows(window: int, shop: Any, make_shop: Any, name: str, content: bytes | str, **settings: Any) -> None:
    """Asserts that a file lands in windows of so many bytes as it does in a single one."""
    other = make_shop()
    for each in (shop, other):
        each.change(**settings)
        each.put(name, content)
    shop.ingest(window_bytes=window)
    assert shop.all_state() == clean_state(other)


@pytest.fixture
def expected(make_shop: Any) -> Any:
    """What one undisturbed run in one window lands."""
    other = make_shop()
    other.put("a.csv", CONTENT)
    return clean_state(other)


@pytest.mark.parametrize("window", [1, 3, 30, 31, 100, 400])
def test_the_window_size_makes_no_difference(shop: Any, expected: Any, window: int) -> None:
    shop.put("a.csv", CONTENT)
    shop.ingest(window_bytes=window)
    assert shop.all_state() == expected


def test_no_window_is_larger_than_the_warehouse_wants_them(
    shop: Any, expected: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DuckDBWarehouse, "largest_window", 100)
    shop.put("a.csv", CONTENT)
    shop.ingest()
    ((chunks, longest),) = shop.query("select count(*), max(byte_end - byte_start) from landing.chunks")
    assert chunks >= len(CONTENT) // 100
    assert longest <= 200, "a window, and the record that began in the one before"
    assert shop.all_state() == expected


@pytest.mark.parametrize("batches", range(6))
def test_a_cancelled_load_stops_after_its_batch_and_goes_on_later(shop: Any, expected: Any, batches: int) -> None:
    shop.put("a.csv", CONTENT)
    shop.job.batches_until_cancelled = batches
    with pytest.raises(JobCancelled):
        shop.ingest(window_bytes=100)
    # The first look is before the file is opened.
    if batches:
        assert shop.query("select count(*) from landing.chunks") == [(batches,)]
        assert shop.query("select state from landing.ledger") == [("landing",)]
    shop.job.batches_until_cancelled = None
    shop.ingest(window_bytes=100)
    assert shop.all_state() == expected


@pytest.mark.parametrize("step", [1, 3, 30, 100])
@pytest.mark.parametrize("window", [400, 1 << 20])
def test_the_scanner_s_step_makes_no_difference(
    shop: Any, expected: Any, monkeypatch: pytest.MonkeyPatch, step: int, window: int
) -> None:
    monkeypatch.setattr(scanning, "_STEP_BYTES", step)
    shop.put("a.csv", CONTENT)
    shop.ingest(window_bytes=window)
    assert shop.all_state() == expected


@pytest.mark.parametrize("window", range(8, 64, 8))
def test_a_chunk_scanned_ahead_of_one_that_the_parser_refuses_loses_nothing(
    shop: Any, make_shop: Any, window: int
) -> None:
    content = "id,name,note\n" + "1,a,b\nbroken\n2,c,d\n3,\0,e\n4,g,h\n5,i,\0\n" * 4
    same_in_windows(window, shop, make_shop, "a.csv", content)


@pytest.mark.parametrize("window", [1, 8, 16, 24, 100])
def test_an_open_quote_in_a_last_line_longer_than_the_window_is_kept(shop: Any, make_shop: Any, window: int) -> None:
    content = gzip.compress(b'id,name,note\n1,a,b\n2,"open and so on and on,c\n')
    same_in_windows(window, shop, make_shop, "a.csv.gz", content)


@pytest.mark.parametrize("window", [1, 8, 16, 30, 100])
@pytest.mark.parametrize("dialect", [{"encoding": "cp1252"}, {"encoding": "utf-16"}, {"nul": "strip"}])
@pytest.mark.parametrize("fault", ['2,"x\ny\nz"', '2,"x\ny\nz",w,v', '2,"x\ny\nz"v,w'])
def test_malformed_lines_over_the_end_of_a_window_keep_every_byte(
    shop: Any, make_shop: Any, window: int, dialect: dict[str, Any], fault: str
) -> None:
    content = f"id,name,note\n1,a,b\n{fault}\n3,c,d\n".encode(dialect.get("encoding", "utf-8"))
    same_in_windows(window, shop, make_shop, "a.csv", content, dialect=Dialect(**dialect))


def test_a_scanned_chunk_lets_its_text_go_before_it_lands() -> None:
    shape = RecordShape(fields=1, header_line=b"id")
    data = b"1\n2,\n\0\n"
    windows = [Window(data, 0, 7, 1, 3, last=False), Window(data, 7, 14, 4, 3, last=True)]
    with chunks_ahead(iter(windows), shape, 1) as ahead:
        for ready in ahead:
            with closing(ready):
                (segment,) = ready.cut.segments
                assert (ready.carefully, ready.text.data, ready.text.sources) == (True, b"", ())
                assert b"".join(segment_blocks(segment.data, "\n")) == b"1\n"  # type: ignore[arg-type]


def test_chunks_cover_the_text_without_gap_and_carry_its_hash(shop: Any) -> None:
    shop.put("a.csv", CONTENT)
    shop.ingest(window_bytes=100)
    chunks = shop.query(
        "select byte_start, byte_end, sha256, lines, landed_rows, first_row_number, first_line_number, chunk_number "
        "from landing.chunks order by chunk_number"
    )
    data = CONTENT.encode()
    byte, line, row = len("id,name,note\n"), 2, 1
    for number, (start, end, digest, lines, rows, first_row, first_line, chunk) in enumerate(chunks, start=1):
        assert (start, first_line, first_row, chunk) == (byte, line, row, number)
        assert digest == sha256(data[start:end]).hexdigest()
        assert lines == data.count(b"\n", start, end)
        byte, line, row = end, line + lines, row + rows
    assert byte == len(data)
    assert len(chunks) >= 5


class Stopped(Exception):
    pass


def stop_at(monkeypatch: pytest.MonkeyPatch, name: str, nth: int) -> None:
    """Makes the nth hit of a failpoint raise, once."""
    hits = 0

    def count(hit: str) -> None:
        nonlocal hits
        hits += hit == name
        if hit == name and hits == nth:
            raise Stopped(name)
        failpoint(hit)

    for module in ("landing.chunks", "landing.whole", "landing.opened", "warehouses.duckdb.warehouse"):
        monkeypatch.setattr(f"loaders.{module}.failpoint", count)


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize(
    ("name", "nth"),
    [
        ("landing.after_hash", 1),
        ("landing.before_chunk", 1),
        ("duckdb.after_rows", 1),
        ("duckdb.after_chunk", 2),
        ("duckdb.before_commit", 1),
        ("duckdb.before_commit", 3),
        ("landing.after_chunk", 1),
        ("landing.after_chunk", 4),
        ("landing.before_flip", 1),
        ("duckdb.after_ledger", 2),
        ("landing.after_flip", 1),
    ],
)
def test_a_stopped_load_goes_on_where_it_was_committed(
    shop: Any, expected: Any, monkeypatch: pytest.MonkeyPatch, name: str, nth: int, packed: bool
) -> None:
    content = CONTENT.encode()
    shop.put("a.csv", gzip.compress(content, mtime=0) if packed else content)
    with monkeypatch.context() as patched:
        stop_at(patched, name, nth)
        with pytest.raises(Stopped):
            shop.ingest(window_bytes=100)
    landed = name == "landing.after_flip"
    assert shop.rows("id") != [] if landed else shop.rows("id") == []
    committed = shop.query("select count(*) from landing.chunks")[0][0]
    shop.job.id = "job-2"
    shop.ingest(window_bytes=150)
    of_first = shop.query("select count(*) from landing.chunks where job_id = 'job-1'")[0][0]
    assert of_first == committed
    assert shop.all_state()[0][0][:3] == expected[0][0][:3]
    if not packed:
        assert shop.all_state() == expected


def test_a_load_left_behind_by_a_changed_file_is_taken_out(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.put("a.csv", CONTENT)
    with monkeypatch.context() as patched:
        stop_at(patched, "landing.after_chunk", 2)
        with pytest.raises(Stopped):
            shop.ingest(window_bytes=100)
    assert shop.query("select count(*) from landing.shop__sales")[0][0] > 0
    shop.put("a.csv", "id,name,note\n1,a,b\n")
    assert shop.outcome().status == "landed"
    assert shop.query("select id from landing.shop__sales") == [("1",)]
    assert shop.query("select count(*) from landing.chunks") == [(0,)]
    assert sorted(shop.ledger("state")) == [("landed",), ("superseded",)]


def test_bytes_that_are_not_the_committed_ones_stop_a_resumed_load(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.put("a.csv", CONTENT)
    with monkeypatch.context() as patched:
        stop_at(patched, "landing.after_chunk", 2)
        with pytest.raises(Stopped):
            shop.ingest(window_bytes=100)
    shop.query("update landing.chunks set sha256 = 'other'")
    outcome = shop.outcome(window_bytes=100)
    assert outcome.status == "refused"
    assert "--reload" in outcome.note
    assert shop.outcome(window_bytes=100, reload=True).status == "landed"


def test_nobody_sees_half_a_file_while_it_is_replaced(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.change(on_file_change="replace")
    shop.put("a.csv", "id,name,note\nold,a,b\n")
    shop.ingest()
    shop.put("a.csv", CONTENT)
    with monkeypatch.context() as patched:
        stop_at(patched, "landing.before_flip", 1)
        with pytest.raises(Stopped):
            shop.ingest(window_bytes=100)
    assert shop.rows("id") == [("old",)]
    shop.ingest(window_bytes=100)
    assert ("old",) not in shop.rows("id")


@pytest.mark.parametrize("window", [20, 100], ids=["big", "bigger than the old one"])
def test_nothing_of_the_version_that_a_big_file_replaces_is_left(shop: Any, window: int) -> None:
    shop.change(on_file_change="replace")
    shop.put("a.csv", "id,name,note\nold,a,b\nbroken\nold,c,d\n")
    shop.ingest(window_bytes=window)
    shop.put("a.csv", CONTENT)
    assert shop.outcome(window_bytes=100).status == "landed"
    visible = "select file_id from landing.ledger where state = 'landed'"
    assert shop.query(f"select count(*) from landing.shop__sales where _landed_file_id not in ({visible})") == [(0,)]
    for table in ("malformed_rows", "chunks"):
        assert shop.query(f"select count(*) from landing.{table} where file_id not in ({visible})") == [(0,)]
    assert sorted(shop.ledger("state")) == [("landed",), ("superseded",)]

"""One descriptor from open to finish: positions, windows, resuming, and files that change underneath."""

from __future__ import annotations

import gzip
import hashlib
import os
import socket
from collections.abc import Callable
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loaders.contracts.model import Table
from loaders.errors import FileRefused, FileUnstable
from loaders.files import containers
from loaders.files.reading import FileReader
from loaders.files.records import scan
from loaders.files.shapes import Malformed, Position
from loaders.files.windows import in_file

DATA = b'id,name\n1,"two\nlines"\nbad\n\n2,b\n3,c'


@pytest.fixture
def table(table_of: Callable[..., Table]) -> Table:
    return table_of("id", "name")


def write(folder: Path, data: bytes, name: str = "a.csv") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_fingerprint_is_the_hash_of_the_stored_bytes(tmp_path: Path, table: Table) -> None:
    data = os.urandom(3_000_000)
    seen: list[int] = []
    with FileReader.open(write(tmp_path, data), "a.csv", table) as reader:
        assert reader.fingerprint(seen.append) == hashlib.sha256(data).hexdigest()
        assert (reader.stat.size_bytes, sum(seen)) == (len(data), len(data))


def test_rows_lines_and_positions(read: Callable[..., Any], table: Table) -> None:
    reading = read(DATA, table)
    assert reading.rows == [["1", "two\nlines"], ["2", "b"], ["3", "c"]]
    assert [(each.line_number, each.byte_offset, each.raw) for each in reading.malformed] == [(4, 22, b"bad\n")]
    assert (reading.preamble.body_start, reading.preamble.header_lines, reading.blank_lines) == (8, 1, 1)
    assert (reading.end.lines, reading.end.content_bytes) == (7, len(DATA))


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.integers(1, 40), st.sampled_from(["plain", "gzip", "latin-1", "utf-16"]))
def test_window_size_makes_no_difference(
    read: Callable[..., Any], table_of: Callable[..., Table], window_bytes: int, kind: str
) -> None:
    text = 'id,name\n1,"zwöi\nlines"\nbäd\n\n2,b\n"open,3\n3,c'
    encoding = kind if kind in ("latin-1", "utf-16") else "utf-8"
    table = table_of("id", "name", encoding=encoding)
    data = text.encode(encoding)
    stored = gzip.compress(data) if kind == "gzip" else data
    reading = read(stored, table, window_bytes=window_bytes)
    assert reading.rows == [["1", "zwöi\nlines"], ["2", "b"], ["3", "c"]]
    own = encoding.replace("utf-16", "utf-16-le")
    assert reading.raws == ["bäd\n".encode(own), '"open,3\n'.encode(own)]
    for each in reading.malformed:
        assert data[each.byte_offset : each.byte_offset + len(each.raw)] == each.raw
    assert reading.end.content_bytes == len(data)


@pytest.mark.parametrize(("encoding", "packed"), [("utf-8", False), ("utf-8", True), ("utf-16", False)])
def test_truncated_at_every_byte_no_line_is_unaccounted_for(
    read: Callable[..., Any], table_of: Callable[..., Table], encoding: str, packed: bool
) -> None:
    data = 'id,name\r\n1,"zwöi\r\nlines"\r\nbäd\r\n\r\n2,b\r\n'.encode(encoding)
    table = table_of("id", "name", encoding=encoding)
    for size in range(len(data) + 1):
        cut = data[:size]
        # Only an unfinished header may be refused; `read` asserts conservation for all the others.
        unfinished = 0 < size < len("id,name\r\n".encode(encoding))
        with suppress(FileRefused) if unfinished else nullcontext():
            read(gzip.compress(cut) if packed else cut, table, window_bytes=8)


def test_reading_resumes_at_a_window_end(tmp_path: Path, table_of: Callable[..., Table]) -> None:
    for encoding, packed in (("utf-8", False), ("utf-8", True), ("utf-16", False)):
        text = "id,name\n" + "".join(f"{number},ö\n" for number in range(50))
        data = text.encode(encoding)
        path = write(tmp_path, gzip.compress(data) if packed else data)
        with FileReader.open(path, "a.csv", table_of("id", "name", encoding=encoding)) as reader:
            reader.prepare()
            windows = list(reader.windows(64))
            for index in range(1, len(windows)):
                start = Position(windows[index].byte_start, windows[index].first_line_number)
                again = list(reader.windows(64, start))
                assert [window.data for window in again] == [window.data for window in windows[index:]]
                assert [window.first_line_number for window in again][:1] == [start.line]
                assert reader.finish().lines == 51


def test_malformed_bytes_are_the_same_after_resuming(
    tmp_path: Path, table_of: Callable[..., Table], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(containers, "BLOCK_BYTES", 16)
    data = ("id,name\n" + "".join(f"{number},ö\nbäd{number}\n" for number in range(20))).encode("latin-1")
    with FileReader.open(write(tmp_path, data), "a.csv", table_of("id", "name", encoding="latin-1")) as reader:
        shape = reader.prepare().shape
        for earlier in list(reader.windows(20)):
            start = Position(earlier.byte_start, earlier.first_line_number)
            for window in reader.windows(1000, start):
                line, offset = window.first_line_number, window.byte_start
                for each in scan(window.data, shape, last=True, first_line_number=line, byte_start=offset).malformed:
                    own = in_file(each, [window])
                    assert data[own.byte_offset : own.byte_offset + len(own.raw)] == own.raw
                    assert own.raw.startswith("bäd".encode("latin-1"))


def test_malformed_lines_that_span_windows_keep_all_their_bytes(tmp_path: Path, table_of: Callable[..., Table]) -> None:
    data = 'id,name\n1,"ä\nö\nü"\n'.encode("latin-1")
    with FileReader.open(write(tmp_path, data), "a.csv", table_of("id", "name", encoding="latin-1")) as reader:
        reader.prepare()
        windows = list(reader.windows(4))
    assert len(windows) == 3
    own = in_file(Malformed(2, 8, b"", "long", "", 3), windows)
    assert (own.byte_offset, own.raw) == (8, data[8:])


def test_windows_end_after_a_newline_and_only_the_last_says_so(tmp_path: Path, table: Table) -> None:
    with FileReader.open(write(tmp_path, b"id,name\n1,a\n2,b\n\x1a"), "a.csv", table) as reader:
        reader.prepare()
        assert [(window.data, window.last) for window in reader.windows(5)] == [(b"1,a\n", False), (b"2,b\n", True)]


def test_finish_reads_what_nobody_asked_for(tmp_path: Path, table: Table) -> None:
    with FileReader.open(write(tmp_path, gzip.compress(DATA)[:-3]), "a.csv", table) as reader:
        with pytest.raises(FileRefused, match="ends in the middle"):
            reader.prepare()
        with pytest.raises(FileRefused, match="ends in the middle"):
            reader.finish()


def test_bad_input_042_line_without_end_is_refused_in_bounded_memory(
    tmp_path: Path, table_of: Callable[..., Table]
) -> None:
    table = table_of("id", "name", max_line_bytes=1000)
    data = b"id,name\n1," + b"x" * 100_000 + b"\n"
    for stored in (data, gzip.compress(data)):
        with FileReader.open(write(tmp_path, stored), "a.csv", table) as reader:
            reader.prepare()
            with pytest.raises(FileRefused, match="a line of more than 8000 bytes"):
                list(reader.windows(500))


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("length", [79, 80])
def test_how_long_a_line_may_be_does_not_hang_on_the_windows(
    read: Callable[..., Any], table_of: Callable[..., Table], length: int, packed: bool
) -> None:
    table = table_of("id", "name", max_line_bytes=10, comment="#")
    data = b"id,name\n1,a\n#" + b"c" * (length - 1) + b"\n2,b\n"
    for window_bytes in (1, 20, 100, 1000):
        stored = gzip.compress(data) if packed else data
        if length < 80:
            assert read(stored, table, window_bytes=window_bytes).comment_lines == 1
        else:
            with pytest.raises(FileRefused, match=r"a\.csv:3 \(byte 12\): a line of more than 80 bytes"):
                read(stored, table, window_bytes=window_bytes)


@pytest.mark.parametrize("kind", ["directory", "fifo", "socket", "device"])
def test_bad_input_057_what_is_no_regular_file_is_refused_without_blocking(
    tmp_path: Path, table: Table, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.csv"
    monkeypatch.chdir(tmp_path)
    if kind == "directory":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind("x.csv")
    path = Path("/dev/null") if kind == "device" else path
    with pytest.raises(FileRefused) as refused:
        FileReader.open(path, "x.csv", table)
    # The operating system opens no socket at all, so that its kind is never seen.
    assert "not a regular file" in str(refused.value) or "cannot be opened" in str(refused.value)


def test_bad_input_058_and_059_names_are_never_patterns(read: Callable[..., Any], table: Table) -> None:
    for name in ("a[1].csv", "s*.csv", "?.csv", "{x}.csv", "it's; drop -- .csv", '"q".csv', "-rf.csv", "new\nline.csv"):
        assert read(b"id,name\n1,a\n", table, name=name).rows == [["1", "a"]]


def test_bad_input_062_longest_names(tmp_path: Path, table: Table, read: Callable[..., Any]) -> None:
    assert read(b"id,name\n1,a\n", table, name="x" * 251 + ".csv").rows == [["1", "a"]]
    with pytest.raises(FileRefused, match="File name too long"):
        FileReader.open(tmp_path / ("x" * 300), "x", table)


def test_bad_input_063_growing_file_is_unstable(tmp_path: Path, table: Table) -> None:
    path = write(tmp_path, DATA)
    with FileReader.open(path, "a.csv", table) as reader:
        reader.prepare()
        with path.open("ab") as writer:
            writer.write(b"\n4,d\n")
        assert b"".join(window.data for window in reader.windows(1000)) == DATA[8:]
        with pytest.raises(FileUnstable, match="went from 34 to 39 bytes"):
            reader.finish()
        with pytest.raises(FileUnstable):
            reader.fingerprint()


def test_bad_input_064_shrinking_file_is_unstable(tmp_path: Path, table: Table) -> None:
    path = write(tmp_path, DATA)
    with FileReader.open(path, "a.csv", table) as reader:
        reader.prepare()
        os.truncate(path, 12)
        with pytest.raises(FileUnstable, match="shrank"):
            list(reader.windows(1000))


def test_file_rewritten_in_place_is_unstable(tmp_path: Path, table: Table) -> None:
    path = write(tmp_path, DATA)
    with FileReader.open(path, "a.csv", table) as reader:
        reader.prepare()
        path.write_bytes(DATA.swapcase())
        os.utime(path, ns=(0, 0))
        with pytest.raises(FileUnstable, match="written to"):
            reader.finish()


def test_bad_input_065_and_066_replaced_or_deleted_file_is_read_from_its_descriptor(
    tmp_path: Path, table: Table
) -> None:
    path = write(tmp_path, DATA)
    with FileReader.open(path, "a.csv", table) as reader:
        digest = reader.fingerprint()
        reader.prepare()
        write(tmp_path, b"other", "b.csv").replace(path)
        assert b"".join(window.data for window in reader.windows(10)) == DATA[8:]
        assert reader.finish().warnings == ("deleted or replaced while it was read; what was opened was landed",)
        assert digest == hashlib.sha256(DATA).hexdigest()


def test_bad_input_069_read_errors_are_retryable(tmp_path: Path, table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> bytes:
        raise OSError(5, "Input/output error")

    with FileReader.open(write(tmp_path, DATA), "a.csv", table) as reader:
        monkeypatch.setattr(os, "pread", fails)
        with pytest.raises(FileUnstable, match="Input/output error") as refused:
            reader.fingerprint()
        assert refused.value.retryable


def test_bad_input_071_windows_keep_memory_bounded(tmp_path: Path, table: Table) -> None:
    path = tmp_path / "big.csv"
    with path.open("wb") as writer:
        writer.write(b"id,name\n")
        for _ in range(64):
            writer.write(b"1,abcdefgh\n" * 10_000)
    with FileReader.open(path, "big.csv", table) as reader:
        reader.prepare()
        sizes = [len(window.data) for window in reader.windows(100_000)]
    assert max(sizes) <= 100_000
    assert sum(sizes) == 64 * 110_000

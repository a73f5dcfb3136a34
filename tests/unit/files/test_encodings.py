"""Declared encodings are read, others refused with the one to declare; no byte turns into another character."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from loaders.contracts.model import Table
from loaders.errors import FileRefused

Read = Callable[..., Any]
TableOf = Callable[..., Table]
TEXT = "id,name\n1,zwöi\n2,漢字\n"
ROWS = [["1", "zwöi"], ["2", "漢字"]]


def test_bad_input_001_byte_order_mark_is_stripped_once(read: Read, table_of: TableOf) -> None:
    reading = read(b"\xef\xbb\xbf" + TEXT.encode(), table_of("id", "name"))
    assert (reading.preamble.header, reading.preamble.body_start, reading.rows) == (("id", "name"), 11, ROWS)
    headless = read(b"\xef\xbb\xbf\xef\xbb\xbf1,2\n", table_of("id", "name", header=False))
    assert headless.rows == [["\ufeff1", "2"]]


def test_bad_input_002_byte_order_mark_before_a_quoted_header(read: Read, table_of: TableOf) -> None:
    assert read(b'\xef\xbb\xbf"id","name"\n1,a\n', table_of("id", "name")).preamble.header == ("id", "name")


@pytest.mark.parametrize("actual", ["utf-16-le", "utf-16-be"])
def test_bad_input_004_utf_16_with_mark(read: Read, table_of: TableOf, actual: str) -> None:
    data = ("\ufeff" + TEXT).encode(actual)
    for declared in ("utf-16", actual):
        reading = read(data, table_of("id", "name", encoding=declared), window_bytes=9)
        assert (reading.rows, reading.preamble.encoding) == (ROWS, actual)
    with pytest.raises(FileRefused, match=f"looks like {actual.upper()} .* `encoding: utf-16`"):
        read(data, table_of("id", "name"))


@pytest.mark.parametrize("actual", ["utf-16-le", "utf-16-be"])
def test_bad_input_005_utf_16_without_mark(read: Read, table_of: TableOf, actual: str) -> None:
    data = "id,name\n1,a\n".encode(actual)
    assert read(data, table_of("id", "name", encoding=actual)).rows == [["1", "a"]]
    with pytest.raises(FileRefused, match=f"looks like {actual.upper()}"):
        read(data, table_of("id", "name"))
    with pytest.raises(FileRefused, match="no byte order mark — declare `encoding: utf-16-le`"):
        read(data, table_of("id", "name", encoding="utf-16"))


def test_utf_16_line_ends_are_looked_for_on_character_boundaries(read: Read, table_of: TableOf) -> None:
    odd = "\u0a01\u0100\u0a01\u0100"
    text = f"id,name\n1,{odd}\n{odd}\n2,b\n3,{odd}"
    for encoding in ("utf-16-le", "utf-16-be", "utf-32-le"):
        reading = read(text.encode(encoding), table_of("id", "name", encoding=encoding), window_bytes=4)
        assert reading.rows == [["1", odd], ["2", "b"], ["3", odd]]
        assert reading.raws == [f"{odd}\n".encode(encoding)]
        assert reading.malformed[0].byte_offset == len(f"id,name\n1,{odd}\n".encode(encoding))


@pytest.mark.parametrize("declared", ["latin-1", "cp1252", "iso8859-15", "cp037", "mac-roman"])
def test_bad_input_006_declared_single_byte_encodings(read: Read, table_of: TableOf, declared: str) -> None:
    data = "id,name\n1,zwöi\nbäd\n".encode(declared)
    reading = read(data, table_of("id", "name", encoding=declared))
    assert reading.rows == [["1", "zwöi"]]
    assert reading.raws == ["bäd\n".encode(declared)]


def test_bad_input_006_undeclared_latin_1_in_the_header_is_refused_with_its_offset(
    read: Read, table_of: TableOf
) -> None:
    with pytest.raises(FileRefused, match="header is not valid utf-8") as refused:
        read("id,näme\n".encode("latin-1"), table_of("id", "näme"))
    assert (refused.value.line, refused.value.byte_offset) == (1, 4)


@pytest.mark.parametrize(
    ("declared", "bad"),
    [("cp1252", b"2,\x81\n"), ("gbk", b"2,\xff\n"), ("shift_jis", b"2,\x81\n"), ("ascii", b"2,\x80\n")],
)
def test_bad_input_007_undecodable_bytes_keep_their_line_and_bytes(
    read: Read, table_of: TableOf, declared: str, bad: bytes
) -> None:
    reading = read(b"id,name\n1,a\n" + bad + b"3,c\n", table_of("id", "name", encoding=declared))
    assert reading.rows == [["1", "a"], ["3", "c"]]
    assert [(each.kind, each.line_number, each.byte_offset, each.raw) for each in reading.malformed] == [
        ("encoding", 3, 12, bad)
    ]


def test_bad_input_008_lone_surrogate_and_half_character_in_utf_16(read: Read, table_of: TableOf) -> None:
    lone = b"2,".decode().encode("utf-16-le") + b"\x00\xd8" + b"\n\0"
    data = "id,name\n1,a\n".encode("utf-16-le") + lone + "3,c".encode("utf-16-le") + b"!"
    reading = read(data, table_of("id", "name", encoding="utf-16-le"))
    assert reading.rows == [["1", "a"]]
    assert reading.raws == [lone, "3,c".encode("utf-16-le") + b"!"]
    assert reading.kinds == ["encoding", "encoding"]


def test_bad_input_009_nul_is_stripped_where_declared_and_kept_in_malformed_bytes(
    read: Read, table_of: TableOf
) -> None:
    data = b"id,name\n1,\0a\nsh\0ort\n2,b\n"
    reading = read(data, table_of("id", "name", nul="strip"), window_bytes=5)
    assert reading.rows == [["1", "a"], ["2", "b"]]
    assert [(each.raw, each.byte_offset) for each in reading.malformed] == [(b"sh\0ort\n", 13)]


@pytest.mark.parametrize("tail", [b"\x1a", b"\x1a" * 100, b"\n\x1a"])
def test_bad_input_010_end_of_file_marks_are_no_line(read: Read, table_of: TableOf, tail: bytes) -> None:
    reading = read(b"id,name\n1,a" + tail, table_of("id", "name"))
    assert (reading.rows, reading.end.lines) == ([["1", "a"]], 2)
    assert reading.end.content_bytes == 11 + len(tail)
    assert "end-of-file mark" in reading.end.warnings[0]


def test_an_encoding_and_a_mark_that_contradict_are_refused(read: Read, table_of: TableOf) -> None:
    for declared, data in (
        ("cp1252", b"\xef\xbb\xbfid,name\n"),
        ("utf-16-le", b"\xfe\xff\0i"),
        ("utf-16", b"\xef\xbb\xbfid,name\n"),
    ):
        with pytest.raises(FileRefused, match="byte order mark says"):
            read(data, table_of("id", "name", encoding=declared))


@pytest.mark.parametrize(("declared", "message"), [("klingon", "unknown encoding"), ("utf-7", "line by line")])
def test_encodings_that_cannot_be_read_are_refused(read: Read, table_of: TableOf, declared: str, message: str) -> None:
    with pytest.raises(FileRefused, match=message):
        read(b"id,name\n", table_of("id", "name", encoding=declared))

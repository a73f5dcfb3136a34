"""The newline is the one that ends the first record, whatever stands in its quotes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from loaders.contracts.model import Dialect, Table
from loaders.files.newlines import newline_of


@pytest.mark.parametrize(
    ("head", "newline"),
    [
        (b"a,b\n1,2\r\n", "\n"),
        (b"a,b\r\n", "\r\n"),
        (b"a,b\r1,2\r", "\r"),
        (b'"a\nb",c\r\n', "\r\n"),
        (b'"a\r\nb","c\r"\n', "\n"),
        (b'"a""\n",5" pipe\r\n', "\r\n"),
        (b'"open\nx\r\n', "\n"),
        (b"a,b", "\n"),
        (b"", "\n"),
        (b"\r\na,b\n", "\r\n"),
    ],
)
def test_newline_of_the_first_record(head: bytes, newline: str) -> None:
    assert newline_of(head, Dialect()) == newline


def test_skipped_lines_have_no_quotes_and_declared_newlines_win() -> None:
    assert newline_of(b'5" of\r\na,b\n', Dialect(skip_lines=1)) == "\r\n"
    assert newline_of(b'# 5", "\r\na,b\n', Dialect(comment="#")) == "\r\n"
    assert newline_of(b"a,b\n", Dialect(newline="crlf")) == "\r\n"


def test_bad_input_014_quoted_line_feed_in_the_first_record_of_a_crlf_file(
    read: Callable[..., Any], table_of: Callable[..., Table]
) -> None:
    reading = read(b'1,"a\nb"\r\n2,c\r\n', table_of("id", "name", header=False))
    assert (reading.preamble.newline, reading.rows) == ("\r\n", [["1", "a\nb"], ["2", "c"]])


def test_bad_input_013_header_with_another_newline_than_the_rest(
    read: Callable[..., Any], table_of: Callable[..., Table]
) -> None:
    for data in (b"id,name\r\n1,a\n2,b\n", b"id,name\n1,a\r\n2,b\r\n"):
        assert read(data, table_of("id", "name")).rows == [["1", "a"], ["2", "b"]]

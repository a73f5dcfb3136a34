"""The header is mapped by name, and every way it can differ from the contract is said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from loaders.contracts.model import Table
from loaders.errors import FileRefused

Read = Callable[..., Any]
TableOf = Callable[..., Table]


def refused(read: Read, data: bytes, table: Table) -> str:
    with pytest.raises(FileRefused) as error:
        read(data, table)
    return str(error.value)


def test_bad_input_023_trailing_delimiter(read: Read, table_of: TableOf) -> None:
    data = b"id,name,\n1,a,\n2,b,\n"
    assert "`trailingDelimiter: true`" in refused(read, data, table_of("id", "name"))
    reading = read(data, table_of("id", "name", trailing_delimiter=True))
    assert (reading.rows, reading.preamble.fields) == ([["1", "a"], ["2", "b"]], 3)
    headless = table_of("id", "name", trailing_delimiter=True, header=False)
    assert read(b"1,a,\n", headless).rows == [["1", "a"]]


def test_bad_input_024_duplicate_names(read: Read, table_of: TableOf) -> None:
    assert "'id' twice" in refused(read, b"id,name, id\n", table_of("id", "name"))


def test_bad_input_025_names_equal_but_for_case(read: Read, table_of: TableOf) -> None:
    assert "'ID' beside 'id', equal but for case" in refused(read, b"id,name,ID\n", table_of("id", "name"))


def test_bad_input_026_empty_name(read: Read, table_of: TableOf) -> None:
    assert "no name for field 2 of 3" in refused(read, b"id,,name\n", table_of("id", "name"))


@pytest.mark.parametrize("spelt", [" id ", "\u200bid", "id\u00a0", '" id"', "\ufeffid"])
def test_bad_input_027_invisible_characters_do_not_count(read: Read, table_of: TableOf, spelt: str) -> None:
    assert read(f"{spelt},name\n1,a\n".encode(), table_of("id", "name")).rows == [["1", "a"]]


def test_bad_input_027_composed_and_decomposed_names_are_one(read: Read, table_of: TableOf) -> None:
    assert read("id,cafe\u0301\n1,a\n".encode(), table_of("id", "caf\u00e9")).rows == [["1", "a"]]


def test_bad_input_027_other_spellings_are_shown_side_by_side(read: Read, table_of: TableOf) -> None:
    message = refused(read, b"id,Order Name\n", table_of("id", "order_name"))
    assert "lacks 'order_name'; the file has 'Order Name' where 'order_name' is expected" in message


def test_bad_input_028_reordered_header_is_mapped_by_name(read: Read, table_of: TableOf) -> None:
    reading = read(b"name,id\na,1\n", table_of("id", "name"))
    assert (reading.rows, reading.preamble.columns) == ([["1", "a"]], (1, 0))


def test_aliases_name_a_column_once(read: Read, table_of: TableOf) -> None:
    table = table_of("id", "name")
    table = replace(table, columns=(table.columns[0], replace(table.columns[1], aliases=("label",))))
    assert read(b"id,label\n1,a\n", table).rows == [["1", "a"]]
    assert "'name', 'label' are both names of column 'name'" in refused(read, b"id,label,name\n", table)


def test_bad_input_029_missing_column(read: Read, table_of: TableOf) -> None:
    table = table_of("id", "name", "price")
    assert "header lacks 'price'" in refused(read, b"id,name\n", table)
    table = replace(table, columns=(*table.columns[:2], replace(table.columns[2], may_be_absent=True)))
    assert read(b"id,name\n1,a\n", table).rows == [["1", "a", None]]


def test_bad_input_030_extra_column(read: Read, table_of: TableOf) -> None:
    data = b"id,more,name\n1,x,a\n"
    assert "does not know: 'more'" in refused(read, data, table_of("id", "name"))
    for policy in ("ignore", "capture"):
        reading = read(data, table_of("id", "name", extra_columns=policy))
        assert (reading.rows, reading.preamble.extra) == ([["1", "a"]], (("more", 1),))


def test_bad_input_031_header_absent(read: Read, table_of: TableOf) -> None:
    message = refused(read, b"1,a\n2,b\n", table_of("id", "name"))
    assert "looks like data: '1,a'" in message
    assert "`header: false`" in message
    assert read(b"1,a\n2,b\n", table_of("id", "name", header=False)).rows == [["1", "a"], ["2", "b"]]


def test_bad_input_033_header_only(read: Read, table_of: TableOf) -> None:
    for data in (b"id,name\n", b"id,name", b"\xef\xbb\xbfid,name\r\n"):
        reading = read(data, table_of("id", "name"))
        assert (reading.rows, reading.preamble.empty, reading.end.lines) == ([], True, 1)


def test_bad_input_034_empty_file(read: Read, table_of: TableOf) -> None:
    for data in (b"", b"\xef\xbb\xbf", b"\x1a"):
        reading = read(data, table_of("id", "name"))
        assert (reading.rows, reading.preamble.empty, reading.end.lines) == ([], True, 0)
        assert reading.preamble.warnings == ("the file holds nothing, not even a header",)


def test_bad_input_035_only_blank_lines(read: Read, table_of: TableOf) -> None:
    for names in (("id",), ("id", "name")):
        reading = read(b"\n\r\n\n", table_of(*names, blank_lines="row"))
        assert (reading.rows, reading.blank_lines, reading.end.lines) == ([], 3, 3)


def test_bad_input_038_lines_before_the_header_only_as_declared(read: Read, table_of: TableOf) -> None:
    data = b'Report "of today\r\n;;\nid,name\n1,a\n'
    assert "looks like data" in refused(read, data, table_of("id", "name"))
    reading = read(data, table_of("id", "name", skip_lines=2))
    assert (reading.rows, reading.preamble.skipped_lines, reading.preamble.start.line) == ([["1", "a"]], 2, 4)


def test_blank_and_comment_lines_before_the_header_are_skipped(read: Read, table_of: TableOf) -> None:
    reading = read(b"\n# made today\nid,name\n1,a\n#x\n", table_of("id", "name", comment="#"))
    assert (reading.rows, reading.preamble.skipped_lines, reading.comment_lines) == ([["1", "a"]], 2, 1)


def test_bad_input_044_wrong_delimiter(read: Read, table_of: TableOf) -> None:
    message = refused(read, b'"id";name;price\n1;a;2\n', table_of("id", "name", "price"))
    assert "not delimited by ',': 3 names are known when split by ';'" in message


def test_header_with_quoted_newline_counts_its_lines(read: Read, table_of: TableOf) -> None:
    reading = read(b'id,"full\nname"\n1,a\nbad\n', table_of("id", "full\nname"))
    assert (reading.preamble.header_lines, reading.rows) == (2, [["1", "a"]])
    assert reading.malformed[0].line_number == 4


def test_bad_input_042_header_without_end_is_refused(read: Read, table_of: TableOf) -> None:
    assert "no line end within" in refused(read, b"x" * 10_000, table_of("id", "name", max_line_bytes=100))


def test_quotes_and_escapes_in_header_cells_are_resolved(read: Read, table_of: TableOf) -> None:
    assert read(b'"i""d", "name" \n1,a\n', table_of('i"d', "name")).rows == [["1", "a"]]
    backslash = table_of('i"d\\', "name", escape="\\")
    assert read(b'"i\\"d\\\\",name\n1,a\n', backslash).rows == [["1", "a"]]


def test_json_is_named(read: Read, table_of: TableOf) -> None:
    assert "looks like JSON" in refused(read, b'{"id": 1}\n', table_of("id", "name"))


def test_blank_rows_need_a_quote(read: Read, table_of: TableOf) -> None:
    message = refused(read, b"id\n\n", table_of("id", blank_lines="row", quote=""))
    assert "blank lines cannot be rows where the contract has no quote" in message

"""The scanner: what is a record, what is malformed, and that no byte gets lost wherever the data is cut."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loaders.files.fastway import must_scan
from loaders.files.records import Scan, scan
from loaders.files.shapes import Malformed, RecordShape

PAIR = RecordShape(fields=2)
BACKSLASH = replace(PAIR, escape=b"\\")
SINGLE = RecordShape(fields=1)


def scanned(data: bytes, shape: RecordShape = PAIR, *, last: bool = True) -> Scan:
    return scan(data, shape, last=last, first_line_number=1, byte_start=0)


def kinds(found: Scan) -> list[tuple[str, bytes]]:
    return [(each.kind, each.raw) for each in found.malformed]


def lines_of(data: bytes, shape: RecordShape) -> int:
    end = shape.newline[-1:]
    return data.count(end) + bool(data and not data.endswith(end))


def assert_conserved(data: bytes, shape: RecordShape, found: Scan) -> None:
    sizes = [end - start for start, end in found.good] + [len(each.raw) for each in found.malformed]
    assert found.consumed == sum(sizes) + found.blank_bytes + found.comment_bytes
    lines = found.record_lines + found.blank_lines + found.comment_lines + sum(each.lines for each in found.malformed)
    assert lines == lines_of(data[: found.consumed], shape)
    for each in found.malformed:
        assert data[each.byte_offset : each.byte_offset + len(each.raw)] == each.raw
        assert each.line_number == data.count(shape.newline[-1:], 0, each.byte_offset) + 1


def test_clean_data_is_one_range_and_its_own_text() -> None:
    data = b"1,2\n3,4\n"
    found = scanned(data)
    assert (found.good, found.records, found.good_text, found.malformed) == (((0, 8),), 2, data, ())


def test_malformed_lines_carry_line_offset_bytes_and_message() -> None:
    found = scan(b"1,2\nshort\n3,4\n", PAIR, last=True, first_line_number=11, byte_start=100)
    assert found.malformed == (Malformed(12, 104, b"short\n", "short", "1 fields instead of 2", 1),)
    assert found.good_text == b"1,2\n3,4\n"


def test_bad_input_003_byte_order_mark_later_on_is_data() -> None:
    assert scanned(b"\xef\xbb\xbf1,2\n3,\xef\xbb\xbf4\n").good_text == b"\xef\xbb\xbf1,2\n3,\xef\xbb\xbf4\n"


def test_bad_input_007_mixed_encodings_are_malformed_one_by_one() -> None:
    found = scanned("é,1\n".encode() + "é,2\n".encode("latin-1") + b"x,3\n")
    assert kinds(found) == [("encoding", b"\xe9,2\n")]
    assert found.records == 2
    assert "byte 1 of the line" in found.malformed[0].message


@pytest.mark.parametrize("bad", [b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xff", b"\xe2\x82"])
def test_bad_input_008_overlong_and_surrogates_are_malformed(bad: bytes) -> None:
    found = scanned(b"1,2\na" + bad + b',"x"\n3,4\n')
    assert kinds(found) == [("encoding", b"a" + bad + b',"x"\n')]


def test_undecodable_bytes_are_found_across_decoding_blocks() -> None:
    data = b"\xc3\xa9,2\n" * 70_000 + b"\xe9,3\n" + b"\xc3\xa9,2\n" * 70_000
    found = scanned(data)
    assert [each.line_number for each in found.malformed] == [70_001]
    assert found.records == 140_000


def test_a_character_across_decoding_blocks_is_whole() -> None:
    assert scanned(b"a" + "é".encode() * 200_000 + b",2\n").records == 1


def test_bad_input_009_nul_is_malformed_unless_kept() -> None:
    data = b'1,2\n3,"\0"\n4,5\n'
    assert kinds(scanned(data)) == [("nul", b'3,"\0"\n')]
    assert scanned(data, replace(PAIR, nul="keep")).records == 3


def test_bad_input_011_crlf() -> None:
    shape = replace(PAIR, newline=b"\r\n")
    found = scanned(b'1,2\r\n3,"4"\r\n', shape)
    assert (found.records, found.record_lines, found.malformed) == (2, 2, ())


def test_bad_input_012_cr_only() -> None:
    found = scanned(b"1,2\r3,4\r", replace(PAIR, newline=b"\r"))
    assert (found.records, found.record_lines, found.malformed) == (2, 2, ())


def test_bad_input_013_mixed_newlines_are_evened_out_quoted_ones_kept() -> None:
    found = scanned(b'1,2\n3,4\r\n5,"6\r\n7"\r\n8,9\n')
    assert found.good_text == b'1,2\n3,4\n5,"6\r\n7"\n8,9\n'
    assert (found.records, found.record_lines, found.malformed) == (4, 5, ())


def test_bad_input_013_a_lone_carriage_return_is_malformed() -> None:
    found = scanned(b"1,2\n3,4\r5,6\n7,8\n")
    assert kinds(found) == [("newline", b"3,4\r5,6\n")]
    assert found.records == 2


def test_bad_input_015_quoted_newline_delimiter_and_doubled_quote() -> None:
    found = scanned(b'"a\nb","c,d"\n"e""f",\n')
    assert (found.records, found.record_lines, found.malformed) == (2, 3, ())


def test_bad_input_016_unterminated_quote_costs_one_line() -> None:
    found = scanned(b'1,2\n3,"open\n4,5\n6,7\n')
    assert kinds(found) == [("quoting", b'3,"open\n')]
    assert found.good_text == b"1,2\n4,5\n6,7\n"


def test_bad_input_016_unterminated_quote_is_given_up_at_the_longest_record() -> None:
    shape = replace(PAIR, max_line_bytes=20)
    found = scanned(b'3,"open\n' + b"4,5\n" * 10, shape, last=False)
    assert kinds(found) == [("quoting", b'3,"open\n')]
    assert found.records == 10
    assert "not closed within 20 bytes" in found.malformed[0].message


def test_unterminated_quote_in_a_later_line_of_its_record_costs_the_lines_up_to_it() -> None:
    found = scanned(b'"a\nb","open\n1,2\n')
    assert kinds(found) == [("quoting", b'"a\nb","open\n')]
    assert found.malformed[0].lines == 2


def test_bad_input_017_text_after_closing_quote() -> None:
    assert kinds(scanned(b'1,2\n"a"x,b\n3,4\n')) == [("quoting", b'"a"x,b\n')]


def test_bad_input_017_a_quote_opened_again_is_malformed_though_parsers_join_it() -> None:
    data = b'1,"a" "b"\n'
    assert kinds(scanned(data)) == [("quoting", data)]
    assert must_scan(data, PAIR)


def test_bad_input_018_quote_inside_unquoted_text_is_text() -> None:
    data = b'1,5" pipe\n2,6" pipe\n'
    assert scanned(data).good_text == data


def test_bad_input_019_backslash_escapes_only_where_the_contract_says() -> None:
    data = b'1,"a\\"b"\n'
    assert kinds(scanned(data)) == [("quoting", data)]
    assert scanned(data, BACKSLASH).records == 1
    assert kinds(scanned(b'1,"a""b"\n', BACKSLASH)) == [("quoting", b'1,"a""b"\n')]


def test_bad_input_020_quote_only_late_in_the_file() -> None:
    data = b"1,2\n" * 30_000 + b'3,"4,\n5"\n'
    assert scanned(data).records == 30_001


def test_bad_input_021_too_few_fields() -> None:
    assert kinds(scanned(b"1\n2,3\n")) == [("short", b"1\n")]


@pytest.mark.parametrize("line", [b"1,2,3\n", b"1,2,\n", b'1,2,""\n'])
def test_bad_input_022_too_many_fields_are_never_cut(line: bytes) -> None:
    assert kinds(scanned(line + b"4,5\n")) == [("long", line)]


def test_bad_input_023_trailing_delimiter_ends_every_line_where_declared() -> None:
    shape = RecordShape(fields=3, trailing_delimiter=True)
    found = scanned(b"1,2,\n3,4,5\n6,7\n", shape)
    assert found.good_text == b"1,2,\n"
    assert kinds(found) == [("long", b"3,4,5\n"), ("short", b"6,7\n")]


@pytest.mark.parametrize("line", [b"id,name\n", b'"id","name"\n', b"\xef\xbb\xbfid,name\n", b"id,name"])
def test_bad_input_032_repeated_header(line: bytes) -> None:
    shape = RecordShape(fields=2, header=("id", "name"), header_line=b"id,name")
    found = scanned(b"1,id\n" + b'2,"\nid,name\n"\n' + line, shape)
    assert kinds(found) == [("header_row", line)]
    assert found.records == 2


def test_a_line_that_only_ends_like_the_header_is_a_row() -> None:
    shape = RecordShape(fields=2, header=("id", "name"), header_line=b"id,name")
    assert scanned(b"paid,name\nid,names\n", shape).records == 2


def test_a_crlf_file_cut_within_its_last_newline_is_whole() -> None:
    found = scanned(b"1,2\r\n3,4\r", replace(PAIR, newline=b"\r\n"))
    assert (found.records, found.record_lines, found.good_text) == (2, 2, b"1,2\r\n3,4\r\n")


def test_bad_input_036_blank_lines_are_counted() -> None:
    found = scanned(b"\n1,2\n\r\n\n3,4\n\n")
    assert (found.records, found.blank_lines, found.blank_bytes) == (2, 4, 5)


def test_bad_input_036_blank_line_is_a_row_of_one_column_where_declared() -> None:
    data = b"1\n\n2\n"
    assert (scanned(data, SINGLE).records, scanned(data, SINGLE).blank_lines) == (2, 1)
    found = scanned(data, replace(SINGLE, blank_lines="row"))
    assert (found.records, found.blank_lines, found.good_text) == (3, 0, b'1\n""\n2\n')


def test_bad_input_037_no_final_newline() -> None:
    found = scanned(b"1,2\n3,4")
    assert (found.records, found.record_lines, found.good_text) == (2, 2, b"1,2\n3,4\n")


def test_bad_input_039_footer_is_malformed() -> None:
    assert kinds(scanned(b"1,2,3\nTOTAL,5\n", RecordShape(fields=3))) == [("short", b"TOTAL,5\n")]


def test_bad_input_040_hash_is_data_unless_declared() -> None:
    data = b'#a,b\n1,"x\n#y"\n'
    assert scanned(data).records == 2
    found = scanned(data, replace(PAIR, comment=b"#"))
    assert (found.records, found.comment_lines, found.comment_bytes, found.malformed) == (1, 1, 5, ())


def test_bad_input_041_line_past_the_limit_is_kept_whole() -> None:
    shape = replace(PAIR, max_line_bytes=10)
    long_line = b"1," + b"x" * 9 + b"\n"
    found = scanned(b"1," + b"x" * 8 + b"\n" + long_line + b"3,4\n", shape)
    assert kinds(found) == [("too_long", long_line)]
    assert found.records == 2


def test_bad_input_041_quoted_line_past_the_limit_is_kept_whole() -> None:
    shape = replace(PAIR, max_line_bytes=10)
    long_line = b'1,"' + b"x" * 30 + b'"\n'
    assert kinds(scanned(long_line + b"3,4\n", shape)) == [("too_long", long_line)]


@pytest.mark.parametrize("text", [b'1,"234\n6789"', b'1,"2",', b'"12\n45","89"'])
def test_bad_input_041_the_limit_counts_whole_records(text: bytes) -> None:
    fits = replace(PAIR, fields=text.count(b",") + 1, max_line_bytes=len(text))
    assert scanned(text + b"\n", fits).records == 1
    found = scanned(text + b"\n", replace(fits, max_line_bytes=len(text) - 1))
    assert kinds(found) == [("too_long", text + b"\n")]


def test_bad_input_043_ten_thousand_columns() -> None:
    line = b",".join(b"%d" % number for number in range(10_000)) + b"\n"
    found = scanned(line * 3 + b"1" + line, RecordShape(fields=10_000))
    assert found.records == 4
    assert kinds(scanned(b"0," + line, RecordShape(fields=10_000))) == [("long", b"0," + line)]


def test_bad_input_045_other_delimiters_are_text() -> None:
    assert scanned(b"a\tb,c\n").records == 1
    assert scanned(b"a,b\tc\n", replace(PAIR, delimiter=b"\t")).records == 1


@pytest.mark.parametrize("mark", [b"|", b".", b"^", b"]", b"\\", b"-", b"$", b"\x1f", b"("])
def test_any_single_byte_delimits_and_quotes(mark: bytes) -> None:
    assert scanned(b"a%cb\n" % mark[0], replace(PAIR, delimiter=mark)).records == 1
    shape = replace(PAIR, quote=mark, escape=mark)
    found = scanned(b"%ca,\n%c%cb%c,c\n" % ((mark[0],) * 4), shape)
    assert (found.records, found.malformed) == (1, ())


def test_without_quote_every_quote_is_text() -> None:
    data = b'"a,b"\n"c,d\n'
    assert scanned(data, replace(PAIR, quote=b"", escape=b"")).good_text == data


def test_an_unfinished_record_is_left_for_the_next_window() -> None:
    found = scanned(b'1,2\n3,"4\n', last=False)
    assert (found.consumed, found.records, found.malformed) == (4, 1, ())


def test_scanning_stops_after_enough_malformed_lines() -> None:
    found = scan(b"x\n" * 10, PAIR, last=True, first_line_number=1, byte_start=0, most_malformed=3)
    assert (len(found.malformed), found.consumed) == (3, 6)


SHAPES = st.builds(
    RecordShape,
    fields=st.integers(1, 3),
    delimiter=st.sampled_from([b",", b";", b"\t"]),
    quote=st.sampled_from([b'"', b"'"]),
    escape=st.sampled_from([b'"', b"\\"]),
    newline=st.sampled_from([b"\n", b"\r\n", b"\r"]),
    blank_lines=st.sampled_from(["skip", "row"]),
).map(lambda shape: shape if shape.escape == b"\\" else replace(shape, escape=shape.quote))


@st.composite
def shaped_data(draw: st.DrawFn) -> tuple[RecordShape, bytes]:
    """A shape, and bytes made of what matters to it."""
    shape = draw(SHAPES)
    good = shape.delimiter.join([b"x"] * shape.fields) + shape.newline
    tokens = [b"a", b" ", shape.delimiter, shape.quote, shape.escape, shape.newline, b"\r", b"\n", "é".encode()]
    tokens += [b"\xff", b"\0", shape.quote * 2, shape.quote + shape.delimiter + shape.quote, good, good]
    return shape, b"".join(draw(st.lists(st.sampled_from(tokens), max_size=16)))


@given(shaped_data())
def test_bytes_and_lines_are_conserved(case: tuple[RecordShape, bytes]) -> None:
    shape, data = case
    found = scanned(data, shape)
    assert found.consumed == len(data)
    assert_conserved(data, shape, found)


@given(shaped_data(), st.integers(1, 9), st.integers(4, 30))
def test_where_the_data_is_cut_makes_no_difference(
    case: tuple[RecordShape, bytes], window_bytes: int, max_line_bytes: int
) -> None:
    shape = replace(case[0], max_line_bytes=max_line_bytes)
    data, end = case[1], shape.newline[-1:]
    whole = scanned(data, shape)
    position, line, reach, text = 0, 1, window_bytes, b""
    malformed: list[Malformed] = []
    while position < len(data):
        found_end = data.find(end, min(position + reach, len(data)) - 1) + 1
        stop = found_end if 0 < found_end < len(data) else len(data)
        step = scan(data[position:stop], shape, last=stop == len(data), first_line_number=line, byte_start=position)
        assert_conserved(data[position:stop], shape, step_at_zero(step, position, line))
        text += step.good_text
        malformed += step.malformed
        line += lines_of(data[position : position + step.consumed], shape)
        reach = window_bytes if step.consumed else stop - position + window_bytes
        position += step.consumed
    assert (text, tuple(malformed)) == (whole.good_text, whole.malformed)


def step_at_zero(step: Scan, position: int, line: int) -> Scan:
    moved = (
        replace(each, byte_offset=each.byte_offset - position, line_number=each.line_number - line + 1)
        for each in step.malformed
    )
    return replace(step, malformed=tuple(moved))


@pytest.fixture(scope="module")
def segment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("segments") / "segment.csv"


@cache
def connection() -> duckdb.DuckDBPyConnection:
    opened = duckdb.connect()
    opened.execute("set threads = 1")
    # The one path holds other bytes in each example.
    opened.execute("set enable_external_file_cache = false")
    return opened


def strictly_parsed(data: bytes, shape: RecordShape, path: Path) -> list[tuple[str, ...]] | None:
    """The rows of a strict parse; None where it refuses `data`."""
    path.write_bytes(data)
    texts = {"delim": shape.delimiter, "quote": shape.quote, "escape": shape.escape}
    settings_ = [f"{name} = '{value.decode().replace(chr(39), chr(39) * 2)}'" for name, value in texts.items()]
    newline = {b"\n": r"\n", b"\r": r"\r", b"\r\n": r"\r\n"}[shape.newline]
    columns = ", ".join(f"c{number}: 'VARCHAR'" for number in range(shape.fields))
    try:
        return (
            connection()
            .execute(
                # Strict is the default; said aloud beside new_line='\r\n' it makes DuckDB 2.0 read newlines as text.
                f"select * from read_csv('{path}', auto_detect = false, header = false, {', '.join(settings_)}, "
                f"new_line = '{newline}', nullstr = 'no-such-text', compression = 'none', hive_partitioning = false, "
                f"columns = {{{columns}}})"
            )
            .fetchall()
        )
    except duckdb.Error:
        return None


DIFFERENTIAL = settings(deadline=None, max_examples=400, suppress_health_check=[HealthCheck.too_slow])


@DIFFERENTIAL
@given(shaped_data())
def test_a_strict_parse_takes_every_good_record_and_no_other(segment: Path, case: tuple[RecordShape, bytes]) -> None:
    shape, data = replace(case[0], nul="keep"), case[1]
    found = scanned(data, shape)
    rows = strictly_parsed(found.good_text, shape, segment)
    assert rows is not None
    assert len(rows) == found.records


@DIFFERENTIAL
@given(shaped_data())
def test_the_fast_way_never_differs_from_the_scanner(segment: Path, case: tuple[RecordShape, bytes]) -> None:
    shape, data = case
    rows = strictly_parsed(data, shape, segment)
    if rows is None or len(rows) != lines_of(data, shape) or must_scan(data, shape):
        return
    found = scanned(data, shape)
    assert (found.records, found.malformed) == (len(rows), ())
    assert strictly_parsed(found.good_text, shape, segment) == rows

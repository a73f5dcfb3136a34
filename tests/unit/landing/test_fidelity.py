"""What lands is what stands in the file, value for value and in its order."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest

from loaders.contracts.model import Dialect

ROWS = "id,name,note\n" + "".join(f'{n},"a ""{n}"" b, {n}",x{n}\n' for n in range(50))


@pytest.mark.parametrize(
    "content",
    [
        ROWS,
        ROWS.replace("\n", "\r\n"),
        ROWS.replace("\n", "\r"),
        ROWS.rstrip("\n"),
        'id,name,note\n1,,\n2,""," "\n',
        'id,name,note\n1,"two\nlines","a\r\nb"\n2,5" pipe,x"y"z\n',
        'id,name,note\r\n1,"quoted\nfirst",b\r\n2,x,y\r\n',
        "id,name,note\n1,NULL,\\N\n2,ünïcødé,🙂\n#3,a,b\n",
        "id,name,note\n\ufeff1,\ufeff,\u00a0\n",
        "id,name,note\n1,null-,null\n",
    ],
    ids=["lf", "crlf", "cr", "unended", "empty", "newlines", "lf in crlf", "words", "marks", "tokens"],
)
@pytest.mark.parametrize("window", [1, 7, 64, 1 << 20])
def test_landed_values_are_those_an_independent_reader_finds(
    shop: Any, independent: Callable[[str], list[tuple[str, ...]]], content: str, window: int
) -> None:
    shop.put("a.csv", content)
    shop.ingest(window_bytes=window)
    assert shop.rows() == independent(content)
    assert shop.rows("_row_number") == [(n,) for n in range(1, len(independent(content)) + 1)]


def test_row_numbers_follow_the_file_across_segments_and_threads(shop: Any) -> None:
    # Big enough for two segments, and for batches of the parser to overtake each other if they could.
    shop.put("a.csv", "id,name,note\n" + "".join(f"{n},{'x' * 40},\n" for n in range(1, 100_001)))
    shop.ingest()
    assert shop.query("select count(*), count(*) filter (id != _row_number::varchar) from landing.shop__sales") == [
        (100_000, 0)
    ]


def test_columns_are_found_by_their_header_in_any_order(shop: Any) -> None:
    shop.put("a.csv", "note,id,name\nx,1,a\n")
    shop.ingest()
    assert shop.rows() == [("1", "a", "x")]


def test_a_column_that_older_files_lack_lands_as_null(make_shop: Any, column: Any) -> None:
    shop = make_shop(column("id"), column("name", may_be_absent=True), column("note"))
    shop.put("a.csv", "id,note\n1,\n")
    shop.ingest()
    assert shop.rows() == [("1", None, "")]


def test_extra_columns_are_captured_as_json(make_shop: Any) -> None:
    shop = make_shop(dialect=Dialect(extra_columns="capture"))
    shop.put("a.csv", 'id,it\'s,name,note,b\n1,"x""y",a,b,\n')
    shop.ingest()
    ((extra,),) = shop.rows("_extra")
    assert json.loads(extra) == {"it's": 'x"y', "b": ""}


def test_extra_columns_are_ignored_but_still_checked(make_shop: Any) -> None:
    shop = make_shop(dialect=Dialect(extra_columns="ignore"))
    shop.put("a.csv", b"id,name,note,more\n1,a,b,c\n2,a,b,\xff\n")
    outcome = shop.outcome()
    assert (outcome.rows, outcome.malformed_rows) == (1, 1)


def test_packed_files_land_like_plain_ones(shop: Any, independent: Callable[[str], list[tuple[str, ...]]]) -> None:
    shop.put("a.csv.gz", gzip.compress(ROWS.encode()))
    shop.ingest(window_bytes=100)
    assert shop.rows() == independent(ROWS)
    assert shop.ledger("lines, header_lines, landed_lines, content_bytes") == [(51, 1, 50, len(ROWS))]


def test_blank_and_comment_lines_are_counted_and_do_not_land(make_shop: Any) -> None:
    shop = make_shop(dialect=Dialect(comment="#"))
    shop.put("a.csv", "id,name,note\n1,a,b\n\n# said\n2,a,# no\n\n")
    shop.ingest()
    assert shop.rows() == [("1", "a", "b"), ("2", "a", "# no")]
    assert shop.ledger("lines, blank_lines, comment_lines, landed_lines") == [(6, 2, 1, 2)]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_blank_line_can_be_a_row_of_a_one_column_file(make_shop: Any, column: Any, newline: str) -> None:
    shop = make_shop(column("id"), dialect=Dialect(blank_lines="row"))
    shop.put("a.csv", newline.join(["id", "", "1", "", '""', "2", ""]))
    shop.ingest()
    assert shop.rows("id") == [("",), ("1",), ("",), ("",), ("2",)]


@pytest.mark.parametrize("content", ["", "id,name,note\n", "id,name,note"])
def test_files_without_rows_land_with_none(shop: Any, content: str) -> None:
    shop.put("a.csv", content)
    shop.put("b.csv", content)
    result = shop.ingest()
    assert [outcome.status for outcome in result.outcomes] == ["landed", "landed"]
    assert shop.ledger("landed_rows, lines") == [(0, int(bool(content)))] * 2
    assert {outcome.status for outcome in shop.ingest().outcomes} == {"skipped"}


@pytest.mark.parametrize(
    "dialect",
    [
        Dialect(delimiter="\t"),
        Dialect(delimiter=";", quote="'"),
        Dialect(delimiter="|", quote="", escape=""),
        Dialect(escape="\\"),
    ],
)
def test_other_dialects(make_shop: Any, dialect: Dialect) -> None:
    shop = make_shop(dialect=dialect)
    quote, escape = dialect.quote, dialect.escape
    name = f"{quote}a{escape}{quote}b{quote}" if quote else 'a"b'
    shop.put("a.csv", dialect.delimiter.join(["id", "name", "note\n"]) + dialect.delimiter.join(["1", name, "c\n"]))
    shop.ingest()
    assert shop.rows() == [("1", f"a{quote or chr(34)}b", "c")]


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_other_encodings_land_as_text(make_shop: Any, encoding: str) -> None:
    shop = make_shop(dialect=Dialect(encoding=encoding))
    shop.put("a.csv", "id,name,note\n1,Ä,ß\n".encode(encoding))
    shop.ingest()
    assert shop.rows() == [("1", "Ä", "ß")]

"""Each leniency of a strict parse that would hide a fault keeps its window off the fast way; nothing else does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from loaders.files.fastway import must_scan
from loaders.files.shapes import RecordShape

PAIR = RecordShape(fields=2, header=("order_id", "name"), header_line=b"order_id,name")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"1,2\n3,4\n",
        b'1,"two, with "" and , inside"\n',
        b'"1" ,"2" \n',
        b"short\nlong,long,long\n",
        b"1,name of order_id\n",
        b"1,2\nmy_order_id,name\norder_id,names\n",
        b"#1,2\n",
    ],
)
def test_what_a_strict_parse_judges_rightly_goes_the_fast_way(data: bytes) -> None:
    assert not must_scan(data, PAIR)


@pytest.mark.parametrize(
    ("data", "change"),
    [
        (b"1,\0\n", {}),
        (b"1,2\norder_id,name\n", {}),
        (b'1,2\n"order_id","name"\n', {}),
        (b'1,"a"  "b"\n', {}),
        (b"1,2\n#3,4\n", {"comment": b"#"}),
        (b"#3,4\n", {"comment": b"#"}),
        (b"1 2\n", {"delimiter": b" "}),
        (b'1,"2\\', {"escape": b"\\"}),
        (b"1,2\r\n3,4\n", {}),
        (b"1,2\r\n\r3,4\r\n", {"newline": b"\r\n"}),
        (b"1,2\r3,4\n", {"newline": b"\r"}),
        (b"\n1,2\n", {}),
        (b"1,2,\n1,2,3\n", {"fields": 3, "trailing_delimiter": True}),
    ],
)
def test_what_a_strict_parse_would_pass_over_is_scanned(data: bytes, change: dict[str, object]) -> None:
    assert must_scan(data, replace(PAIR, **change))  # type: ignore[arg-type]


def test_nul_that_may_stay_goes_the_fast_way() -> None:
    assert not must_scan(b"1,\0\n", replace(PAIR, nul="keep"))


def test_lines_that_all_end_with_a_delimiter_go_the_fast_way() -> None:
    assert not must_scan(b"1,2,\n3,4,", replace(PAIR, fields=3, trailing_delimiter=True))

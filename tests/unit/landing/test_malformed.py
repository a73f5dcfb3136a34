"""Malformed lines are set aside whole, the rest of the file lands, and the limits hold."""

from __future__ import annotations

from base64 import b64decode
from decimal import Decimal
from typing import Any

import pytest

from loaders.contracts.model import MalformedLimit

BAD = b'id,name,note\n1,a,b\nshort\n2,c,d\n3,too,long,\n4,"x"y,z\n5,\xff,e\n6,\x00,f\n7,"open,h\n8,i,j\n'


@pytest.mark.parametrize("window", [1, 20, 1 << 20])
def test_malformed_lines_are_kept_whole_beside_the_good_rows(shop: Any, window: int) -> None:
    shop.put("a.csv", BAD)
    outcome = shop.outcome(window_bytes=window)
    assert (outcome.status, outcome.rows, outcome.malformed_rows) == ("landed", 3, 6)
    assert shop.rows() == [("1", "a", "b"), ("2", "c", "d"), ("8", "i", "j")]
    found = shop.query(
        "select kind, line_number, byte_offset, raw, raw_encoding from landing.malformed_rows order by line_number"
    )
    assert [(kind, line) for kind, line, *_ in found] == [
        ("short", 3),
        ("long", 5),
        ("quoting", 6),
        ("encoding", 7),
        ("nul", 8),
        ("quoting", 9),
    ]
    for _, _, offset, raw, encoding in found:
        raw_bytes = b64decode(raw) if encoding == "base64" else raw.encode()
        assert BAD[offset : offset + len(raw_bytes)] == raw_bytes
        assert raw_bytes.endswith(b"\n")
    assert shop.ledger("lines, header_lines, landed_lines, malformed_lines, landed_rows, malformed_rows") == [
        (10, 1, 3, 6, 3, 6)
    ]


@pytest.mark.parametrize("window", [16, 1 << 20])
@pytest.mark.parametrize("limit", [MalformedLimit(rows=5), MalformedLimit(share=Decimal("0.5"))])
def test_past_a_limit_the_file_is_quarantined_and_nothing_of_it_stays(
    shop: Any, window: int, limit: MalformedLimit
) -> None:
    shop.change(max_malformed=limit)
    shop.put("a.csv", BAD)
    outcome = shop.outcome(window_bytes=window)
    assert outcome.status == "quarantined"
    assert "a.csv:3 (byte 19)" in outcome.note
    for table in ("shop__sales", "malformed_rows", "chunks"):
        assert shop.query(f"select count(*) from landing.{table}") == [(0,)]
    assert shop.ledger("state") == [("quarantined",)]


def test_a_limit_that_is_just_kept_lets_the_file_land(shop: Any) -> None:
    shop.change(max_malformed=MalformedLimit(rows=6, share=Decimal(6) / 9))
    shop.put("a.csv", BAD)
    assert shop.outcome().status == "landed"


def test_one_malformed_file_does_not_hold_up_the_group_it_lands_with(shop: Any) -> None:
    for number in range(5):
        shop.put(f"{number}.csv", f"id,name,note\n{number},a,b\n" + ("short\n" if number == 2 else ""))
    result = shop.ingest()
    assert result.counts == {"landed": 5}
    assert (result.rows, result.malformed_rows) == (5, 1)


def test_what_the_parser_refuses_though_the_scanner_took_it_is_quarantined(
    shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The parser has the last word: its count of rows must be the scanner's."""
    from loaders.files import records
    from loaders.landing import scanning

    scan = records.scan

    def scan_one_row_too_few(*given: Any, **named: Any) -> Any:
        found = scan(*given, **named)
        object.__setattr__(found, "records", found.records - 1)
        return found

    monkeypatch.setattr(scanning, "scan", scan_one_row_too_few)
    shop.put("a.csv", 'id,name,note\n1,"a",b\n2,c,d\n')
    outcome = shop.outcome()
    assert outcome.status == "quarantined"
    assert "gave 2 rows where 1 stand" in outcome.note
    assert shop.query("select count(*) from landing.shop__sales") == [(0,)]


@pytest.mark.parametrize("lost", ["record_lines", "blank_bytes"])
def test_lines_and_bytes_that_are_not_accounted_for_stop_the_file(
    shop: Any, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    from loaders.files import records
    from loaders.landing import scanning

    scan = records.scan

    def scan_and_lose_one(*given: Any, **named: Any) -> Any:
        found = scan(*given, **named)
        object.__setattr__(found, lost, getattr(found, lost) - 1)
        return found

    monkeypatch.setattr(scanning, "scan", scan_and_lose_one)
    shop.put("a.csv", 'id,name,note\n1,"a",b\n\n2,c,d\n')
    outcome = shop.outcome()
    assert outcome.status == "refused"
    assert "lines were read" in outcome.note
    assert shop.query("select count(*) from landing.shop__sales") == [(0,)]

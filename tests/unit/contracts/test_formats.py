"""JDK date patterns: their tokens, their strict pattern, and what is refused."""

from __future__ import annotations

import duckdb
import pytest

from loaders.contracts.formats import Token, parse_format
from loaders.contracts.patterns import pattern_facts
from loaders.errors import DataRefused


@pytest.mark.parametrize(
    ("pattern", "logical_type", "regex"),
    [
        ("yyyy-MM-dd", "date", "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
        ("uuuuMMdd", "date", "^[0-9]{4}[0-9]{2}[0-9]{2}$"),
        ("d.M.yy", "date", r"^[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{2}$"),
        ("yyyy-MM-dd HH:mm:ss", "timestamp", "^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}$"),
        ("yyyy-MM-dd'T'HH:mm", "timestamp", "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}$"),
        ("dd/MM/yyyy", "timestamp", "^[0-9]{2}/[0-9]{2}/[0-9]{4}$"),
        ("HH:mm:ss.SSS", "time", r"^[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}$"),
        ("H 'o''clock' mm", "time", "^[0-9]{1,2} o'clock [0-9]{2}$"),
    ],
)
def test_strict_pattern(pattern: str, logical_type: str, regex: str) -> None:
    assert parse_format(pattern, logical_type).regex == regex
    assert pattern_facts(regex).anchored


def test_offsets_need_a_column_with_zone() -> None:
    for letters, taken in (("X", "+01"), ("XX", "+0100"), ("XXX", "+01:00")):
        regex = parse_format(f"yyyy-MM-dd HH{letters}", "timestamp", timezone=True).regex
        assert pattern_facts(regex).anchored
        for text in (taken, "Z"):
            assert duckdb.execute("select regexp_matches(?, ?)", [f"2024-01-05 10{text}", regex]).fetchone() == (True,)


def test_tokens() -> None:
    assert parse_format("yyyyMM'-T'dd", "date").tokens == (
        Token("year", 4),
        Token("month", 2),
        Token("literal", text="-T"),
        Token("day", 2),
    )


@pytest.mark.parametrize(
    ("pattern", "logical_type", "message"),
    [
        ("yyyy-MMM-dd", "date", "holds `MMM`"),
        ("yyyy-DDD", "date", "holds `DDD`"),
        ("YYYY-MM-dd", "date", "holds `YYYY`"),
        ("EEE yyyy-MM-dd", "date", "holds `EEE`"),
        ("yyyy-MM-dd hh:mm a", "timestamp", "holds `hh`"),
        ("yyyy-MM-dd HH:mm:ss z", "timestamp", "holds `z`"),
        ("yyyy-MM-dd HH:mm:ss.SSSSSSS", "timestamp", "holds `SSSSSSS`"),
        ("yyyy-MM-dd[ HH:mm]", "timestamp", "holds `[`"),
        ("%Y-%m-%d", "date", "holds `Y`"),
        ("yyyy-MM", "date", "reads no day"),
        ("yyyy-MM-dd HH", "date", "reads a time, which a date would lose"),
        ("yyyy-MM-dd HH:mm", "time", "reads a date or an offset"),
        ("HH", "time", "reads no minute"),
        ("yyyy-MM-dd mm", "timestamp", "reads a minute and no hour"),
        ("yyyy-MM-dd HH:mm.SSS", "timestamp", "reads a fraction and no second"),
        ("yyyy-MM-dd dd", "date", "reads the day twice"),
        ("yyyyMd", "date", "does not say where the month ends"),
        ("yyyy-MM-d'1'", "date", "does not say where the day ends"),
        ("yyyy-MM-dd 'T", "date", "quote that is not closed"),
        ("yyyy-MM-ddXXX", "timestamp", "reads an offset"),
        ("", "date", "reads no year and no month and no day"),
    ],
)
def test_refused(pattern: str, logical_type: str, message: str) -> None:
    with pytest.raises(DataRefused, match="date format") as refusal:
        parse_format(pattern, logical_type)
    assert message in refusal.value.what

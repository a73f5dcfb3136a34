"""The matrix says of every engine what was equal, and of what was not how it differs."""

from __future__ import annotations

from dataclasses import replace

from tests.parity.content import Content
from tests.parity.matrix import differences, matrix
from tests.parity.results import Result

CONTENT = Content({"marts.a": 2, "rejects.b": 3}, {"marts.a": "aa", "rejects.b": "bb"}, {"type": 3})
DUCKDB = Result(
    "duckdb", "demo", "real engine (x)", "f", "own", 0, {"ingest": 1.2, "build": 3.9}, CONTENT, commit="c0ffee1"
)
ENGINES = ("duckdb", "postgres", "sail")


def test_an_equal_engine_has_no_note() -> None:
    text = matrix([replace(DUCKDB, engine="postgres", about="real engine (y)"), DUCKDB], ENGINES)
    lines = text.splitlines()
    assert lines[2].startswith("| duckdb | demo | itself | 5 | 2 of 2 equal | 2 of 2 equal | 3 in 1 reasons |")
    assert lines[3].startswith("| postgres |")
    assert lines[3].endswith("| 0 missing | 1 s | 4 s | c0ffee1 |")
    assert "- **postgres**: real engine (y)" in lines
    assert not [line for line in lines if line.startswith("- postgres, demo")]


def test_what_differs_is_told_relation_by_relation() -> None:
    other = Content({"marts.a": 2, "rejects.b": 4}, {"marts.a": "a0", "rejects.b": "b0"}, {"type": 3, "enum": 1})
    words = ["rejects.b has 4 rows, not 3", "marts.a holds other values", "rejects for enum: 1, not 0"]
    assert differences(other, CONTENT) == words
    text = matrix([DUCKDB, replace(DUCKDB, engine="sail", content=other)], ENGINES)
    assert "| 1 of 2 equal | 0 of 2 equal | 4 in 2 reasons, **differ** |" in text
    for each in words:
        assert f"- sail, demo: {each}" in text


def test_an_engine_without_a_result_says_why() -> None:
    absent = Result("sail", "demo", "", "f", words="sail is not installed: run `make engines`", commit="c0ffee1")
    imported = replace(DUCKDB, engine="postgres", landing="no landing for it yet")
    text = matrix([DUCKDB, absent, imported], ENGINES)
    assert f"| sail | demo | no result |{'  |' * 7} c0ffee1 |" in text.splitlines()
    assert "- sail, demo: sail is not installed: run `make engines`" in text
    assert "| postgres | demo | import |" in text
    assert "- postgres, demo: DuckDB's landing was imported (no landing for it yet)" in text

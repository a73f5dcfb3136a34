"""The matrix says of every engine what was equal, and of what was not how it differs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.parity.__main__ import write_into
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


def test_a_line_stays_until_a_result_takes_its_place(tmp_path: Path) -> None:
    document = tmp_path / "engines.md"
    document.write_text("before\n<!-- parity -->\n<!-- /parity -->\nafter\n")
    olist = replace(DUCKDB, data="olist", commit="c0ffee1")
    words = "failed: it took " + "too long, " * 20 + "so it was stopped"
    stopped = replace(olist, engine="sail", about="stand-in (1)", content=None, words=words)
    postgres = replace(DUCKDB, engine="postgres", about="real engine (1)")
    write_into(document, [DUCKDB, postgres, olist, stopped])
    first = document.read_text().splitlines()
    newer = replace(DUCKDB, commit="c0ffee2")
    absent = replace(postgres, about="", content=None, words="no PostgreSQL server here", commit="c0ffee2")
    sail = replace(newer, engine="sail", about="stand-in (2)")
    write_into(document, [newer, absent, sail])
    second = document.read_text().splitlines()
    assert second[0] == "before"
    assert second[-1] == "after"
    assert [(line.split(" | ")[0], line.split(" | ")[1], line[-9:-2]) for line in second[4:9]] == [
        ("| duckdb", "demo", "c0ffee2"),
        ("| postgres", "demo", "c0ffee1"),
        ("| sail", "demo", "c0ffee2"),
        ("| duckdb", "olist", "c0ffee1"),
        ("| sail", "olist", "c0ffee1"),
    ]
    assert {line for line in first if line.startswith("| postgres")} < set(second)
    assert "- **postgres**: real engine (1)" in second
    assert "- **sail, demo**: stand-in (2)" in second
    assert "- **sail, olist**: stand-in (1)" in second
    assert f"- sail, olist: {words}" in "\n".join(second).replace("\n  ", " ")
    assert max(len(line) for line in second if not line.startswith("|")) <= 120
    write_into(document, [])
    assert document.read_text().splitlines() == second

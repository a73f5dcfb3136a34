"""The parity matrix as Markdown: engine by engine what was equal to DuckDB, and what the engine is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from textwrap import fill

from tests.parity.content import Content
from tests.parity.results import Result

HEADER = ("engine", "files", "landed by", "rows", "counts", "hashes", "rejects", "audit", "ingest", "build", "commit")
NEVER_RUN = {
    "goccy": "golden table only: its jobs name no destination table, which dbt asks for after each model",
    "databricks": "text only: nothing local takes its connection; its SQL is Spark's, which runs on spark and sail",
}
"""Engines that no parity run starts, and why."""
WIDTH = 120
_ABOUT = re.compile(r"^- \*\*([\w-]+)(?:, (\w+))?\*\*: (.*)$", re.MULTILINE)
_NOTE = re.compile(r"^- ([\w-]+), (\w+): (.*)$", re.MULTILINE)


@dataclass
class Line:
    """One engine with one set of files: its row, what the engine is, and notes, each one sentence."""

    cells: list[str]
    about: str = ""
    notes: list[str] = field(default_factory=list)


Lines = dict[tuple[str, str], Line]
"""By engine and files."""


def matrix(results: Sequence[Result], engines: Sequence[str], before: str = "") -> str:
    """Every result beside DuckDB's with the same files, what the engines are, and what differs.

    `before` is an earlier matrix. A line of it stays until a result takes its place; that an engine is not on this
    machine takes nobody's place.
    """
    lines = read_lines(before)
    references = {result.data: result.content for result in results if result.engine == "duckdb"}
    for result in results:
        key = (result.engine, result.data)
        if result.was_tried or key not in lines:
            lines[key] = _line(result, references.get(result.data))
    order = {name: position for position, name in enumerate(engines)}
    keys = sorted(lines, key=lambda key: (key[1], order.get(key[0], len(order))))
    notes = [f"{engine}, {data}: {words}" for engine, data in keys for words in lines[engine, data].notes]
    notes += [f"{name}: {why}" for name, why in NEVER_RUN.items()]
    parts = [
        [_row(HEADER), _row(["---"] * len(HEADER)), *(_row(lines[key].cells) for key in keys)],
        [_wrapped(text) for text in _abouts(keys, lines)],
        [_wrapped(text) for text in notes],
    ]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def read_lines(text: str) -> Lines:
    """The lines of a matrix as it was written; nothing of a text without one."""
    lines: Lines = {}
    for row in text.splitlines():
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        if row.startswith("| ") and len(cells) == len(HEADER) and cells[0] not in (HEADER[0], "---"):
            lines[cells[0], cells[1]] = Line(cells)
    for engine, data, words in _ABOUT.findall(_unwrapped(text)):
        for key in lines:
            if key[0] == engine and data in ("", key[1]):
                lines[key].about = words
    for engine, data, words in _NOTE.findall(_unwrapped(text)):
        if (engine, data) in lines:
            lines[engine, data].notes.append(words)
    return lines


def _line(result: Result, wanted: Content | None) -> Line:
    if result.content is None or wanted is None:
        cells = [result.engine, result.data, "no result", *[""] * (len(HEADER) - 4), result.commit]
        return Line(cells, result.about, [result.words or "no result of DuckDB to compare with"])
    notes = differences(result.content, wanted)
    if result.landing != "own":
        notes.append(f"DuckDB's landing was imported ({result.landing})")
    return Line(_cells(result, result.content, wanted), result.about, notes)


def _abouts(keys: Sequence[tuple[str, str]], lines: Lines) -> list[str]:
    """What each engine is: once, or per set of files where its lines are of two versions."""
    texts: list[str] = []
    for name in dict.fromkeys(engine for engine, _ in keys):
        of_engine = {data: lines[engine, data].about for engine, data in keys if engine == name}
        known = {about for about in of_engine.values() if about}
        if len(known) == 1:
            texts.append(f"**{name}**: {known.pop()}")
        else:
            texts += [f"**{name}, {data}**: {about}" for data, about in of_engine.items() if about]
    return texts


def _wrapped(text: str) -> str:
    """A list item within the width of our documents."""
    return fill(f"- {text}", WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def _unwrapped(text: str) -> str:
    return text.replace("\n  ", " ")


def differences(found: Content, wanted: Content) -> list[str]:
    """What is not as on DuckDB, one line per relation or reason."""
    words = [
        f"{label} has {found.rows.get(label)} rows, not {count}"
        for label, count in wanted.rows.items()
        if found.rows.get(label) != count
    ]
    words += [
        f"{label} holds other values"
        for label, digest in wanted.hashes.items()
        if found.hashes.get(label) != digest and found.rows.get(label) == wanted.rows[label]
    ]
    return words + [
        f"rejects for {reason}: {found.rejects.get(reason, 0)}, not {wanted.rejects.get(reason, 0)}"
        for reason in sorted(wanted.rejects.keys() | found.rejects.keys())
        if found.rejects.get(reason, 0) != wanted.rejects.get(reason, 0)
    ]


def _cells(result: Result, found: Content, wanted: Content) -> list[str]:
    rejects = f"{sum(found.rejects.values()):,} in {len(found.rejects)} reasons"
    return [
        result.engine,
        result.data,
        "itself" if result.landing == "own" else "import",
        f"{sum(found.rows.values()):,}",
        _equal(found.rows, wanted.rows),
        _equal(found.hashes, wanted.hashes),
        rejects + ("" if found.rejects == wanted.rejects else ", **differ**"),
        f"{result.missing} missing",
        _seconds(result, "ingest"),
        _seconds(result, "build"),
        result.commit,
    ]


def _equal(found: dict[str, int] | dict[str, str], wanted: dict[str, int] | dict[str, str]) -> str:
    equal = sum(found.get(label) == value for label, value in wanted.items())
    return f"{equal} of {len(wanted)} equal"


def _seconds(result: Result, step: str) -> str:
    return f"{result.seconds[step]:.0f} s" if step in result.seconds else ""


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"

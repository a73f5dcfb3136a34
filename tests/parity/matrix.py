"""The parity matrix as Markdown: engine by engine what was equal to DuckDB, and what the engine is."""

from __future__ import annotations

from collections.abc import Sequence

from tests.parity.content import Content
from tests.parity.results import Result

HEADER = ("engine", "files", "landed by", "rows", "counts", "hashes", "rejects", "audit", "ingest", "build", "commit")
NEVER_RUN = {
    "goccy": "golden table only: its jobs name no destination table, which dbt asks for after each model",
    "databricks": "text only: nothing local takes its connection; its SQL is Spark's, which runs on spark and sail",
}
"""Engines that no parity run starts, and why."""


def matrix(results: Sequence[Result], engines: Sequence[str]) -> str:
    """Every result beside DuckDB's with the same files, what the engines are, and what differs."""
    references = {result.data: result.content for result in results if result.engine == "duckdb"}
    order = {name: position for position, name in enumerate(engines)}
    ordered = sorted(results, key=lambda result: (result.data, order.get(result.engine, len(order))))
    lines = [_row(HEADER), _row(["---"] * len(HEADER))]
    notes: list[str] = []
    for result in ordered:
        wanted = references.get(result.data)
        if result.content is None or wanted is None:
            lines.append(_row([result.engine, result.data, "no result", *[""] * (len(HEADER) - 4), result.commit]))
            notes.append(f"- {result.engine}, {result.data}: {result.words or 'no result of DuckDB to compare with'}")
            continue
        lines.append(_row(_cells(result, result.content, wanted)))
        notes += [f"- {result.engine}, {result.data}: {words}" for words in differences(result.content, wanted)]
        if result.landing != "own":
            notes.append(f"- {result.engine}, {result.data}: DuckDB's landing was imported ({result.landing})")
    notes += [f"- {name}: {why}" for name, why in NEVER_RUN.items()]
    abouts = {result.engine: result.about for result in ordered if result.about}
    return "\n".join([*lines, "", *(f"- **{name}**: {about}" for name, about in abouts.items()), "", *notes]) + "\n"


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

"""Every engine agrees with every row of the golden table, through the generated models."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from loaders.contracts.formats import parse_format
from loaders.contracts.patterns import pattern_facts
from tests.engines.base import Engine
from tests.golden.conftest import AGREEMENT
from tests.golden.gaps import GAPS
from tests.golden.table import golden_contract, golden_rows
from tests.golden.verdicts import outcomes_on

SHOWN = 40


def test_engine_agrees_with_the_golden_table(
    engine: Engine, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    outcomes = outcomes_on(engine, tmp_path)
    gaps = GAPS.get(engine.about.name, {})
    excused = {row for rows in gaps.values() for row in rows}
    others = [outcome for outcome in outcomes if not outcome.agrees]
    lines = [f"{engine.about.name}: {len(outcomes) - len(others)} of {len(outcomes)} agree, {engine.about.words}"]
    lines += [f"    cannot run {len(rows)}: {reason} ({', '.join(sorted(rows))})" for reason, rows in gaps.items()]
    record_property(AGREEMENT, "\n".join(lines))
    wrong = [outcome.words for outcome in others if outcome.row.id not in excused]
    assert not wrong, "\n".join([*lines, *wrong[:SHOWN]])
    mended = excused - {outcome.row.id for outcome in others}
    assert not mended, f"the stand-in runs these now, take them out of gaps.py: {sorted(mended)}"


def test_table_is_large_and_its_ids_and_questions_are_unique() -> None:
    rows = golden_rows()
    assert len(rows) >= 1000
    assert len({row.id for row in rows}) == len(rows)
    assert len({(row.parameters, row.raw) for row in rows}) == len(rows)


def test_every_column_of_the_table_is_one_that_lint_lets_pass() -> None:
    contract, _ = golden_contract()
    for column in (column for table in contract.tables for column in table.columns):
        if column.pattern is not None:
            pattern_facts(column.pattern)
        for pattern in column.formats:
            parse_format(pattern, column.logical_type, column.timezone)


def test_every_gap_is_a_row_of_the_table() -> None:
    ids = {row.id for row in golden_rows()}
    assert {row for reasons in GAPS.values() for rows in reasons.values() for row in rows} <= ids

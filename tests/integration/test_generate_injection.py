"""Contract text is data: nothing in it runs, and all of it comes out as it was written.

The contract is made by hand, because lint would refuse it.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from loaders.contracts.model import (
    Column,
    Contract,
    EnumValue,
    FileSet,
    LogicalType,
    MetricCheck,
    OrderedCheck,
    Table,
)
from tests.integration.dbt_session import DbtSession, land, make_landing, rows_of

pytestmark = pytest.mark.slow

CANARY = "CANARY-7f3a91"
HOSTILE = (
    "{{ env_var('LANDFALL_TEST_CANARY') }}",
    "{% do run_query('create table injected as select 1') %}",
    "{% endraw %}{# gone #}{{ 1 / 0 }}",
    "it's; -- drop table x",
    "both \" and ' quotes",
    "a\nb\\n\\",
    "emoji 🦆 and \u2028 line",
    "}} {{",
)


def _column(name: str, logical_type: LogicalType = "string", **options: object) -> Column:
    return Column(name, logical_type, " / ".join(HOSTILE), name, **options)  # type: ignore[arg-type]  # test data


TABLE = Table(
    "things",
    " / ".join(HOSTILE),
    HOSTILE[0],
    (
        _column("word", enum=tuple(EnumValue(text, label=text) for text in HOSTILE)),
        _column("token", unit=HOSTILE[0], null_tokens=HOSTILE),
        _column("choice", "boolean", true_values=HOSTILE[:4], false_values=HOSTILE[4:]),
        _column("pattern", pattern="^(\\{\\{ env_var\\('LANDFALL_TEST_CANARY'\\) \\}\\}|it's|%\\}|\\{#)$"),
        _column("moment", "date", formats=("'{{ it''s }}'yyyy-MM-dd",)),
        _column("other", "date"),
    ),
    FileSet(("*.csv",)),
    checks=(
        MetricCheck(
            "known_words",
            "invalidValues",
            ("word",),
            "rows",
            "mustBe",
            (Decimal(0),),
            (("validValues", HOSTILE),),
            description=HOSTILE[0],
        ),
        OrderedCheck("in_order", ("moment", "other"), description=HOSTILE[1]),
    ),
)
CONTRACT = Contract("odd", "odd", "1.0.0", "", HOSTILE[0], (TABLE,))
PATTERN = "{{ env_var('LANDFALL_TEST_CANARY') }}"
GOOD = [(text, text, text, PATTERN, "{{ it's }}2024-01-05", None) for text in HOSTILE]
BAD: list[tuple[str | None, ...]] = [("other", "x", None, None, None, None), (None, None, None, "else", "1", None)]


@pytest.fixture(scope="module")
def session(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DbtSession]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LANDFALL_TEST_CANARY", CANARY)
        with DbtSession(repository, tmp_path_factory.mktemp("injection"), [CONTRACT]) as session:
            yield session


@pytest.fixture(scope="module")
def warehouse(session: DbtSession) -> Path:
    path = session.folder / "odd.duckdb"
    make_landing(path, [CONTRACT])
    land(path, CONTRACT, TABLE, "file", [*GOOD, *BAD])
    done = session.dbt(path, "build", "--exclude", "rej_odd__things__word_within_tolerance")
    assert not done.error
    assert "error" not in done.failures().values(), done.results
    return path


def test_values_are_judged_by_the_texts_as_written(warehouse: Path) -> None:
    staged = rows_of(
        warehouse, "select word, token, choice, pattern, cast(moment as varchar) from staging.stg_odd__things"
    )
    assert sorted(staged, key=repr) == sorted(
        ((text, None, text in HOSTILE[:4], PATTERN, "2024-01-05") for text in HOSTILE), key=repr
    )
    rejects = rows_of(warehouse, "select rule_id, rule_text from rejects.rej_odd__things order by all")
    assert [rule for rule, _ in rejects] == ["moment.type", "pattern.pattern", "word.enum"]
    assert rejects[2][1] == f"word must be one of {', '.join(HOSTILE)}"


def test_nothing_ran(session: DbtSession, warehouse: Path) -> None:
    tables = rows_of(warehouse, "select table_name from information_schema.tables")
    assert ("injected",) not in tables
    files = [path for path in session.project.rglob("*") if path.is_file()]
    leaks = [path for path in files if CANARY.encode() in path.read_bytes()]
    assert any("manifest" in path.name for path in files)
    assert not leaks


def test_descriptions_come_out_as_written(session: DbtSession, warehouse: Path) -> None:
    manifest = (session.project / "target" / "manifest.json").read_text(encoding="utf-8")
    assert "env_var('LANDFALL_TEST_CANARY')" in manifest
    assert "{% do run_query('create table injected as select 1') %}" in manifest

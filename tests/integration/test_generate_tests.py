"""Every generated data test passes on sound data, and each is seen to fail."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from loaders.contracts.model import (
    Column,
    Contract,
    EnumValue,
    FileSet,
    ForeignKey,
    LogicalType,
    MetricCheck,
    OrderedCheck,
    SumsEqualCheck,
    SumSide,
    Table,
)
from loaders.contracts.rules import rules_of
from tests.integration.dbt_session import DbtSession, land, make_landing

pytestmark = pytest.mark.slow


def _column(name: str, logical_type: LogicalType = "string", **options: object) -> Column:
    return Column(name, logical_type, f"The {name}.", name, **options)  # type: ignore[arg-type]  # test data


def _metric(
    name: str, metric: str, column: str, operator: str, *operands: int, **arguments: tuple[str, ...]
) -> MetricCheck:
    return MetricCheck(
        name,
        metric,  # type: ignore[arg-type]  # one of the literals
        (column,) if column else (),
        "percent" if operator == "mustBeBetween" else "rows",
        operator,
        tuple(map(Decimal, operands)),
        tuple(arguments.items()),
    )


PARENTS = Table(
    "parents",
    "",
    "one row per parent",
    (_column("parent_id", required=True, primary_key_position=1), _column("total", "number", precision=9, scale=2)),
    FileSet(("p*.csv",)),
    primary_key=("parent_id",),
)
CHILDREN = Table(
    "children",
    "",
    "one row per child",
    (
        _column("parent_id", required=True, primary_key_position=1),
        _column("number", "integer", required=True, primary_key_position=2),
        _column("friend_id"),
        _column("amount", "number", precision=9, scale=2),
        _column("born_on", "date"),
        _column("moved_on", "date"),
        _column("kind", enum=(EnumValue("a"), EnumValue("b")), mostly=Decimal("0.9"), severity="error"),
    ),
    FileSet(("c*.csv",)),
    primary_key=("parent_id", "number"),
    foreign_keys=(
        ForeignKey(("parent_id",), "parents", ("parent_id",)),
        ForeignKey(("friend_id",), "parents", ("parent_id",), "warn", Decimal("0.9"), "error"),
    ),
    checks=(
        OrderedCheck("born_first", ("born_on", "moved_on"), Decimal("0.9")),
        SumsEqualCheck(
            "amounts_are_totals",
            SumSide("children", ("amount",), ("parent_id",)),
            SumSide("parents", ("total",), ("parent_id",)),
            Decimal("0.01"),
            Decimal("0.9"),
        ),
        _metric("all_have_amounts", "nullValues", "amount", "mustBe", 0),
        _metric("no_dashes", "missingValues", "friend_id", "mustBeLessThan", 1, missingValues=("-", "none")),
        _metric("known_kinds", "invalidValues", "kind", "mustBeBetween", 0, 5, validValues=("a", "b")),
        _metric("short_kinds", "invalidValues", "kind", "mustBeLessOrEqualTo", 0, pattern=("^[a-z]$",)),
        _metric("few_same_amounts", "duplicateValues", "amount", "mustBeLessThan", 3),
        _metric("some_rows", "rowCount", "", "mustBeGreaterOrEqualTo", 1),
        _metric("any_rows", "rowCount", "", "mustBeGreaterThan", 0),
        _metric("not_thirty_rows", "rowCount", "", "mustNotBe", 30),
        _metric("not_many_rows", "rowCount", "", "mustNotBeBetween", 40, 50),
    ),
)
FAMILY = Contract("family", "family", "1.0.0", "", "", (PARENTS, CHILDREN))
RULES = {table.name: [rule.id for rule in rules_of(table)] for table in FAMILY.tables}
ROW_COUNTS = ("family__some_rows", "family__any_rows", "family__not_thirty_rows", "family__not_many_rows")
# Per breach, how many of ten rows it takes to go past a tolerance of one in ten: two.
BREACHES = """
    alter table staging.stg_family__parents alter parent_id drop not null;
    insert into staging.stg_family__parents by name
        (from staging.stg_family__parents limit 1) union all by name
        (select * replace (null as parent_id) from staging.stg_family__parents limit 1);
    alter table staging.stg_family__children alter parent_id drop not null;
    alter table staging.stg_family__children alter number drop not null;
    insert into staging.stg_family__children by name
        (from staging.stg_family__children limit 4) union all by name
        (select * replace (null as parent_id, null as number, null as amount)
        from staging.stg_family__children limit 1);
    update staging.stg_family__children set friend_id = 'none' where number <= 1;
    update staging.stg_family__children set parent_id = 'nobody' where number = 3;
    update staging.stg_family__children set moved_on = '1900-01-01' where number <= 2;
    update staging.stg_family__children set kind = 'ccc' where number <= 2;
    update staging.stg_family__children set amount = 7 where number between 4 and 7;
    insert into landing.ledger from landing.ledger limit 1;
    insert into landing.ledger select * replace (null as file_id) from landing.ledger limit 1;
"""


@pytest.fixture(scope="module")
def session(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DbtSession]:
    with DbtSession(repository, tmp_path_factory.mktemp("tests"), [FAMILY]) as session:
        yield session


@pytest.fixture(scope="module")
def sound(session: DbtSession) -> Path:
    path = session.folder / "family.duckdb"
    make_landing(path, [FAMILY])
    parents = [(f"p{number}", f"{number}.50") for number in range(10)]
    children = [
        (f"p{number}", str(number), "p0", f"{number}.50", "2000-01-01", "2010-01-01", "ab"[number % 2])
        for number in range(10)
    ]
    land(path, FAMILY, PARENTS, "parents", parents)
    land(path, FAMILY, CHILDREN, "children", children)
    done = session.dbt(path, "build")
    assert done.success, done.failures()
    assert done.failures() == {}
    return path


@pytest.fixture
def warehouse(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(sound, tmp_path))


def test_each_test_fails_on_what_it_is_for(session: DbtSession, warehouse: Path) -> None:
    with duckdb.connect(warehouse) as connection:
        connection.execute(BREACHES)
        for table, ids in RULES.items():
            _reject(connection, table, ids, rows=3)
    done = session.dbt(warehouse, "test")
    passed = [name for name, each in done.results.items() if each["status"] not in ("fail", "warn")]
    # These want other numbers of rows, which are tried below.
    assert sorted(passed) == sorted(ROW_COUNTS)
    assert len(done.results) > 20


def _reject(connection: duckdb.DuckDBPyConnection, table: str, ids: Sequence[str], rows: int) -> None:
    for rule_id in ids:
        connection.execute(
            f"insert into rejects.rej_family__{table} by name"
            " select ? as rule_id, 'type' as reason, 'x' as column_name, 'x' as rule_text, 'warn' as severity,"
            " date '2024-01-01' as reject_date, 'file' as _landed_file_id, n as _row_number,"
            " timestamp '2024-01-01' as _landed_at, '1' as _contract_version from range(100, 100 + ?) as rows (n)",
            [rule_id, rows],
        )


def test_tests_within_tolerance_pass(session: DbtSession, warehouse: Path) -> None:
    """One of eleven is within one in ten where the contract says so, and nowhere else."""
    with duckdb.connect(warehouse) as connection:
        _reject(connection, "children", ("kind.enum", "amount.type"), rows=1)
        connection.execute("update staging.stg_family__children set moved_on = '1900-01-01' where number = 1")
        connection.execute("update staging.stg_family__children set friend_id = 'nobody' where number = 1")
        connection.execute("update staging.stg_family__parents set total = 99 where parent_id = 'p1'")
    failures = session.dbt(warehouse, "test", "--exclude", "assert_every_line_is_accounted_for").failures()
    assert failures == {"rej_family__children__amount_within_tolerance": "warn"}


@pytest.mark.parametrize(
    ("rows", "failing"),
    [
        ("0", {"family__some_rows", "family__any_rows"}),
        ("30", {"family__not_thirty_rows"}),
        ("45", {"family__not_many_rows"}),
    ],
)
def test_row_counts_fail(session: DbtSession, warehouse: Path, rows: str, failing: set[str]) -> None:
    with duckdb.connect(warehouse) as connection:
        connection.execute("create temp table one as from staging.stg_family__children limit 1")
        connection.execute("delete from staging.stg_family__children")
        connection.execute(f"insert into staging.stg_family__children from one cross join range({rows}) select one.*")
    done = session.dbt(warehouse, "test", "--select", *ROW_COUNTS)
    assert done.failures().keys() == failing


@pytest.mark.parametrize(
    "breach",
    [
        "update landing.ledger set lines = lines + 1 where file_id = 'parents'",
        "update landing.ledger set blank_lines = null where file_id = 'parents'",
        "delete from staging.stg_family__parents where parent_id = 'p1'",
        "delete from landing.family__parents where parent_id = 'p1'",
        "insert into landing.malformed_rows values ('parents', 3, 'x')",
        "insert into staging.stg_family__parents from staging.stg_family__parents limit 1",
    ],
    ids=["a line", "no count", "a staged row", "a landed row", "a malformed row", "a row twice"],
)
def test_what_is_missing_fails_the_accounting(session: DbtSession, warehouse: Path, breach: str) -> None:
    with duckdb.connect(warehouse) as connection:
        connection.execute(breach)
    done = session.dbt(warehouse, "test", "--select", "assert_every_line_is_accounted_for")
    assert done.failures() == {"assert_every_line_is_accounted_for": "fail"}

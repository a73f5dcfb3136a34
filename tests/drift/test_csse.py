"""Real drift: five headers of one table land under one contract, and restated days replace what they restate."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from loaders.contracts.lint import lint
from loaders.contracts.read import read_contract
from loaders.landing.land import LandingSettings
from tests.drift.feed import (
    CONTRACT,
    REJECTS,
    STAGING,
    Version,
    csse_world,
    deliver,
    feed,
    landed,
    last_of_each,
    restatements,
    table,
)
from tests.faults.driver import World
from tests.faults.invariants import CHECKERS, Evidence
from tests.faults.snapshot import take
from tests.integration.dbt_session import DbtSession

# Ten days of spring; `make soak` feeds all fifteen, with the big ones of autumn.
SPRING = ("02-17", "02-18", "03-13", "03-15", "03-21", "03-22", "03-23")


@pytest.fixture(scope="module")
def versions(shared_data: Path) -> list[Version]:
    return [each for each in restatements(shared_data / "csse_restatements.tar.xz") if each.file.startswith(SPRING)]


@pytest.fixture(scope="module")
def session(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DbtSession]:
    with DbtSession(repository, tmp_path_factory.mktemp("csse"), [read_contract(CONTRACT)]) as opened:
        yield opened


def no_breach(world: World) -> None:
    """Conservation, exactly once and ledger against data; what was delivered is compared by the test itself."""
    seen = Evidence(take(world.database))
    assert [breach for name in ("I1", "I2", "I5") for breach in CHECKERS[name](seen)] == []


def test_the_contract_is_sound() -> None:
    assert lint([CONTRACT]) == ()


def test_all_days_of_the_year_land_and_no_value_is_refused(
    shared_data: Path, tmp_path: Path, session: DbtSession
) -> None:
    world = csse_world(tmp_path / "world", LandingSettings())
    files = sorted((shared_data / "csse_daily").glob("*.csv"))
    for file in files:
        shutil.copy(file, world.inbox)
    ended = world.run()
    assert (ended.code, len(ended.outcomes), set(ended.outcomes.values())) == (0, 108, {"landed"})
    no_breach(world)
    assert session.dbt(world.database, "run").success
    with duckdb.connect(str(world.database), read_only=True) as connection:
        headers = connection.execute("select count(distinct header) from landing.ledger").fetchone()
        malformed = connection.execute("select count(*) from landing.malformed_rows").fetchone()
        staged = connection.execute(f"select count(*), count(last_update), count(fips) from {STAGING}").fetchone()
        landed_rows = connection.execute("select sum(landed_rows) from landing.ledger").fetchone()
        reasons = connection.execute(
            f"select reason, column_name, count(*) from {REJECTS} group by all order by all"
        ).fetchall()
        missing = connection.execute(
            "select sum(abs(missing_lines) + abs(missing_rows)) from accounting.file_accounting"
        ).fetchone()
    assert headers == (5,)
    assert malformed == (0,)
    assert missing == (0,)
    assert staged is not None
    assert landed_rows is not None
    assert staged[0] == landed_rows[0] - sum(count for *_, count in reasons)
    assert staged[1] == staged[0]
    assert reasons == []


def test_restated_days_leave_what_their_last_versions_alone_give(
    versions: list[Version], tmp_path: Path, session: DbtSession
) -> None:
    world = csse_world(tmp_path / "fed")
    for number in feed(world, versions):
        if number == len(versions) // 2:
            assert session.dbt(world.database, "run").success
    clean = clean_run(tmp_path / "clean", versions)
    assert landed(world.database) == landed(clean.database)
    no_breach(world)
    for database in (world.database, clean.database):
        assert session.dbt(database, "run").success
    assert table(world.database, STAGING) == table(clean.database, STAGING)
    assert table(world.database, REJECTS) == table(clean.database, REJECTS)


def test_restated_days_under_kills_end_the_same(versions: list[Version], tmp_path: Path) -> None:
    world = csse_world(tmp_path / "fed")
    for _ in feed(world, versions, random.Random(5)):
        pass
    # Of a day whose last version was killed, the folder still holds that version.
    assert world.run().code == 0
    no_breach(world)
    assert landed(world.database) == landed(clean_run(tmp_path / "clean", versions).database)


def clean_run(folder: Path, versions: list[Version]) -> World:
    """A first run over the last version of each day."""
    world = csse_world(folder)
    for version in last_of_each(versions):
        deliver(world, version)
    assert world.run().code == 0
    return world

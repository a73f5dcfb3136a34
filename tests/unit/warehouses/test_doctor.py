from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from loaders.warehouses import doctor
from loaders.warehouses.base import LANDING, Checkup
from loaders.warehouses.doctor import Check, examine, shown_settings

SECRET = "hunter2-hunter2"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "dbt_project.yml").write_text("name: shop\nprofile: shop\n")
    outputs = {
        "duckdb": {"type": "duckdb", "path": "shop.duckdb"},
        "pathless": {"type": "duckdb"},
        "strange": {"type": "oracle"},
        "away": {
            "type": "postgres",
            "host": "127.0.0.1",
            "port": 1,
            "user": "u",
            "dbname": "d",
            "password": "hunter22",
        },
    }
    (tmp_path / "profiles").mkdir()
    profile = {"shop": {"target": "duckdb", "outputs": outputs}}
    (tmp_path / "profiles" / "profiles.yml").write_text(json.dumps(profile))
    return tmp_path


def named(checks: tuple[Check, ...]) -> dict[str, Check]:
    return {check.name: check for check in checks}


def test_a_sound_target_passes_every_check(project: Path) -> None:
    checks = examine(project)
    assert {check.status for check in checks} == {"ok", "skipped"}
    assert named(checks)["version"].found.startswith("DuckDB")
    assert named(checks)["landing"].status == "skipped"


def test_only_write_makes_the_bookkeeping(project: Path) -> None:
    import duckdb

    def tables() -> int:
        with duckdb.connect(str(project / "shop.duckdb")) as connection:
            return len(connection.execute("select * from duckdb_tables()").fetchall())

    examine(project)
    assert not (project / "shop.duckdb").exists()
    assert named(examine(project, write=True))["landing"].status == "ok"
    assert tables() > 0


def test_offline_opens_no_connection(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("psycopg")
    monkeypatch.setattr(socket, "create_connection", lambda *_: pytest.fail("it connects"))
    monkeypatch.setattr(doctor, "open_warehouse", lambda *_: pytest.fail("it opens the warehouse"))
    checks = named(examine(project, "away", offline=True))
    assert (checks["connection"].status, checks["settings"].status) == ("skipped", "ok")


def test_a_server_that_is_away_is_one_failed_check_with_what_to_do(project: Path) -> None:
    pytest.importorskip("psycopg")
    checks = named(examine(project, "away"))
    assert checks["connection"].status == "failed"
    assert "127.0.0.1:1/d" in checks["connection"].found
    assert "check host, port" in checks["connection"].hint
    assert all(SECRET not in check.found for check in checks.values())


@pytest.mark.parametrize(
    ("target", "name", "found"),
    [("nowhere", "profile", "no target 'nowhere'"), ("strange", "profile", "unknown type 'oracle'")],
)
def test_a_profile_that_cannot_be_used_fails_and_the_machine_is_looked_at_all_the_same(
    project: Path, target: str, name: str, found: str
) -> None:
    checks = named(examine(project, target))
    assert checks[name].status == "failed"
    assert found in checks[name].found
    assert checks["clock"].status == "ok"


def test_a_setting_that_is_lacking_is_named(project: Path) -> None:
    check = named(examine(project, "pathless", offline=True))["settings"]
    assert (check.status, check.found) == ("failed", "without path")


def test_a_driver_that_is_not_installed_comes_with_the_command(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from loaders.warehouses import registry
    from loaders.warehouses.registry import Engine

    monkeypatch.setitem(registry.ENGINES, "postgres", Engine("no_such_driver", "pip install it", ("no-such",)))
    check = named(examine(project, "away"))["driver"]
    assert (check.status, check.hint) == ("failed", "pip install it")


def test_any_package_that_has_the_driver_is_enough(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from loaders.warehouses import registry
    from loaders.warehouses.registry import Engine

    engine = Engine("loaders.warehouses.duckdb", "pip install it", ("no-such", "duckdb"))
    monkeypatch.setitem(registry.ENGINES, "duckdb", engine)
    check = named(examine(project, offline=True))["driver"]
    assert (check.status, check.found.split()[0]) == ("ok", "duckdb")


def test_permissions_are_asked_of_the_schema_the_target_lands_in() -> None:
    checkup = Checkup((), "", "", ((f"write into {LANDING}", f"select '{LANDING}'", f"grant it on {LANDING}"),))
    ((name, statement, hint),) = checkup.permissions_in("it's_landing")
    assert (name, statement, hint) == ("write into it's_landing", "select 'it''s_landing'", "grant it on it's_landing")


@pytest.mark.parametrize(("free", "status"), [(2**30, "ok"), (2**30 - 1, "warning")])
def test_little_disk_is_a_warning(project: Path, monkeypatch: pytest.MonkeyPatch, free: int, status: str) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": free}))
    assert named(examine(project, offline=True))["disk for parts"].status == status


def test_a_clock_that_is_off_is_a_warning() -> None:
    from datetime import UTC, datetime, timedelta

    now = datetime.now(UTC).replace(tzinfo=None)
    assert doctor._skew(now).status == "ok"
    assert doctor._skew(now + timedelta(minutes=5)).status == "warning"
    assert "ahead" in doctor._skew(now + timedelta(minutes=5)).found
    assert doctor._skew("noon").status == "warning"


def test_secrets_are_masked_by_their_names() -> None:
    shown = shown_settings({"user": "ann", "pass": "a", "password": "b", "token": "c", "private_key_passphrase": "d"})
    assert shown == "pass=***, password=***, private_key_passphrase=***, token=***, user=ann"

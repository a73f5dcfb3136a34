"""A user who installed the wheel and never saw the repository: init, ingest, generate, build, audit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import duckdb
import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the repository."""
    folder = tmp_path_factory.mktemp("dist")
    _run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, repository], folder)
    (built,) = folder.glob("landfall-*.whl")
    return built


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter whose environment holds the wheel and, of this one's packages, only what the wheel depends on."""
    environment = tmp_path_factory.mktemp("environment")
    _run([sys.executable, "-m", "venv", "--without-pip", environment], environment)
    python = environment / "bin" / "python"
    uv = Path(sys.executable).with_name("uv")
    _run([uv, "pip", "install", "--quiet", "--offline", "--no-deps", "--python", python, wheel], environment)
    # Dependencies are borrowed instead of downloaded; a .pth inside of the borrowed folder is not followed, so this
    # repository's own editable install stays out.
    (site_packages,) = (environment / "lib").glob("python*/site-packages")
    (site_packages / "borrowed.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    return python


@pytest.fixture(scope="module")
def project(python: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project made by `loaders init` and run once, by the commands that its README names."""
    project = tmp_path_factory.mktemp("user") / "shop"
    loaders = python.with_name("loaders")
    _run([loaders, "init", project], project.parent)
    _run([loaders, "contracts", "lint"], project)
    _run([loaders, "ingest", "inbox"], project)
    _run([loaders, "generate"], project)
    _run([python, "-m", "dbt.cli.main", "--quiet", "build"], project)
    return project


def _run(command: list[str | Path], folder: Path) -> str:
    """Stdout of `command` run in `folder`, with nothing in the environment that points at the repository."""
    hidden = ("DBT_", "LANDFALL_", "PYTHON", "VIRTUAL_ENV")
    environment = {key: value for key, value in os.environ.items() if not key.startswith(hidden)}
    environment |= {"DBT_PROFILES_DIR": "profiles", "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
    done = subprocess.run([*map(str, command)], cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_the_installed_package_is_the_wheels(python: Path, repository: Path) -> None:
    found = Path(_run([python, "-c", "import loaders; print(loaders.__file__)"], python.parent).strip())
    assert python.parent.parent in found.parents
    assert repository not in found.parents


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert {name.split("/")[0] for name in names} - {"loaders"} == {f"{'-'.join(wheel.stem.split('-')[:2])}.dist-info"}
    assert "loaders/starter/template/contracts/example.odcs.yaml" in names
    assert not [name for name in names if "__pycache__" in name or name.endswith(".duckdb")]


def test_the_example_is_built_and_its_faults_are_found(project: Path) -> None:
    with duckdb.connect(str(project / "artifacts" / "landfall.duckdb"), read_only=True) as warehouse:
        orders = warehouse.execute("select order_id from staging.stg_example__orders order by order_id").fetchall()
        rejects = warehouse.execute(
            "select rule_id, offending_value from rejects.rej_example__orders"
            " union all select rule_id, offending_value from rejects.rej_example__customers order by 1"
        ).fetchall()
        malformed = warehouse.execute("select line_number, kind from landing.malformed_rows").fetchall()
    assert orders == [(1,), (2,), (3,)]
    assert rejects == [
        ("customer_id.foreign_key", "C0009"),
        ("email.pattern", "not an address"),
        ("status.enum", "shipped"),
    ]
    assert malformed == [(7, "short")]


def test_the_audit_balances(project: Path, python: Path) -> None:
    assert json.loads(_run([python.with_name("loaders"), "audit", "--json"], project))


def test_what_was_generated_is_up_to_date(project: Path, python: Path) -> None:
    _run([python.with_name("loaders"), "generate", "--check"], project)

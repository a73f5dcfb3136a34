"""`loaders generate` from the command line, on the project that `loaders init` makes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from loaders.commands.cli import app
from loaders.starter import write_project

STAGING = "models/staging/example/stg_example__orders.sql"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    write_project(folder)
    return folder


def _run(project: Path, *options: str) -> Result:
    return CliRunner().invoke(app, ["generate", "--project-dir", str(project), *options])


def _owned(project: Path) -> set[str]:
    return set(json.loads((project / "models/.generated.json").read_text())["files"])


def test_generate_writes_models_and_macros_and_then_nothing(project: Path) -> None:
    assert _run(project).exit_code == 0
    assert {STAGING, "macros/types/to_date.sql", "tests/dbt/assert_every_line_is_accounted_for.sql"} <= _owned(project)
    done = _run(project)
    assert done.exit_code == 0
    assert "0 written or removed" in done.stdout
    assert _run(project, "--check").exit_code == 0


def test_check_and_diff_write_nothing(project: Path) -> None:
    _run(project)
    (project / STAGING).write_text("select 1\n")
    checked = _run(project, "--check")
    assert checked.exit_code == 1
    assert f"{STAGING} (changed)" in checked.stderr
    shown = _run(project, "--diff")
    assert shown.exit_code == 0
    assert "-select 1\n" in shown.stdout
    assert (project / STAGING).read_text() == "select 1\n"
    changed = json.loads(_run(project, "--json").stdout)["changes"]
    assert changed == [{"path": STAGING, "kind": "changed"}]


def test_a_table_that_leaves_the_contract_takes_its_models_along(project: Path) -> None:
    _run(project)
    contract = project / "contracts/example.odcs.yaml"
    text = contract.read_text()
    contract.write_text(text[: text.index("  - name: orders")])
    done = _run(project)
    assert done.exit_code == 0
    assert f"removed {STAGING}" in done.stderr
    assert not (project / STAGING).exists()


def test_a_broken_contract_changes_no_file(project: Path) -> None:
    _run(project)
    before = (project / STAGING).read_bytes()
    contract = project / "contracts/example.odcs.yaml"
    contract.write_text(contract.read_text().replace("logicalType: integer", "logicalType: integre"))
    done = _run(project)
    assert done.exit_code == 1
    assert "example.odcs.yaml:" in done.stderr
    assert (project / STAGING).read_bytes() == before

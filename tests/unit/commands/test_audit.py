"""`loaders audit` from the command line: what it shows, and when it fails."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner, Result

from loaders.commands.cli import app
from loaders.starter import write_project

VIEW = """
    create schema accounting;
    create table accounting.file_accounting as
    select
        'example' as contract, 'orders' as table_name, path as file_id, path,
        {lines} as lines, 1 as header_lines, 0 as skipped_lines, 0 as blank_lines, 0 as comment_lines,
        9 as landed_lines, 0 as malformed_lines, 9 as landed_rows, 0 as malformed_rows, 7 as staged_rows,
        1 as rejected_rows, 1 as deduplicated_rows, {lines} - 10 as missing_lines, 0 as missing_rows,
        0 as missing_landed_rows, 0 as missing_malformed_rows
    from (values ('a.csv'), ('b.csv')) as files (path)
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("DBT_PROFILES_DIR", raising=False)
    monkeypatch.setenv("LANDFALL_DUCKDB_PATH", str(tmp_path / "shop.duckdb"))
    folder = tmp_path / "shop"
    write_project(folder)
    return folder


def _audit(project: Path, *options: str) -> Result:
    return CliRunner().invoke(app, ["audit", "--project-dir", str(project), *options])


def _account(project: Path, lines: int) -> None:
    with duckdb.connect(project.parent / "shop.duckdb") as connection:
        connection.execute(VIEW.format(lines=lines))


def test_a_balanced_account(project: Path) -> None:
    _account(project, lines=10)
    done = _audit(project)
    assert done.exit_code == 0
    assert "20 lines in 2 files, 0 missing" in done.stdout
    assert "example.orders" in done.stdout
    assert "skipped" not in done.stdout
    (table,) = json.loads(_audit(project, "--json").stdout)["tables"]
    assert (table["files"], table["counts"]["staged_rows"], table["missing"]) == (2, 14, 0)
    assert json.loads(_audit(project, "--json", "--contract", "other").stdout)["files"] == []


def test_a_missing_line_fails_and_says_so(project: Path) -> None:
    _account(project, lines=12)
    done = _audit(project, "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["missing"] == 4
    assert "4 lines or rows are accounted for by nothing" in done.stderr


def test_before_dbt_ran(project: Path) -> None:
    done = _audit(project)
    assert done.exit_code == 3
    assert "dbt build" in done.stderr

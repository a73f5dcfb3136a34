"""`loaders contracts lint`: what goes to which stream, and the exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from loaders.commands.contracts import app

SHOP = Path(__file__).resolve().parents[2] / "data" / "contracts" / "shop.odcs.yaml"


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    path = tmp_path / "shop.odcs.yaml"
    text = SHOP.read_text(encoding="utf-8")
    path.write_text(text.replace("unique: true", "uniqe: true"), encoding="utf-8")
    return path


def test_sound() -> None:
    result = CliRunner().invoke(app, ["lint", str(SHOP)])
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "errors: 0, warnings: 0\n"


def test_problems_go_to_stderr_one_a_line(bad: Path) -> None:
    result = CliRunner().invoke(app, ["lint", str(bad)])
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines() == [
        f"{bad}:33:9: unknown key `uniqe` — did you mean `unique`?",
        "errors: 1, warnings: 0",
    ]


def test_json_goes_to_stdout(bad: Path) -> None:
    result = CliRunner().invoke(app, ["lint", "--json", str(bad)])
    assert (result.exit_code, result.stderr) == (1, "")
    found = json.loads(result.stdout)
    assert (found["errors"], found["warnings"]) == (1, 0)
    (problem,) = found["problems"]
    assert (problem["file"], problem["line"], problem["column"], problem["severity"]) == (str(bad), 33, 9, "error")


def test_warnings_pass(tmp_path: Path) -> None:
    path = tmp_path / "shop.odcs.yaml"
    path.write_text(SHOP.read_text(encoding="utf-8").replace('"^[^@]+@[^@]+$"', '"@"'), encoding="utf-8")
    result = CliRunner().invoke(app, ["lint", str(path)])
    assert result.exit_code == 0
    assert ": warning: " in result.stderr


def test_the_folder_contracts_is_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts" / "shop.odcs.yaml").write_bytes(SHOP.read_bytes())
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(app, ["lint"]).exit_code == 0

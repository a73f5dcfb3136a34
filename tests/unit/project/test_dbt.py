"""dbt runs with the project's profiles, and its failure is an error of ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from loaders.errors import DbtFailed
from loaders.project.dbt import dbt_environment, run_dbt


def test_profiles_are_the_projects_own_unless_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DBT_PROFILES_DIR", raising=False)
    assert dbt_environment(tmp_path)["DBT_PROFILES_DIR"] == str(tmp_path / "profiles")
    monkeypatch.setenv("DBT_PROFILES_DIR", "/elsewhere")
    assert dbt_environment(tmp_path)["DBT_PROFILES_DIR"] == "/elsewhere"


def test_what_dbt_said_last_is_in_the_error(tmp_path: Path) -> None:
    (tmp_path / "profiles").mkdir()
    with pytest.raises(DbtFailed, match=r"dbt parse --target other ended with code 2: .*dbt_project\.yml"):
        run_dbt(tmp_path, ["parse"], target="other")

"""`make verify-cloud` without what it needs; with it, it needs an account."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import yaml

from tests.engines.project import REPOSITORY
from tests.parity.cloud import PROFILES, main, missing_variables

NEEDED = {
    "snowflake": [
        *("SNOWFLAKE_ACCOUNT", "SNOWFLAKE_USER", "DBT_ENV_SECRET_SNOWFLAKE_PASSWORD", "SNOWFLAKE_ROLE"),
        *("SNOWFLAKE_DATABASE", "SNOWFLAKE_WAREHOUSE"),
    ],
    "bigquery": ["GOOGLE_APPLICATION_CREDENTIALS", "BIGQUERY_PROJECT", "BIGQUERY_LOCATION"],
    "databricks": [
        *("DATABRICKS_HOST", "DATABRICKS_HTTP_PATH", "DBT_ENV_SECRET_DATABRICKS_TOKEN", "DATABRICKS_CATALOG"),
    ],
}


@pytest.mark.parametrize("target", NEEDED)
def test_without_credentials_it_ends_with_3_and_says_what_to_set(
    target: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in NEEDED[target]:
        monkeypatch.delenv(name, raising=False)
    assert main([target]) == 3
    assert capsys.readouterr().err == f"verify-cloud: {target}: not set: {', '.join(NEEDED[target])}\n"


def test_only_what_is_not_set_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIGQUERY_PROJECT", "p")
    monkeypatch.setenv("BIGQUERY_LOCATION", "")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "key.json")
    output = yaml.safe_load(PROFILES.read_text())["landfall"]["outputs"]["bigquery"]
    assert missing_variables(output) == ["BIGQUERY_LOCATION"]


def test_the_exit_code_reaches_the_shell() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SNOWFLAKE_")}
    done = subprocess.run(
        [sys.executable, "-m", "tests.parity.cloud", "snowflake"],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert "SNOWFLAKE_ACCOUNT" in done.stderr


def test_an_unknown_target_is_a_wrong_call(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["oracle"]) == 2
    assert "use one of duckdb, snowflake" in capsys.readouterr().err

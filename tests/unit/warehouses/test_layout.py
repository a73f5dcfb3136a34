from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from loaders.warehouses.layout import BOOKKEEPING, EXTRA_COLUMN, LINEAGE_COLUMNS, LandingTable
from loaders.warehouses.staged.load import PUBLISHING_COLUMNS, Load

# https://cloud.google.com/bigquery/docs/schemas#column_names; no stand-in refuses them.
REFUSED_BY_BIGQUERY = (
    *("_table_", "_file_", "_partition", "_row_timestamp", "__root__", "_colidentifier"),
    *("_change_sequence_number", "_change_type", "_change_timestamp"),
)


def refused(names: set[str]) -> set[str]:
    return {name for name in names if name.lower().startswith(REFUSED_BY_BIGQUERY)}


def test_no_landing_column_has_a_name_that_bigquery_refuses(load: Load) -> None:
    names = {EXTRA_COLUMN, *(name for name, _ in (*LINEAGE_COLUMNS, *PUBLISHING_COLUMNS, *load.columns))}
    names |= {name for columns in BOOKKEEPING.values() for name, _ in columns}
    assert {"_landed_file_id", "_part", "file_id", "turn"} <= names
    assert not refused(names)


def test_no_generated_column_has_a_name_that_bigquery_refuses(repository: Path) -> None:
    names = {
        column["name"]
        for file in (repository / "models").rglob("*.yml")
        for model in yaml.safe_load(file.read_text()).get("models", [])
        for column in model.get("columns", [])
    }
    assert "_landed_file_id" in names
    assert not refused(names)


@pytest.fixture
def load() -> Load:
    return Load(LandingTable("shop", "sales", ("id",)), (), "job-1", datetime(2026, 1, 1, tzinfo=UTC))

"""Our JSON Schema is sound, and the reference in docs/ names everything in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jsonschema import Draft201909Validator

from loaders.contracts.formats import MAX_FRACTION
from loaders.contracts.lint import lint
from loaders.contracts.own_schema import own_names, own_schema
from loaders.contracts.view import CSV_FIELDS


def _described(part: Any, name: str = "") -> list[str]:
    """Names of properties without a description."""
    if not isinstance(part, dict):
        return []
    missing = [
        key
        for key, value in part.get("properties", {}).items()
        if isinstance(value, dict) and "description" not in value and "$ref" not in value and key not in TOLD_BY_PARENT
    ]
    return missing + [found for key, value in part.items() for found in _described(value, key)]


TOLD_BY_PARENT = {"strategy", "keep", "column", "granularity", "kind", "left", "right"}


def test_a_sound_schema() -> None:
    Draft201909Validator.check_schema(own_schema())


def test_every_key_says_what_it_is() -> None:
    assert _described(own_schema()) == []


def test_every_csv_key_has_a_field() -> None:
    assert set(own_schema()["$defs"]["csv"]["properties"]) == set(CSV_FIELDS)


def test_the_reference_names_every_key(repository: Path) -> None:
    reference = (repository / "docs" / "contracts.md").read_text(encoding="utf-8")
    missing = [name for name in (*own_names(), *CSV_FIELDS) if f"`{name}`" not in reference]
    assert missing == []
    assert "S" * MAX_FRACTION in reference


def test_the_example_of_the_reference_is_sound(repository: Path, tmp_path: Path) -> None:
    reference = (repository / "docs" / "contracts.md").read_text(encoding="utf-8")
    path = tmp_path / "example.odcs.yaml"
    path.write_text(reference.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    assert lint([path]) == ()

"""The starter project: complete, sound, the repository's own settings, and never over somebody's files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from loaders.contracts.read import read_contracts
from loaders.errors import UsageError
from loaders.starter import write_project
from loaders.starter.write import SHARED, TEMPLATE

if TYPE_CHECKING:
    from pathlib import Path


def test_the_files_are_returned_as_written(tmp_path: Path) -> None:
    written = write_project(tmp_path / "shop")
    found = sorted(
        path.relative_to(tmp_path / "shop").as_posix() for path in (tmp_path / "shop").rglob("*") if path.is_file()
    )
    assert list(written) == found
    assert {".gitignore", ".github/workflows/ci.yml", "README.md", *SHARED} <= set(written)


def test_every_file_of_the_template_is_used(repository: Path) -> None:
    template = repository / "loaders" / "starter" / "template"
    present = {path.relative_to(template).as_posix() for path in template.rglob("*") if path.is_file()}
    assert present == set(TEMPLATE)


@pytest.mark.parametrize("name", SHARED)
def test_settings_are_the_repositorys_own(tmp_path: Path, repository: Path, name: str) -> None:
    write_project(tmp_path)
    assert (tmp_path / name).read_bytes() == (repository / name).read_bytes()


def test_the_example_contract_is_sound(tmp_path: Path) -> None:
    write_project(tmp_path)
    (contract,) = read_contracts(tmp_path / "contracts")
    assert [table.name for table in contract.tables] == ["customers", "orders"]


@pytest.mark.parametrize("present", [".git", ".venv"])
def test_a_fresh_repository_or_environment_may_be_there(tmp_path: Path, present: str) -> None:
    (tmp_path / present).mkdir()
    assert write_project(tmp_path)


@pytest.mark.parametrize("present", ["notes.txt", "dbt_project.yml", "models", ".gitignore"])
def test_a_folder_in_use_is_left_alone(tmp_path: Path, present: str) -> None:
    (tmp_path / present).write_text("mine")
    with pytest.raises(UsageError, match="is not empty"):
        write_project(tmp_path)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [(present, "mine")]


def test_a_project_is_not_written_twice(tmp_path: Path) -> None:
    write_project(tmp_path)
    with pytest.raises(UsageError, match="is not empty"):
        write_project(tmp_path)


def test_a_file_in_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "shop").write_text("")
    with pytest.raises(UsageError, match="is a file"):
        write_project(tmp_path / "shop")

"""A project of a user's own gets the shared macros; the source tree keeps its own by hand."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from loaders.project.assets import shared_files


def test_a_users_project_gets_macros_and_the_accounting_test(tmp_path: Path, repository: Path) -> None:
    files = shared_files(tmp_path)
    names = {str(path) for path in files}
    assert {
        "macros/types/to_date.sql",
        "macros/_macros.yml",
        "tests/dbt/assert_every_line_is_accounted_for.sql",
    } <= names
    assert not any(name.startswith("macros/marts/") for name in names)
    path = PurePosixPath("macros/types/to_date.sql")
    assert files[path] == (repository / path).read_text(encoding="utf-8")


def test_the_source_tree_gets_none(repository: Path) -> None:
    assert shared_files(repository) == {}

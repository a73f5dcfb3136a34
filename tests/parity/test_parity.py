"""One contract, the same files: every engine's typed tables, rejects and marts equal DuckDB's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.engines.base import Engine
from tests.engines.fixtures import engine
from tests.parity.content import Content, Relation, content_of, hash_of
from tests.parity.flow import Reference, make_demo, run_on

__all__ = ["engine"]


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    """The demo on DuckDB."""
    folder = tmp_path_factory.mktemp("reference")
    return Reference.run(make_demo(folder / "files"), folder)


def test_the_demo_means_the_same_on_every_engine(engine: Engine, reference: Reference, tmp_path: Path) -> None:
    wanted = reference.outcome
    found = run_on(engine, reference, tmp_path / "project", prefix="dev_", twice=True)
    assert found.landing == "own"
    assert found.content.rejects == wanted.content.rejects
    assert found.content.rows == wanted.content.rows
    assert found.content.hashes == wanted.content.hashes
    assert found.missing == wanted.missing == 0


def test_a_value_in_one_row_changes_the_hash_and_the_order_of_rows_does_not() -> None:
    rows: list[tuple[Any, ...]] = [("a", 1), ("a", 1), (None, 2)]
    kinds = ["VARCHAR", "BIGINT"]
    assert hash_of(rows, kinds) == hash_of(reversed(rows), kinds)
    others: list[list[tuple[Any, ...]]] = [
        [("a", 1), (None, 2)],
        [("a", 1), ("a", 1), ("", 2)],
        [("a", 1), ("a", 2), (None, 2)],
        [("a", 1), ("a", 1), (None, 2), (None, 2)],
    ]
    assert hash_of(rows, kinds) not in {hash_of(other, kinds) for other in others}


def test_where_the_files_lay_does_not_matter_and_what_they_were_called_does() -> None:
    relation = Relation("accounting", "files", (("path", "VARCHAR"), ("lines", "BIGINT")))

    def content(path: str) -> Content:
        return content_of(lambda _: [(path, 1)], [relation])

    assert content("/a/x.csv") == content("/b/x.csv") != content("/a/y.csv")

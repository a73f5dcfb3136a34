"""One contract, the same landed rows: every engine's typed tables, rejects and marts equal DuckDB's."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engines.base import Engine
from tests.engines.duckdb_engine import DuckDB
from tests.engines.fixtures import engine
from tests.parity.build import build, land_demo
from tests.parity.content import Content, Relation, content_of, relations_of
from tests.parity.landing import export_landing, import_landing

__all__ = ["engine"]


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """The demo's landing tables as Parquet files in a folder."""
    folder = tmp_path_factory.mktemp("landed")
    return folder, export_landing(land_demo(folder), folder)


@pytest.fixture(scope="module")
def expected(
    landed: tuple[Path, list[str]], tmp_path_factory: pytest.TempPathFactory
) -> tuple[tuple[Relation, ...], Content]:
    """What DuckDB makes of them."""
    reference = DuckDB(tmp_path_factory.mktemp("reference"))
    import_landing(reference, *landed)
    build(reference, tmp_path_factory.mktemp("reference_project"))
    relations = relations_of(reference)
    return relations, content_of(reference, relations)


def test_the_demo_means_the_same_on_every_engine(
    engine: Engine,
    landed: tuple[Path, list[str]],
    expected: tuple[tuple[Relation, ...], Content],
    tmp_path: Path,
) -> None:
    relations, wanted = expected
    import_landing(engine, *landed)
    build(engine, tmp_path / "project")
    found = content_of(engine, relations)
    assert found.rejects == wanted.rejects
    assert found.rows == wanted.rows
    assert found.hashes == wanted.hashes

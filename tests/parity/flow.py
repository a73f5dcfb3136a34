"""The repository's own project on an engine, the way a person runs it: ingest, dbt build, audit."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from loaders.demo import write_demo
from loaders.project.accounting import read_accounting
from tests.engines.base import Engine
from tests.engines.duckdb_engine import DuckDB
from tests.engines.project import REPOSITORY
from tests.parity.content import Content, Relation, content_of, relations_of
from tests.parity.landing import export_landing, import_landing

PARTS = ("models", "macros", "seeds", "tests/dbt", "contracts")


@dataclass
class Outcome:
    """What one engine made of the files. `landing` is `own`, or why the landing was imported."""

    landing: str
    missing: int
    content: Content
    seconds: dict[str, float] = field(default_factory=dict)


@dataclass
class Reference:
    """DuckDB's outcome and what is compared of it. `folder` is where DuckDB works, once it has to."""

    files: Path
    folder: Path
    about: str
    relations: tuple[Relation, ...]
    outcome: Outcome

    @classmethod
    def run(cls, files: Path, folder: Path) -> Reference:
        """Ingests, builds and audits the files on DuckDB."""
        engine, seconds = DuckDB(folder), dict[str, float]()
        missing = _built(engine, copy_project(folder / "project", engine.profile()), files, seconds)
        relations = relations_of(engine.rows)
        with _timed(seconds, "read"):
            content = content_of(engine.rows, relations)
        return cls(files, folder, engine.about.words, relations, Outcome("own", missing, content, seconds))

    def import_into(self, engine: Engine) -> None:
        """Gives the engine DuckDB's landing tables: as files, for engines that cannot land themselves."""
        exported = self.folder / "landed"
        if not exported.is_dir():
            exported.mkdir()
            duckdb = DuckDB(self.folder)
            if not Path(duckdb.profile()["path"]).is_file():
                project = copy_project(self.folder / "project", duckdb.profile())
                duckdb.loaders(project, ["ingest", str(self.files)])
            export_landing(Path(duckdb.profile()["path"]), exported)
        import_landing(engine, exported, sorted(path.stem for path in exported.glob("*.parquet")))


def run_on(engine: Engine, reference: Reference, folder: Path, *, prefix: str = "", twice: bool = False) -> Outcome:
    """The reference's files on another engine, in schemas behind `prefix` where it lands itself; with `twice` a second
    build follows, which must change nothing.

    Raises AssertionError with the words of what failed.
    """
    seconds: dict[str, float] = {}
    reason = engine.cannot_land()
    prefix = prefix if reason is None else ""
    project = copy_project(folder, engine.profile(), prefix)
    if reason is None:
        missing = _built(engine, project, reference.files, seconds)
    else:
        with _timed(seconds, "import"):
            reference.import_into(engine)
        _build(engine, project, seconds)
        missing = read_accounting(lambda sql, _: engine.rows(sql)).missing
    if twice:
        _build(engine, project, {})
    with _timed(seconds, "read"):
        content = content_of(engine.rows, reference.relations, prefix)
    return Outcome(reason or "own", missing, content, seconds)


def copy_project(folder: Path, profile: dict[str, Any], prefix: str = "") -> Path:
    """The project as it stands in the repository, with one output; `prefix` stands before its schemas."""
    folder.mkdir(parents=True)
    for part in PARTS:
        shutil.copytree(REPOSITORY / part, folder / part)
    settings = (REPOSITORY / "dbt_project.yml").read_text()
    variables = f"\nvars: {json.dumps({'schema_prefix': prefix})}\n" if prefix else ""
    (folder / "dbt_project.yml").write_text(settings + variables)
    profiles = {"landfall": {"target": "engine", "outputs": {"engine": profile}}}
    (folder / "profiles.yml").write_text(json.dumps(profiles))
    return folder


def make_demo(folder: Path) -> Path:
    """The demo's files."""
    write_demo(folder, orders=1000, seed=1)
    return folder


def _built(engine: Engine, project: Path, files: Path, seconds: dict[str, float]) -> int:
    """Ingests, builds and audits; how many lines and rows are missing."""
    with _timed(seconds, "ingest"):
        engine.loaders(project, ["ingest", str(files)])
    _build(engine, project, seconds)
    return int(json.loads(engine.loaders(project, ["audit", "--json"]))["missing"])


def _build(engine: Engine, project: Path, seconds: dict[str, float]) -> None:
    with _timed(seconds, "build"):
        result = engine.dbt(project, ["build"])
    assert result.succeeded, f"{engine.about.name}: dbt build\n{result.errors}"


@contextmanager
def _timed(seconds: dict[str, float], step: str) -> Iterator[None]:
    started = time.monotonic()
    yield
    seconds[step] = round(time.monotonic() - started, 1)

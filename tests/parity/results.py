"""Results of parity runs, kept as JSON so that slow engines can be run one at a time, DuckDB's but once for all; only
those of the same sources count."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.engines.project import REPOSITORY
from tests.parity.content import Content, Relation
from tests.parity.flow import Outcome, Reference

FOLDER = REPOSITORY / "artifacts" / "parity"
FAILED = "failed: "
"""How the words of a run begin that did not come to its end."""
SOURCES = ("loaders", "macros", "models", "contracts", "seeds", "tests/dbt")


@dataclass
class Result:
    """One engine and one set of files; `content` is None where the run failed or was not tried, as `words` says."""

    engine: str
    data: str
    about: str
    sources: str
    landing: str = ""
    missing: int | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    content: Content | None = None
    words: str = ""
    commit: str = ""
    """The last commit that changed any of the sources; with `+` where they were changed since."""
    relations: list[list[Any]] = field(default_factory=list)
    """Of DuckDB: what is compared, each as schema, name and columns with their types."""

    @property
    def was_tried(self) -> bool:
        """False where the engine is not on this machine."""
        return self.content is not None or self.words.startswith(FAILED)


def result_of(engine: str, data: str, about: str, outcome: Outcome) -> Result:
    """A run that came to its end."""
    return Result(
        *(engine, data, about, fingerprint(), outcome.landing, outcome.missing, outcome.seconds, outcome.content)
    )


def reference_result(reference: Reference, data: str) -> Result:
    """What `kept_reference` makes the reference of again."""
    result = result_of("duckdb", data, reference.about, reference.outcome)
    result.relations = [[each.schema, each.name, each.columns] for each in reference.relations]
    return result


def kept_reference(data: str, files: Path, folder: Path) -> Reference | None:
    """DuckDB's outcome of an earlier run of these sources, None where there is none."""
    found = [each for each in saved() if (each.engine, each.data) == ("duckdb", data) and each.content is not None]
    if not found or not found[0].relations:
        return None
    result = found[0]
    assert result.content is not None
    assert result.missing is not None
    relations = tuple(
        Relation(schema, name, tuple((column, kind) for column, kind in columns))
        for schema, name, columns in result.relations
    )
    outcome = Outcome(result.landing, result.missing, result.content, result.seconds)
    return Reference(files, folder, result.about, relations, outcome)


def save(result: Result) -> None:
    """Takes the place of the engine's last result with these files."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{result.data}-{result.engine}.json"
    path.write_text(json.dumps(asdict(replace(result, commit=_commit())), indent=1, sort_keys=True) + "\n")


def saved() -> Iterator[Result]:
    """All results that these sources gave."""
    for path in sorted(FOLDER.glob("*.json")):
        values: dict[str, Any] = json.loads(path.read_text())
        content = values.pop("content")
        result = Result(**values, content=None if content is None else Content(**content))
        if result.sources == fingerprint():
            yield result


def fingerprint() -> str:
    """12 hex of everything that decides what a run gives, and how it is compared."""
    digest = sha256()
    for name in (*SOURCES, "tests/parity"):
        for path in sorted((REPOSITORY / name).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(str(path.relative_to(REPOSITORY)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def _commit() -> str:
    """The short name of the last commit of the sources; empty outside of a clone and without Git."""
    if shutil.which("git") is None:
        return ""
    last = _git("log", "-1", "--format=%h", "--", *SOURCES)
    return f"{last}+" if _git("status", "--porcelain", "--", *SOURCES) else last


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    return done.stdout.strip()

"""Results of parity runs, kept as JSON so that slow engines can be run one at a time; only those of the same sources
count."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from typing import Any

from tests.engines.project import REPOSITORY
from tests.parity.content import Content
from tests.parity.flow import Outcome

FOLDER = REPOSITORY / "artifacts" / "parity"
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
    """What was checked out when the result was kept."""


def result_of(engine: str, data: str, about: str, outcome: Outcome) -> Result:
    """A run that came to its end."""
    return Result(
        *(engine, data, about, fingerprint(), outcome.landing, outcome.missing, outcome.seconds, outcome.content)
    )


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
    """12 hex of everything that decides what a run gives."""
    digest = sha256()
    for name in SOURCES:
        for path in sorted((REPOSITORY / name).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(str(path.relative_to(REPOSITORY)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def _commit() -> str:
    """The short name of what is checked out; empty outside of a clone and without Git."""
    if shutil.which("git") is None:
        return ""
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()

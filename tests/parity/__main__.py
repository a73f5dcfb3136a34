"""`python -m tests.parity [--engines a,b] [--data demo,olist] [--write]`: runs the project on every engine that starts.

Prints the matrix as Markdown, also to artifacts/parity/matrix.md. Exit code 1 when an engine differs from DuckDB or
fails, 0 otherwise; an engine that is not here is said to be so, and is no failure.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from pathlib import Path

from tests.engines.base import Engine, EngineAbsent
from tests.engines.project import REPOSITORY
from tests.engines.registry import ENGINES
from tests.parity.flow import Reference, make_demo, run_on
from tests.parity.matrix import NEVER_RUN, differences, matrix
from tests.parity.results import (
    FAILED,
    FOLDER,
    Result,
    fingerprint,
    kept_reference,
    reference_result,
    result_of,
    save,
    saved,
)

OLIST = REPOSITORY.parent / "shared" / "data" / "olist"
DOCUMENT = REPOSITORY / "docs" / "engines.md"
PLACE = re.compile(r"<!-- parity -->.*<!-- /parity -->", re.DOTALL)


def main(arguments: list[str]) -> int:
    """Runs what was asked for and prints the matrix of all results that these sources gave."""
    parser = argparse.ArgumentParser(prog="python -m tests.parity")
    parser.add_argument("--engines", default="all", help=f"of {', '.join(ENGINES)}; by default all")
    parser.add_argument("--data", default="", help="demo or olist; by default both")
    parser.add_argument("--write", action="store_true", help="put the matrix into docs/engines.md too")
    asked = parser.parse_args(arguments)
    engines = [
        name for name in ENGINES if asked.engines in ("", "all") or name in asked.engines.replace(",", " ").split()
    ]
    for data in (asked.data or "demo,olist").split(","):
        with tempfile.TemporaryDirectory(prefix="landfall-parity-") as folder:
            _run(data, engines, Path(folder))
    results = list(saved())
    text = matrix(results, list(ENGINES))
    (FOLDER / "matrix.md").write_text(text)
    if asked.write:
        write_into(DOCUMENT, results)
    sys.stdout.write(f"\n{text}\n(sources {fingerprint()})\n")
    return int(any(_is_bad(result, results) for result in results))


def write_into(document: Path, results: list[Result]) -> None:
    """Puts the results between the document's marks, beside the lines there that none of them replaces."""
    content = document.read_text()
    written = PLACE.sub(
        lambda place: f"<!-- parity -->\n{matrix(results, list(ENGINES), place[0])}<!-- /parity -->", content
    )
    document.write_text(written)


def _is_bad(result: Result, results: list[Result]) -> bool:
    wanted = next(each.content for each in results if (each.engine, each.data) == ("duckdb", result.data))
    if result.content is None or wanted is None:
        return result.words.startswith(FAILED)
    return bool(differences(result.content, wanted) or result.missing)


def _run(data: str, engines: list[str], folder: Path) -> None:
    files = OLIST if data == "olist" else make_demo(folder / "files")
    if not files.is_dir():
        _say(f"{data}: {files} is not on this machine")
        return
    reference = kept_reference(data, files, folder)
    if reference is None or "duckdb" in engines:
        _say(f"{data}: duckdb")
        reference = Reference.run(files, folder)
        save(reference_result(reference, data))
    for name in engines:
        if name == "duckdb" or name in NEVER_RUN:
            continue
        _say(f"{data}: {name}")
        result = _on_engine(name, data, reference, folder / name)
        save(result)
        _say(f"{data}: {name}: {result.words or result.seconds}")


def _on_engine(name: str, data: str, reference: Reference, folder: Path) -> Result:
    folder.mkdir()
    try:
        engine = ENGINES[name](folder)
    except EngineAbsent as absence:
        return Result(name, data, "", fingerprint(), words=str(absence))
    try:
        return _outcome(engine, data, reference, folder)
    finally:
        engine.stop()


def _outcome(engine: Engine, data: str, reference: Reference, folder: Path) -> Result:
    about = engine.about
    try:
        return result_of(about.name, data, about.words, run_on(engine, reference, folder / "project"))
    except Exception as error:  # noqa: BLE001 - whatever an engine fails with belongs into its cell
        words = f"{FAILED}{type(error).__name__}: {error}"
        FOLDER.mkdir(parents=True, exist_ok=True)
        (FOLDER / f"{data}-{about.name}.log").write_text(words)
        return Result(about.name, data, about.words, fingerprint(), words=" ".join(words.split())[:600])


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

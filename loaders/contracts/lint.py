"""Every problem of every contract, each with its place. Nothing is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from loaders.contracts.document import Document
from loaders.contracts.lint_columns import column_problems
from loaders.contracts.lint_quality import quality_problems
from loaders.contracts.lint_references import reference_problems
from loaders.contracts.lint_tables import table_problems
from loaders.contracts.lint_texts import compared_text_problems
from loaders.contracts.names import between_contracts, contract_name_problems
from loaders.contracts.own_keys import own_key_problems
from loaders.contracts.structure import structure_problems
from loaders.contracts.yaml_text import read_yaml
from loaders.errors import Problem, UsageError

SUFFIX = ".odcs.yaml"


@dataclass(frozen=True, slots=True)
class Looked:
    """One file after every check that needs no other file; no document where the YAML cannot be read."""

    document: Document | None
    problems: tuple[Problem, ...]


def lint(paths: Iterable[Path]) -> tuple[Problem, ...]:
    """All problems of the contracts in `paths` (files, or folders with their `*.odcs.yaml`), warnings among them.

    Sorted by file, line and column. Files are named as `paths` name them. Raises UsageError for a path that is not
    there or a folder without contracts.
    """
    looked = [look(path, path.as_posix()) for path in contract_files(paths)]
    return in_order(problem for problem in all_problems(looked))


def contract_files(paths: Iterable[Path]) -> list[Path]:
    """The contract files that `paths` name, sorted, each once. Raises UsageError as `lint` does."""
    found: set[Path] = set()
    for path in paths:
        if path.is_dir():
            inside = [file for file in path.iterdir() if file.name.endswith(SUFFIX)]
            if not inside:
                raise UsageError(f"{path.as_posix()}: no *{SUFFIX} in this folder", hint="name a folder with contracts")
            found.update(inside)
        elif path.exists():
            found.add(path)
        else:
            raise UsageError(f"{path.as_posix()}: no such file or folder", hint="check the path")
    return sorted(found)


def look(path: Path, shown: str) -> Looked:
    """The contract file `path`, called `shown` in problems, with every problem of its own."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        return Looked(None, (Problem(shown, 1, 1, f"cannot be read: {reason}", "check the path and its permissions"),))
    document, problems = read_yaml(raw, shown)
    if document is None:
        return Looked(None, problems)
    return Looked(document, (*problems, *_problems_of(document)))


def all_problems(looked: Iterable[Looked]) -> Iterator[Problem]:
    """The problems of each file and of all of them together."""
    looked = list(looked)
    for one in looked:
        yield from one.problems
    yield from between_contracts(one.document.root for one in looked if one.document is not None)


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Each problem once, by file, line, column and message."""
    return tuple(sorted(set(problems), key=lambda found: (found.file, found.line, found.column, found.message)))


def _problems_of(document: Document) -> Iterator[Problem]:
    root = document.root
    yield from structure_problems(document)
    if not isinstance(root.value, dict):
        return
    if not any(root.each("schema")):
        yield root.problem("the contract has no tables", "list them under `schema`")
    yield from own_key_problems(document)
    yield from contract_name_problems(root)
    for table in root.each("schema"):
        yield from table_problems(root, table)
        for column in table.each("properties"):
            yield from column_problems(column)
            yield from compared_text_problems(root, table, column)
    yield from reference_problems(root)
    yield from quality_problems(root)

"""What docs/adding-an-engine.md promises, counted: where an engine is named, and that no macro forgets one."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from loaders.warehouses.registry import ENGINES

REGISTRY = "loaders/warehouses/registry.py"
RESERVED_WORDS = "loaders/contracts/reserved_words.py"
# DuckDB is also the parser, and materialise writes to it and to Postgres: those two are named where that is done.
REACHED_BY_FILES = ("snowflake", "bigquery", "databricks", "spark")
# Its default is plain SQL, right everywhere; the body beside it is only faster.
TUNED = {"breaks_none_of"}
# Called from other engines' bodies only.
NOT_CALLED = {"duckdb": ["first_decimals"], "postgres": ["cast_or_null", "first_decimals"]}


def _docstrings(tree: ast.Module) -> set[int]:
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    bodies = [node.body for node in ast.walk(tree) if isinstance(node, owners)]
    return {id(body[0].value) for body in bodies if body and isinstance(body[0], ast.Expr)}


def _words(path: Path) -> Iterator[str]:
    """Names and one-word texts of a module; prose in messages and docstrings decides nothing."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    prose = _docstrings(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            if not re.search(r"\s", node.value):
                yield node.value
        elif isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def _module(engine: str) -> str:
    return ENGINES[engine].module.replace(".", "/")


@pytest.mark.parametrize("engine", REACHED_BY_FILES)
def test_the_loaders_name_an_engine_in_its_module_and_in_the_registry(repository: Path, engine: str) -> None:
    naming = {
        str(path.relative_to(repository))
        for path in (repository / "loaders").rglob("*.py")
        if any(engine in word.lower() for word in _words(path))
    }
    own = {path for path in naming if path.removesuffix(".py").startswith(_module(engine))}
    assert own
    assert naming - own - {RESERVED_WORDS} == {REGISTRY}


@pytest.mark.parametrize("engine", ENGINES)
def test_an_engine_has_an_output_and_what_installs_its_driver(repository: Path, engine: str) -> None:
    outputs = yaml.safe_load((repository / "profiles" / "profiles.yml").read_text())["landfall"]["outputs"]
    assert outputs[engine]["type"] == engine
    extras = tomllib.loads((repository / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert ENGINES[engine].install == "pip install landfall" or engine in extras


def _macros(repository: Path) -> tuple[str, set[str]]:
    """The text of all macros, and those that an engine must have a body for."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in (repository / "macros").rglob("*.sql"))
    return text, set(re.findall(r"dispatch\('(\w+)', 'landfall'\)", text)) - TUNED


@pytest.mark.parametrize("engine", ENGINES)
def test_every_macro_that_differs_has_a_body_for_an_engine(repository: Path, engine: str) -> None:
    text, dispatched = _macros(repository)
    defined = set(re.findall(r"macro (\w+)\(", text))
    assert len(dispatched) > 20
    assert sorted(name for name in dispatched if f"{engine}__{name}" not in defined) == NOT_CALLED.get(engine, [])


def test_a_macro_without_a_body_says_so(repository: Path) -> None:
    text, dispatched = _macros(repository)
    raising = set(re.findall(r"macro default__(\w+)\([^)]*\) -?%\}\s*\{\{ no_body_for_adapter\('\1'\) \}\}", text))
    assert dispatched - raising == set()

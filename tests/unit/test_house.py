"""The shape of the house: which room may import which, and what may stand where."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

# Rooms from the top down; a room may import itself and rooms of a higher number only.
FLOOR = {
    "commands": 0,
    "demo": 1,
    "starter": 1,
    "landing": 1,
    "outputs": 1,
    "project": 1,
    "warehouses": 2,
    "files": 2,
    "jobs": 3,
    "contracts": 3,
    "secrets": 4,
    "background": 5,
    "failpoints": 5,
    "machine": 5,
    "errors": 5,
}
# `loaders init` is generate run once in a new folder.
ALLOWED_BESIDE = {("starter", "project"), ("project", "landing")}


def _imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def _modules(repository: Path) -> list[Path]:
    return sorted((repository / "loaders").rglob("*.py"))


def _room(path: Path, repository: Path) -> str:
    first = path.relative_to(repository / "loaders").parts[0]
    return first.removesuffix(".py")


def test_imports_point_down_only(repository: Path) -> None:
    wrong: list[str] = []
    for path in _modules(repository):
        room = _room(path, repository)
        if room == "__init__":
            continue
        for name in _imports(path):
            parts = name.split(".")
            if parts[0] != "loaders" or len(parts) < 2 or parts[1] not in FLOOR or parts[1] == room:
                continue
            if FLOOR[parts[1]] <= FLOOR[room] and (room, parts[1]) not in ALLOWED_BESIDE:
                wrong.append(f"{path.relative_to(repository)} imports {name}")
    assert not wrong


def test_every_room_is_on_the_plan(repository: Path) -> None:
    rooms = {_room(path, repository) for path in _modules(repository)} - {"__init__"}
    assert rooms <= FLOOR.keys()


def test_only_commands_know_the_terminal(repository: Path) -> None:
    wrong = [
        f"{path.relative_to(repository)} imports {name}"
        for path in _modules(repository)
        if _room(path, repository) != "commands"
        for name in _imports(path)
        if name.split(".")[0] in {"typer", "click", "rich"}
    ]
    assert not wrong


def test_files_know_no_database(repository: Path) -> None:
    wrong = [
        f"{path.relative_to(repository)} imports {name}"
        for path in (repository / "loaders" / "files").rglob("*.py")
        for name in _imports(path)
        if name.split(".")[0] in {"duckdb", "sqlalchemy", "psycopg", "snowflake", "google"}
    ]
    assert not wrong


@pytest.mark.parametrize("folder", ["models", "macros", "tests/dbt"])
def test_no_sql_asks_for_the_target_type(repository: Path, folder: str) -> None:
    wrong = [str(path) for path in (repository / folder).rglob("*.sql") if "target.type" in path.read_text()]
    assert not wrong


def test_tolerant_csv_modes_are_used_nowhere(repository: Path) -> None:
    """Each of these options silently loses rows or values (tried out one by one)."""
    forbidden = re.compile(r"ignore_errors|store_rejects|null_padding|strict_mode\s*=\s*false|auto_detect\s*=\s*true")
    wrong = [
        f"{path.relative_to(repository)}: {match.group()}"
        for path in _modules(repository)
        for match in [forbidden.search(path.read_text())]
        if match
    ]
    assert not wrong


def test_help_loads_no_driver_and_no_dbt(repository: Path) -> None:
    code = (
        "import sys; sys.argv = ['loaders', '--help']\n"
        "from loaders.commands.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "known = {'dbt', 'duckdb', 'pyarrow', 'sqlalchemy', 'rich', 'jinja2', 'jsonschema', 'yaml'}\n"
        "heavy = known & set(sys.modules)\n"
        "print('heavy:', sorted(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=repository)
    assert done.stdout.splitlines()[-1] == "heavy: []"

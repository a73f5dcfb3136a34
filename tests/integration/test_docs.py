"""Every console block of the README and docs/ is run, in order, in a copy of the repository: it prints what it shows.

A block fenced as `console` holds `$ command` lines, each followed by its output. Figures that differ from run to run
(seconds, rates, sizes, job ids, dates) are compared by shape only; a line `...` stands for any lines.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# What may differ between two runs of the same command, and what it is compared as.
VARYING = (
    (re.compile(r"\b([a-z]+)-\d{8}T\d{6}-[0-9a-f]{6}\b"), r"\1-JOB"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?"), "MOMENT"),
    (re.compile(r"\b\d\d:\d\d:\d\d\b"), "TIME"),
    (re.compile(r"[\d,]+ rows/s"), "N rows/s"),
    (re.compile(r"\b\d+\.\d+ ?s\b"), "N s"),
    (re.compile(r"\d+\.\d+ seconds"), "N seconds"),
    (re.compile(r"\d+\.\d+ KiB"), "N KiB"),
    (re.compile(r"[ \t]+"), " "),
)
PROGRESS = re.compile(r" rows/s(  .* left)?$")


@dataclass(frozen=True)
class Step:
    command: str
    output: tuple[str, ...]


def steps_of(document: Path) -> list[Step]:
    steps: list[Step] = []
    for block in FENCE.findall(document.read_text()):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *output = part.rstrip().splitlines()
            steps.append(Step(command, tuple(output)))
    return steps


def comparable(line: str) -> str:
    for pattern, replacement in VARYING:
        line = pattern.sub(replacement, line)
    return line.strip()


def shows(documented: tuple[str, ...], printed: list[str]) -> bool:
    """Whether the printed lines are the documented ones, `...` standing for any lines."""
    if not documented:
        return True
    wanted = "\n".join(documented)
    pattern = "".join(
        r"(?:.*\n)*?" if line.strip() == "..." else re.escape(comparable(line)) + "\n" for line in wanted.splitlines()
    )
    text = "".join(f"{comparable(line)}\n" for line in "\n".join(printed).rstrip().splitlines())
    return re.fullmatch(pattern, text) is not None


def documents() -> list[Path]:
    found = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]
    return [path for path in found if path.exists() and steps_of(path)]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The files git knows, in a folder of their own: what a clone would hold."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        source, target = REPOSITORY / name, tmp_path / name
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    return tmp_path


@pytest.mark.parametrize("document", documents(), ids=lambda path: path.name)
def test_documented_commands_print_what_the_page_shows(document: Path, copy: Path) -> None:
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "DBT_PROFILES_DIR": str(copy / "profiles"),
        "COLUMNS": "120",
        "NO_COLOR": "1",
    }
    environment.pop("LANDFALL_DUCKDB_PATH", None)
    for step in steps_of(document):
        done = subprocess.run(
            step.command, shell=True, cwd=copy, env=environment, capture_output=True, text=True, check=False
        )
        # What takes longer than five seconds tells of its progress, on whatever machine that is.
        told = [line for line in done.stderr.splitlines() if PROGRESS.search(line) is None]
        printed = [*done.stdout.splitlines(), *told]
        assert shows(step.output, printed), f"$ {step.command}\n{done.stdout}{done.stderr}"


def test_the_readme_quotes_the_contract_word_for_word() -> None:
    (quoted,) = re.findall(r"^```yaml\n(.*?)^```$", (REPOSITORY / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    assert quoted in (REPOSITORY / "contracts" / "olist.odcs.yaml").read_text()


def test_the_comparison_can_fail() -> None:
    assert shows(("landed a: 5 rows", "...", "done in 1.2 s"), ["landed a: 5 rows", "x", "y", "done in 9.4 s"])
    assert not shows(("landed a: 5 rows",), ["landed a: 6 rows"])
    assert not shows(("a", "b"), ["a"])
    assert not shows(("a",), ["a", "b"])

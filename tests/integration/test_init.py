"""`loaders init` and `loaders demo` at the terminal: what they print, and how they refuse."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

LOADERS = Path(sys.executable).with_name("loaders")


def _run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(LOADERS), *arguments], cwd=folder, capture_output=True, text=True)


def test_init_names_the_next_commands(tmp_path: Path) -> None:
    done = _run("init", "shop", folder=tmp_path)
    assert done.returncode == 0
    assert [line.strip() for line in done.stdout.splitlines() if line.startswith("  ")] == [
        "cd shop",
        "loaders ingest inbox",
        "loaders generate",
        "DBT_PROFILES_DIR=profiles dbt build",
        "loaders audit",
    ]


def test_init_lists_its_files_as_json(tmp_path: Path) -> None:
    listed = json.loads(_run("init", "shop", "--json", folder=tmp_path).stdout)
    assert all((tmp_path / "shop" / name).is_file() for name in listed["files"])


def test_init_refuses_a_folder_in_use_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    done = _run("init", ".", folder=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == "loaders: . is not empty: it holds 'notes.txt' — give a new or empty folder\n"


def test_the_examples_contract_passes_its_lint(tmp_path: Path) -> None:
    _run("init", ".", folder=tmp_path)
    assert _run("contracts", "lint", folder=tmp_path).returncode == 0


def test_the_demo_counts_what_it_planted(tmp_path: Path) -> None:
    counted = json.loads(_run("demo", "demo", "--orders", "200", "--json", folder=tmp_path).stdout)
    listed = (tmp_path / "demo" / "planted_faults.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert sum(counted["planted_faults"].values()) == len(listed)
    assert {entry["file"] for entry in counted["files"]} < {path.name for path in (tmp_path / "demo").iterdir()}


def test_the_demo_refuses_a_folder_of_other_files_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    done = _run("demo", ".", folder=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("loaders: . holds 'notes.txt', which no demo made — ")


def test_the_next_steps_write_nothing(tmp_path: Path) -> None:
    done = _run("demo", "--next-steps", "shop-files", folder=tmp_path)
    assert "loaders ingest shop-files" in done.stdout
    assert not list(tmp_path.iterdir())

"""A project at the command line, and processes that hold its warehouse."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.project import Project

Holder = subprocess.Popen[str]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.make(tmp_path / "project")


@pytest.fixture
def hold() -> Iterator[Callable[..., Holder]]:
    """`hold(database, read_only=…)`: a process that has the file open until its stdin closes."""
    started: list[Holder] = []

    def start(database: Path, *, read_only: bool = False) -> Holder:
        code = f"import duckdb; c = duckdb.connect({str(database)!r}, read_only={read_only}); print('held'); input()"
        process = subprocess.Popen(
            [sys.executable, "-u", "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        return process

    yield start
    for process in started:
        process.communicate("\n" if process.poll() is None else None)

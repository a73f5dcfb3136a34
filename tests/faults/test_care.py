"""Forgetting and replaying, killed at their steps: nothing half done, and the next try ends as if nothing had been."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.project import Project
from tests.faults.snapshot import Snapshot, take

HEADER = "id,name,note\n"
NUL = '{property: csv, vendor: loaders, value: {delimiter: ",", nul: keep}}'


def killed(project: Project, failpoint: str, *command: str) -> None:
    process = project.start(*command, LOADERS_TESTING="1", LOADERS_FAILPOINTS=f"{failpoint}=kill")
    process.communicate()
    assert process.returncode == -9


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project.make(tmp_path / "project")
    for number in range(3):
        made.put(f"{number}.csv", f"{HEADER}{number}1,a,b\n{number}2,\0,b\n{number}3,a,b\n")
    assert made.ingest().code == 0
    return made


def mend(project: Project) -> None:
    """From now on a NUL is a character like others."""
    text = project.contract.read_text().replace("version: 1.0.0", f"version: 1.1.0\ncustomProperties:\n  - {NUL}")
    project.contract.write_text(text)


def state(project: Project) -> Snapshot:
    return take(project.database)


@pytest.mark.parametrize("failpoint", ["landing.forgotten", "duckdb.before_commit"])
def test_a_killed_forget_forgets_nothing(project: Project, failpoint: str) -> None:
    before = state(project)
    killed(project, failpoint, "files", "forget", "inbox/0.csv", "inbox/1.csv", "--yes")
    assert state(project) == before
    assert project.run("files", "forget", "inbox/0.csv", "inbox/1.csv", "--yes").code == 0
    assert [entry["path"] for entry in state(project).entries("landed")] == ["inbox/2.csv"]
    assert project.ingest().code == 0
    assert state(project).lasting["rows"] == before.lasting["rows"]


@pytest.mark.parametrize("failpoint", ["landing.after_hash", "duckdb.before_commit", "duckdb.after_commit"])
def test_a_killed_replay_goes_on(project: Project, tmp_path: Path, failpoint: str) -> None:
    mend(project)
    killed(project, failpoint, "replay")
    assert project.run("replay").code == 0
    assert project.run("replay").out == "nothing to do: no file landed under an older contract\n"
    clean = Project.make(tmp_path / "clean")
    mend(clean)
    for path in project.inbox.iterdir():
        clean.put(path.name, path.read_bytes())
    assert clean.ingest().code == 0
    assert state(project).lasting["rows"] == state(clean).lasting["rows"]
    assert state(project).lasting["malformed"] == state(clean).lasting["malformed"] == []

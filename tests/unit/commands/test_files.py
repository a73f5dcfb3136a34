"""`loaders files` and `loaders replay` at the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.faults.project import Project

HEADER = "id,name,note\n"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project.make(tmp_path / "project")
    made.put("a.csv", HEADER + "1,a,b\nbroken\n")
    made.put("bad.csv", "wrong\n1\n")
    assert made.ingest().code == 1
    return made


def test_list(project: Project) -> None:
    answer = project.run("files", "list")
    assert answer.code == 0
    assert [line.split()[1:4] for line in sorted(answer.out.splitlines(), key=lambda line: line.split()[1])] == [
        ["landed", "shop.sales", "inbox/a.csv:"],
        ["quarantined", "shop.sales", "inbox/bad.csv:"],
    ]
    assert answer.err == "2 files\n"
    (entry,) = json.loads(project.run("files", "list", "--state", "landed", "--json").out)
    assert (entry["path"], entry["malformed_rows"]) == ("inbox/a.csv", 1)
    assert project.run("files", "list", "--limit", "1").err.startswith("2 files; 1 older ones")


def test_an_unknown_state_or_table_is_exit_2(project: Project) -> None:
    for option in (("--state", "lost"), ("--table", "orders"), ("--limit", "0")):
        assert project.run("files", "list", *option).code == 2


def test_show(project: Project) -> None:
    answer = project.run("files", "show", "inbox/a.csv")
    assert "line 3 (byte 19) short: " in answer.out
    assert answer.out.rstrip().endswith(": broken")
    shown = json.loads(project.run("files", "show", "inbox/a.csv", "--json").out)
    assert [line["raw"] for line in shown["malformed"]] == ["broken\n"]
    assert project.run("files", "show", "inbox/a.csv", "--lines", "0").err == (
        "1 more malformed lines are not shown (--lines)\n"
    )
    assert project.run("files", "show", "nothing").code == 2


def test_forget_asks_first(project: Project) -> None:
    answer = project.run("files", "forget", "inbox/a.csv", "inbox/a.csv")
    assert answer.out == "would forget landed inbox/a.csv: 1 rows of shop__sales\n"
    assert json.loads(project.run("files", "list", "--state", "landed", "--json").out) != []
    assert project.run("files", "forget", "inbox/a.csv", "--yes").code == 0
    assert json.loads(project.run("files", "list", "--state", "landed", "--json").out) == []
    assert "forgotten by job forget-" in project.run("files", "list", "--state", "superseded").out
    assert project.run("jobs", "list").code == 0


def test_replay(project: Project) -> None:
    assert project.run("replay").out == "nothing to do: no file landed under an older contract\n"
    contract = project.contract.read_text()
    project.contract.write_text(
        contract.replace("version: 1.0.0", "version: 1.1.0").replace(
            "- {name: id, logicalType: string,",
            "- {name: id, logicalType: string, customProperties: "
            "[{property: aliases, vendor: loaders, value: [wrong]}],",
        )
    )
    answer = project.run("replay")
    assert answer.code == 1
    assert "2 files were read again; 1 rows landed" in answer.out
    assert project.run("replay", "--json").code == 0
    assert project.run("replay").out == "nothing to do: no file landed under an older contract\n"

"""`loaders ingest` as a user runs it: what it prints, how it exits, and what it leaves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

CONTRACT = """\
apiVersion: v3.2.0
kind: DataContract
id: shop
name: shop
version: 1.0.0
status: active
description: {purpose: Sales of a shop.}
schema:
  - name: sales
    description: Sales of a shop.
    dataGranularityDescription: One row per sale.
    customProperties:
      - {property: files, vendor: loaders, value: {globs: ["sales*.csv"]}}
    properties:
      - {name: id, logicalType: string, description: Number of the sale.}
      - {name: name, logicalType: string, description: What was sold.}
"""
PROFILE = "shop: {target: dev, outputs: {dev: {type: duckdb, path: shop.duckdb}}}\n"
LOADERS = Path(sys.executable).parent / "loaders"


class Project:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("contracts", "profiles", "inbox"):
            (folder / name).mkdir()
        (folder / "contracts" / "shop.odcs.yaml").write_text(CONTRACT)
        (folder / "profiles" / "profiles.yml").write_text(PROFILE)
        (folder / "dbt_project.yml").write_text("name: shop\nprofile: shop\n")
        self.environment = {
            key: value for key, value in os.environ.items() if not key.startswith(("DBT_", "LANDFALL_"))
        }

    def put(self, name: str, text: str) -> None:
        (self.folder / "inbox" / name).write_text(text)

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(LOADERS), "ingest", *arguments],
            cwd=self.folder,
            env=self.environment | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def ingest(self, *arguments: str, **environment: str) -> tuple[int, str, str]:
        """Exit code, stdout, stderr."""
        process = self.start(*arguments, **environment)
        out, err = process.communicate()
        return process.returncode, out, err

    def count(self) -> int:
        with duckdb.connect(str(self.folder / "shop.duckdb"), read_only=True) as connection:
            row = connection.execute("select count(*) from landing.shop__sales").fetchone()
        return int(row[0]) if row else 0


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_first_and_second_run(project: Project) -> None:
    project.put("sales_1.csv", "id,name\n1,a\nbroken\n")
    code, out, err = project.ingest("inbox")
    assert (code, err) == (0, "")
    assert "landed       shop.sales  sales_1.csv: 1 rows, 1 malformed" in out
    code, out, err = project.ingest("inbox")
    assert (code, err) == (0, "")
    assert out.startswith("nothing to do: 1 files have landed before")
    assert project.count() == 1


def test_a_refused_file_gives_exit_code_1_and_the_others_land(project: Project) -> None:
    project.put("sales_1.csv", "id,name\n1,a\n")
    project.put("sales_2.csv", "id,nome\n1,a\n")
    code, out, _ = project.ingest("inbox")
    assert code == 1
    assert "quarantined  shop.sales  sales_2.csv: " in out
    assert "files: 1 landed, 1 quarantined; 1 rows" in out


def test_json_holds_one_outcome_per_file(project: Project) -> None:
    project.put("sales_1.csv", "id,name\n1,a\n")
    code, out, _ = project.ingest("inbox", "--json")
    result = json.loads(out)
    assert code == 0
    assert result["counts"] == {"landed": 1}
    assert result["rows"] == 1
    (outcome,) = result["outcomes"]
    assert (outcome["path"], outcome["status"], outcome["rows"]) == ("sales_1.csv", "landed", 1)


def test_a_dry_run_writes_nothing_at_all(project: Project) -> None:
    project.put("sales_1.csv", "id,name\n1,a\n")
    there = set(project.folder.rglob("*"))
    code, out, _ = project.ingest("inbox", "--dry-run")
    assert code == 0
    assert set(project.folder.rglob("*")) == there
    assert "would land   shop.sales  sales_1.csv: 12 bytes" in out
    assert project.ingest("inbox")[0] == 0


def test_files_of_a_given_folder_that_no_contract_names_are_told(project: Project) -> None:
    project.put("sales_1.csv", "id,name\n1,a\n")
    for name in ("sale.csv", "b.txt", "c.txt", "d.txt", ".hidden"):
        project.put(name, "x\n")
    _, out, err = project.ingest("inbox")
    assert "loaders: warning: no contract names b.txt, c.txt, d.txt and 1 more: passed over\n" in err
    assert "files: 1 landed" in out
    _, out, _ = project.ingest("inbox", "--json")
    assert json.loads(out)["passed_over"] == ["b.txt", "c.txt", "d.txt", "sale.csv"]
    assert "passed over" not in project.ingest()[2]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("inbox",), 2, "no file in inbox belongs to a contract table"),
        (("nowhere",), 2, "no file in nowhere"),
        (("inbox", "--target", "prod"), 3, "has no target 'prod'"),
        (("inbox", "--memory", "much"), 2, "no amount of memory"),
        (("inbox", "--memory", "1M"), 2, "too little memory"),
        (("inbox", "--contracts", "none"), 2, "no folder of contracts"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_an_exit_code(
    project: Project, arguments: tuple[str, ...], code: int, message: str
) -> None:
    ended, out, err = project.ingest(*arguments)
    assert (ended, out) == (code, "")
    assert message in err
    assert len(err.splitlines()) == 1


def test_a_held_warehouse_has_an_exit_code_of_its_own(project: Project) -> None:
    project.put("sales_1.csv", "id,name\n1,a\n")
    with duckdb.connect(str(project.folder / "shop.duckdb")):
        code, _, err = project.ingest("inbox", "--lock-timeout", "0")
    assert code == 4
    assert f"is held by process {os.getpid()}" in err


def test_ctrl_c_stops_between_commits_and_the_next_run_goes_on(project: Project) -> None:
    project.put("sales_1.csv", "id,name\n1,a\n")
    code, _, err = project.ingest("inbox", LOADERS_TESTING="1", LOADERS_FAILPOINTS="duckdb.after_rows=interrupt")
    assert code == 130
    assert "run the same command again" in err
    assert project.count() == 0
    assert project.ingest("inbox")[0] == 0
    assert project.count() == 1

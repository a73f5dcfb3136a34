"""A small project of its own for tests at the command line: one contract, a profile, an inbox."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from typer.testing import CliRunner

CONTRACT = """\
apiVersion: v3.2.0
kind: DataContract
id: faults-0001
name: shop
version: 1.0.0
description: {purpose: Sales of a small shop.}
schema:
  - name: sales
    description: What was sold.
    dataGranularityDescription: One row per sale.
    customProperties:
      - {property: files, vendor: loaders, value: {globs: ["*.csv*"]}}
    properties:
      - {name: id, logicalType: string, description: Number of the sale.}
      - {name: name, logicalType: string, description: What it was.}
      - {name: note, logicalType: string, description: Anything else.}
"""
# Whoever starts the tests in the background has Ctrl-C ignored, and children inherit that.
HEARS_CTRL_C = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
PROGRAM = f"{HEARS_CTRL_C}from loaders.commands.cli import main; main()"
PROFILE = {
    "landfall": {
        "target": "duckdb",
        "outputs": {"duckdb": {"type": "duckdb", "path": "{{ env_var('LANDFALL_DUCKDB_PATH') }}", "schema": "main"}},
    }
}


@dataclass(frozen=True)
class Answer:
    """What a command said and its exit code."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Project:
    """A dbt project folder whose warehouse and job history lie in it."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    @classmethod
    def make(cls, folder: Path, contract: str = CONTRACT) -> Project:
        """Writes the project's files."""
        for name in ("contracts", "profiles", "inbox"):
            (folder / name).mkdir(parents=True)
        (folder / "dbt_project.yml").write_text("name: faults\nprofile: landfall\n")
        (folder / "profiles" / "profiles.yml").write_text(yaml.safe_dump(PROFILE))
        (folder / "contracts" / "shop.odcs.yaml").write_text(contract)
        return cls(folder)

    @property
    def inbox(self) -> Path:
        return self.folder / "inbox"

    @property
    def database(self) -> Path:
        return self.folder / "w.duckdb"

    @property
    def contract(self) -> Path:
        return self.folder / "contracts" / "shop.odcs.yaml"

    def settings(self) -> dict[str, str]:
        """The environment of a command in this project."""
        return {
            "LANDFALL_DUCKDB_PATH": str(self.database),
            "LANDFALL_STATE_URL": f"sqlite:///{self.folder / 'state.sqlite'}",
            "DBT_PROFILES_DIR": str(self.folder / "profiles"),
            **self.environment,
        }

    def put(self, name: str, content: str | bytes) -> Path:
        """A file in the inbox."""
        path = self.inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def run(self, *arguments: str | Path) -> Answer:
        """A command in this process, with `--project-dir` of this project."""
        from loaders.commands.cli import app

        given = [*map(str, arguments), "--project-dir", str(self.folder)]
        done = CliRunner().invoke(app, given, env=self.settings())
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Answer(done.exit_code, done.stdout, done.stderr)

    def ingest(self, *arguments: str) -> Answer:
        return self.run("ingest", self.inbox, *arguments)

    def start(self, *arguments: str | Path, program: str = PROGRAM, **environment: str) -> subprocess.Popen[str]:
        """The same in a process of its own, run by `program`."""
        given = [*map(str, arguments), "--project-dir", str(self.folder)]
        return subprocess.Popen(
            [sys.executable, "-c", program, *given],
            env={**os.environ, **self.settings(), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

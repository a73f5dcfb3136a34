"""A small project that lands files on an engine, and what landing then holds, to be compared between engines."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from loaders.contracts.model import Contract
from loaders.contracts.read import read_contract
from loaders.jobs.model import Progress
from loaders.landing.job import IngestRequest, ingest
from loaders.landing.land import LandingSettings
from loaders.landing.outcome import IngestResult
from loaders.warehouses.base import OpenOptions, Warehouse
from loaders.warehouses.profile import read_target
from loaders.warehouses.registry import open_warehouse

CONTRACT = """\
apiVersion: v3.2.0
kind: DataContract
id: shop
name: shop
version: 1.0.0
status: active
description: {purpose: Sales made up to test landing.}
schema:
  - name: sales
    description: Sales made up to test landing.
    dataGranularityDescription: One row per sale.
    customProperties:
      - {property: files, vendor: loaders, value: {globs: ["*.csv*"]}}
      - {property: csv, vendor: loaders, value: %s}
      - {property: onFileChange, vendor: loaders, value: replace}
    properties:
      - {name: id, logicalType: string, description: Made up.}
      - {name: name, logicalType: string, description: Made up.}
      - {name: note, logicalType: string, description: Made up.}
"""
NASTY = (
    "id,name,note\n"
    '1,,""\n'
    '2," padded ","a ""quoted"" word, and a comma"\n'
    '3,"two\nlines","\\.\n\\."\n'
    "\\.,\\N,NULL\n"
    "short\n"
    "5,é ñ İ ß,日本語 🙂\n"
    "6,too,many,fields\n"
    "7,'single',1e5\n"
    "8,007,\\\n"
    '9,"carriage\rreturn",\t\n'
    "10,%s ? {} $1 :x,-- ;\n"
)
"""Values that some loader somewhere would change, two malformed lines among them."""
MANY = "id,name,note\n" + "".join(f"{n},{'broken' if n % 11 == 0 else f'n{n},x'}\n" for n in range(1, 61))


class FakeJob:
    """A job that remembers what it was told."""

    id = "job-1"

    def __init__(self) -> None:
        self.told: list[Progress] = []
        self.metrics: list[tuple[str, float, dict[str, str]]] = []

    def progress(self, progress: Progress) -> None:
        self.told.append(progress)

    def metric(self, name: str, value: float, **labels: str) -> None:
        self.metrics.append((name, value, labels))

    def obey(self) -> None:
        """Nobody asks for anything."""


class Landing:
    """One project in `folder` whose profile has the one output `profile`."""

    def __init__(self, folder: Path, profile: Mapping[str, Any], dialect: Mapping[str, Any] | None = None) -> None:
        self.folder = folder
        self.job = FakeJob()
        self.settings = LandingSettings(threads=2)
        self.options = OpenOptions(lock_timeout=0, threads=2)
        for name in ("inbox", "contracts", "profiles"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / "contracts" / "shop.odcs.yaml").write_text(CONTRACT % json.dumps(dict(dialect or {})))
        (folder / "dbt_project.yml").write_text("name: shop\nprofile: shop\n")
        self.use(profile)

    def use(self, profile: Mapping[str, Any]) -> None:
        """Another output from now on."""
        outputs = {"shop": {"target": "engine", "outputs": {"engine": dict(profile)}}}
        (self.folder / "profiles" / "profiles.yml").write_text(json.dumps(outputs))

    @property
    def contract(self) -> Contract:
        return read_contract(self.folder / "contracts" / "shop.odcs.yaml")

    def put(self, name: str, content: str | bytes) -> Path:
        """A file in the inbox."""
        path = self.folder / "inbox" / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def open(self) -> Warehouse:
        return open_warehouse(read_target(self.folder), self.options)

    def ingest(self, **settings: Any) -> IngestResult:
        """Lands the inbox in this process."""
        request = IngestRequest(
            (self.folder / "inbox",), (self.contract,), self.folder, replace(self.settings, **settings)
        )
        with closing(self.open()) as warehouse:
            return ingest(request, warehouse, self.job)

    def child(self, *arguments: str, failpoints: str = "") -> subprocess.CompletedProcess[str]:
        """Lands the inbox by the command line in a process of its own, which may die at a failpoint."""
        code = "from loaders.commands.cli import main; main()"
        options = ("--project-dir", ".", "--lock-timeout", "20")
        failing = {"LOADERS_TESTING": "1", "LOADERS_FAILPOINTS": failpoints, "PYTHONPATH": str(Path.cwd())}
        return subprocess.run(
            [sys.executable, "-c", code, "ingest", "inbox", *options, *arguments],
            cwd=self.folder,
            env={**os.environ, **failing},
            capture_output=True,
            text=True,
            check=False,
        )

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with closing(self.open()) as warehouse:
            return warehouse.query(sql)

    def state(self) -> dict[str, list[tuple[Any, ...]]]:
        """Everything landing holds that depends neither on when nor by which job nor on which engine it landed."""
        ledger = (
            "file_id, contract, contract_version, table_name, path, size_bytes, content_sha256, parse_fingerprint, "
            "lines, header_lines, skipped_lines, blank_lines, comment_lines, landed_lines, malformed_lines, "
            "landed_rows, malformed_rows, content_bytes, header, state, superseded_by, error"
        )
        tables = {
            "shop__sales": "id, name, note, _landed_file_id, _row_number",
            "ledger": ledger,
            "malformed_rows": "file_id, line_number, byte_offset, raw, raw_encoding, kind, message",
        }
        with closing(self.open()) as warehouse:
            return {
                table: sorted(map(tuple, warehouse.query(f"select {columns} from landing.{table}")), key=repr)
                for table, columns in tables.items()
            }


def expected_state(folder: Path, files: Mapping[str, str | bytes], dialect: Mapping[str, Any] | None = None) -> Any:
    """What one undisturbed run lands in DuckDB."""
    landing = Landing(folder, {"type": "duckdb", "path": "expected.duckdb"}, dialect)
    for name, content in files.items():
        landing.put(name, content)
    landing.ingest()
    return landing.state()

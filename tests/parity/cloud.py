"""`python -m tests.parity.cloud TARGET [--keep]`: the demo on the real service that a target of profiles.yml names.

Ingests, builds and audits in schemas of its own, `landfall_verify_<8 hex>_…`, compares every table with DuckDB's, and
drops the schemas again. Exit code 0 where all is equal, 1 where something differs, 3 where a variable of the profile
is not set or the service is not to be had.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from secrets import token_hex
from typing import Any

import yaml

from loaders.errors import LandfallError
from loaders.warehouses.base import Warehouse
from loaders.warehouses.profile import read_target
from loaders.warehouses.registry import open_warehouse
from tests.engines.base import run_dbt, run_loaders
from tests.engines.project import REPOSITORY
from tests.parity.content import SCHEMAS, Content, content_of
from tests.parity.flow import Reference, copy_project, make_demo
from tests.parity.matrix import differences

PROFILES = REPOSITORY / "profiles" / "profiles.yml"
ENVIRONMENT_MISSING = 3
_WITHOUT_DEFAULT = re.compile(r"env_var\('(\w+)'\)")


def main(arguments: list[str]) -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.parity.cloud")
    parser.add_argument("target", help="an output of profiles/profiles.yml")
    parser.add_argument("--keep", action="store_true", help="leave the schemas there")
    asked = parser.parse_args(arguments)
    outputs = yaml.safe_load(PROFILES.read_text())["landfall"]["outputs"]
    if asked.target not in outputs:
        return _fail(f"there is no target {asked.target!r}; use one of {', '.join(outputs)}", 2)
    lacking = missing_variables(outputs[asked.target])
    if lacking:
        return _fail(f"{asked.target}: not set: {', '.join(lacking)}", ENVIRONMENT_MISSING)
    try:
        with tempfile.TemporaryDirectory(prefix="landfall-verify-") as folder:
            return _verify(outputs[asked.target], Path(folder), keep=asked.keep)
    except LandfallError as error:
        return _fail(f"{asked.target}: {error}", error.exit_code)
    except AssertionError as failure:
        # A command that we ran has failed, and the message is what it printed.
        return _fail(f"{asked.target}: {failure}", 1)


def missing_variables(output: dict[str, Any]) -> list[str]:
    """Environment variables that the output needs, has no default for, and does not get."""
    named = _WITHOUT_DEFAULT.findall(json.dumps(output))
    return [name for name in dict.fromkeys(named) if not os.environ.get(name)]


def _verify(output: dict[str, Any], folder: Path, *, keep: bool) -> int:
    reference = Reference.run(make_demo(folder / "files"), folder)
    prefix = f"landfall_verify_{token_hex(4)}_"
    project = copy_project(folder / "cloud", output, prefix)
    # Opened once beforehand, so that what is wrong with the connection is told before anything is made.
    open_warehouse(read_target(project, profiles_dir=project)).close()
    try:
        missing, found = _run(project, reference, prefix)
    finally:
        if not keep:
            _drop(project, prefix)
    wanted = reference.outcome.content
    words = differences(found, wanted) + ([f"{missing} lines or rows are missing"] if missing else [])
    rows = sum(found.rows.values())
    sys.stdout.write("".join(f"{each}\n" for each in words))
    sys.stdout.write(f"{len(wanted.rows)} relations, {rows:,} rows: {'differ from' if words else 'equal'} DuckDB's\n")
    return int(bool(words))


def _run(project: Path, reference: Reference, prefix: str) -> tuple[int, Content]:
    run_loaders(project, ["ingest", str(reference.files)])
    built = run_dbt(project, ["build"])
    assert built.succeeded, built.errors
    missing = int(json.loads(run_loaders(project, ["audit", "--json"]))["missing"])
    with closing(open_warehouse(read_target(project, profiles_dir=project))) as warehouse:
        return missing, content_of(warehouse.query, reference.relations, prefix)


def _drop(project: Path, prefix: str) -> None:
    with closing(open_warehouse(read_target(project, profiles_dir=project))) as warehouse:
        for schema in ("landing", "reference", *SCHEMAS):
            _drop_schema(warehouse, prefix + schema)


def _drop_schema(warehouse: Warehouse, name: str) -> None:
    warehouse.query(f"drop schema if exists {name} cascade")


def _fail(words: str, code: int) -> int:
    sys.stderr.write(f"verify-cloud: {words}\n")
    return code


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

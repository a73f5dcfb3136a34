"""TABLES of the command line → relations. Plain names are looked up in the warehouse; only dbt's selection syntax asks
dbt, which takes seconds."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from itertools import pairwise
from typing import TYPE_CHECKING

from loaders.errors import DbtFailed, UsageError
from loaders.outputs.model import Relation

if TYPE_CHECKING:
    from pathlib import Path

    from loaders.warehouses.profile import Target

Resolver = Callable[[str], set[tuple[str, str]]]


def select(relations: Sequence[Relation], wanted: Sequence[str], resolve: Resolver) -> list[Relation]:
    """The relations `wanted` names, by name; every staging table when it names none.

    A word is a relation's name, `schema.name`, a contract table as `contract.table`, or dbt selection syntax, for which
    `resolve` gives (schema, name) pairs. Raises UsageError for a word that names nothing, and when two have one name.
    """
    if not wanted:
        chosen = {relation for relation in relations if relation.kind == "staging"}
        if not chosen:
            raise UsageError("the warehouse has no staging table", hint="run `loaders ingest` and `dbt build` first")
    else:
        chosen = set()
    for word in wanted:
        found = {relation for relation in relations if word in _names(relation)}
        chosen |= found or _resolved(relations, word, resolve)
    ordered = sorted(chosen, key=lambda each: (each.name, each.schema))
    for first, second in pairwise(ordered):
        if first.name.lower() == second.name.lower():
            raise UsageError(
                f"{first.schema}.{first.name} and {second.schema}.{second.name} would be written to one place",
                hint="materialise them to two destinations",
            )
    return ordered


def ask_dbt(project_dir: Path, target: Target) -> Resolver:
    """A resolver that runs `dbt ls`: models of the selection as (schema, name), but ephemeral ones, which are nowhere.

    Raises DbtFailed.
    """
    # dbt runs in the project's folder, where a relative path would be another.
    project_dir = project_dir.resolve()

    def resolve(word: str) -> set[tuple[str, str]]:
        command = [sys.executable, "-m", "dbt.cli.main", "--quiet", "ls", "--resource-type", "model"]
        command += ["--project-dir", str(project_dir), "--profiles-dir", str(target.profiles_file.parent.resolve())]
        command += ["--target", target.name, "--output", "json", "--output-keys", "schema", "alias", "name", "config"]
        command += ["--select", word]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=project_dir)
        if done.returncode:
            last = (done.stdout + done.stderr).strip().splitlines()[-1:]
            raise DbtFailed(f"dbt ls --select {word}: {' '.join(last)}", hint="`dbt ls` shows it in full")
        rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        return {
            (str(row["schema"]), str(row.get("alias") or row["name"]))
            for row in rows
            if row.get("config", {}).get("materialized") != "ephemeral"
        }

    return resolve


def _names(relation: Relation) -> set[str]:
    names = {relation.name, f"{relation.schema}.{relation.name}"}
    if relation.kind == "staging":
        names.add(f"{relation.contract}.{relation.table}")
    return names


def _resolved(relations: Sequence[Relation], word: str, resolve: Resolver) -> set[Relation]:
    pairs = resolve(word)
    found = {each for each in relations if (each.schema, each.name) in pairs}
    lacking = sorted(f"{schema}.{name}" for schema, name in pairs - {(each.schema, each.name) for each in found})
    if lacking:
        raise UsageError(
            f"{word} selects {', '.join(lacking)}, which the warehouse does not have", hint="run `dbt build` first"
        )
    if not found:
        near = sorted({each.name for each in relations if fnmatchcase(each.name, f"*{word}*")})
        hint = f"did you mean: {', '.join(near[:5])}" if near else "`dbt ls` shows the models; build them first"
        raise UsageError(f"nothing in the warehouse is called {word}", hint=hint)
    return found

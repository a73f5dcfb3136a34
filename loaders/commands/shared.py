"""Options that several commands share, declared once, and how results are shown."""

from __future__ import annotations

import json
import os
import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from loaders.errors import UsageError
from loaders.secrets import redact

if TYPE_CHECKING:
    from loaders.jobs.store import JobStore

ProjectDir = Annotated[
    Path, typer.Option("--project-dir", help="The dbt project: the folder with dbt_project.yml.", file_okay=False)
]
ContractsDir = Annotated[
    Path | None, typer.Option("--contracts", help="Folder of *.odcs.yaml files [default: <project-dir>/contracts].")
]
Target = Annotated[str | None, typer.Option("--target", "-t", help="Output of the dbt profile to use.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON on stdout.")]
ContractName = Annotated[str | None, typer.Option("--contract", help="Only tables of this contract.")]
TableName = Annotated[str | None, typer.Option("--table", help="Only tables of this name.")]
LockTimeout = Annotated[float, typer.Option(min=0, help="Seconds to wait for a process that holds the warehouse.")]
Memory = Annotated[str, typer.Option(help="Memory to stay within, such as 512MiB or 2G.")]

_UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30}


def contracts_folder(project_dir: Path, contracts: Path | None) -> Path:
    """The folder of contracts a command works on; UsageError when it is not there."""
    folder = contracts if contracts is not None else project_dir / "contracts"
    if not folder.is_dir():
        raise UsageError(
            f"{folder} is no folder of contracts", hint="name it with --contracts or run in a project (`loaders init`)"
        )
    return folder


def memory_bytes(text: str) -> int:
    """`512MiB`, `2G`, `1.5 GB` or plain bytes as a number of bytes, in powers of 1,024. UsageError for other text."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMG]?)(?:i?B)?", text.strip(), re.IGNORECASE)
    if match is None:
        raise UsageError(f"{text!r} is no amount of memory", hint="write it like 512MiB or 2G")
    return int(float(match[1]) * _UNITS[match[2].upper()])


def open_job_store(project_dir: Path, *, kept: bool = True) -> JobStore:
    """The job history: LANDFALL_STATE_URL, else artifacts/state.sqlite of the project; unless `kept`, in memory."""
    from loaders.jobs.store import JobStore

    if not kept:
        return JobStore.in_memory()
    return JobStore.open(os.environ.get("LANDFALL_STATE_URL") or project_dir / "artifacts" / "state.sqlite")


def print_json(value: object) -> None:
    """`value` as JSON on stdout, secrets masked; dates as ISO 8601, decimals as text."""
    typer.echo(redact(json.dumps(value, indent=2, ensure_ascii=False, default=_plain)))


def _plain(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal | Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form here")

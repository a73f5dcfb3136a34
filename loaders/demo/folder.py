"""Writes the demo files into a folder, with the list of planted faults and a manifest that makes the folder ours."""

from __future__ import annotations

import csv
import gzip
import io
import json
from dataclasses import dataclass
from pathlib import Path

from loaders import __version__
from loaders.demo.planting import DemoFile, PlantedFault, locate, plant
from loaders.demo.shop import Shop
from loaders.errors import UsageError

MANIFEST = "demo.json"
FAULT_LIST = "planted_faults.csv"
FAULT_COLUMNS = ("file", "table", "line", "row_number", "outcome", "reason", "rule_id", "column", "value")
MIN_ORDERS = 200
"""Below this a month's file is so small that its malformed line alone would quarantine it."""
MAX_ORDERS = 1_000_000


@dataclass(frozen=True, slots=True)
class DemoFolder:
    """What was written: data file names and their tables in name order, data rows that landing must find, faults."""

    folder: Path
    files: tuple[tuple[str, str], ...]
    rows: int
    faults: tuple[PlantedFault, ...]


def write_demo(folder: Path, *, orders: int = 1000, seed: int = 1) -> DemoFolder:
    """Fills `folder` with the demo files; the same arguments and version give the same bytes.

    Writes the data files, `planted_faults.csv` (one row per fault, lines 1-based) and `demo.json`. A folder of an
    earlier demo is replaced. Raises UsageError where the folder holds anything else, or `orders` is out of range.
    """
    if not MIN_ORDERS <= orders <= MAX_ORDERS:
        raise UsageError(f"--orders is {orders}", hint=f"give a number from {MIN_ORDERS} to {MAX_ORDERS}")
    _clear(folder)
    files = plant(Shop(orders, seed))
    contents = {file.disk_name: _disk_bytes(file) for file in files}
    faults = tuple(fault for file in files for fault in locate(file))
    contents[FAULT_LIST] = _fault_list(faults)
    # The manifest goes first: a demo killed half way still leaves a folder that the next run may replace.
    manifest = {"made_by": f"landfall {__version__}", "orders": orders, "seed": seed, "files": sorted(contents)}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return DemoFolder(
        folder=folder,
        files=tuple((file.disk_name, file.table) for file in files),
        rows=sum(record.is_row for file in files for record in file.records),
        faults=faults,
    )


def _clear(folder: Path) -> None:
    """Makes `folder` exist and empty, removing only what an earlier demo's manifest lists."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file", hint="give a folder for the demo files")
    folder.mkdir(parents=True, exist_ok=True)
    present = {path.name for path in folder.iterdir()}
    strangers = sorted(present - _own_names(folder))
    if strangers:
        raise UsageError(
            f"{folder} holds {strangers[0]!r}, which no demo made", hint="give an empty or a new folder for the demo"
        )
    for name in present:
        (folder / name).unlink()


def _own_names(folder: Path) -> set[str]:
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return set()
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), list):
        return set()
    return {MANIFEST, *map(str, manifest["files"])}


def _disk_bytes(file: DemoFile) -> bytes:
    content = file.content()
    # mtime=0: the time of writing would otherwise stand in the gzip header and change the bytes.
    return gzip.compress(content, mtime=0) if file.style.gzip else content


def _fault_list(faults: tuple[PlantedFault, ...]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(FAULT_COLUMNS)
    for planted in faults:
        fault = planted.fault
        where = (planted.file, planted.table, planted.line, planted.row_number)
        writer.writerow((*where, fault.outcome, fault.reason, fault.rule_id, fault.column, fault.value))
    return text.getvalue().encode()

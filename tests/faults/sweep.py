"""Lands real files of every kind, each under a contract of its own parameters, and checks that every line is somewhere.

Landing may take a file whole, take it with malformed lines, or refuse it with a reason. It may not lose a line.
"""

from __future__ import annotations

import csv
import io
import json
from base64 import b64decode
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from loaders.contracts.model import Column, Contract, Dialect, FileSet, MalformedLimit, Table
from loaders.landing.job import IngestRequest, ingest
from loaders.landing.land import LandingSettings
from loaders.warehouses.base import OpenOptions
from loaders.warehouses.duckdb import DuckDBWarehouse
from tests.faults.driver import SilentJob
from tests.faults.invariants import CHECKERS, Evidence
from tests.faults.snapshot import Record, Snapshot, take

_BATCH = 100
_MOST_FIELDS = 500
_DELIMITERS = ",;\t|"
_ENCODINGS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


@dataclass(frozen=True)
class Subject:
    """A file to land: its bytes and the table that its parameters make."""

    name: str
    content: bytes
    dialect: Dialect
    headers: tuple[str, ...]


@dataclass
class Result:
    """How files ended, and what did not add up. `reasons` counts refusals by their first words."""

    fates: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    lines: int = 0
    malformed_rows: int = 0
    wrong: list[str] = field(default_factory=list)


def pollock(folder: Path) -> Iterator[Subject]:
    """The polluted files with their published parameters; line ends as published, which the copy has lost."""
    for path in sorted((folder / "csv").iterdir()):
        told = json.loads((folder / "parameters" / f"{path.name}_parameters.json").read_text())
        content = path.read_bytes()
        if not path.name.startswith("file_record_delimiter"):
            content = content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        yield Subject(path.name, content, _pollock_dialect(told), tuple(told["column_names"]) or ("all",))


def _pollock_dialect(told: dict[str, Any]) -> Dialect:
    has_header = told["header_lines"] == 1
    before = told["preamble_lines"] + (0 if has_header else told["header_lines"])
    quote = told["quotechar"]
    # A delimiter of several characters is refused by the contract; its file is taken by the first of them.
    delimiter = (told["delimiter"] or ",")[0]
    return Dialect(delimiter, quote, told["escapechar"] or quote, header=has_header, skip_lines=before)


def torture(folder: Path) -> Iterator[Subject]:
    """Every file of the suites, whatever it is; parameters as a person would read them off its first line."""
    for number, path in enumerate(sorted(path for path in folder.rglob("*") if path.is_file())):
        content = path.read_bytes()
        encoding = _encoding(content)
        first = content[: 64 * 1024].decode(encoding, "replace").lstrip("\ufeff").splitlines()[:1]
        delimiter = max(_DELIMITERS, key=first[0].count) if first else ","
        cells = next(csv.reader(io.StringIO(first[0]), delimiter=delimiter), []) if first else []
        # A first line of thousands of fields is a document on one line, no header.
        cells = cells if len(cells) <= _MOST_FIELDS else []
        names = [cell.strip().casefold() for cell in cells]
        # What cannot be told apart by name lands by position.
        named = bool(cells) and all(names) and len(set(names)) == len(names)
        dialect = Dialect(delimiter, encoding=encoding, header=named, skip_lines=0 if named else 1)
        headers = tuple(cells) if named else tuple(f"field {at}" for at in range(max(len(cells), 1)))
        yield Subject(f"{number:04}-{path.name}", content, dialect, headers)


def _encoding(content: bytes) -> str:
    for mark, encoding in _ENCODINGS:
        if content.startswith(mark):
            return encoding
    try:
        content.decode()
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8"


def sweep(folder: Path, subjects: Sequence[Subject], settings: LandingSettings | None = None) -> Result:
    """Lands all subjects into one warehouse in `folder`. `wrong` is empty when every line is accounted for."""
    result = Result()
    inbox, database = folder / "inbox", folder / "w.duckdb"
    inbox.mkdir()
    warehouse = DuckDBWarehouse.open(database, OpenOptions(0, 400 * 2**20, 2))
    try:
        for number, start in enumerate(range(0, len(subjects), _BATCH)):
            batch = subjects[start : start + _BATCH]
            _land(inbox, number, batch, warehouse, settings or LandingSettings(), result)
    finally:
        warehouse.close()
    _audit(take(database), {subject.name: subject for subject in subjects}, result)
    return result


def _land(
    inbox: Path,
    number: int,
    batch: Sequence[Subject],
    warehouse: DuckDBWarehouse,
    settings: LandingSettings,
    result: Result,
) -> None:
    folder = inbox / str(number)
    folder.mkdir()
    for subject in batch:
        (folder / subject.name).write_bytes(subject.content)
    tables = tuple(_table(f"t{at}", subject) for at, subject in enumerate(batch))
    contract = Contract("sweep", f"batch{number}", "1.0.0", "contracts/sweep.odcs.yaml", "", tables)
    done = ingest(IngestRequest((folder,), (contract,), inbox.parent, settings), warehouse, SilentJob())
    for outcome in done.outcomes:
        refused = outcome.status in ("quarantined", "refused")
        malformed = "landed with malformed rows" if outcome.malformed_rows else "landed whole"
        result.fates["refused" if refused else malformed if outcome.status == "landed" else outcome.status] += 1
        if refused:
            result.reasons[_reason(outcome.note)] += 1
    if len(done.outcomes) != len(batch):
        result.wrong.append(f"batch {number}: {len(done.outcomes)} outcomes for {len(batch)} files")


def _table(name: str, subject: Subject) -> Table:
    columns = tuple(
        Column(name=f"c{at}", logical_type="string", description="", header=header)
        for at, header in enumerate(subject.headers)
    )
    glob = "".join(f"[{each}]" if each in "*?[" else each for each in subject.name)
    limit = MalformedLimit(rows=1_000_000)
    return Table(name, "", "", columns, FileSet((glob,)), subject.dialect, max_malformed=limit)


def _reason(note: str) -> str:
    """A refusal's reason without file, figures and quoted parts."""
    said = note.split(": ", 1)[-1].split(" — ")[0]
    return " ".join(word for word in said.split() if not any(sign in word for sign in "0123456789'\""))[:60]


def _audit(snapshot: Snapshot, subjects: dict[str, Subject], result: Result) -> None:
    for name in ("I1", "I2", "I5"):
        result.wrong += [f"{name}: {breach}" for breach in CHECKERS[name](Evidence(snapshot))]
    for entry in snapshot.entries("landed"):
        result.lines += entry["lines"]
        result.malformed_rows += entry["malformed_rows"]
    result.wrong += [
        f"{entry['path']}: quarantined without a reason"
        for entry in snapshot.entries("quarantined")
        if not entry["error"]
    ]
    paths = {entry["file_id"]: Path(entry["path"]).name for entry in snapshot.ledger}
    for line in snapshot.malformed:
        subject = subjects[paths[line["file_id"]]]
        if not subject.content.startswith((b"\x1f\x8b", b"PK")):
            result.wrong += _slice(subject, line)


def _slice(subject: Subject, line: Record) -> Iterator[str]:
    raw = b64decode(line["raw"]) if line["raw_encoding"] == "base64" else line["raw"].encode()
    offset = line["byte_offset"]
    if subject.content[offset : offset + len(raw)] != raw:
        yield f"{subject.name}:{line['line_number']}: not the bytes that stand there"

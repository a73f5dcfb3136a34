"""Random files, read by landing and by Python's csv module: both must find the same rows.

Lines that landing calls malformed are taken out before Python reads; what is left must be well-formed to both. The two
grammars differ in listed ways only: landing (as DuckDB's strict parse) drops spaces beside the quotes of a quoted
field.
"""

from __future__ import annotations

import csv
import io
import random
import re
from base64 import b64decode
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from loaders.contracts.model import Column, Contract, FileSet, MalformedLimit, Table
from loaders.landing.job import IngestRequest, ingest
from loaders.landing.land import LandingSettings
from loaders.warehouses.base import OpenOptions
from loaders.warehouses.duckdb import DuckDBWarehouse
from tests.faults.driver import SilentJob

HEADER = b"a,b,c"
_SPACE_AT_QUOTE = re.compile(rb'" +(?:,|\r|\n|$)|(?:^|,|\n|\r) "')
_TEXTS = ("", "x", "ab c", "é", "🙂", "5' pipe", 'a"b', "NULL", "#x", "\ufeff", " lead", "tail ", "-1", "a\tb")
_QUOTED = ("", "x", "a,b", "two\nlines", "cr\r\nlf", 'say ""hi""', '""', " ", "é\n\n")


@dataclass
class Difference:
    """How many files were compared; disagreements by the listed rule that explains them, and those without one."""

    files: int = 0
    rows: int = 0
    malformed: int = 0
    refused: int = 0
    explained: Counter[str] = field(default_factory=Counter)
    unexplained: list[str] = field(default_factory=list)


def random_file(dice: random.Random) -> bytes:
    """A file of header `a,b,c` and some rows, most of them well-formed."""
    newline = dice.choice((b"\n", b"\n", b"\r\n"))
    damage = dice.choice((0.0, 0.0, 0.02, 0.2))
    lines = [HEADER]
    for _ in range(dice.randrange(12)):
        fields = 3 if dice.random() >= damage else dice.choice((1, 2, 4))
        lines.append(b",".join(_cell(dice, damage) for _ in range(fields)))
        if dice.random() < 0.03:
            lines.append(b"")
    text = newline.join(lines) + (newline if dice.random() < 0.8 else b"")
    return _other_newline(text, newline, dice) if dice.random() < 0.05 else text


def _cell(dice: random.Random, damage: float) -> bytes:
    if dice.random() < damage / 3:
        return dice.choice((b'"open', b'"a"x', b"\xff", b"\0", b'"a" ', b' "a"', b"lone\rcr", b'""x"'))
    if dice.random() < 0.35:
        return b'"' + dice.choice(_QUOTED).encode() + b'"'
    return dice.choice(_TEXTS).encode()


def _other_newline(text: bytes, newline: bytes, dice: random.Random) -> bytes:
    at = dice.randrange(len(text) + 1)
    other = b"\r\n" if newline == b"\n" else b"\n"
    return text[:at] + text[at:].replace(newline, other, 1)


def _contract() -> Contract:
    columns = tuple(Column(name=name, logical_type="string", description="", header=name) for name in "abc")
    table = Table("t", "", "", columns, FileSet(("*.csv",)), max_malformed=MalformedLimit(rows=10**6))
    return Contract("differential", "d", "1.0.0", "contracts/d.odcs.yaml", "", (table,))


def compare(folder: Path, dice: random.Random, files: int, found: Difference, window_bytes: int = 2**20) -> None:
    """Lands so many random files and adds to `found` what comes out."""
    inbox = folder / "inbox"
    inbox.mkdir(parents=True)
    contents = {f"{number:06}.csv": random_file(dice) for number in range(files)}
    for name, content in contents.items():
        (inbox / name).write_bytes(content)
    warehouse = DuckDBWarehouse.open(folder / "w.duckdb", OpenOptions(0, 400 * 2**20, 2))
    try:
        settings = LandingSettings(window_bytes=window_bytes)
        result = ingest(IngestRequest((inbox,), (_contract(),), folder, settings), warehouse, SilentJob())
        rows, malformed = _landed(warehouse)
    finally:
        warehouse.close()
    for outcome in result.outcomes:
        found.files += outcome.status != "skipped"
        found.refused += outcome.status in ("refused", "quarantined")
        if outcome.status == "landed":
            _compare_one(contents[outcome.path], rows.get(outcome.path, []), malformed.get(outcome.path, []), found)


def _landed(warehouse: DuckDBWarehouse) -> tuple[dict[str, list[Any]], dict[str, list[Any]]]:
    rows: dict[str, list[Any]] = {}
    for path, *values in warehouse.query(
        "select path[7:], a, b, c from landing.d__t join landing.ledger on _landed_file_id = file_id "
        "order by path, _row_number"
    ):
        rows.setdefault(str(path), []).append(tuple(values))
    malformed: dict[str, list[Any]] = {}
    for path, *line in warehouse.query(
        "select path[7:], byte_offset, raw, raw_encoding from landing.malformed_rows "
        "join landing.ledger using (file_id) order by path, byte_offset"
    ):
        malformed.setdefault(str(path), []).append(line)
    return rows, malformed


def _compare_one(content: bytes, rows: list[Any], malformed: list[Any], found: Difference) -> None:
    found.rows += len(rows)
    found.malformed += len(malformed)
    rest, done = b"", 0
    for offset, raw, encoding in malformed:
        data = b64decode(raw) if encoding == "base64" else raw.encode()
        rest += content[done:offset]
        done = offset + len(data)
    rest += content[done:]
    if by_python(rest) == rows:
        return
    if _SPACE_AT_QUOTE.search(rest):
        found.explained["spaces beside quotes"] += 1
    else:
        found.unexplained.append(f"{content!r}: landed {rows!r}, Python reads {by_python(rest)!r}")


def by_python(text: bytes) -> list[tuple[str, ...]] | str:
    """The rows behind the header as Python's csv reads them; its complaint where it does not."""
    try:
        read = [tuple(row) for row in csv.reader(io.StringIO(text.decode(), newline=""), strict=True)]
    except (csv.Error, UnicodeDecodeError) as error:
        return str(error)
    return [row for row in read[1:] if row]

"""Two deliveries of files to one contract, with what must land of each file known from how it was made."""

from __future__ import annotations

import gzip
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from loaders.contracts.model import Column, Contract, FileSet, MalformedLimit, Table

Row = tuple[str | None, ...]
Fate = Literal["landed", "quarantined", "refused"]

HEADER = b"id,name,note\n"
# 2020-01-01: far enough back for a file's time to prove that nothing changed, and the same in every copy.
_MODIFIED_NS = 1_577_836_800 * 10**9


@dataclass(frozen=True, slots=True)
class Delivery:
    """One file: its stored bytes, their unpacked text, and the rows that must land of it."""

    name: str
    content: bytes
    text: bytes
    rows: tuple[Row, ...]
    malformed_rows: int = 0
    fate: Fate = "landed"

    @property
    def table(self) -> str:
        return self.name.split("_")[0]


def _table(name: str, **settings: object) -> Table:
    columns = tuple(Column(name=each, logical_type="string", description="", header=each) for each in HEADER_NAMES)
    table = Table(name=name, description="", grain="", columns=columns, files=FileSet((f"{name}_*.csv*",)))
    return replace(table, **settings)  # type: ignore[arg-type]  # the names are Table's own


HEADER_NAMES = ("id", "name", "note")
CONTRACT = Contract(
    "faults",
    "shop",
    "1.0.0",
    "contracts/shop.odcs.yaml",
    "",
    (
        _table("sales", on_file_change="replace"),
        _table("notes", max_malformed=MalformedLimit(rows=3)),
    ),
)


def small(name: str, *ids: int, fate: Fate = "landed") -> Delivery:
    """A file of a few plain rows."""
    text = HEADER + b"".join(b"%d,n%d,\n" % (number, number) for number in ids)
    rows = tuple((str(number), f"n{number}", "") for number in ids) if fate == "landed" else ()
    return Delivery(name, text, text, rows, fate=fate)


def big(name: str, first: int, count: int, *, packed: bool = False, malformed_every: int = 7) -> Delivery:
    """A file of many windows: plain rows, quoted newlines, and lines with a field too few."""
    lines, rows, malformed = [], [], 0
    for number in range(first, first + count):
        if number % malformed_every == 0:
            lines.append(b"broken %d\n" % number)
            malformed += 1
        elif number % 5 == 0:
            lines.append(b'%d,"two\nlines, ""%d""",x\n' % (number, number))
            rows.append((str(number), f'two\nlines, "{number}"', "x"))
        else:
            lines.append(b"%d,n%d,\xc3\xa4\n" % (number, number))
            rows.append((str(number), f"n{number}", "ä"))
    text = HEADER + b"".join(lines)
    content = gzip.compress(text, mtime=0) if packed else text
    return Delivery(name, content, text, tuple(rows), malformed)


def too_broken(name: str) -> Delivery:
    """A file that passes the limit on malformed rows only after some windows."""
    text = HEADER + b"".join(b"%d,a,b\n" % number for number in range(40)) + b"broken\n" * 4
    return Delivery(name, text, text, (), fate="quarantined")


def wrong_header(name: str) -> Delivery:
    text = b"something,else\n1,2\n"
    return Delivery(name, text, text, (), fate="quarantined")


FIRST = (
    small("notes_1.csv", 1, 2),
    small("notes_2.csv", 3),
    small("notes_3.csv", 4, 5, 6),
    wrong_header("notes_4.csv"),
    too_broken("notes_5.csv"),
    small("sales_a.csv", 10, 11),
    big("sales_b.csv", 100, 40),
    big("sales_c.csv.gz", 200, 30, packed=True),
)
"""What comes first, to an empty warehouse."""

SECOND = (
    small("notes_1.csv", 1, 2, 99, fate="refused"),
    FIRST[1],
    FIRST[2],
    FIRST[3],
    FIRST[4],
    small("notes_6.csv", 7),
    small("sales_a.csv", 10, 12, 13),
    big("sales_b.csv", 101, 45, malformed_every=9),
    FIRST[7],
    big("sales_d.csv", 300, 20),
    small("sales_'; drop table ledger; --.csv", 400),
)
"""The folder a day later: a changed small file, a changed big one, one that may not change, and new ones."""

KEPT = (FIRST[0],)
"""Of the first delivery, what stays visible beside the second: the version of the file that may not change."""


def lay(inbox: Path, deliveries: tuple[Delivery, ...]) -> None:
    """Writes the files, all with one time of modification, over what lies there."""
    inbox.mkdir(parents=True, exist_ok=True)
    for delivery in deliveries:
        path = inbox / delivery.name
        path.write_bytes(delivery.content)
        os.utime(path, ns=(_MODIFIED_NS, _MODIFIED_NS))

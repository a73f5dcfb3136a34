"""CSV with a header, RFC 4180 quoting, NULL as nothing and an empty text as `""`; and protection from spreadsheets.

A spreadsheet runs a text that begins with one of `= + - @`, a tab or a carriage return as a formula. `--safe-csv` puts
an apostrophe before such texts. It changes values, so it is on by default only for rejects, which people open by hand.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from loaders.errors import OutputMismatch
from loaders.outputs.formats.files import FileWriter
from loaders.warehouses.parsing import quote_identifier

if TYPE_CHECKING:
    from pathlib import Path

    from loaders.outputs.formats.base import Setting
    from loaders.outputs.model import Column, Partitioning, Relation

# Tab, line feed and carriage return, then = + - @ as they are and in the full width that some spreadsheets fold.
_FORMULA_START: Final = "[\\t\\n\\r=+\\-@\uff1d\uff0b\uff0d\uff20]"


class CsvEncoding:
    suffix = ".csv"
    partitioned = False

    def __init__(self, safe: bool | None) -> None:
        self._safe = safe

    def options(self, _rows_per_group: int) -> str:
        return "format csv, header true"

    def columns(self, relation: Relation, _partitioning: Partitioning | None) -> str:
        """All columns; with protection, texts and headers that look like formulas behind an apostrophe."""
        safe = relation.kind == "rejects" if self._safe is None else self._safe
        return ", ".join(_protected(each) if safe else quote_identifier(each.name) for each in relation.columns)

    def check(self, path: Path, rows: int) -> None:
        with path.open("rb") as file:
            line, quotes = b"", 0
            # A column's name may hold line breaks, within quotes.
            while (quotes % 2 or not line) and (line := file.readline()):
                quotes += line.count(b'"')
            if quotes % 2 or not line.endswith(b"\n") or (rows == 0) != (file.read(1) == b""):
                raise OutputMismatch(f"{path} does not hold a header and {rows:,} rows", hint="run again")
            file.seek(-1, 2)
            if file.read(1) != b"\n":
                raise OutputMismatch(f"{path} ends within a line", hint="run again")


def _protected(column: Column) -> str:
    name = quote_identifier(column.name)
    header = quote_identifier(f"'{column.name}") if re.match(_FORMULA_START, column.name) else name
    if column.type != "VARCHAR" and not column.type.startswith("ENUM"):
        return f"{name} as {header}"
    return f"if(regexp_matches({name}, '^{_FORMULA_START}'), '''' || {name}, {name}) as {header}"


def open_writer(setting: Setting) -> FileWriter:
    """Tables as CSV files."""
    return FileWriter(setting, CsvEncoding(setting.request.safe_csv))

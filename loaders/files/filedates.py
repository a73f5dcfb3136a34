"""Reads the business date out of a file's name, as the contract says where and how it stands there."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from loaders.contracts.formats import parse_format
from loaders.errors import FileRefused

if TYPE_CHECKING:
    from loaders.contracts.formats import DateFormat
    from loaders.contracts.model import FileDate

CENTURY = 2000
"""Of two-digit years, as in the JDK."""


def date_in(relative: str, wanted: FileDate, display: str) -> date:
    """The date that the pattern's first group finds in a relative path.

    Raises FileRefused where there is none, or one that no calendar has: a file without its date cannot be ordered.
    """
    hint = f"name files as the contract says: pattern {wanted.pattern!r}, date format {wanted.format!r}"
    match = re.search(wanted.pattern, relative)
    if match is None or match.lastindex is None:
        raise FileRefused(display, "its name holds no date where the contract expects one", hint=hint)
    try:
        return parsed(match[1], parse_format(wanted.format, "date"))
    except ValueError as error:
        raise FileRefused(display, f"{match[1]!r} in its name is no date", hint=hint) from error


def parsed(text: str, format_: DateFormat) -> date:
    """`text` read by `format_`. Raises ValueError."""
    groups = "".join(
        f"(?P<{token.kind}>{token.regex})" if token.kind in ("year", "month", "day") else token.regex
        for token in format_.tokens
    )
    match = re.fullmatch(groups, text, re.ASCII)
    if match is None:
        raise ValueError(f"{text!r} has not the format {format_.pattern}")
    year = int(match["year"])
    return date(year + CENTURY if len(match["year"]) == 2 else year, int(match["month"]), int(match["day"]))

"""Names and values as Spark SQL text.

Values stand in the statement itself: a Databricks warehouse takes at most 255 parameters and 1 MB of them, and some
servers that speak Spark's protocol take none in a MERGE. Whatever is not plain travels as base64, whose letters mean
nothing to the parser, so that no value can become code whatever `spark.sql.parser.escapedStringLiterals` says.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterator, Sequence
from typing import Final

_PLAIN: Final = re.compile(r"[A-Za-z0-9_ .:/=+@%,-]*")
# A `?` is a parameter unless it stands in a text, a quoted name or a comment.
_TOKEN: Final = re.compile(
    r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`(?:[^`]|``)*`|--[^\n]*|/\*.*?\*/|(?P<mark>\?)""", re.DOTALL
)


def quote(identifier: str) -> str:
    """An identifier for Spark SQL."""
    return "`" + identifier.replace("`", "``") + "`"


def literal(value: object) -> str:
    """A text, a number or None as SQL."""
    if value is None:
        return "null"
    if isinstance(value, (bool, int)):
        return str(value).lower()
    text = str(value)
    if _PLAIN.fullmatch(text):
        return f"'{text}'"
    return f"decode(unbase64('{b64encode(text.encode()).decode()}'), 'UTF-8')"


def bound(sql: str, parameters: Sequence[object]) -> str:
    """The statement with a literal for each `?`. Raises ValueError where their numbers differ."""
    if not parameters:
        return sql
    values: Iterator[object] = iter(parameters)
    taken = 0

    def put(match: re.Match[str]) -> str:
        nonlocal taken
        if match["mark"] is None:
            return match[0]
        taken += 1
        return literal(next(values, None))

    text = _TOKEN.sub(put, sql)
    if taken != len(parameters):
        raise ValueError(f"{len(parameters)} values for {taken} parameters: {sql}")
    return text


def texts(values: Sequence[str]) -> str:
    """Texts parted by commas, as for `in (…)`."""
    return ", ".join(map(literal, values))


def records(rows: Sequence[dict[str, object]]) -> str:
    """Something to select `entry['column']` from, each value as text, for as many rows as a statement's text may be."""
    plain = [{name: None if value is None else str(value) for name, value in row.items()} for row in rows]
    text = b64encode(json.dumps(plain).encode()).decode()
    parsed = f"from_json(decode(unbase64('{text}'), 'UTF-8'), 'array<map<string,string>>')"
    return f"(select explode({parsed}) as entry) as sent"

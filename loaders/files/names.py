"""Globs of a contract and names of files: what matches, and how a name is shown."""

from __future__ import annotations

import os
import re
from functools import lru_cache

PACKED_SUFFIXES = r"(?:\.(?:gz|zst|zip))?"
"""A glob for plain files also names their packed form: packing is settled by magic bytes, not by the contract."""

UNSHOWABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\\]")


def display_of(path: str) -> str:
    """`path` with `/` between folders; bytes that are no UTF-8, control characters and backslashes escaped.

    No two paths are shown alike.
    """
    escaped = UNSHOWABLE.sub(_escaped, path)
    return os.fsencode(escaped).decode("utf-8", "backslashreplace")


def _escaped(match: re.Match[str]) -> str:
    return "\\\\" if match[0] == "\\" else match[0].encode("unicode_escape").decode()


def matches(glob: str, relative: str) -> bool:
    """Whether `glob` names the file at `relative`: on its name alone, or on the whole path where the glob has a `/`.

    `*` and `?` stop at `/`, `**/` is any number of folders, `[abc]` `[a-z]` `[!a]` one character; case counts.
    """
    subject = relative if "/" in glob else relative.rpartition("/")[2]
    return _compiled(glob).fullmatch(subject) is not None


@lru_cache(maxsize=1024)
def _compiled(glob: str) -> re.Pattern[str]:
    pieces: list[str] = []
    position = 0
    while position < len(glob):
        piece, position = _translated(glob, position)
        pieces.append(piece)
    return re.compile("".join(pieces) + PACKED_SUFFIXES, re.DOTALL)


def _translated(glob: str, position: int) -> tuple[str, int]:
    """The regex for what stands at `position`, and where the rest begins."""
    if glob.startswith("**/", position):
        return "(?:[^/]+/)*", position + 3
    if glob.startswith("**", position):
        return ".*", position + 2
    char = glob[position]
    if char == "[":
        close = glob.find("]", position + 2)
        if close > 0:
            inside = glob[position + 1 : close].replace("\\", "\\\\").replace("[", "\\[")
            negated = inside.startswith(("!", "^"))
            return f"[{'^/' + inside[1:] if negated else inside}]", close + 1
    return {"*": "[^/]*", "?": "[^/]"}.get(char, re.escape(char)), position + 1

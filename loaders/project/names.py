"""Names that models need beside the contract's own: of texts beside values, flags and ranks.

A column's name never begins with `_`, so none of these is one.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final

MAX_NAME: Final = 63
"""Postgres cuts longer names off without a word."""


def plain_name(*parts: str) -> str:
    """The parts joined by `__` behind one `_`."""
    return f"_{'__'.join(parts)}"


def short_name(*parts: str) -> str:
    """As `plain_name`; a name that is too long, or that other parts give too, ends in a hash of the parts instead."""
    name = plain_name(*parts)
    ambiguous = any("__" in part for part in parts)
    if len(name) <= MAX_NAME and not ambiguous:
        return name
    told_apart = ", ".join(parts) if ambiguous else name
    return f"{name[: MAX_NAME - 9]}_{sha256(told_apart.encode()).hexdigest()[:8]}"

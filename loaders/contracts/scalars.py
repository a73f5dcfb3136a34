"""What a plain YAML scalar means, and which ones are refused because YAML 1.1 and 1.2 disagree about them.

Only what both read alike is taken as null, boolean or number; numbers keep their exact value.
"""

from __future__ import annotations

import re
from decimal import Decimal

MAX_DIGITS = 78
"""As many as the widest decimal of any engine holds (BigQuery BIGNUMERIC: 77), and a sign."""

# Python's `re` is safe here: these are our own patterns, none nests a repetition.
_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+")
_TRAPS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"y|Y|yes|Yes|YES|n|N|no|No|NO|on|On|ON|off|Off|OFF|True|TRUE|False|FALSE"),
        "YAML 1.1 reads it as a boolean",
    ),
    (re.compile(r"Null|NULL"), "YAML reads it as null"),
    (re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?"), "YAML 1.1 reads it as a number in base 60"),
    (re.compile(r"[-+]?0[0-9_]+(\.[0-9_]*)?"), "YAML 1.1 reads a leading zero as octal"),
    (re.compile(r"[-+]?0(x[0-9a-fA-F_]+|o[0-7]+|b[01_]+)"), "YAML reads it as a number in another base"),
    (
        re.compile(r"[-+]?(\.[0-9][0-9_]*|[0-9][0-9_]*(\.[0-9_]*)?)([eE][-+]?[0-9]+)?"),
        "YAML 1.1 and 1.2 disagree whether it is a number",
    ),
    (re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"), "YAML reads it as a special number"),
    (re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?"), "YAML 1.1 reads it as a date"),
    (re.compile(r"="), "YAML 1.1 gives it a special meaning"),
)


def plain_value(text: str) -> str | bool | int | Decimal | None:
    """The value of an unquoted scalar that is no trap: exact numbers, booleans, null, else the text itself."""
    if text in ("", "~", "null"):
        return None
    if text in ("true", "false"):
        return text == "true"
    if _INTEGER.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return Decimal(text)
    return text


def trap(text: str) -> str | None:
    """Why the unquoted scalar `text` is ambiguous, or None when every YAML version reads it alike."""
    if _INTEGER.fullmatch(text) or _DECIMAL.fullmatch(text):
        return None if len(text) <= MAX_DIGITS else f"it has more than {MAX_DIGITS} digits"
    for pattern, reason in _TRAPS:
        if pattern.fullmatch(text):
            return reason
    return None

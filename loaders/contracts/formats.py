"""JDK date patterns → tokens that every engine can be told, or a refusal saying what is supported.

Only the tokens whose meaning does not hang on a language or a calendar are taken. Each has a fixed reading:
`yy` is 2000 to 2099 as in the JDK, one letter (`M d H m s`) takes one or two digits, `S` repeated takes that many.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from loaders.errors import DataRefused

Kind = Literal["literal", "year", "month", "day", "hour", "minute", "second", "fraction", "offset"]

SUPPORTED = "yyyy yy MM M dd d HH H mm m ss s S…SSSSSS X XX XXX, punctuation, and 'text' in quotes"
MAX_FRACTION = 6
"""Microseconds: as fine as timestamps are on DuckDB, Postgres, BigQuery and Spark."""
_KINDS: dict[str, tuple[Kind, tuple[int, ...]]] = {
    "y": ("year", (4, 2)),
    "u": ("year", (4,)),
    "M": ("month", (2, 1)),
    "d": ("day", (2, 1)),
    "H": ("hour", (2, 1)),
    "m": ("minute", (2, 1)),
    "s": ("second", (2, 1)),
    "S": ("fraction", tuple(range(1, MAX_FRACTION + 1))),
    "X": ("offset", (1, 2, 3)),
}
"""Letter of a JDK pattern → what it reads and how often it may stand in a row."""
_DATE: tuple[Kind, ...] = ("year", "month", "day")
_TIME: tuple[Kind, ...] = ("hour", "minute", "second", "fraction")
_OFFSETS = {
    1: "(Z|[+-][0-9]{2}([0-9]{2})?)",
    2: "(Z|[+-][0-9]{4})",
    3: "(Z|[+-][0-9]{2}:[0-9]{2})",
}
_TO_ESCAPE = frozenset("\\^$.*+?()[]{}|")


@dataclass(frozen=True, slots=True)
class Token:
    """`width` letters of one kind, or literal `text` of width 0."""

    kind: Kind
    width: int = 0
    text: str = ""

    @property
    def regex(self) -> str:
        """A portable pattern for exactly the texts the token takes, as far as their digits go."""
        if self.kind == "literal":
            return "".join(f"\\{char}" if char in _TO_ESCAPE else char for char in self.text)
        if self.kind == "offset":
            return _OFFSETS[self.width]
        if self.width == 1 and self.kind != "fraction":
            return "[0-9]{1,2}"
        return f"[0-9]{{{self.width}}}"


@dataclass(frozen=True, slots=True)
class DateFormat:
    """A date pattern taken apart; adjoining literals are one token."""

    pattern: str
    tokens: tuple[Token, ...]

    @property
    def regex(self) -> str:
        """An anchored portable pattern: a text that does not match it has not this format.

        It looks at digits and punctuation only; 31 February passes it.
        """
        return f"^{''.join(token.regex for token in self.tokens)}$"

    def has(self, kind: Kind) -> bool:
        return any(token.kind == kind for token in self.tokens)


def parse_format(pattern: str, logical_type: str, timezone: bool = False) -> DateFormat:
    """The tokens of `pattern` for a column of `logical_type` (date, timestamp or time).

    Raises DataRefused for a token that cannot be translated or a pattern that does not fit the type.
    """
    format_ = DateFormat(pattern, _joined(_tokens(pattern)))
    _check_adjoining(format_)
    _check_repeats(format_)
    _check_type(format_, logical_type, timezone)
    return format_


def _refused(pattern: str, what: str, hint: str) -> DataRefused:
    return DataRefused(f"date format `{pattern}` {what}", hint=hint)


def _tokens(pattern: str) -> list[Token]:
    tokens: list[Token] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        if char == "'":
            text, at = _quoted(pattern, at)
            tokens.append(Token("literal", text=text))
        elif char.isascii() and char.isalpha():
            end = at
            while pattern[end : end + 1] == char:
                end += 1
            tokens.append(_letters(pattern, char, end - at))
            at = end
        elif char in "[]{}#" or not char.isprintable():
            raise _refused(pattern, f"holds `{char}`, which the JDK reserves", f"supported: {SUPPORTED}")
        else:
            tokens.append(Token("literal", text=char))
            at += 1
    return tokens


def _letters(pattern: str, char: str, count: int) -> Token:
    kind, widths = _KINDS.get(char, ("literal", ()))
    if count not in widths:
        raise _refused(pattern, f"holds `{char * count}`, which cannot be translated", f"supported: {SUPPORTED}")
    return Token(kind, count)


def _quoted(pattern: str, start: int) -> tuple[str, int]:
    """The text of the quoted literal at `start` and where it ends; two quotes are one."""
    if pattern.startswith("''", start):
        return "'", start + 2
    text, at = "", start + 1
    while at < len(pattern):
        if pattern.startswith("''", at):
            text += "'"
            at += 2
        elif pattern[at] == "'":
            return text, at + 1
        else:
            text += pattern[at]
            at += 1
    raise _refused(pattern, "has a quote that is not closed", "close it, or write '' for one quote")


def _joined(tokens: list[Token]) -> tuple[Token, ...]:
    joined: list[Token] = []
    for token in tokens:
        if token.kind == "literal" and joined and joined[-1].kind == "literal":
            joined[-1] = Token("literal", text=joined[-1].text + token.text)
        else:
            joined.append(token)
    return tuple(joined)


def _check_adjoining(format_: DateFormat) -> None:
    for left, right in zip(format_.tokens, format_.tokens[1:], strict=False):
        open_ended = left.width == 1 and left.kind not in ("literal", "fraction", "offset")
        digits_follow = right.kind not in ("literal", "offset") or right.text[:1].isdigit()
        if open_ended and digits_follow:
            raise _refused(
                format_.pattern, f"does not say where the {left.kind} ends", "use two letters or put a mark between"
            )


def _check_repeats(format_: DateFormat) -> None:
    kinds = [token.kind for token in format_.tokens if token.kind != "literal"]
    for kind in kinds:
        if kinds.count(kind) > 1:
            raise _refused(format_.pattern, f"reads the {kind} twice", "keep one of the two")


def _check_type(format_: DateFormat, logical_type: str, timezone: bool) -> None:
    pattern = format_.pattern
    needed = {"date": _DATE, "timestamp": _DATE, "time": ("hour", "minute")}[logical_type]
    missing = [kind for kind in needed if not format_.has(kind)]
    if missing:
        raise _refused(pattern, f"reads no {' and no '.join(missing)}", f"a {logical_type} needs {', '.join(needed)}")
    if logical_type == "date" and any(format_.has(kind) for kind in (*_TIME, "offset")):
        raise _refused(pattern, "reads a time, which a date would lose", "make the column a timestamp")
    if logical_type == "time" and any(format_.has(kind) for kind in (*_DATE, "offset")):
        raise _refused(pattern, "reads a date or an offset, which a time would lose", "make the column a timestamp")
    for finer, coarser in zip(_TIME[1:], _TIME, strict=False):
        if format_.has(finer) and not format_.has(coarser):
            raise _refused(pattern, f"reads a {finer} and no {coarser}", f"add the {coarser}")
    if format_.has("offset") and not timezone:
        raise _refused(
            pattern, "reads an offset, which the column would lose", "set logicalTypeOptions.timezone to true"
        )

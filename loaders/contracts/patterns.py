"""The regular expressions a contract may use: those that mean the same on every engine.

The subset lies inside ECMA-262, RE2 (DuckDB, BigQuery), POSIX in RE2 (Snowflake), Postgres' ARE and Java (Spark). What
one of them reads otherwise is refused and the hint says what to write; a pattern is never rewritten, so that the text
in the contract is the text that runs. `docs/contracts.md` holds the table of what is in and out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from loaders.errors import DataRefused

if TYPE_CHECKING:
    import duckdb

MAX_REPEAT = 255
"""Postgres refuses more in one repetition (DUPMAX)."""
MAX_NESTED_REPEAT = 1000
"""RE2 refuses more over nested repetitions."""
MAX_LENGTH = 1000

_PUNCTUATION = frozenset("\\^$.*+?()[]{}|/-")
_WHITESPACE = frozenset("ntrf")
_CLASSES = {
    "d": "[0-9]",
    "D": "[^0-9]",
    "w": "[0-9A-Za-z_]",
    "W": "[^0-9A-Za-z_]",
    "s": "[ \\t\\n\\r\\f]",
    "S": "[^ \\t\\n\\r\\f]",
}
_ANCHORS = {"A": "^", "Z": "$", "z": "$", "b": "the characters around the word", "B": "the characters around the word"}


@dataclass(frozen=True, slots=True)
class PatternFacts:
    """`groups` in the pattern; whether it is `anchored` at both ends."""

    groups: int
    anchored: bool


def pattern_facts(text: str) -> PatternFacts:
    """What is to know of a portable pattern. Raises DataRefused, naming the place inside `text`, for any other."""
    facts = _Scan(text).run()
    complaint = _re2_complaint(text)
    if complaint is not None:
        raise DataRefused(f"pattern does not compile: {complaint}", hint="simplify it")
    return facts


@lru_cache(maxsize=1024)
def _re2_complaint(text: str) -> str | None:
    import duckdb

    try:
        _re2().execute("select regexp_matches('', ?)", [text])
    except duckdb.Error as error:
        return str(error).splitlines()[0]
    return None


@lru_cache(maxsize=1)
def _re2() -> duckdb.DuckDBPyConnection:
    """DuckDB in memory, asked for nothing but its RE2; opening it anew for each pattern takes 30 ms."""
    import duckdb

    return duckdb.connect(":memory:", config={"threads": 1})


class _Scan:
    """One pass over a pattern from left to right; groups are kept on a stack, so nothing recurses."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.groups = 0
        self.atom = False
        """Whether something stands before `at` that a repetition can take."""
        self.branch_empty = True
        self.anchors: set[str] = set()
        self.alternatives = False
        """Whether the pattern as a whole, not only a group in it, is made of alternatives."""
        self.open: list[int] = []
        self.heaviest: list[int] = [1]
        """Per open group, the largest product of nested repetitions inside it so far."""
        self.weight = 1
        """That product for the atom before `at`."""

    def run(self) -> PatternFacts:
        if not self.text:
            raise self.refused("is empty", "leave the pattern out")
        if len(self.text) > MAX_LENGTH:
            raise self.refused(f"has more than {MAX_LENGTH} characters", "use an enum or shorten it")
        while self.at < len(self.text):
            self.step(self.text[self.at])
        if self.open:
            self.at = self.open[-1]
            raise self.refused("opens a group that is not closed", "close it with `)`")
        self.end_branch()
        if self.alternatives and self.anchors:
            raise self.refused("has an anchor in one alternative only", "write `^(a|b)$` with a group")
        return PatternFacts(self.groups, self.anchors == {"^", "$"})

    def step(self, char: str) -> None:
        if char == "(":
            self.open_group()
        elif char == ")":
            self.close_group()
        elif char == "|":
            self.alternative()
        elif char == "[":
            self.take_class()
        elif char in "*+?{":
            self.repeat(char)
        elif char == "\\":
            self.escape()
        elif char in "^$":
            self.anchor(char)
        elif char == ".":
            raise self.refused(
                "holds `.`, which takes a line break on some engines only",
                "write `\\.` for a dot, `[^\\n]` for any other character",
            )
        elif char in "]}":
            raise self.refused(f"holds a `{char}` that closes nothing", f"write `\\{char}`")
        else:
            self.take_atom(1)

    def refused(self, what: str, hint: str) -> DataRefused:
        return DataRefused(f"pattern {what} (character {self.at + 1})", hint=hint)

    def take_atom(self, length: int) -> None:
        self.at += length
        self.atom, self.branch_empty, self.weight = True, False, 1

    def open_group(self) -> None:
        if self.text.startswith("(?", self.at):
            raise self.refused(
                "holds `(?`: look-around, flags, atomic and non-capturing groups differ between engines",
                "use a plain group `( )`",
            )
        self.open.append(self.at)
        self.heaviest.append(1)
        self.groups += 1
        self.at += 1
        self.atom, self.branch_empty = False, True

    def close_group(self) -> None:
        if not self.open:
            raise self.refused("holds a `)` that closes nothing", "write `\\)`")
        self.end_branch()
        self.open.pop()
        inner = self.heaviest.pop()
        self.take_atom(1)
        self.note_weight(inner)

    def alternative(self) -> None:
        self.end_branch()
        self.alternatives = self.alternatives or not self.open
        self.at += 1
        self.atom, self.branch_empty = False, True

    def end_branch(self) -> None:
        if self.branch_empty:
            raise self.refused("has an empty alternative or group", "use `?` for what may be missing")

    def note_weight(self, weight: int) -> None:
        self.weight = weight
        self.heaviest[-1] = max(self.heaviest[-1], weight)

    def repeat(self, char: str) -> None:
        if not self.atom:
            raise self.refused(f"repeats nothing with `{char}`", f"write `\\{char}` for the character itself")
        length, times = self.braces() if char == "{" else (1, 1)
        if self.weight * times > MAX_NESTED_REPEAT:
            raise self.refused(
                f"repeats more than {MAX_NESTED_REPEAT} times over nested groups", "limit the text with maxLength"
            )
        self.note_weight(self.weight * times)
        self.at += length
        self.atom = False
        following = self.text[self.at : self.at + 1]
        if following in ("*", "+", "?", "{"):
            raise self.refused(
                "repeats a repetition (lazy `?`, possessive `+` or twice)", "one repetition is enough to match"
            )

    def braces(self) -> tuple[int, int]:
        """Length of `{n}`, `{n,}` or `{n,m}` and its largest count."""
        end = self.text.find("}", self.at)
        low, _, high = self.text[self.at + 1 : end].partition(",") if end >= 0 else ("", "", "")
        if not _is_count(low) or (high and not _is_count(high)):
            raise self.refused("holds a `{` that begins no repetition", "write `\\{` for the character itself")
        counts = [int(low), int(high or low)]
        if counts[0] > counts[1]:
            raise self.refused("repeats from more to less", "write the smaller number first")
        if max(counts) > MAX_REPEAT:
            raise self.refused(
                f"repeats more than {MAX_REPEAT} times, which Postgres refuses", "limit the text with maxLength"
            )
        return end - self.at + 1, max(1, counts[1])

    def anchor(self, char: str) -> None:
        if char == "^" and self.at > 0:
            raise self.refused("holds `^` after its first character", "anchor the whole pattern, or write `\\^`")
        if char == "$" and self.at < len(self.text) - 1:
            raise self.refused("holds `$` before its last character", "anchor the whole pattern, or write `\\$`")
        self.at += 1
        self.anchors.add(char)
        self.atom, self.branch_empty = False, False

    def escape(self) -> None:
        char = self.text[self.at + 1 : self.at + 2]
        self.check_escape(char)
        self.take_atom(2)

    def check_escape(self, char: str) -> None:
        if char in _PUNCTUATION or char in _WHITESPACE:
            return
        if char in _CLASSES:
            raise self.refused(
                f"holds `\\{char}`, which takes other characters on some engines", f"write `{_CLASSES[char]}`"
            )
        if char in _ANCHORS:
            raise self.refused(f"holds `\\{char}`, which some engines do not know", f"write {_ANCHORS[char]}")
        if char in ("p", "P"):
            raise self.refused("holds a Unicode property, which differs between engines", "list the characters")
        if char.isdigit():
            raise self.refused("holds a back-reference, which RE2 does not know", "check it in a dbt test")
        if not char:
            raise self.refused("ends in a single backslash", "write `\\\\` for the character itself")
        raise self.refused(f"holds `\\{char}`, which is not portable", "write the character itself")

    def take_class(self) -> None:
        start = self.at
        self.at += 1
        if self.text.startswith("^", self.at):
            self.at += 1
        if self.text.startswith("]", self.at):
            raise self.refused("holds an empty class or one that begins with `]`", "write `\\]` for the character")
        first, previous = self.at, None
        while not self.text.startswith("]", self.at):
            if self.at >= len(self.text):
                raise self.unclosed_class(start)
            previous = self.class_item(previous, self.at == first)
        length = self.at + 1 - start
        self.at = start
        self.take_atom(length)

    def unclosed_class(self, start: int) -> DataRefused:
        self.at = start
        return self.refused("opens a class that is not closed", "close it with `]`")

    def class_item(self, previous: str | None, is_first: bool) -> str | None:
        """Takes one character or the right side of a range; returns what could begin a range."""
        is_hyphen = self.text[self.at] == "-"
        if is_hyphen and not is_first and not self.text.startswith("-]", self.at):
            # After a range a hyphen is read in different ways.
            if previous is None:
                raise self.refused("has a `-` after a range", "write `\\-`")
            self.at += 1
            last = self.class_char()
            if last < previous:
                raise self.refused("has a range from a later to an earlier character", "turn it round")
            return None
        return self.class_char()

    def class_char(self) -> str:
        char = self.text[self.at : self.at + 1]
        if not char:
            raise self.refused("opens a class that is not closed", "close it with `]`")
        if char == "[":
            raise self.refused("holds `[` in a class, which begins a POSIX class or a union", "write `\\[`")
        if self.text.startswith("&&", self.at):
            raise self.refused("holds `&&` in a class, which Java reads as an intersection", "write `&` once")
        if char == "\\":
            self.at += 1
            char = self.text[self.at : self.at + 1]
            self.at -= 1
            self.check_escape(char)
            self.at += 1
            char = {"n": "\n", "t": "\t", "r": "\r", "f": "\f"}.get(char, char)
        self.at += 1
        return char


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 6

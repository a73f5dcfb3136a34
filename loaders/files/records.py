"""Tells records from malformed lines, in plain bytes and fast enough for whole files.

Runs of good records are matched by one regex call each; only what stops a run is looked at by itself. Where the data
is cut makes no difference to the verdict: a record that may go on past the data is left unconsumed.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from loaders.files.explain import Fault, Text, explain
from loaders.files.fastway import must_scan
from loaders.files.grammar import OTHER_NEWLINE, grammar_of
from loaders.files.hazards import Hazard, hazards_of
from loaders.files.shapes import Kind, Malformed, RecordShape

__all__ = ["Scan", "must_scan", "scan"]

HAZARD_MESSAGES: dict[Kind, str] = {
    "nul": "a NUL byte at byte {0} of the line",
    "encoding": "byte {0} of the line is not valid in the file's encoding",
    "header_row": "the header again",
    "too_long": "a line longer than the longest accepted one",
}


@dataclass(frozen=True, slots=True)
class Scan:
    """What stands in a window of text.

    `good` are byte ranges of the scanned data holding only well-formed records; `records` and `record_lines` count
    what they hold. The ranges in `uneven` (among `good`) end records with another newline than the shape's: hand
    `good_text` to a parser, not the ranges. `consumed` is less than the data only where an unfinished record stands
    at the end (never when `last`) or where `most_malformed` was reached. The bytes add up: consumed = good + raw of
    the malformed + blank + comment.
    """

    good: tuple[tuple[int, int], ...]
    uneven: frozenset[tuple[int, int]]
    newline: bytes
    records: int
    record_lines: int
    blank_lines: int
    blank_bytes: int
    comment_lines: int
    comment_bytes: int
    malformed: tuple[Malformed, ...]
    consumed: int
    good_text: bytes
    """The good records alone, each ending with the shape's newline, the last one too."""


def scan(
    data: bytes,
    shape: RecordShape,
    *,
    last: bool,
    first_line_number: int,
    byte_start: int,
    most_malformed: int | None = None,
) -> Scan:
    """Split `data`, which starts at a record's start, into good ranges, blank and comment lines, malformed lines.

    `last` says that the file ends with `data`; otherwise `data` ends after a newline. `first_line_number` and
    `byte_start` say where `data` stands in its file. Stops early after `most_malformed` malformed entries.
    """
    grammar = grammar_of(shape)
    text = Text(data, shape, grammar, last)
    scanner = _Scanner(text, hazards_of(data, shape, grammar), first_line_number, byte_start)
    enough = len(data) + 1 if most_malformed is None else most_malformed
    while scanner.position < len(data) and len(scanner.malformed) < enough:
        if not scanner.step():
            break
    return scanner.result()


@dataclass(slots=True)
class _Scanner:
    text: Text
    hazards: tuple[Hazard, ...]
    line: int
    byte_start: int
    position: int = 0
    good: list[tuple[int, int]] = field(default_factory=list)
    uneven: set[tuple[int, int]] = field(default_factory=set)
    records: int = 0
    record_lines: int = 0
    blank_lines: int = 0
    blank_bytes: int = 0
    comment_lines: int = 0
    comment_bytes: int = 0
    malformed: list[Malformed] = field(default_factory=list)

    def step(self) -> bool:
        """Consume whatever stands at the position; False where only more data can tell what it is."""
        bound = self._bound()
        return self._run(bound) or self._uneven_run(bound) or self._blank() or self._comment() or self._record()

    def result(self) -> Scan:
        return Scan(
            good=tuple(self.good),
            uneven=frozenset(self.uneven),
            newline=self.text.shape.newline,
            records=self.records,
            record_lines=self.record_lines,
            blank_lines=self.blank_lines,
            blank_bytes=self.blank_bytes,
            comment_lines=self.comment_lines,
            comment_bytes=self.comment_bytes,
            malformed=tuple(self.malformed),
            consumed=self.position,
            good_text=self._good_text(),
        )

    def _good_text(self) -> bytes:
        data, newline = self.text.data, self.text.shape.newline
        if self.good == [(0, len(data))] and not self.uneven and data.endswith(newline):
            return data
        other = OTHER_NEWLINE.get(newline, b"")
        pieces = [
            data[start:end].replace(other, newline) if (start, end) in self.uneven else data[start:end]
            for start, end in self.good
        ]
        if pieces and not pieces[-1].endswith(newline):
            # Only at the end of a file can a record lack its newline, or have lost half of it.
            pieces[-1] = pieces[-1].removesuffix(b"\r") if newline == b"\r\n" else pieces[-1]
            pieces.append(newline)
        return b"".join(pieces)

    def _bound(self) -> int:
        """The start of the next line with a hazard: a run must not go past it unseen."""
        nearest = min(hazard.at(self.position) for hazard in self.hazards)
        if nearest >= len(self.text.data):
            return len(self.text.data)
        return max(self.text.data.rfind(self.text.grammar.line_end, self.position, nearest) + 1, self.position)

    def _run(self, bound: int) -> bool:
        match = self.text.grammar.run.match(self.text.data, self.position, bound)
        if match is None or match.end() == self.position:
            return False
        lines = self._lines_to(match.end())
        self._accept(match.end(), records=lines, lines=lines)
        return True

    def _uneven_run(self, bound: int) -> bool:
        pattern = self.text.grammar.uneven_run
        match = pattern.match(self.text.data, self.position, bound) if pattern else None
        if match is None:
            return False
        self.uneven.add((self.position, match.end()))
        lines = self._lines_to(match.end())
        self._accept(match.end(), records=lines, lines=lines)
        return True

    def _blank(self) -> bool:
        shape = self.text.shape
        if shape.fields == 1 and shape.blank_lines == "row":
            return False
        match = self.text.grammar.blank.match(self.text.data, self.position)
        if match is None:
            return False
        lines = self._lines_to(match.end())
        self.blank_lines += lines
        self.blank_bytes += match.end() - self.position
        self._advance(match.end(), lines)
        return True

    def _comment(self) -> bool:
        comment = self.text.shape.comment
        if not comment or not self.text.data.startswith(comment, self.position):
            return False
        found = self.text.data.find(self.text.grammar.line_end, self.position)
        end = found + 1 if found >= 0 else len(self.text.data)
        self.comment_lines += 1
        self.comment_bytes += end - self.position
        self._advance(end, 1)
        return True

    def _record(self) -> bool:
        """One record that spans lines, ends with the data or stands at a hazard; or a fault."""
        text, shape = self.text, self.text.shape
        # Two bytes more than the longest record: its newline.
        reach = min(len(text.data), self.position + shape.max_line_bytes + 2)
        pattern = text.grammar.final if text.final and reach == len(text.data) else text.grammar.record
        match = pattern.match(text.data, self.position, reach)
        if match is None or match.end(1) - self.position > shape.max_line_bytes:
            return self._reject(explain(text, self.position))
        hazard = self._hazard_within(match.end())
        if hazard is not None:
            return self._reject(Fault(match.end(), hazard.kind, self._message(hazard)))
        self._accept_one(match.end(1), match.end())
        return True

    def _hazard_within(self, end: int) -> Hazard | None:
        for hazard in self.hazards:
            found = hazard.at(self.position)
            if found == self.position or (found < end and not hazard.at_start_only):
                return hazard
        return None

    def _message(self, hazard: Hazard) -> str:
        found = hazard.at(self.position)
        line_start = self.text.data.rfind(self.text.grammar.line_end, self.position, found) + 1
        return HAZARD_MESSAGES[hazard.kind].format(found - max(line_start, self.position) + 1)

    def _reject(self, fault: Fault | None) -> bool:
        if fault is None:
            return False
        raw = self.text.data[self.position : fault.end]
        lines = self._lines_to(fault.end)
        self.malformed.append(
            Malformed(self.line, self.byte_start + self.position, raw, fault.kind, fault.message, lines)
        )
        self._advance(fault.end, lines)
        return True

    def _accept_one(self, text_end: int, end: int) -> None:
        lines = self._lines_to(end)
        newline = self.text.data[text_end:end]
        if newline in (self.text.shape.newline, b"") or (end == len(self.text.data) and newline == b"\r"):
            self._accept(end, records=1, lines=lines)
            return
        # The newline alone is a range of its own: newlines inside the record's quotes must stay as they are.
        self._accept(text_end, records=1, lines=lines - 1)
        self.uneven.add((text_end, end))
        self._accept(end, records=0, lines=1)

    def _accept(self, end: int, *, records: int, lines: int) -> None:
        joins = self.good and self.good[-1][1] == self.position and self.good[-1] not in self.uneven
        if joins and (self.position, end) not in self.uneven:
            self.good[-1] = (self.good[-1][0], end)
        else:
            self.good.append((self.position, end))
        self.records += records
        self.record_lines += lines
        self._advance(end, lines)

    def _advance(self, end: int, lines: int) -> None:
        self.line += lines
        self.position = end

    def _lines_to(self, end: int) -> int:
        """Physical lines between the position and `end`; a last line without newline counts."""
        newlines = self.text.data.count(self.text.grammar.line_end, self.position, end)
        ends_line = self.text.data[end - 1 : end] == self.text.grammar.line_end
        return newlines if ends_line else newlines + 1

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
    what they hold. Hand `good_text` to a parser, not the ranges: records may end with another newline than the
    shape's, or be blank lines that count as rows. `consumed` is less than the data only where an unfinished record
    stands at the end (never when `last`) or where `most_malformed` was reached. The bytes add up: consumed = good +
    raw of the malformed + blank + comment.
    """

    good: tuple[tuple[int, int], ...]
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
    nearest: int = -1
    bound: int = 0
    good: list[tuple[int, int]] = field(default_factory=list)
    rewritten: dict[tuple[int, int], bytes] = field(default_factory=dict)
    records: int = 0
    record_lines: int = 0
    blank_lines: int = 0
    blank_bytes: int = 0
    comment_lines: int = 0
    comment_bytes: int = 0
    malformed: list[Malformed] = field(default_factory=list)

    def step(self) -> bool:
        """Consume a run of records and what ends it; False where only more data can tell what that is."""
        self._run()
        if self.position == len(self.text.data):
            return True
        return self._blank() or self._comment() or self._record()

    def result(self) -> Scan:
        return Scan(
            good=tuple(self.good),
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
        if self.good == [(0, len(data))] and not self.rewritten and data.endswith(newline):
            return data
        pieces = [self.rewritten.get((start, end), data[start:end]) for start, end in self.good]
        if pieces and not pieces[-1].endswith(newline):
            # Only at the end of a file can a record lack its newline, or have lost half of it.
            pieces[-1] = pieces[-1].removesuffix(b"\r") if newline == b"\r\n" else pieces[-1]
            pieces.append(newline)
        return b"".join(pieces)

    def _look_ahead(self) -> None:
        """Find the next hazard, and the start of its line: a run must not go past that unseen."""
        data = self.text.data
        if self.nearest < self.position:
            self.nearest = min(hazard.at(self.position) for hazard in self.hazards)
            self.bound = len(data)
            if self.nearest < len(data):
                self.bound = data.rfind(self.text.grammar.line_end, self.position, self.nearest) + 1

    def _run(self) -> None:
        self._look_ahead()
        match = self.text.grammar.run.match(self.text.data, self.position, max(self.bound, self.position))
        if match is not None and match.end() > self.position:
            lines = self._lines_to(match.end())
            self._accept(match.end(), records=lines, lines=lines)

    def _uneven_run(self) -> bool:
        pattern = self.text.grammar.uneven_run
        match = pattern.match(self.text.data, self.position, max(self.bound, self.position)) if pattern else None
        if match is None:
            return False
        # No quoted field of these records spans lines, so that every newline ends a record.
        other, newline = OTHER_NEWLINE[self.text.shape.newline], self.text.shape.newline
        even = self.text.data[self.position : match.end()].replace(other, newline)
        lines = self._lines_to(match.end())
        self._accept(match.end(), records=lines, lines=lines, rewritten=even)
        return True

    def _blank(self) -> bool:
        if self.text.data[self.position : self.position + 1] not in (b"\r", b"\n"):
            return False
        match = self.text.grammar.blank.match(self.text.data, self.position)
        if match is None:
            return False
        shape = self.text.shape
        lines = self._lines_to(match.end())
        if shape.fields == 1 and shape.blank_lines == "row":
            # A parser passes over blank lines; a quoted empty field is the same row to it, and it counts.
            empty = (shape.quote * 2 + shape.newline) * lines
            self._accept(match.end(), records=lines, lines=lines, rewritten=empty)
            return True
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
        if self.text.data.startswith(shape.newline, match.end(1)) or not self._uneven_run():
            self._accept_one(match.end(1), match.end())
        return True

    def _hazard_within(self, end: int) -> Hazard | None:
        self._look_ahead()
        if self.nearest >= end:
            return None
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
        self._accept(end, records=0, lines=1, rewritten=self.text.shape.newline)

    def _accept(self, end: int, *, records: int, lines: int, rewritten: bytes | None = None) -> None:
        span = (self.position, end)
        joins = self.good and self.good[-1][1] == self.position and self.good[-1] not in self.rewritten
        if rewritten is not None:
            self.rewritten[span] = rewritten
            self.good.append(span)
        elif joins:
            self.good[-1] = (self.good[-1][0], end)
        else:
            self.good.append(span)
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

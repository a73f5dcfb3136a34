"""YAML bytes → `Document`, refusing everything in YAML that could surprise its reader.

PyYAML's event stream is read in a loop and not through a constructor: events never recurse, so depth can be capped,
and anchors, tags and duplicate keys are still visible in them, each with its place.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import yaml

from loaders.contracts.document import Document, Mark, Path, Value
from loaders.contracts.scalars import plain_value, trap
from loaders.errors import Problem

MAX_BYTES = 1_048_576
MAX_DEPTH = 50
# A C parser comes with nearly every wheel of PyYAML and is ten times as fast; both give the same events.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_JINJA = ("{{", "{%", "{#")
_QUOTED = ("'", '"', "|", ">")


class _YamlMark(Protocol):
    """What PyYAML's two kinds of marks have in common, both 0-based."""

    line: int
    column: int


@dataclass(slots=True)
class _Open:
    """A mapping or list that is still being read."""

    value: dict[str, Value] | list[Value]
    path: Path
    keys: dict[str, Mark] = field(default_factory=dict)
    key: str | None = None
    discard: bool = False
    """The key that is due stands there twice: its second value is read and dropped."""


@dataclass(slots=True)
class _Reading:
    file: str
    text: str
    problems: list[Problem] = field(default_factory=list)
    marks: dict[Path, Mark] = field(default_factory=dict)
    key_marks: dict[Path, Mark] = field(default_factory=dict)
    stack: list[_Open] = field(default_factory=list)
    root: Value = None
    documents: int = 0

    def refuse(self, mark: Mark, message: str, hint: str) -> None:
        self.problems.append(Problem(self.file, mark.line, mark.column, message, hint))


def read_yaml(raw: bytes, file: str) -> tuple[Document | None, tuple[Problem, ...]]:
    """The document in `raw` and every problem of its YAML; no document when the text cannot be read to its end.

    Where a document comes with problems, each refused value stands in it as the text that was written, so that later
    checks can go on.
    """
    text, problems = _decoded(raw, file)
    if text is None:
        return None, problems
    reading = _Reading(file, text)
    try:
        finished = all(_take(reading, event) for event in yaml.parse(text, Loader=_LOADER))
    except yaml.MarkedYAMLError as error:
        at = error.problem_mark or error.context_mark
        mark = _mark(at)
        reading.refuse(mark, f"not YAML: {error.problem or error.context}", "mend the YAML at this place")
        finished = False
    except yaml.reader.ReaderError as error:
        reading.refuse(_mark_at(text, error.position), f"not YAML: {error.reason}", "remove this character")
        finished = False
    if finished and not reading.documents:
        reading.refuse(Mark(1, 1), "the file holds no contract", "start from the example in docs/contracts.md")
        finished = False
    if not finished:
        return None, tuple(reading.problems)
    return Document(file, reading.root, reading.marks, reading.key_marks), tuple(reading.problems)


def _decoded(raw: bytes, file: str) -> tuple[str | None, tuple[Problem, ...]]:
    def refused(mark: Mark, message: str, hint: str) -> tuple[None, tuple[Problem, ...]]:
        return None, (Problem(file, mark.line, mark.column, message, hint),)

    if len(raw) > MAX_BYTES:
        return refused(
            Mark(1, 1), f"the file has {len(raw)} bytes, more than {MAX_BYTES}", "split it into several contracts"
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8", errors="replace")
        return refused(
            _mark_at(before, len(before)), f"byte {raw[error.start]:#04x} is not UTF-8", "save the file as UTF-8"
        )
    tab = text.find("\t")
    if tab >= 0:
        return refused(
            _mark_at(text, tab), "a tab character", 'indent with spaces; inside a text write "\\t" in double quotes'
        )
    return text, ()


def _mark_at(text: str, offset: int) -> Mark:
    line = text.count("\n", 0, offset) + 1
    return Mark(line, offset - (text.rfind("\n", 0, offset) + 1) + 1)


def _mark(mark: _YamlMark | None) -> Mark:
    return Mark(1, 1) if mark is None else Mark(mark.line + 1, mark.column + 1)


def _take(reading: _Reading, event: yaml.Event) -> bool:
    """Takes one event in; False when reading on would be pointless."""
    mark = _mark(event.start_mark)
    if isinstance(event, yaml.DocumentStartEvent):
        reading.documents += 1
        if reading.documents > 1:
            reading.refuse(mark, "a second YAML document in one file", "keep one contract per file")
            return False
    elif isinstance(event, yaml.AliasEvent):
        reading.refuse(mark, f"a YAML alias `*{event.anchor}`", "write the value out; aliases are not read")
        _put(reading, None, mark, f"*{event.anchor}")
    elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
        return _open(reading, event, mark)
    elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
        reading.stack.pop()
    elif isinstance(event, yaml.ScalarEvent):
        _refuse_decoration(reading, event, mark)
        _put(reading, _scalar(reading, event, mark), mark, event.value)
    return True


def _open(reading: _Reading, event: yaml.MappingStartEvent | yaml.SequenceStartEvent, mark: Mark) -> bool:
    _refuse_decoration(reading, event, mark)
    if len(reading.stack) >= MAX_DEPTH:
        reading.refuse(mark, f"nested deeper than {MAX_DEPTH} levels", "flatten the contract")
        return False
    value: dict[str, Value] | list[Value] = {} if isinstance(event, yaml.MappingStartEvent) else []
    path = _put(reading, value, mark)
    if path is None:
        reading.refuse(mark, "a mapping key that is no text", "write keys as plain words")
        return False
    reading.stack.append(_Open(value, path))
    return True


def _refuse_decoration(reading: _Reading, event: yaml.ScalarEvent | yaml.CollectionStartEvent, mark: Mark) -> None:
    if event.anchor is not None:
        reading.refuse(mark, f"a YAML anchor `&{event.anchor}`", "write the value out where it is needed")
    if event.tag is not None:
        reading.refuse(mark, f"a YAML tag `{event.tag}`", "remove the tag; quote the value if it is a text")


def _scalar(reading: _Reading, event: yaml.ScalarEvent, mark: Mark) -> Value:
    _refuse_text(reading, event, mark)
    if event.style in _QUOTED:
        return str(event.value)
    reason = trap(event.value)
    if reason is not None:
        reading.refuse(mark, f"unquoted `{_shown(event.value)}`: {reason}", f'write "{_shown(event.value)}" in quotes')
        return str(event.value)
    return plain_value(event.value)


def _refuse_text(reading: _Reading, event: yaml.ScalarEvent, mark: Mark) -> None:
    for opener in _JINJA:
        if opener in event.value:
            # Exact where the text stands literally in the file; the start of the value where escapes hide it.
            at = reading.text.find(opener, _offset(reading.text, mark), _offset_of_end(reading.text, event))
            found = _mark_at(reading.text, at) if at >= 0 else mark
            reading.refuse(
                found, f"`{opener}` would be read as Jinja by dbt", "take it out; in a pattern put a backslash between"
            )
    control = next((char for char in event.value if _is_control(char)), None)
    if control is not None:
        reading.refuse(mark, f"a control character U+{ord(control):04X} in a text", "remove it")


def _is_control(char: str) -> bool:
    code = ord(char)
    return (code < 0x20 and char not in "\t\n\r") or 0x7F <= code <= 0x9F or 0xD800 <= code <= 0xDFFF


def _offset(text: str, mark: Mark) -> int:
    start = 0
    for _ in range(mark.line - 1):
        start = text.index("\n", start) + 1
    return start + mark.column - 1


def _offset_of_end(text: str, event: yaml.ScalarEvent) -> int:
    end = _mark(event.end_mark)
    return _offset(text, end) if end.line <= text.count("\n") + 1 else len(text)


def _shown(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "…"


def _put(reading: _Reading, value: Value, mark: Mark, text: str | None = None) -> Path | None:
    """Puts a value where it is due and returns its path; None when a key is due and there is no `text` for one."""
    if not reading.stack:
        reading.root = value
        reading.marks[()] = mark
        return ()
    top = reading.stack[-1]
    if isinstance(top.value, list):
        path = (*top.path, len(top.value))
        top.value.append(value)
    elif top.key is None:
        if text is None:
            return None
        _begin_key(reading, top, text, mark)
        return top.path
    else:
        path = (*top.path, top.key)
        if not top.discard:
            top.value[top.key] = value
        top.key, top.discard = None, False
    reading.marks.setdefault(path, mark)
    return path


def _begin_key(reading: _Reading, top: _Open, key: str, mark: Mark) -> None:
    path = (*top.path, key)
    top.key = key
    top.discard = key in top.keys
    if top.discard:
        first = top.keys[key]
        reading.refuse(
            mark,
            f"key `{_shown(key)}` stands here a second time (first in line {first.line})",
            "keep one of the two",
        )
    top.keys.setdefault(key, mark)
    reading.key_marks.setdefault(path, mark)

"""A parsed contract with the place of every value, and a cursor over it.

`Node` is how the rest of the room looks at a contract: accessors give None or nothing where a value is absent or of
the wrong kind, so that every check can run on a contract that other checks refuse.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from loaders.errors import Problem

VENDOR = "loaders"

Path = tuple[str | int, ...]
Value = str | bool | int | Decimal | None | list["Value"] | dict[str, "Value"]


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a text, both numbers 1-based, the column in characters."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Document:
    """The value of one YAML file; `marks` of values by path, `key_marks` of keys by the path they lead to."""

    file: str
    value: Value
    marks: Mapping[Path, Mark] = field(repr=False)
    key_marks: Mapping[Path, Mark] = field(repr=False)

    @property
    def root(self) -> Node:
        return Node(self, (), self.value)

    def at(self, path: Path) -> Node:
        """The node at `path`, which must exist."""
        value = self.value
        for step in path:
            if isinstance(value, dict):
                value = value[str(step)]
            elif isinstance(value, list):
                value = value[int(step)]
            else:
                raise KeyError(path)
        return Node(self, path, value)


@dataclass(frozen=True, slots=True)
class Node:
    """One value of a document and where it stands."""

    document: Document
    path: Path
    value: Value

    def get(self, key: str) -> Node | None:
        """The value under `key`; None when this is no mapping or has no such key."""
        if isinstance(self.value, dict) and key in self.value:
            return Node(self.document, (*self.path, key), self.value[key])
        return None

    def at(self, key: str) -> Node:
        """The value under `key`, or this value where there is none: a place to tell a problem at."""
        return self.get(key) or self

    def without_value(self) -> Node:
        """A stand-in, at this place, for a mapping that is not there."""
        return Node(self.document, self.path, None)

    def each(self, key: str) -> Iterator[Node]:
        """The items of the list under `key`; nothing when there is no such list."""
        child = self.get(key)
        if child is not None:
            yield from child.items()

    def items(self) -> Iterator[Node]:
        """The items of this list; nothing when this is no list."""
        if isinstance(self.value, list):
            for index, value in enumerate(self.value):
                yield Node(self.document, (*self.path, index), value)

    def entries(self) -> Iterator[tuple[str, Node]]:
        """The keys and values of this mapping; nothing when this is no mapping."""
        if isinstance(self.value, dict):
            for key, value in self.value.items():
                yield key, Node(self.document, (*self.path, key), value)

    def texts(self, key: str) -> tuple[str, ...]:
        """The texts in the list under `key`, or the one text that stands there."""
        child = self.get(key)
        if child is None:
            return ()
        if isinstance(child.value, str):
            return (child.value,)
        return tuple(item.value for item in child.items() if isinstance(item.value, str))

    def text(self, key: str) -> str | None:
        child = self.get(key)
        return child.value if child is not None and isinstance(child.value, str) else None

    def flag(self, key: str) -> bool:
        child = self.get(key)
        return child is not None and child.value is True

    def integer(self, key: str) -> int | None:
        child = self.get(key)
        if child is None or isinstance(child.value, bool) or not isinstance(child.value, int):
            return None
        return child.value

    def number(self, key: str) -> Decimal | None:
        """The exact number under `key`, as written."""
        child = self.get(key)
        if child is None or isinstance(child.value, bool) or not isinstance(child.value, (int, Decimal)):
            return None
        return Decimal(child.value)

    def own(self, name: str) -> Node | None:
        """The value of our custom property `name` on this element; None when it has none."""
        for entry in self.each("customProperties"):
            if entry.text("vendor") == VENDOR and entry.text("property") == name:
                return entry.get("value")
        return None

    def own_holder(self) -> Node:
        """This element's custom properties of ours as if they were plain keys; positions are the element's."""
        values: dict[str, Value] = {}
        for entry in self.each("customProperties"):
            name = entry.text("property")
            if entry.text("vendor") == VENDOR and name is not None:
                found = entry.get("value")
                values[name] = None if found is None else found.value
        return Node(self.document, self.path, values)

    def problem(
        self, message: str, hint: str, *, at_key: bool = False, severity: Literal["error", "warning"] = "error"
    ) -> Problem:
        """A problem at this value, or with `at_key` at the key that leads to it."""
        mark = (self.document.key_marks if at_key else self.document.marks).get(self.path, Mark(1, 1))
        return Problem(self.document.file, mark.line, mark.column, message, hint, severity)

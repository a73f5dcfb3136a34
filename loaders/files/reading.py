"""Opens a file once and gives its text in windows with exact offsets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from loaders.files.shapes import FileEnd, FileStat, Malformed, Position, Preamble

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import TracebackType

    from loaders.contracts.model import Table


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of the text stream that ends after a newline unless `last`; `newlines` counts those in it."""

    data: bytes
    byte_start: int
    byte_end: int
    first_line_number: int
    newlines: int
    last: bool

    def in_file(self, malformed: Malformed) -> Malformed:
        """The same malformed lines with offset and bytes as they stand in the file itself (before transcoding)."""
        raise NotImplementedError


class FileReader:
    """One open file: fingerprint it, prepare it, read its windows, finish; all through one descriptor."""

    stat: FileStat

    @classmethod
    def open(cls, path: Path, display: str, table: Table) -> FileReader:
        raise NotImplementedError

    def __enter__(self) -> FileReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        raise NotImplementedError

    def fingerprint(self, on_bytes: Callable[[int], None] = lambda _: None) -> str:
        raise NotImplementedError

    def prepare(self) -> Preamble:
        raise NotImplementedError

    def windows(self, window_bytes: int, start: Position) -> Iterator[Window]:
        raise NotImplementedError

    def give_back(self, count: int) -> None:
        raise NotImplementedError

    def finish(self) -> FileEnd:
        raise NotImplementedError

"""Walks folders without ever following a link out of them, around in circles, or into something that blocks."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from loaders.errors import FileRefused
from loaders.files.names import display_of
from loaders.files.rawfile import kind_of, not_regular, unreadable

if TYPE_CHECKING:
    from collections.abc import Callable

DEEPEST = 64
"""Folders within folders; deeper than any real archive, and far from the limits of the operating system."""


@dataclass(frozen=True, slots=True)
class Found:
    """A regular file: `relative` to the root with `/`, `identity` the device and inode behind every path to it."""

    path: Path
    relative: str
    identity: tuple[int, int]


@dataclass(slots=True)
class Walk:
    """One root. `wanted` says which relative paths may be data: only of those is anything but a file complained of."""

    root: Path
    wanted: Callable[[str], bool]
    found: list[Found] = field(default_factory=list)
    refused: list[FileRefused] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)
    """Relative paths of regular files that are not wanted; none whose name begins with a dot."""
    _seen: set[tuple[int, int]] = field(default_factory=set)

    def run(self) -> Walk:
        """Fill `found`, `refused` and `passed_over`, in order of names. Reads folders only, opens no file."""
        self._real_root = os.path.realpath(self.root)
        waiting = [("", 0)]
        while waiting:
            relative, depth = waiting.pop()
            waiting.extend((folder, depth + 1) for folder in reversed(self._folder(relative, depth)))
        return self

    _real_root: str = ""

    def _folder(self, relative: str, depth: int) -> list[str]:
        """Take in the files of one folder; returns the folders in it."""
        path = self.root / relative
        try:
            seen = path.stat()
            names = sorted(entry.name for entry in path.iterdir())
        except OSError as error:
            self.refused.append(unreadable(display_of(relative or str(self.root)), error))
            return []
        identity = (seen.st_dev, seen.st_ino)
        if identity in self._seen:
            self._refuse(relative, "this folder was visited before: a link leads around in a circle")
            return []
        self._seen.add(identity)
        if depth >= DEEPEST:
            self._refuse(relative, f"folders are more than {DEEPEST} deep here")
            return []
        inner = [f"{relative}/{name}" if relative else name for name in names if not name.startswith(".")]
        return [entry for entry in inner if self._entry(entry)]

    def _entry(self, relative: str) -> bool:
        """Take in one name; True for a folder to be walked."""
        path = self.root / relative
        wanted = self.wanted(relative)
        try:
            seen = path.stat()
        except OSError as error:
            if wanted or error.errno == errno.ELOOP:
                self.refused.append(unreadable(display_of(relative), error))
            return False
        kind = kind_of(seen.st_mode)
        if kind == "a directory" and not wanted:
            return self._within(relative, path)
        if not wanted and kind is None:
            self.passed_over.append(relative)
        elif wanted and kind is not None:
            self.refused.append(not_regular(display_of(relative), kind))
        elif wanted and self._within(relative, path):
            self.found.append(Found(path, relative, (seen.st_dev, seen.st_ino)))
        return False

    def _within(self, relative: str, path: Path) -> bool:
        """Whether the entry really lies under the root; a link that leads out of it is refused."""
        real = os.path.realpath(path)
        if os.path.commonpath((real, self._real_root)) == self._real_root:
            return True
        self._refuse(relative, "a link that leads out of the given folder")
        return False

    def _refuse(self, relative: str, reason: str) -> None:
        hint = "move the data into the folder, or give the path it really has"
        self.refused.append(FileRefused(display_of(relative), reason, hint=hint))

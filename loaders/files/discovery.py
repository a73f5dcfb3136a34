"""Finds the files that belong to contract tables: each real file once, each for one table, nothing opened."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from loaders.errors import FileRefused
from loaders.files.filedates import date_in
from loaders.files.names import display_of, matches
from loaders.files.rawfile import kind_of, not_regular, unreadable
from loaders.files.walking import Found, Walk

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from loaders.contracts.model import Contract, Table


@dataclass(frozen=True, slots=True)
class Candidate:
    """One real file and the table it belongs to. `display` is relative to the given path, safe to print and store."""

    path: Path
    display: str
    contract: Contract
    table: Table
    file_date: date | None


@dataclass(frozen=True, slots=True)
class Discovery:
    """`candidates` sorted by contract, table, display; `refused` in order of finding.

    `unmatched` are the given paths that hold no file of any table; `duplicates` further names of a candidate's file;
    `passed_over` the other files of given folders.
    """

    candidates: tuple[Candidate, ...]
    refused: tuple[FileRefused, ...]
    unmatched: tuple[str, ...]
    duplicates: tuple[str, ...] = ()
    passed_over: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Owner:
    contract: Contract
    table: Table


def discover(paths: Sequence[Path], contracts: Sequence[Contract]) -> Discovery:
    """Every regular file under `paths` that a table's globs name, and what is wrong with the others so named.

    A path is a file, a folder, or (where nothing has that very name) a glob. Names starting with a dot are passed
    over. Never raises for a file, never opens one.
    """
    search = _Search(contracts)
    for given in paths:
        search.look_at(given)
    return search.result()


class _Search:
    def __init__(self, contracts: Sequence[Contract]) -> None:
        self.owners = [_Owner(contract, table) for contract in contracts for table in contract.tables]
        self.candidates: dict[tuple[int, int], tuple[Path, Candidate]] = {}
        self.refused: dict[str, FileRefused] = {}
        self.unmatched: list[str] = []
        self.duplicates: dict[str, None] = {}
        self.passed_over: dict[str, None] = {}

    def look_at(self, given: Path) -> None:
        before = (len(self.candidates), len(self.refused), len(self.duplicates))
        for path in _existing(given):
            self._path(path)
        if before == (len(self.candidates), len(self.refused), len(self.duplicates)):
            self.unmatched.append(display_of(str(given)))

    def result(self) -> Discovery:
        candidates = _told_apart(list(self.candidates.values()))
        candidates.sort(key=lambda one: (one.contract.name, one.table.name, one.display))
        return Discovery(
            tuple(candidates),
            tuple(self.refused.values()),
            tuple(self.unmatched),
            tuple(self.duplicates),
            tuple(self.passed_over),
        )

    def _path(self, path: Path) -> None:
        display = display_of(path.name or str(path))
        try:
            seen = path.stat()
        except OSError as error:
            self._refuse(unreadable(display, error))
            return
        kind = kind_of(seen.st_mode)
        if kind == "a directory":
            walk = Walk(path, lambda relative: bool(self._owners_of(relative))).run()
            for refusal in walk.refused:
                self._refuse(refusal)
            self.passed_over.update(dict.fromkeys(map(display_of, walk.passed_over)))
            for found in walk.found:
                self._take(path, found)
        elif kind is not None:
            self._refuse(not_regular(display, kind))
        else:
            self._take(path.parent, Found(path, path.name, (seen.st_dev, seen.st_ino)))

    def _owners_of(self, relative: str) -> list[_Owner]:
        return [owner for owner in self.owners if any(matches(one, relative) for one in owner.table.files.globs)]

    def _take(self, root: Path, found: Found) -> None:
        owners = self._owners_of(found.relative)
        if not owners:
            return
        display = display_of(found.relative)
        if len(owners) > 1:
            names = ", ".join(f"{owner.contract.name}.{owner.table.name}" for owner in owners)
            reason = f"the globs of several tables name this file: {names}"
            self._refuse(FileRefused(display, reason, hint="narrow the globs in the contracts to one table"))
        elif found.identity in self.candidates:
            if self.candidates[found.identity][1].path != found.path:
                self.duplicates[display] = None
        else:
            self._add(root, found, display, owners[0])

    def _add(self, root: Path, found: Found, display: str, owner: _Owner) -> None:
        try:
            file_date = _file_date(found.relative, display, owner.table)
        except FileRefused as refusal:
            self._refuse(refusal)
            return
        candidate = Candidate(found.path, display, owner.contract, owner.table, file_date)
        self.candidates[found.identity] = (root, candidate)

    def _refuse(self, refusal: FileRefused) -> None:
        self.refused.setdefault(str(refusal), refusal)


def _existing(given: Path) -> list[Path]:
    """The path itself where something has that name, whatever characters are in it; else what it globs."""
    if os.path.lexists(given):
        return [given]
    pattern = str(given.relative_to(given.anchor)) if given.is_absolute() else str(given)
    if not any(mark in pattern for mark in "*?["):
        return []
    return sorted(Path(given.anchor or ".").glob(pattern))


def _told_apart(found: list[tuple[Path, Candidate]]) -> list[Candidate]:
    """Files of several given folders can have one relative path: then the folder's own name stands before it."""
    counts: dict[str, int] = {}
    for _, candidate in found:
        counts[candidate.display] = counts.get(candidate.display, 0) + 1
    result: list[Candidate] = []
    for root, candidate in found:
        if counts[candidate.display] > 1:
            whole = display_of((root / candidate.path.relative_to(root)).as_posix())
            candidate = replace(candidate, display=whole)
        result.append(candidate)
    return result


def _file_date(relative: str, display: str, table: Table) -> date | None:
    """The business date in the file's name; None where the contract asks for none. Raises FileRefused."""
    wanted = table.files.date
    if wanted is None:
        return None
    return date_in(relative, wanted, display)

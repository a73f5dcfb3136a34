"""What is to be done with a file, from the ledger alone: nothing here reads files' contents or writes.

A file's identity is its content under the contract's parse options. Path, size and time only save hashing.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final, Literal

from loaders.contracts.model import OnFileChange
from loaders.errors import FileChanged
from loaders.warehouses.layout import LandingTable, LedgerEntry

# A file modified so shortly before it was hashed may change again within the clock's grain and look the same.
TRUSTED_AFTER_NS: Final = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as the file system shows it. `path` is how the ledger spells it."""

    path: str
    size_bytes: int
    modified_ns: int
    inode: int


@dataclass(frozen=True, slots=True)
class Identity:
    """A file's content under the parse options in force."""

    file_id: str
    content_sha256: str
    parse_fingerprint: str


@dataclass(frozen=True, slots=True)
class Skip:
    """Nothing lands. `entry` is the ledger's word on that content; `status` how the file counts in this run."""

    entry: LedgerEntry
    status: Literal["skipped", "quarantined"]
    note: str


@dataclass(frozen=True, slots=True)
class Land:
    """The file lands; `replaced` are the versions whose rows go out in the same step, `resumes` an unfinished load."""

    replaced: tuple[LedgerEntry, ...] = ()
    resumes: bool = False


def ledger_path(path: Path, project_dir: Path) -> str:
    """How the ledger spells a path: from the project where it lies inside, else absolute; always `/`, always printable.

    So a project may be moved or cloned, and files of one name in two folders stay two files.
    """
    absolute = Path(os.path.abspath(path))  # noqa: PTH100  # resolve() would follow links; the user's spelling counts
    try:
        spelt = absolute.relative_to(os.path.abspath(project_dir)).as_posix()  # noqa: PTH100
    except ValueError:
        spelt = absolute.as_posix()
    return os.fsencode(spelt).decode("utf-8", "backslashreplace")


def identity_of(table: LandingTable, content_sha256: str, parse_fingerprint: str, empty_at: str | None) -> Identity:
    """The identity of a content. Files without a record count by their path too (`empty_at`): many may be alike."""
    parts = (table.name, content_sha256, parse_fingerprint, *(() if empty_at is None else (empty_at,)))
    return Identity(sha256("\n".join(parts).encode()).hexdigest(), content_sha256, parse_fingerprint)


def trusted_modified_ns(modified_ns: int, now_ns: int) -> int | None:
    """The time of modification if it lies far enough back to prove later that nothing changed, else None."""
    return modified_ns if modified_ns < now_ns - TRUSTED_AFTER_NS else None


class Book:
    """One table's ledger in memory, kept current while files land."""

    def __init__(self, entries: Iterable[LedgerEntry]) -> None:
        self._by_id: dict[str, LedgerEntry] = {}
        self._by_path: dict[str, dict[str, LedgerEntry]] = {}
        self._by_content: dict[str, dict[str, LedgerEntry]] = {}
        for entry in entries:
            self.record(entry)

    def record(self, entry: LedgerEntry) -> None:
        """Takes in an entry in place of the one with its file id."""
        old = self._by_id.get(entry.file_id)
        if old is not None:
            del self._by_path[old.path][old.file_id]
        self._by_id[entry.file_id] = entry
        self._by_path.setdefault(entry.path, {})[entry.file_id] = entry
        self._by_content.setdefault(entry.content_sha256, {})[entry.file_id] = entry

    def unchanged(self, seen: Seen, parse_fingerprint: str) -> Skip | None:
        """The skip of a file that looks exactly as when it was hashed; None where it must be hashed."""
        for entry in self._by_path.get(seen.path, {}).values():
            looks_same = (entry.size_bytes, entry.modified_ns, entry.inode) == (
                seen.size_bytes,
                seen.modified_ns,
                seen.inode,
            )
            refused_alike = entry.state == "quarantined" and entry.parse_fingerprint == parse_fingerprint
            if looks_same and (entry.state == "landed" or refused_alike):
                return _skip(entry, seen.path, parse_fingerprint)
        return None

    def still(self, skip: Skip, path: str, parse_fingerprint: str) -> Skip | None:
        """The skip of a file whose content landed, as things are now; None where its rows have left since."""
        entry = self._by_id[skip.entry.file_id]
        return _skip(entry, path, parse_fingerprint) if entry.state == "landed" else None

    def has_unfinished(self, path: str) -> bool:
        """Whether an earlier run began to land a big file from this path and did not end."""
        return any(entry.state == "landing" for entry in self._by_path.get(path, {}).values())

    def decide(
        self, path: str, identity: Identity, on_change: OnFileChange, *, reload: bool, replay: bool = False
    ) -> Skip | Land:
        """What to do with a hashed file. Raises FileChanged where its path landed with other content before.

        A `reload` takes the place of every version of its path, a `replay` only of the same content's.
        """
        reload = reload or replay
        same = self._by_id.get(identity.file_id)
        if not reload:
            known = same if same is not None and same.state in ("landed", "quarantined", "deleted") else None
            known = known or self._landed_otherwise(identity)
            if known is not None:
                return _skip(known, path, identity.parse_fingerprint)
        at_path = self._by_path.get(path, {}).values()
        others = [entry for entry in at_path if entry.state == "landed" and entry.file_id != identity.file_id]
        versions = [] if replay else others
        if versions and on_change == "error" and not reload:
            raise _changed(path, versions[-1])
        replaced = [] if on_change == "append" and not reload else versions
        # What an earlier run began to land of other content of this path is visible to nobody and never will be.
        replaced += [entry for entry in at_path if entry.state == "landing" and entry.file_id != identity.file_id]
        if reload:
            again = [same] if same is not None and same.state in ("landed", "landing") else []
            otherwise = self._landed_otherwise(identity)
            replaced += again + ([otherwise] if otherwise is not None and otherwise not in replaced else [])
        resumes = same is not None and same.state == "landing" and not reload
        return Land((*replaced, *self._refused_before(identity)), resumes)

    def _refused_before(self, identity: Identity) -> list[LedgerEntry]:
        """The same content's refusals under other parse options: settled once it lands."""
        same = self._by_content.get(identity.content_sha256, {}).values()
        return [each for each in same if each.state == "quarantined" and each.file_id != identity.file_id]

    def _landed_otherwise(self, identity: Identity) -> LedgerEntry | None:
        """The same content, landed under other parse options."""
        for entry in self._by_content.get(identity.content_sha256, {}).values():
            if entry.state == "landed" and entry.parse_fingerprint != identity.parse_fingerprint:
                return entry
        return None


def _skip(entry: LedgerEntry, path: str, parse_fingerprint: str) -> Skip:
    if entry.state == "quarantined":
        return Skip(entry, "quarantined", f"{entry.error} (found by job {entry.job_id}; --reload tries it again)")
    if entry.state == "deleted":
        return Skip(entry, "skipped", f"was deleted on purpose by job {entry.job_id}; --reload lands it again")
    if parse_fingerprint != entry.parse_fingerprint:
        note = "landed before under other parse options and is kept as it is; --reload lands it anew"
        return Skip(entry, "skipped", note)
    if entry.path != path:
        return Skip(entry, "skipped", f"same content as {entry.path}, which has landed")
    return Skip(entry, "skipped", "already landed")


def _changed(path: str, before: LedgerEntry) -> FileChanged:
    return FileChanged(
        path,
        f"has other content than when it landed ({before.size_bytes} bytes, job {before.job_id}); nothing of it landed",
        hint="set onFileChange to `replace` or `append` in the contract, give the file another name, or replace the "
        "landed version with --reload",
    )


def changed_since(path: str) -> FileChanged:
    """The refusal of a file that should be read again and no longer holds what the ledger knows of it."""
    return FileChanged(
        path,
        "no longer holds what was read there; the ledger's version stays as it is",
        hint="put the old content back and replay, or run `loaders ingest` for the new one",
    )

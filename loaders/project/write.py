"""Which files the generator owns, and putting them there: hand-written files are never touched.

The manifest `models/.generated.json` lists every file that the generator made, with a hash of what it wrote. Only
files in it are changed or removed; another file in the place of one to be made is refused.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Final

from loaders.errors import GeneratedDrift
from loaders.project.render import Files

MANIFEST: Final = PurePosixPath("models/.generated.json")
_MADE_BY: Final = "loaders generate"


@dataclass(frozen=True, slots=True)
class Change:
    """One file that is not as the contracts give it: texts before and after, None where there is no file."""

    path: PurePosixPath
    before: str | None
    after: str | None

    @property
    def kind(self) -> str:
        return "new" if self.before is None else "removed" if self.after is None else "changed"

    def diff(self) -> str:
        """The change as a unified diff."""
        lines = difflib.unified_diff(
            (self.before or "").splitlines(keepends=True),
            (self.after or "").splitlines(keepends=True),
            f"a/{self.path}" if self.before is not None else "/dev/null",
            f"b/{self.path}" if self.after is not None else "/dev/null",
        )
        return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)


def changes(project: Path, files: Files) -> tuple[Change, ...]:
    """What `write` would do, manifest included, in the order of paths. Reads only.

    Raises GeneratedDrift for a file that is not the generator's in the place of one that it would make.
    """
    owned = _owned(project)
    wanted = files | {MANIFEST: manifest_text(files)}
    paths = sorted({*wanted, *owned})
    found = (Change(path, _read(project / path), wanted.get(path)) for path in paths)
    differing = tuple(change for change in found if change.before != change.after)
    for change in differing:
        if change.kind == "changed" and change.path not in owned and change.path != MANIFEST:
            raise GeneratedDrift(
                f"{project / change.path} is in the way: the generator did not make it",
                hint="move it away or rename the contract table; hand-written files are never overwritten",
            )
    return differing


def write(project: Path, files: Files) -> tuple[Change, ...]:
    """Makes the project's generated files be `files`; returns what was changed. Writes changed files only.

    Each file is exchanged in one step and the manifest comes last: a run that was cut off leaves files that the next
    run finds to be what it would make.
    """
    done = changes(project, files)
    for change in sorted(done, key=lambda each: each.path == MANIFEST):
        if change.after is None:
            (project / change.path).unlink()
            _remove_empty_folders(project, change.path)
        else:
            _exchange(project / change.path, change.after)
    return done


def check(project: Path, files: Files) -> None:
    """Raises GeneratedDrift, naming the files, when generated files are not what the contracts give."""
    found = changes(project, files)
    if found:
        names = ", ".join(f"{change.path} ({change.kind})" for change in found[:3])
        more = f" and {len(found) - 3} more" if len(found) > 3 else ""
        raise GeneratedDrift(
            f"generated files differ from the contracts: {names}{more}",
            hint="run `loaders generate`; `loaders generate --diff` shows how they differ",
        )


def manifest_text(files: Files) -> str:
    """The manifest of `files`: made by whom, and path → sha256 of the content."""
    hashes = {str(path): sha256(text.encode()).hexdigest() for path, text in sorted(files.items())}
    return json.dumps({"made_by": _MADE_BY, "files": hashes}, indent=2) + "\n"


def _owned(project: Path) -> frozenset[PurePosixPath]:
    text = _read(project / MANIFEST)
    if text is None:
        return frozenset()
    try:
        paths = [PurePosixPath(path) for path in json.loads(text)["files"]]
    except (ValueError, KeyError, TypeError) as error:
        raise GeneratedDrift(
            f"{project / MANIFEST} is not readable as a manifest",
            hint="restore it from version control; it says which files the generator may change",
        ) from error
    if any(path.is_absolute() or ".." in path.parts for path in paths):
        raise GeneratedDrift(
            f"{project / MANIFEST} names a file outside the project", hint="restore it from version control"
        )
    return frozenset(paths)


def _read(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        return None


def _exchange(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.part")
    beside.write_bytes(text.encode())
    beside.replace(path)


def _remove_empty_folders(project: Path, path: PurePosixPath) -> None:
    for folder in _folders_of(path):
        if any((project / folder).iterdir()):
            return
        (project / folder).rmdir()


def _folders_of(path: PurePosixPath) -> Iterator[PurePosixPath]:
    """Folders of `path` from the innermost out; the first level (`models`, `macros`) is the user's."""
    return (folder for folder in path.parents if len(folder.parts) > 1)

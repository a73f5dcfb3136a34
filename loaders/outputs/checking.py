"""Whether a destination holds what its manifest says, before anything new is written to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from loaders.errors import OutputMismatch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loaders.outputs.destinations.base import Destination
    from loaders.outputs.manifest import Manifest, Publication
    from loaders.outputs.model import Relation, TableEntry


@dataclass(frozen=True, slots=True)
class Place:
    """Where a table goes: the file, or the folder (then `path` ends in `/`) and what its files' names end in."""

    path: str
    suffix: str

    @property
    def is_folder(self) -> bool:
        return self.path.endswith("/")

    def shows(self, path: str) -> bool:
        """Whether who reads the folder takes `path` for rows of the table."""
        below = path.removeprefix(self.path).split("/")
        return (
            self.is_folder
            and path.startswith(self.path)
            and path.endswith(self.suffix)
            and not any(each.startswith(("_", ".")) for each in below)
        )


def check_table(
    destination: Destination, manifest: Manifest, entry: TableEntry | None, place: Place, waiting: Publication | None
) -> None:
    """Raises OutputMismatch where a listed file is missing or has another size, or one is there that nothing lists.

    `waiting` is the publication of `manifest` where it is still to be finished: its files count as if it were.
    """
    listed = {} if entry is None else {part.path: part.bytes for part in entry.parts}
    there: dict[str, int] = _below(destination, place)
    singles = {path for path in (place.path, *listed) if not path.endswith("/") and path not in there}
    there |= {path: size for path in sorted(singles) if (size := destination.size(path)) is not None}
    if waiting is not None:
        staged = destination.staged(manifest.job_id)
        there = {path: size for path, size in there.items() if path not in waiting.remove}
        there |= {path: staged[path] for path in waiting.publish if path in staged and path in listed}
    for path, size in listed.items():
        if path not in there:
            raise _mismatch(destination, f"{path} is listed in the manifest and missing")
        if there[path] != size:
            raise _mismatch(destination, f"{path} has {there[path]:,} bytes and {size:,} in the manifest")
    _refuse_strangers(destination, place, there.keys() - _known(manifest))


def strangers(destination: Destination, manifest: Manifest, place: Place) -> list[str]:
    """Files in a table's folder that nothing lists and that who reads the folder takes for rows of the table."""
    there = _below(destination, place)
    return sorted(path for path in there.keys() - _known(manifest) if place.shows(path))


def refuse_sharing(destination: Destination, others: Sequence[TableEntry], place: Place) -> None:
    """Raises OutputMismatch where files of `others`, tables of other outputs, show in the folder."""
    for table in others:
        if any(place.shows(part.path) for part in table.parts):
            raise OutputMismatch(
                f"{destination.uri}/{place.path} holds {table.name} as --format {table.output}",
                hint="choose another --to: who reads the folder would find its rows twice",
            )


def refuse_namesakes(destination: Destination, tables: Sequence[TableEntry], relation: Relation) -> None:
    """Raises OutputMismatch where one of `tables` is of `relation`'s name and of another schema: some file systems, and
    SQLite, take names that differ in case for one."""
    for table in tables:
        if table.name.lower() == relation.name.lower() and table.schema not in (None, relation.schema):
            raise OutputMismatch(
                f"{destination.uri} holds {table.name} of schema {table.schema}, not {relation.schema}",
                hint="choose another --to, or put this one in its place with --rewrite",
            )


def _known(manifest: Manifest) -> set[str]:
    return {part.path for table in manifest.tables for part in table.parts}


def _below(destination: Destination, place: Place) -> dict[str, int]:
    if not place.is_folder:
        return {}
    return {place.path + path: size for path, size in destination.files(place.path).items()}


def _refuse_strangers(destination: Destination, place: Place, found: set[str]) -> None:
    if not found:
        return
    # What a rewrite leaves comes first: that it helps is then said only where it does.
    first = min(found, key=lambda path: (place.shows(path), path))
    more = f" (nor are {len(found) - 1} more files)" if len(found) > 1 else ""
    rewrite = ""
    if place.shows(first) or not place.is_folder:
        rewrite = f", or {'remove' if place.is_folder else 'write over'} it with --rewrite"
    raise OutputMismatch(
        f"{destination.uri}/{first} is not in the manifest{more}",
        hint=f"move it away, choose another --to{rewrite}" if rewrite else "move it away, or choose another --to",
    )


def _mismatch(destination: Destination, what: str) -> OutputMismatch:
    return OutputMismatch(
        f"{destination.uri}: {what}", hint="bring the file back, or write the table again with --rewrite"
    )

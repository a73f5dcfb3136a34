"""Whether a destination holds what its manifest says, before anything new is written to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loaders.errors import OutputMismatch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loaders.outputs.destinations.base import Destination
    from loaders.outputs.manifest import Manifest, Publication
    from loaders.outputs.model import Relation, TableEntry


def check_table(
    destination: Destination, manifest: Manifest, entry: TableEntry | None, place: str, waiting: Publication | None
) -> None:
    """Raises OutputMismatch where a listed file is missing or has another size, or one is there that nothing lists.

    `place` is the file the table goes to, or the folder (then it ends in `/`). `waiting` is the publication of
    `manifest` where it is still to be finished: its files count as if it were.
    """
    known = {part.path for table in manifest.tables for part in table.parts}
    listed = {} if entry is None else {part.path: part.bytes for part in entry.parts}
    there: dict[str, int] = {}
    if place.endswith("/"):
        there = {place + path: size for path, size in destination.files(place).items()}
    singles = {path for path in (place, *listed) if not path.endswith("/") and path not in there}
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
    strangers = sorted(there.keys() - known)
    if strangers:
        more = f" (nor are {len(strangers) - 1} more files)" if len(strangers) > 1 else ""
        raise OutputMismatch(
            f"{destination.uri}/{strangers[0]} is not in the manifest{more}",
            hint="move it away, choose another --to, or write over it with --rewrite",
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


def _mismatch(destination: Destination, what: str) -> OutputMismatch:
    return OutputMismatch(
        f"{destination.uri}: {what}", hint="bring the file back, or write the table again with --rewrite"
    )

"""Whether a destination holds what its manifest says, before anything new is written to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loaders.errors import OutputMismatch
from loaders.outputs.parts import table_folder

if TYPE_CHECKING:
    from loaders.outputs.destinations.base import Destination
    from loaders.outputs.model import TableEntry


def check_table(destination: Destination, name: str, entry: TableEntry | None, fixed_path: str | None) -> None:
    """Raises OutputMismatch where a listed file is missing or has another size, or one is there that is not listed.

    `fixed_path` is where a table of one file goes; others have a folder of their own.
    """
    listed = {part.path: part.bytes for part in entry.parts} if entry is not None else {}
    folder = table_folder(name)
    there = {folder + path: size for path, size in destination.files(folder).items()}
    singles = {path for path in [*listed, *([fixed_path] if fixed_path else [])] if not path.startswith(folder)}
    there |= {path: size for path in singles if (size := destination.size(path)) is not None}
    for path, size in listed.items():
        if path not in there:
            raise _mismatch(destination, f"{path} is listed in the manifest and missing")
        if there[path] != size:
            raise _mismatch(destination, f"{path} has {there[path]:,} bytes and {size:,} in the manifest")
    strangers = sorted(there.keys() - listed.keys())
    if strangers:
        raise OutputMismatch(
            f"{destination.uri}/{strangers[0]} is not in the manifest (nor are {len(strangers) - 1} more files)",
            hint="move it away, choose another --to, or write over it with --rewrite",
        )


def _mismatch(destination: Destination, what: str) -> OutputMismatch:
    return OutputMismatch(
        f"{destination.uri}: {what}", hint="bring the file back, or write the table again with --rewrite"
    )

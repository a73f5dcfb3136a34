"""Where files go: one small protocol, one module per kind of place."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from loaders.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from loaders.outputs.destinations.base import Destination

# URI scheme → module with `open_destination(uri, scratch)`. A new kind of place is a line here and its module.
SCHEMES: Final = {
    "": "loaders.outputs.destinations.local",
    "file": "loaders.outputs.destinations.local",
    "s3": "loaders.outputs.destinations.object_store",
}


def lasting(uri: str) -> str:
    """`uri` so that it names the same place from whatever folder it is read. Raises UsageError for an unknown home."""
    if "://" in uri:
        return uri
    try:
        return str(Path.cwd() / Path(uri).expanduser())
    except RuntimeError as error:
        raise UsageError(f"{uri}: {error}", hint="write the whole path of the folder") from error


def open_destination(uri: str, scratch: Path) -> Destination:
    """The place `uri` names; `scratch` is a local folder for what a remote place cannot take yet. Writes nothing.

    Raises UsageError for an unknown scheme.
    """
    scheme = uri.partition("://")[0].lower() if "://" in uri else ""
    if scheme not in SCHEMES:
        known = ", ".join(f"{each}://" for each in SCHEMES if each)
        raise UsageError(f"{uri}: nothing here writes to {scheme}://", hint=f"use a path or one of {known}")
    opener = cast("Callable[[str, Path], Destination]", import_module(SCHEMES[scheme]).open_destination)
    return opener(uri, scratch)

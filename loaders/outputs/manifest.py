"""The manifest: which files of a destination are its tables, as of the last complete run.

`_manifest/<sequence>.json`; the highest sequence counts. `<sequence>.publishing.json` beside it says that a run is
putting that manifest's files in place: files of a fixed name may be newer than the manifest then, and a run that finds
it after a crash finishes the work without the warehouse.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from loaders.errors import OutputMismatch
from loaders.outputs.model import Column, PartitionEntry, Partitioning, TableEntry, WrittenPart

if TYPE_CHECKING:
    from collections.abc import Callable

    from loaders.outputs.destinations.base import Destination

T = TypeVar("T")

FOLDER: Final = "_manifest/"
_FORMAT_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """All tables of a destination, by name and output."""

    sequence: int
    job_id: str
    tables: tuple[TableEntry, ...]

    def table(self, output: str, name: str) -> TableEntry | None:
        return next((table for table in self.tables if (table.output, table.name) == (output, name)), None)


@dataclass(frozen=True, slots=True)
class Publication:
    """A manifest on its way: what a job must put in place before it counts, and remove afterwards."""

    manifest: Manifest
    publish: tuple[str, ...]
    remove: tuple[str, ...]


def manifest_path(sequence: int) -> str:
    return f"{FOLDER}{sequence:08d}.json"


def publication_path(sequence: int) -> str:
    return f"{FOLDER}{sequence:08d}.publishing.json"


def read_manifest(destination: Destination) -> Manifest:
    """The manifest that counts; an empty one with sequence 0 where there is none. Raises OutputMismatch."""
    names = sorted(name for name in destination.files(FOLDER) if name.removesuffix(".json").isdigit())
    if not names:
        return Manifest(0, "", ())
    return _load(destination, FOLDER + names[-1], _manifest)


def read_publications(destination: Destination) -> list[Publication]:
    """Publications a crash left unfinished, oldest first. Raises OutputMismatch."""
    names = sorted(name for name in destination.files(FOLDER) if name.endswith(".publishing.json"))
    return [_load(destination, FOLDER + name, _publication) for name in names]


def manifest_bytes(manifest: Manifest) -> bytes:
    """The manifest as JSON: per table its columns, partitions and parts with rows, bytes and sha256."""
    return _dump(_manifest_json(manifest))


def publication_bytes(publication: Publication) -> bytes:
    """The publication as JSON, its whole manifest included."""
    return _dump(
        {
            "manifest": _manifest_json(publication.manifest),
            "publish": list(publication.publish),
            "remove": list(publication.remove),
        }
    )


def table_json(table: TableEntry) -> dict[str, Any]:
    """A table's entry as plain values."""
    return {**asdict(table), "rows": table.rows, "bytes": table.bytes}


def _manifest_json(manifest: Manifest) -> dict[str, Any]:
    return {
        "format_version": _FORMAT_VERSION,
        "sequence": manifest.sequence,
        "job_id": manifest.job_id,
        "tables": [table_json(table) for table in manifest.tables],
    }


def _dump(value: dict[str, Any]) -> bytes:
    return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode()


def _load(destination: Destination, path: str, made_of: Callable[[Any], T]) -> T:
    content = destination.read(path)
    try:
        return made_of(json.loads(content or b""))
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise OutputMismatch(
            f"{destination.uri}/{path} is no manifest this version can read",
            hint="write to another folder, or move this one away",
        ) from error


def _manifest(value: dict[str, Any]) -> Manifest:
    """Raises ValueError, KeyError, AttributeError or TypeError for what is none."""
    if value["format_version"] != _FORMAT_VERSION:
        raise ValueError(value["format_version"])
    return Manifest(int(value["sequence"]), value["job_id"], tuple(table_entry_of(each) for each in value["tables"]))


def _publication(value: dict[str, Any]) -> Publication:
    """Raises as `_manifest`."""
    return Publication(_manifest(value["manifest"]), tuple(value["publish"]), tuple(value["remove"]))


def table_entry_of(value: dict[str, Any]) -> TableEntry:
    """The entry `table_json` wrote."""
    partitioning = value["partitioning"]
    return TableEntry(
        name=value["name"],
        output=value["output"],
        settings=value["settings"],
        columns=tuple(Column(**each) for each in value["columns"]),
        partitioning=None if partitioning is None else Partitioning(**partitioning),
        partitions=tuple(
            PartitionEntry(
                each["key"], each["rows"], each["fingerprint"], tuple(WrittenPart(**part) for part in each["parts"])
            )
            for each in value["partitions"]
        ),
        schema=value.get("schema"),
    )

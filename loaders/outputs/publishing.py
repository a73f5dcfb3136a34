"""Publishing: a run's parts put in place, its manifest last; and finishing what a crash interrupted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loaders.errors import OutputMismatch
from loaders.failpoints import failpoint
from loaders.outputs.manifest import (
    FOLDER,
    Manifest,
    Publication,
    manifest_bytes,
    manifest_path,
    publication_bytes,
    publication_path,
    read_manifest,
    read_publications,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loaders.outputs.destinations.base import Destination
    from loaders.outputs.model import TableEntry


def publish(destination: Destination, job_id: str, before: Manifest, changed: Sequence[TableEntry]) -> Manifest:
    """Makes `changed` the destination's tables beside those of `before` that it does not name. Writes.

    Every new part must be staged. From the publication's first byte on a crash is finished by the next run, before it
    by nobody: then nothing of this run is visible.
    """
    new = {(table.output, table.name) for table in changed}
    kept = [table for table in before.tables if (table.output, table.name) not in new]
    tables = sorted([*changed, *kept], key=lambda table: (table.name, table.output))
    manifest = Manifest(before.sequence + 1, job_id, tuple(tables))
    staged = destination.staged(job_id)
    parts = dict.fromkeys(part.path for table in changed for part in table.parts)
    wanted = {part.path for table in tables for part in table.parts}
    publication = Publication(
        manifest,
        publish=tuple(path for path in parts if path in staged),
        remove=tuple(part.path for table in before.tables for part in table.parts if part.path not in wanted),
    )
    destination.create(publication_path(manifest.sequence), publication_bytes(publication))
    failpoint("outputs.publish.announced")
    _carry_out(destination, publication)
    return manifest


def recover(destination: Destination, *, give_up: bool) -> list[str]:
    """Finishes publications that a crash interrupted. Returns the ids of their jobs. Writes where there are any.

    One whose files are no longer there raises OutputMismatch or, with `give_up`, leaves: the manifest before it counts
    then, and those of its files that are in place already are, to that one, changed files and strangers.
    """
    publications = read_publications(destination)
    for publication in publications:
        try:
            _carry_out(destination, publication)
        except OutputMismatch:
            if not give_up:
                raise
            destination.clear(publication.manifest.job_id)
            destination.remove(publication_path(publication.manifest.sequence))
    return [publication.manifest.job_id for publication in publications]


def _carry_out(destination: Destination, publication: Publication) -> None:
    """Every step may have been done already by the run that was killed here."""
    manifest, job_id = publication.manifest, publication.manifest.job_id
    staged = destination.staged(job_id)
    for path in publication.publish:
        if path in staged:
            destination.publish(job_id, path)
            failpoint("outputs.publish.part")
    destination.settle(publication.publish)
    if read_manifest(destination).sequence < manifest.sequence:
        _check_published(destination, publication)
        destination.create(manifest_path(manifest.sequence), manifest_bytes(manifest))
    failpoint("outputs.publish.manifest")
    for path in publication.remove:
        destination.remove(path)
    for name in destination.files(FOLDER):
        number = name.removesuffix(".json")
        if number.isdigit() and int(number) < manifest.sequence:
            destination.remove(FOLDER + name)
    failpoint("outputs.publish.cleaned")
    destination.clear(job_id)
    destination.remove(publication_path(manifest.sequence))


def _check_published(destination: Destination, publication: Publication) -> None:
    sizes = {part.path: part.bytes for table in publication.manifest.tables for part in table.parts}
    for path in publication.publish:
        if destination.size(path) != sizes[path]:
            raise OutputMismatch(
                f"{destination.uri}/{path} is not the file that was staged",
                hint="run again with --rewrite, which gives that publication up",
            )

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


def prepared(
    destination: Destination,
    job_id: str,
    before: Manifest,
    changed: Sequence[TableEntry],
    strangers: Sequence[str],
) -> Publication:
    """What makes `changed` the destination's tables beside those of `before` that it does not name. Writes nothing.

    Every new part must be staged. `strangers` are files that no manifest lists and that leave with the old ones.
    """
    new = {(table.output, table.name) for table in changed}
    kept = [table for table in before.tables if (table.output, table.name) not in new]
    tables = sorted([*changed, *kept], key=lambda table: (table.name, table.output))
    staged = destination.staged(job_id)
    parts = dict.fromkeys(part.path for table in changed for part in table.parts)
    wanted = {part.path for table in tables for part in table.parts}
    there = (*(part.path for table in before.tables for part in table.parts), *strangers)
    return Publication(
        Manifest(before.sequence + 1, job_id, tuple(tables)),
        publish=tuple(path for path in parts if path in staged),
        remove=tuple(path for path in there if path not in wanted),
    )


def announce(destination: Destination, publication: Publication) -> None:
    """From here on a crash is finished by the next run; before, nothing of this run is visible. Writes.

    Raises OutputMismatch where another run published since the manifest was read that this publication builds upon: its
    own announcement may be gone again by now. May be called again after a fault.
    """
    path = publication_path(publication.manifest.sequence)
    _refuse_overtaken(destination, publication)
    destination.create(path, publication_bytes(publication))
    try:
        _refuse_overtaken(destination, publication)
    except OutputMismatch:
        destination.remove(path)
        raise
    failpoint("outputs.publish.announced")


def carry_out(destination: Destination, publication: Publication) -> Manifest:
    """Does what was announced; its manifest counts then. May be called again after a fault. Writes.

    Raises OutputMismatch where the manifest of that number is another job's.
    """
    if not _carry_out(destination, publication):
        raise _overtaken(destination)
    return publication.manifest


def recover(destination: Destination, *, give_up: bool) -> list[str]:
    """Finishes publications that a crash interrupted. Returns the ids of their jobs. Writes where there are any.

    One whose files are no longer there raises OutputMismatch or, with `give_up`, leaves: the manifest before it counts
    then, and those of its files that are in place already are, to that one, changed files and strangers.
    """
    publications = read_publications(destination)
    for publication in publications:
        try:
            _refuse_lost(destination, publication)
            _carry_out(destination, publication)
        except OutputMismatch:
            if not give_up:
                raise
            destination.clear(publication.manifest.job_id)
            destination.remove(publication_path(publication.manifest.sequence))
    return [publication.manifest.job_id for publication in publications]


def pending(destination: Destination) -> Publication | None:
    """The publication that `recover` would finish; None where there is none. Writes nothing."""
    current = read_manifest(destination)
    for publication in reversed(read_publications(destination)):
        if publication.manifest.sequence > current.sequence or _is_same(current, publication.manifest):
            return publication
    return None


def _refuse_overtaken(destination: Destination, publication: Publication) -> None:
    current, wanted = read_manifest(destination), publication.manifest
    # An earlier try may have been carried out by another run, which took it for a dead one's.
    if current.sequence == wanted.sequence - 1 or _is_same(current, wanted):
        return
    raise _overtaken(destination)


def _overtaken(destination: Destination) -> OutputMismatch:
    return OutputMismatch(
        f"{destination.uri} was written by another run meanwhile", hint="run again, on top of that run's files"
    )


def _is_same(current: Manifest, wanted: Manifest) -> bool:
    return (current.sequence, current.job_id) == (wanted.sequence, wanted.job_id)


def _carry_out(destination: Destination, publication: Publication) -> bool:
    """Every step may have been done already by the run that was killed here. False: another run's manifest stands in
    the place of this one."""
    manifest, job_id = publication.manifest, publication.manifest.job_id
    current = read_manifest(destination)
    if current.sequence >= manifest.sequence and not _is_same(current, manifest):
        # Announced by a run that was overtaken, and killed before it noticed: what is there is not its to change.
        destination.remove(publication_path(manifest.sequence))
        return current.sequence > manifest.sequence
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
    return True


def _refuse_lost(destination: Destination, publication: Publication) -> None:
    """Raises OutputMismatch where a file was removed before it was put in place of an older one of the same size."""
    current = read_manifest(destination)
    if current.sequence >= publication.manifest.sequence:
        return
    replaced = {part.path for table in current.tables for part in table.parts}
    wanted = {part.path: part.sha256 for table in publication.manifest.tables for part in table.parts}
    staged = destination.staged(publication.manifest.job_id)
    for path in publication.publish:
        if path in replaced and path not in staged and destination.sha256(path) != wanted[path]:
            raise _lost(destination, path)


def _check_published(destination: Destination, publication: Publication) -> None:
    sizes = {part.path: part.bytes for table in publication.manifest.tables for part in table.parts}
    for path in publication.publish:
        if destination.size(path) != sizes[path]:
            raise _lost(destination, path)


def _lost(destination: Destination, path: str) -> OutputMismatch:
    return OutputMismatch(
        f"{destination.uri}/{path} is not the file that was staged",
        hint="run again with --rewrite, which gives that publication up",
    )

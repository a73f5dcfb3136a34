"""What every writer of files shares: a destination, its manifest, publishing, and tries again where it is remote."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from loaders.outputs.checking import Place, check_table, refuse_namesakes, refuse_sharing, strangers
from loaders.outputs.destinations import open_destination
from loaders.outputs.manifest import read_manifest
from loaders.outputs.plan import is_scattered
from loaders.outputs.publishing import announce, carry_out, pending, prepared, recover
from loaders.outputs.uploads import with_retries

if TYPE_CHECKING:
    from loaders.outputs.formats.base import Setting
    from loaders.outputs.manifest import Manifest, Publication
    from loaders.outputs.model import Relation, TableEntry, TablePlan

T = TypeVar("T")


class PublishedFiles:
    """Base of the writers whose output is files at a destination."""

    def __init__(self, setting: Setting, output: str, uri: str) -> None:
        self._request, self._job_id, self._control = setting.request, setting.job_id, setting.control
        self._destination = open_destination(uri, setting.scratch)
        self._strangers: list[str] = []
        self.output = output

    def place(self, table: str) -> Place:
        """The file or the folder a table goes to."""
        raise NotImplementedError

    def held(self) -> AbstractContextManager[None]:
        return self._destination.held()

    def recover(self) -> None:
        self._try(lambda: recover(self._destination, give_up=self._request.rewrite))

    def manifest(self, relations: Sequence[Relation]) -> Manifest:
        # A run has finished it by now, a preview has not.
        waiting = self._try(lambda: pending(self._destination))
        manifest = self._try(lambda: read_manifest(self._destination)) if waiting is None else waiting.manifest
        self._strangers = [
            path for relation in relations for path in self._try(partial(self._look, manifest, waiting, relation))
        ]
        return manifest

    def _look(self, manifest: Manifest, waiting: Publication | None, relation: Relation) -> list[str]:
        """Refuses what is not as the manifest says; with --rewrite, returns the files that are to leave instead."""
        destination, place = self._destination, self.place(relation.name)
        refuse_sharing(destination, [each for each in manifest.tables if each.output != self.output], place)
        if self._request.rewrite:
            return strangers(destination, manifest, place)
        refuse_namesakes(destination, [each for each in manifest.tables if each.output == self.output], relation)
        check_table(destination, manifest, manifest.table(self.output, relation.name), place, waiting)
        return []

    def takes(self, plan: TablePlan) -> bool:
        return not is_scattered(plan)

    def publish(self, before: Manifest, entries: Sequence[TableEntry]) -> Manifest:
        # Once: what a failed try put in place is no longer staged.
        publication = self._try(lambda: prepared(self._destination, self._job_id, before, entries, self._strangers))
        self._try(lambda: announce(self._destination, publication))
        return self._try(lambda: carry_out(self._destination, publication))

    def clear(self) -> None:
        self._try(lambda: self._destination.clear(self._job_id))

    def close(self) -> None:
        """Nothing stays open."""

    def _path(self, path: str) -> Path:
        return self._destination.workspace(self._job_id) / path

    def _try(self, action: Callable[[], T]) -> T:
        return with_retries(action, self._request.retries if self._destination.is_remote else 0, self._control)

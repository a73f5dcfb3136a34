"""The writer of every format whose parts are files of their own: COPY aside, check, make durable, rename, publish."""

from __future__ import annotations

import json
from dataclasses import astuple
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from loaders.failpoints import failpoint
from loaders.outputs.destinations.base import WRITING
from loaders.outputs.durable import destination_errors, make_folders, replace, sha256_of, sync_file
from loaders.outputs.faults import encoding_errors
from loaders.outputs.formats.published import PublishedFiles
from loaders.outputs.hashing import followed
from loaders.outputs.model import Part, PartitionEntry, TableEntry, WrittenPart
from loaders.outputs.parts import Naming, cut, fixed_path, table_folder
from loaders.outputs.plan import table_entry
from loaders.outputs.uploads import Uploads
from loaders.warehouses.parsing import literal

if TYPE_CHECKING:
    from loaders.outputs.desk import Desk
    from loaders.outputs.formats.base import Setting
    from loaders.outputs.model import Partition, Partitioning, Relation, TablePlan


class Encoding(Protocol):
    """What a format of files is made of."""

    @property
    def suffix(self) -> str: ...

    @property
    def partitioned(self) -> bool: ...

    @property
    def options(self) -> str:
        """Options of DuckDB's COPY."""

    def columns(self, relation: Relation, partitioning: Partitioning | None) -> str:
        """The SELECT list of the files."""

    def check(self, path: Path, rows: int) -> None:
        """Raises OutputMismatch when the file that was written is not whole or holds another number of rows."""


class FileWriter(PublishedFiles):
    """Writes tables as files of one encoding."""

    parallel = True

    def __init__(self, setting: Setting, encoding: Encoding) -> None:
        super().__init__(setting, setting.request.format, setting.request.to)
        self._encoding = encoding
        size = setting.request.rows_per_file
        self._naming = Naming(encoding.suffix, encoding.partitioned or size is not None, size)

    @property
    def partitioned(self) -> bool:
        return self._encoding.partitioned

    def place(self, table: str) -> str:
        return table_folder(table) if self._naming.several else fixed_path(table, self._naming)

    def settings(self, relation: Relation, partitioning: Partitioning | None) -> str:
        shape = {
            "format": self._request.format,
            "options": self._encoding.options,
            "columns": self._encoding.columns(relation, partitioning),
            "types": [astuple(column) for column in relation.columns],
            "partitioning": None if partitioning is None else astuple(partitioning),
            "rows_per_file": self._request.rows_per_file,
        }
        return sha256(json.dumps(shape, sort_keys=True).encode()).hexdigest()[:16]

    def write(self, plan: TablePlan, desk: Desk) -> TableEntry:
        staged = self._staged_before(plan, desk)
        uploads = Uploads(self._request.retries, self._control)
        try:
            entries = [self._write_partition(plan, desk, partition, staged, uploads) for partition in plan.todo]
            uploads.drain()
        finally:
            uploads.abandon()
        desk.checkpoint.flush()
        return table_entry(plan, self.output, entries)

    def _staged_before(self, plan: TablePlan, desk: Desk) -> dict[str, int]:
        """The table's parts that an earlier run of this job completed, with their sizes."""
        staged = self._try(lambda: self._destination.staged(self._job_id))
        mine = {path for path in staged if path.startswith(table_folder(plan.name))}
        mine |= {fixed_path(plan.name, self._naming)} & staged.keys()
        if not desk.checkpoint.fits(plan.name, plan.storage_order):
            for path in mine:
                self._destination.discard(self._job_id, path)
            mine = set()
        desk.checkpoint.start_table(plan.name, plan.storage_order)
        return {path: staged[path] for path in mine}

    def _write_partition(
        self, plan: TablePlan, desk: Desk, partition: Partition, staged: dict[str, int], uploads: Uploads
    ) -> PartitionEntry:
        columns = self._encoding.columns(plan.relation, plan.partitioning)
        parts = desk.step(lambda: cut(desk.cursor, plan, partition, columns, self._naming))
        written = []
        for part in parts:
            found = self._finished(plan, desk, part, staged)
            if found is not None:
                desk.count(found.rows, found.bytes)
            else:
                aside = self._path(part.path + WRITING)
                found = desk.step(partial(self._encode, desk, part, aside), part.rows, aside, part.partition)
                self._hand_on(desk, part, found, uploads)
            written.append(found)
        return PartitionEntry(partition.key, partition.rows, partition.fingerprint, tuple(written))

    def _finished(self, plan: TablePlan, desk: Desk, part: Part, staged: dict[str, int]) -> WrittenPart | None:
        if part.path not in staged:
            return None
        noted = desk.checkpoint.finished(plan.name, part)
        if noted is not None and (noted.rows, noted.bytes) == (part.rows, staged[part.path]):
            return noted
        if self._destination.is_remote:
            # Its bytes are not here to be hashed.
            return None
        path = self._path(part.path)
        found = self._facts(part, path, sha256_of(path))
        desk.checkpoint.note(plan.name, part, found)
        return found

    def _encode(self, desk: Desk, part: Part, aside: Path) -> WrittenPart:
        """Writes one part; only a complete and durable file gets the part's name."""
        with destination_errors(self._destination.uri):
            make_folders(aside.parent)
            # What a killed run left there may be longer than what comes, and DuckDB would write over its beginning.
            aside.unlink(missing_ok=True)
        copy = f"copy ({part.select}) to {literal(str(aside))} ({self._encoding.options}, use_tmp_file false)"
        with followed(aside) as hashed:
            with encoding_errors(self._destination.uri, aside):
                desk.cursor.raw(copy)
            failpoint("outputs.part.written")
            with destination_errors(self._destination.uri):
                sync_file(aside)
                found = self._facts(part, aside, hashed.digest())
        failpoint("outputs.part.synced")
        with destination_errors(self._destination.uri):
            replace(aside, self._path(part.path))
        failpoint("outputs.part.renamed")
        return found

    def _hand_on(self, desk: Desk, part: Part, found: WrittenPart, uploads: Uploads) -> None:
        def stage() -> None:
            self._destination.stage(self._job_id, part.path)
            desk.finish(part, found, is_remote=self._destination.is_remote)
            failpoint("outputs.part.staged")

        if self._destination.is_remote:
            uploads.submit(stage)
        else:
            stage()

    def _facts(self, part: Part, path: Path, digest: str) -> WrittenPart:
        self._encoding.check(path, part.rows)
        return WrittenPart(part.path, part.rows, path.stat().st_size, digest)

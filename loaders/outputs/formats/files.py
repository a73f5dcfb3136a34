"""The writer of every format whose parts are files of their own: COPY aside, check, make durable, rename, publish."""

from __future__ import annotations

import json
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import astuple, dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from loaders.failpoints import failpoint
from loaders.outputs.destinations.base import WRITING
from loaders.outputs.durable import destination_errors, sha256_of
from loaders.outputs.faults import encoding_errors
from loaders.outputs.formats.published import PublishedFiles
from loaders.outputs.hashing import FollowedFile
from loaders.outputs.model import Part, PartitionEntry, TableEntry, WrittenPart
from loaders.outputs.parts import Naming, cut, fixed_path, table_folder
from loaders.outputs.plan import table_entry
from loaders.outputs.settling import SettlingFile
from loaders.outputs.uploads import Uploads
from loaders.warehouses.parsing import literal

if TYPE_CHECKING:
    from loaders.outputs.desk import Desk
    from loaders.outputs.formats.base import Setting
    from loaders.outputs.model import Partition, Partitioning, Relation, TablePlan
    from loaders.outputs.session import Cursor

# More would hold more row groups in memory and find no processor of their own.
_AT_ONCE: Final = 2


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


class _GrowingFile:
    """A file that DuckDB writes: hashed and brought to the disk meanwhile."""

    def __init__(self, path: Path) -> None:
        self._hashed = FollowedFile(path)
        self._settling = SettlingFile(path)

    def finish(self) -> str:
        """The hex digest of the whole file, which is on the disk then. Raises OSError."""
        self._settling.finish()
        return self._hashed.digest()

    def stop(self) -> None:
        self._settling.stop()
        self._hashed.stop()


@dataclass(frozen=True, slots=True)
class _Task:
    """One table on its way: its parts of an earlier run (path → bytes), and those that are not complete yet."""

    plan: TablePlan
    desk: Desk
    staged: dict[str, int]
    uploads: Uploads = field(default_factory=Uploads)
    growing: list[_GrowingFile] = field(default_factory=list)

    def abandon(self) -> None:
        """Drops what is not complete."""
        self.uploads.abandon()
        for file in self.growing:
            file.stop()


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
        task = _Task(plan, desk, self._staged_before(plan, desk))
        try:
            parts = [(each, self._parts(task, each)) for each in plan.todo]
            written = self._write_parts(task, [part for _, cut_parts in parts for part in cut_parts])
            task.uploads.drain()
        finally:
            task.abandon()
        desk.checkpoint.flush()
        entries = [
            PartitionEntry(
                each.key, each.rows, each.fingerprint, tuple(written[part.path].result() for part in cut_parts)
            )
            for each, cut_parts in parts
        ]
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

    def _parts(self, task: _Task, partition: Partition) -> list[Part]:
        plan, desk = task.plan, task.desk
        columns = self._encoding.columns(plan.relation, plan.partitioning)
        return desk.step(lambda: cut(desk.cursor, plan, partition, columns, self._naming))

    def _write_parts(self, task: _Task, parts: list[Part]) -> dict[str, Future[WrittenPart]]:
        """Writes parts side by side, by path: one of few rows does not keep all of DuckDB's threads at work."""
        written: dict[str, Future[WrittenPart]] = {}
        waiting = iter(parts)
        failed = threading.Event()

        def write_some(cursor: Cursor) -> None:
            try:
                while not failed.is_set() and (part := next(waiting, None)) is not None:
                    written[part.path] = self._write_part(task, part, cursor)
            except BaseException:
                failed.set()
                raise

        cursors = [task.desk.cursor, *(task.desk.another_cursor() for _ in parts[1:_AT_ONCE])]
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="part") as pool:
            lanes = [pool.submit(write_some, cursor) for cursor in cursors]
        for lane in lanes:
            lane.result()
        return written

    def _write_part(self, task: _Task, part: Part, cursor: Cursor) -> Future[WrittenPart]:
        found = self._finished(task.plan, task.desk, part, task.staged)
        if found is not None:
            task.desk.count(found.rows, found.bytes)
            done: Future[WrittenPart] = Future()
            done.set_result(found)
            return done
        aside = self._path(part.path + WRITING)
        encode = partial(self._encode, task, part, aside, cursor)
        growing = task.desk.step(encode, part.rows, aside, part.partition, cursor)
        failpoint("outputs.part.written")
        return task.uploads.submit(partial(self._hand_on, task, part, aside, growing))

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

    def _encode(self, task: _Task, part: Part, aside: Path, cursor: Cursor) -> _GrowingFile:
        """Writes one part aside."""
        with destination_errors(self._destination.uri):
            aside.parent.mkdir(parents=True, exist_ok=True)
            # What a killed run left there may be longer than what comes, and DuckDB would write over its beginning.
            aside.unlink(missing_ok=True)
        copy = f"copy ({part.select}) to {literal(str(aside))} ({self._encoding.options}, use_tmp_file false)"
        growing = _GrowingFile(aside)
        task.growing.append(growing)
        try:
            with encoding_errors(self._destination.uri, aside):
                cursor.raw(copy)
        except BaseException:
            growing.stop()
            raise
        return growing

    def _hand_on(self, task: _Task, part: Part, aside: Path, growing: _GrowingFile) -> WrittenPart:
        """Gives a part its name once it is complete and on the disk, and hands it to the destination.

        A crash of the machine may take the name away again, not what is in the file: the part is then written anew.
        """
        with destination_errors(self._destination.uri):
            found = self._facts(part, aside, growing.finish())
            failpoint("outputs.part.synced")
            aside.replace(self._path(part.path))
        failpoint("outputs.part.renamed")
        self._try(lambda: self._destination.stage(self._job_id, part.path))
        task.desk.finish(part, found, is_remote=self._destination.is_remote)
        failpoint("outputs.part.staged")
        return found

    def _facts(self, part: Part, path: Path, digest: str) -> WrittenPart:
        self._encoding.check(path, part.rows)
        return WrittenPart(part.path, part.rows, path.stat().st_size, digest)

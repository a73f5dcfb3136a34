"""The writer of every format whose parts are files of their own: COPY aside, check, make durable, rename, publish."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import astuple, dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from loaders.failpoints import failpoint
from loaders.outputs.checking import Place
from loaders.outputs.destinations.base import WRITING
from loaders.outputs.durable import destination_errors, settled_sha256_of, sha256_of
from loaders.outputs.faults import encoding_errors
from loaders.outputs.formats.published import PublishedFiles
from loaders.outputs.formats.row_groups import MOST_ROWS, rows_per_group
from loaders.outputs.formats.spreading import copy_apart, file_of, rows_held_apart
from loaders.outputs.model import Part, PartitionEntry, TableEntry, WrittenPart
from loaders.outputs.parts import Naming, cut, fixed_path, table_folder
from loaders.outputs.plan import is_scattered, table_entry
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
# What stands below it is not complete, whatever it is called.
_APART: Final = f"apart{WRITING}"


class Encoding(Protocol):
    """What a format of files is made of."""

    @property
    def suffix(self) -> str: ...

    @property
    def partitioned(self) -> bool: ...

    def options(self, rows_per_group: int) -> str:
        """Options of DuckDB's COPY, with groups of so many rows where the format has groups."""

    def columns(self, relation: Relation, partitioning: Partitioning | None) -> str:
        """The SELECT list of the files."""

    def check(self, path: Path, rows: int) -> None:
        """Raises OutputMismatch when the file that was written is not whole or holds another number of rows."""


@dataclass(frozen=True, slots=True)
class _Task:
    """One table on its way: its parts of an earlier run (path → bytes), and those that are not complete yet."""

    plan: TablePlan
    desk: Desk
    staged: dict[str, int]
    uploads: Uploads = field(default_factory=Uploads)
    growing: list[SettlingFile] = field(default_factory=list)

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

    def place(self, table: str) -> Place:
        path = table_folder(table) if self._naming.several else fixed_path(table, self._naming)
        return Place(path, self._naming.suffix)

    def settings(self, relation: Relation, partitioning: Partitioning | None) -> str:
        shape: dict[str, object] = {
            "format": self._request.format,
            "options": self._encoding.options(MOST_ROWS),
            "columns": self._encoding.columns(relation, partitioning),
            "types": [astuple(column) for column in relation.columns],
            "partitioning": None if partitioning is None else astuple(partitioning),
            "rows_per_file": self._request.rows_per_file,
        }
        if self._request.in_order:
            shape["in_order"] = True
        return sha256(json.dumps(shape, sort_keys=True).encode()).hexdigest()[:16]

    def takes(self, plan: TablePlan) -> bool:
        return not is_scattered(plan) or self._rows_held_apart(plan) is not None

    def _rows_held_apart(self, plan: TablePlan) -> int | None:
        """For a plan whose partitions are written in one pass, the rows of each that wait; None: one after another."""
        if self._request.in_order or not is_scattered(plan):
            return None
        return rows_held_apart(plan, self._naming.rows_per_file, self._request.memory_bytes)

    def write(self, plan: TablePlan, desk: Desk) -> TableEntry:
        task = _Task(plan, desk, self._staged_before(plan, desk))
        try:
            parts = [(each, self._parts(task, each)) for each in plan.todo]
            held_apart = self._rows_held_apart(plan)
            if held_apart is not None:
                options = self._encoding.options(held_apart)
                written = self._write_apart(task, [(each, part) for each, (part,) in parts], options)
            else:
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

    def _write_apart(
        self, task: _Task, parts: list[tuple[Partition, Part]], options: str
    ) -> dict[str, Future[WrittenPart]]:
        """Writes all partitions in one pass, by path."""
        plan, desk = task.plan, task.desk
        known = {part.path: self._known(task, part) for _, part in parts}
        written = {path: future for path, future in known.items() if future is not None}
        lacking = [(partition, part) for partition, part in parts if part.path not in written]
        folder = self._path(table_folder(plan.name) + _APART)
        rows = sum(part.rows for _, part in lacking)
        if lacking:
            desk.step(partial(self._encode_apart, task, [each for each, _ in lacking], folder, options), rows, folder)
        failpoint("outputs.table.apart")
        for partition, part in lacking:
            aside = self._path(part.path + WRITING)
            with destination_errors(self._destination.uri):
                aside.parent.mkdir(parents=True, exist_ok=True)
                file_of(folder, partition).replace(aside)
            digest = partial(settled_sha256_of, aside)
            written[part.path] = task.uploads.submit(partial(self._hand_on, task, part, aside, digest))
        return written

    def _encode_apart(self, task: _Task, partitions: Sequence[Partition], folder: Path, options: str) -> None:
        plan = task.plan
        columns = self._encoding.columns(plan.relation, plan.partitioning)
        with destination_errors(self._destination.uri):
            # What a stopped pass left.
            if folder.exists():
                shutil.rmtree(folder)
            folder.parent.mkdir(parents=True, exist_ok=True)
        with encoding_errors(self._destination.uri, folder):
            task.desk.cursor.raw(copy_apart(plan, partitions, columns, folder, options))

    def _known(self, task: _Task, part: Part) -> Future[WrittenPart] | None:
        """The part as an earlier run of this job completed it."""
        found = self._finished(task.plan, task.desk, part, task.staged)
        if found is None:
            return None
        task.desk.count(found.rows, found.bytes)
        done: Future[WrittenPart] = Future()
        done.set_result(found)
        return done

    def _write_part(self, task: _Task, part: Part, cursor: Cursor) -> Future[WrittenPart]:
        known = self._known(task, part)
        if known is not None:
            return known
        aside = self._path(part.path + WRITING)
        encode = partial(self._encode, task, part, aside, cursor)
        growing = task.desk.step(encode, part.rows, aside, part.partition, cursor)
        failpoint("outputs.part.written")
        digest = partial(settled_sha256_of, aside, growing.finish)
        return task.uploads.submit(partial(self._hand_on, task, part, aside, digest))

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

    def _encode(self, task: _Task, part: Part, aside: Path, cursor: Cursor) -> SettlingFile:
        """Writes one part aside."""
        with destination_errors(self._destination.uri):
            aside.parent.mkdir(parents=True, exist_ok=True)
            # What a killed run left there may be longer than what comes, and DuckDB would write over its beginning.
            aside.unlink(missing_ok=True)
        files = _AT_ONCE if self._naming.several else 1
        options = self._encoding.options(rows_per_group(task.plan, self._request, files))
        # In order DuckDB holds more than threads work on, which takes time, and memory where rows are wide.
        order = f"preserve_order {str(self._request.in_order).lower()}"
        copy = f"copy ({part.select}) to {literal(str(aside))} ({options}, {order}, use_tmp_file false)"
        growing = SettlingFile(aside)
        task.growing.append(growing)
        try:
            with encoding_errors(self._destination.uri, aside):
                cursor.raw(copy)
        except BaseException:
            growing.stop()
            raise
        return growing

    def _hand_on(self, task: _Task, part: Part, aside: Path, settle: Callable[[], str]) -> WrittenPart:
        """Gives a part its name once `settle` has brought it to the disk and hashed it; hands it to the destination.

        A crash of the machine may take the name away again, not what is in the file: the part is then written anew.
        """
        with destination_errors(self._destination.uri):
            found = self._facts(part, aside, settle())
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

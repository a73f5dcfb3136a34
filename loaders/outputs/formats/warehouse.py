"""Tables into another output of the dbt profile, staged as Parquet chunks."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Final, TypeVar

from loaders.errors import OutputMismatch, UsageError, WarehouseUnavailable
from loaders.failpoints import failpoint
from loaders.outputs.faults import encoding_errors
from loaders.outputs.formats.parquet import parquet_options
from loaders.outputs.formats.row_groups import rows_per_group
from loaders.outputs.manifest import Manifest, table_entry_of, table_json
from loaders.outputs.model import PartitionEntry, TableEntry, WrittenPart
from loaders.outputs.parts import Naming, cut
from loaders.outputs.plan import is_scattered, table_entry
from loaders.outputs.sinks import open_sink
from loaders.outputs.sinks.base import Noted, loading_name
from loaders.outputs.uploads import with_retries
from loaders.warehouses.parsing import literal
from loaders.warehouses.profile import read_target

if TYPE_CHECKING:
    from loaders.outputs.desk import Desk
    from loaders.outputs.formats.base import Setting
    from loaders.outputs.model import Part, Partitioning, Relation, TablePlan
    from loaders.warehouses.profile import Target

T = TypeVar("T")

# A chunk is a transaction at the other side: what a killed run sends again at most.
_ROWS_PER_PART: Final = 500_000


class WarehouseWriter:
    """Writes tables into a warehouse; publishing is one transaction there."""

    parallel = False
    partitioned = False

    def __init__(self, setting: Setting) -> None:
        self._request, self._job_id, self._control = setting.request, setting.job_id, setting.control
        self._scratch = setting.scratch
        target = read_target(setting.target.project_dir, setting.request.to, setting.target.profiles_file.parent)
        if _database(target) == _database(setting.target):
            raise UsageError(
                f"output {target.name!r} is the warehouse that is read", hint="give --to another output of the profile"
            )
        self.output = f"warehouse:{target.name}"
        self._sink = open_sink(target, setting.request.lock_timeout)
        self._naming = Naming("", True, setting.request.rows_per_file or _ROWS_PER_PART)
        self._relations: dict[str, Relation] = {}
        self._broken = False

    def held(self) -> AbstractContextManager[None]:
        return self._sink.held()

    def recover(self) -> None:
        """The other side's transactions leave nothing half done."""

    def manifest(self, relations: Sequence[Relation]) -> Manifest:
        """The entries of `relations`, none of any other table: those may have the name of one of these in another
        schema. Raises OutputMismatch, UsageError."""
        found = self._try(self._sink.entries)
        newest = max(found, key=lambda each: each.sequence, default=Noted("", "", 0, ""))
        entries = {each.key: table_entry_of(json.loads(each.entry)) for each in found}
        tables = []
        for relation in relations:
            entry = entries.get(self._sink.key(relation))
            if entry is not None and entry.output != self.output:
                entry = None
            self._check(relation, entry)
            if entry is not None:
                tables.append(entry)
        return Manifest(newest.sequence, newest.job_id, tuple(tables))

    def settings(self, relation: Relation, _partitioning: Partitioning | None) -> str:
        # Of other engines' tables the columns are known only now.
        self._sink.refuse(relation)
        self._relations[relation.name] = relation
        return sha256(self._sink.create_statement(relation, relation.name).encode()).hexdigest()[:16]

    def takes(self, plan: TablePlan) -> bool:
        return not is_scattered(plan)

    def write(self, plan: TablePlan, desk: Desk) -> TableEntry:
        done = self._try(lambda: self._sink.start_table(plan.relation, self._cut(plan)))
        columns = ", ".join(map(self._sink.travels_as, plan.relation.columns))
        entries = []
        for partition in plan.todo:
            size = 0
            for part in desk.step(partial(cut, desk.cursor, plan, partition, columns, self._naming)):
                if part.path in done:
                    desk.count(part.rows, 0)
                else:
                    size += desk.step(partial(self._send, desk, plan, part), part.rows)
            written = WrittenPart(_name(plan.relation), partition.rows, size, "")
            entries.append(PartitionEntry(partition.key, partition.rows, partition.fingerprint, (written,)))
        return table_entry(plan, self.output, entries)

    def publish(self, before: Manifest, entries: Sequence[TableEntry]) -> Manifest:
        sequence = before.sequence + 1
        new = {entry.name for entry in entries}
        loaded = [(self._relations[entry.name], json.dumps(table_json(entry))) for entry in entries]

        def swap() -> None:
            # The answer to an earlier try may have been lost, not the try.
            if not any((each.sequence, each.job_id) == (sequence, self._job_id) for each in self._sink.entries()):
                for entry in entries:
                    self._compare(self._relations[entry.name], entry.rows)
                self._sink.swap(loaded, sequence, self._job_id)

        self._try(swap)
        failpoint("outputs.warehouse.swapped")
        kept = [table for table in before.tables if table.name not in new]
        return Manifest(sequence, self._job_id, (*kept, *entries))

    def clear(self) -> None:
        """The scratch folder goes with the run; at the other side nothing is left."""

    def close(self) -> None:
        self._sink.close()

    def _check(self, relation: Relation, entry: TableEntry | None) -> None:
        self._sink.refuse(relation)
        kind = self._try(lambda: self._sink.kind(relation.schema, relation.name))
        if kind not in (None, "table"):
            raise OutputMismatch(
                f"{self._sink.where}: {_name(relation)} is a {kind}, in whose place no table is put",
                hint="drop or rename it, or give --to another output",
            )
        if self._request.rewrite:
            return
        rows = None if kind is None else self._try(lambda: self._sink.count(relation.schema, relation.name))
        expected = None if entry is None else entry.rows
        if rows == expected:
            return
        there = "is not there" if rows is None else f"has {rows:,} rows"
        noted = "is not one a run wrote" if expected is None else f"{expected:,} were written"
        raise OutputMismatch(
            f"{self._sink.where}: {_name(relation)} {there}; {noted}",
            hint="put the table back or aside, or write over it with --rewrite",
        )

    def _cut(self, plan: TablePlan) -> str:
        """The same only where a part of one path holds the same rows."""
        return f"{plan.storage_order}/{self._naming.rows_per_file}"

    def _compare(self, relation: Relation, expected: int) -> None:
        """Raises OutputMismatch where other rows were loaded than planned; those are dropped then."""
        rows = self._sink.count(relation.schema, loading_name(self._sink.key(relation)))
        if rows == expected:
            return
        self._sink.discard(relation)
        raise OutputMismatch(
            f"{self._sink.where}: {rows:,} rows of {_name(relation)} were loaded, the warehouse that is read has "
            f"{expected:,}",
            hint="nothing was replaced, and what was loaded is dropped: run again",
        )

    def _send(self, desk: Desk, plan: TablePlan, part: Part) -> int:
        """Encodes a part and inserts it at the other side. Returns its bytes."""
        file = self._scratch / f"{sha256(part.path.encode()).hexdigest()[:16]}.parquet"
        options = parquet_options(rows_per_group(plan, self._request, 1))
        with encoding_errors(str(self._scratch), file):
            desk.cursor.raw(f"copy ({part.select}) to {literal(str(file))} ({options})")
        size = file.stat().st_size
        failpoint("outputs.warehouse.encoded")
        self._try(lambda: self._sink.add_part(plan.relation, self._cut(plan), part.path, file))
        failpoint("outputs.warehouse.sent")
        file.unlink()
        desk.count(part.rows, size)
        return size

    def _try(self, action: Callable[[], T]) -> T:
        """Tries again, on a new connection, what a remote side failed."""

        def attempt() -> T:
            if self._broken:
                self._sink.reconnect()
                self._broken = False
            try:
                return action()
            except WarehouseUnavailable:
                self._broken = True
                raise

        return with_retries(attempt, self._request.retries if self._sink.is_remote else 0, self._control)


def open_writer(setting: Setting) -> WarehouseWriter:
    """Tables in another output of the profile."""
    return WarehouseWriter(setting)


def _database(target: Target) -> tuple[object, ...]:
    """Equal for outputs that are one database, whatever else they say."""
    if target.type == "duckdb":
        return (target.type, target.database_path.resolve())
    names = ("host", "port", "dbname")
    known = {"port": 5432, "dbname": target.settings.get("database"), **target.settings}
    return (target.type, *(str(known.get(name)) for name in names))


def _name(relation: Relation) -> str:
    return f"{relation.schema}.{relation.name}"

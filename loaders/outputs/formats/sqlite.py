"""One SQLite file with all tables, their types and primary keys; published whole.

Rows go through ADBC: several times faster than `executemany`, which makes a Python object of every value. One table
is written after the other, for SQLite has one writer; DuckDB reads ahead meanwhile.
"""

from __future__ import annotations

import errno
import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import astuple, replace
from functools import partial
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from loaders.background import in_background
from loaders.errors import DataRefused, DestinationUnavailable, DriverMissing, OutputMismatch
from loaders.failpoints import failpoint
from loaders.outputs.checking import Place
from loaders.outputs.destinations.base import WRITING
from loaders.outputs.durable import destination_errors, destination_fault, settled_sha256_of, sha256_of
from loaders.outputs.durable import replace as rename
from loaders.outputs.formats.published import PublishedFiles
from loaders.outputs.formats.sqlite_file import SqliteFile, refuse_reserved
from loaders.outputs.formats.sqlite_types import create_table, not_a_number, stored_value
from loaders.outputs.model import PartitionEntry, TableEntry, WrittenPart
from loaders.outputs.parts import Naming, cut
from loaders.outputs.plan import table_entry
from loaders.outputs.session import Interrupted

if TYPE_CHECKING:
    import pyarrow as pa

    from loaders.outputs.desk import Desk
    from loaders.outputs.formats.base import Setting
    from loaders.outputs.manifest import Manifest
    from loaders.outputs.model import Part, Partitioning, Relation, TablePlan

_SUFFIXES: Final = (".sqlite", ".sqlite3", ".db")
_DEFAULT_NAME: Final = "landfall.sqlite"
# A part is a transaction: what a killed run writes again at most.
_ROWS_PER_PART: Final = 1_000_000
_BATCH: Final = 16_384
_SQLITE_IOERR: Final = 10
_SQLITE_FULL: Final = 13


class SqliteWriter(PublishedFiles):
    """Writes tables into one SQLite file."""

    parallel = False
    partitioned = False

    def __init__(self, setting: Setting) -> None:
        folder, self._file = _place(setting.request.to)
        super().__init__(setting, f"sqlite:{self._file}", folder)
        self._naming = Naming("", True, setting.request.rows_per_file or _ROWS_PER_PART)
        self._base = ""
        self._others: list[str] = []
        self._open: SqliteFile | None = None

    def place(self, _table: str) -> Place:
        return Place(self._file, "")

    def manifest(self, relations: Sequence[Relation]) -> Manifest:
        for relation in relations:
            refuse_reserved(relation.name)
        manifest = super().manifest(relations)
        mine = [each for each in manifest.tables if each.output == self.output]
        chosen = {relation.name.lower() for relation in relations}
        self._others = [each.name for each in mine if each.name.lower() not in chosen]
        if self._others or not self._request.rewrite:
            self._base = next((part.sha256 for each in mine for part in each.parts), "")
        return manifest

    def settings(self, relation: Relation, _partitioning: Partitioning | None) -> str:
        shape = {"table": create_table(relation), "types": [astuple(column) for column in relation.columns]}
        return sha256(json.dumps(shape, sort_keys=True).encode()).hexdigest()[:16]

    def write(self, plan: TablePlan, desk: Desk) -> TableEntry:
        _refuse_not_a_number(plan, desk)
        file = self._begun()
        done = file.start_table(plan.relation, plan.storage_order)
        columns = ", ".join(stored_value(column) for column in plan.relation.columns)
        entries = []
        for partition in plan.todo:
            for part in desk.step(partial(cut, desk.cursor, plan, partition, columns, self._naming)):
                if part.path in done:
                    desk.count(part.rows, 0)
                else:
                    desk.step(partial(self._insert, desk, plan, part, file), part.rows, file.path)
            entries.append(PartitionEntry(partition.key, partition.rows, partition.fingerprint, ()))
        if file.rows(plan.name) != plan.rows:
            raise OutputMismatch(
                f"{plan.name} holds {file.rows(plan.name):,} of {plan.rows:,} rows in SQLite", hint="run again"
            )
        return table_entry(plan, self.output, entries)

    def publish(self, before: Manifest, entries: Sequence[TableEntry]) -> Manifest:
        """The file holds every table of this output, so all of them get its new size and hash."""
        path = self._path(self._file)
        file = self._begun()
        file.seal()
        with destination_errors(self._destination.uri):
            digest = settled_sha256_of(file.path)
            size = file.path.stat().st_size
            rename(file.path, path)
        failpoint("outputs.sqlite.sealed")
        self._try(lambda: self._destination.stage(self._job_id, self._file))
        # To SQLite, names that differ in case are one.
        written = {entry.name.lower() for entry in entries}
        mine = [each for each in before.tables if each.output == self.output]
        same = [each for each in mine if each.name.lower() not in written]
        updated = [
            replace(
                entry,
                partitions=tuple(
                    replace(each, parts=(WrittenPart(self._file, each.rows, size, digest),))
                    for each in entry.partitions
                ),
            )
            for entry in (*entries, *same)
        ]
        elsewhere = tuple(each for each in before.tables if each.output != self.output)
        return super().publish(replace(before, tables=elsewhere), updated)

    def _begun(self) -> SqliteFile:
        """The file that is written: as an earlier run of this job left it, or a copy of the published one, or empty."""
        if self._open is not None:
            return self._open
        file = SqliteFile(self._path(self._file + WRITING), self._destination.uri)
        with destination_errors(self._destination.uri):
            sealed = self._path(self._file)
            if sealed.exists():
                sealed.replace(file.path)
            if not file.fits(self._base):
                for suffix in ("", "-journal"):
                    file.path.with_name(file.path.name + suffix).unlink(missing_ok=True)
                if self._base:
                    self._fetch_base(file.path)
                file.begin(self._base)
        self._open = file
        return file

    def _fetch_base(self, target: Path) -> None:
        """Copies the published file. Raises OutputMismatch where it is not what the manifest says; writes `target`."""
        if self._try(lambda: self._destination.size(self._file)) is not None:
            self._try(lambda: self._destination.fetch(self._file, target))
            if sha256_of(target) == self._base:
                return
            target.unlink()
        others = f" and with its other tables too: {' '.join(self._others)}" if self._others else ""
        raise OutputMismatch(
            f"{self._destination.uri}/{self._file} is not the file the manifest lists",
            hint=f"bring that file back, choose another --to, or run again with --rewrite{others}",
        )

    def _insert(self, desk: Desk, plan: TablePlan, part: Part, file: SqliteFile) -> None:
        """Inserts a part and notes it, in one transaction."""
        import pyarrow as pa

        adbc = _driver()
        size = file.path.stat().st_size

        def counted(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            for batch in batches:
                yield batch
                desk.advance(batch.num_rows)
                failpoint("outputs.sqlite.batch")
                if desk.control.paused or desk.control.stopped:
                    raise Interrupted

        stream = desk.cursor.stream(part.select, _BATCH)
        try:
            with (
                closing(adbc.connect(str(file.path), autocommit=True)) as connection,
                closing(connection.cursor()) as cursor,
                # DuckDB makes batches while SQLite writes.
                in_background(lambda: (batch for batch in stream)) as batches,
            ):
                for pragma in ("synchronous = off", "cache_size = -65536", "locking_mode = exclusive"):
                    cursor.execute(f"pragma {pragma}")
                connection.adbc_connection.set_autocommit(False)
                reader = pa.RecordBatchReader.from_batches(stream.schema, counted(batches))
                cursor.adbc_ingest(plan.name, reader, mode="append")
                cursor.execute(file.note_part(), (plan.name, plan.storage_order, part.path, part.rows))
                failpoint("outputs.sqlite.inserted")
                connection.adbc_connection.commit()
        except adbc.Error as error:
            if desk.control.paused or desk.control.stopped:
                raise Interrupted from error
            raise _fault(self._destination.uri, error) from error
        failpoint("outputs.sqlite.committed")
        desk.count(part.rows, file.path.stat().st_size - size)


def open_writer(setting: Setting) -> SqliteWriter:
    """Tables in one SQLite file."""
    return SqliteWriter(setting)


def _place(to: str) -> tuple[str, str]:
    """The folder or URI prefix, and the file's name in it."""
    if not to.endswith(_SUFFIXES):
        return to, _DEFAULT_NAME
    if "://" not in to:
        return str(Path(to).parent), Path(to).name
    return to.rpartition("/")[0], PurePosixPath(to).name


def _driver() -> Any:
    try:
        import adbc_driver_sqlite.dbapi as adbc
    except ModuleNotFoundError as error:
        raise DriverMissing(f"SQLite files need a driver ({error})", hint="pip install 'landfall[sqlite]'") from error
    return adbc


def _fault(uri: str, error: Any) -> Exception:
    code = (error.vendor_code or 0) & 0xFF
    if code in (_SQLITE_IOERR, _SQLITE_FULL):
        return destination_fault(uri, errno.ENOSPC, str(error).strip())
    return DestinationUnavailable(f"{uri}: {str(error).strip()}", hint="mend that and go on with --resume-latest")


def _refuse_not_a_number(plan: TablePlan, desk: Desk) -> None:
    counted = not_a_number(plan.relation)
    if counted is None:
        return
    ((found,),) = desk.cursor.rows(f"select {counted} from {plan.source}")
    if found:
        raise DataRefused(
            f"{plan.name} has NaN in {found:,} rows, which SQLite would store as NULL",
            hint="materialise it as Parquet, or keep NaN out in the contract",
        )

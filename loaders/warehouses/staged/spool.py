"""Writes parsed rows to Parquet parts on this machine, beside the parsing of the next ones.

Parts are deterministic: the same rows in the same order give the same bytes, so that a part that was uploaded by a run
that died is recognised by its name.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from hashlib import file_digest
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from loaders.warehouses.arrow import scalar
from loaders.warehouses.staged.load import PART_COLUMN, BuiltPart

PART_BYTES: Final = 128 * 2**20
"""A part is closed once it is so large, compressed; one chunk more may come on top. Vendors ask for 100 to 250 MB."""

GROUP_ROWS: Final = 122_880
"""Rows of a row group; the last one of what is added at once may have fewer."""


class Spool:
    """The parts of one landing table on their way. Closed by `parts` or `drop`."""

    def __init__(self, folder: Path, part_bytes: int = PART_BYTES) -> None:
        self._folder = folder
        self._part_bytes = part_bytes
        self._writer: pq.ParquetWriter | None = None
        self._path = folder
        self._rows = 0
        self._done: list[BuiltPart] = []
        self._helper = ThreadPoolExecutor(1, thread_name_prefix="landfall-parts")
        self._writing: Future[None] | None = None
        self.size_bytes = 0
        """Compressed bytes of the closed parts."""

    def add(self, rows: deque[pa.RecordBatch]) -> None:
        """Appends rows and meanwhile empties `rows`, which may be many; waits for those given before."""
        self._wait()
        self._writing = self._helper.submit(self._write, rows)

    def parts(self) -> tuple[BuiltPart, ...]:
        """Ends the writing; the parts in order."""
        self._wait()
        self._close_part()
        self._helper.shutdown()
        return tuple(self._done)

    def drop(self) -> None:
        """Ends the writing of what nobody wants."""
        for part in self.parts():
            part.path.unlink()

    def _wait(self) -> None:
        if self._writing is not None:
            writing, self._writing = self._writing, None
            writing.result()

    def _write(self, rows: deque[pa.RecordBatch]) -> None:
        for group in _groups(rows):
            self._write_group(group)
        if self._writer is not None and self._path.stat().st_size >= self._part_bytes:
            self._close_part()

    def _write_group(self, rows: pa.RecordBatch) -> None:
        number = len(self._done) + 1
        rows = rows.append_column(PART_COLUMN, pa.repeat(scalar(number), rows.num_rows))
        if self._writer is None:
            self._path = self._folder / f"{number:05d}.parquet"
            self._writer = pq.ParquetWriter(
                self._path,
                rows.schema,
                compression="zstd",
                compression_level=1,
                use_dictionary=["_landed_file_id", PART_COLUMN],
                write_statistics=False,
                store_schema=False,
            )
        self._writer.write_batch(rows, row_group_size=rows.num_rows)
        self._rows += rows.num_rows

    def _close_part(self) -> None:
        if self._writer is None:
            return
        self._writer.close()
        self._writer = None
        size = self._path.stat().st_size
        with self._path.open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
        self._done.append(BuiltPart(len(self._done) + 1, self._path, self._rows, size, digest))
        self._rows = 0
        self.size_bytes += size


def _groups(rows: deque[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The rows in groups whose sizes, and so the bytes of a part, do not depend on how they were batched."""
    held: list[pa.RecordBatch] = []
    lacking = GROUP_ROWS
    while rows:
        batch = rows.popleft()
        while batch.num_rows:
            held.append(batch.slice(0, lacking))
            lacking -= held[-1].num_rows
            batch = batch.slice(held[-1].num_rows)
            if not lacking:
                yield _joined(held)
                held, lacking = [], GROUP_ROWS
    if held:
        yield _joined(held)


def _joined(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    return batches[0] if len(batches) == 1 else pa.concat_batches(batches)

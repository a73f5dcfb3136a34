"""Arrow batches read ahead of who takes them, so that DuckDB works while the other side writes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pyarrow as pa

# Few: a batch is up to tens of megabytes, and one waiting is enough to keep both sides at work.
_WAITING: Final = 3


@contextmanager
def read_ahead(reader: pa.RecordBatchReader, after_batch: Callable[[int], None]) -> Iterator[pa.RecordBatchReader]:
    """A reader with the same batches, read by a thread of its own. `after_batch` gets the rows of each batch that was
    taken, and may raise to stop."""
    import pyarrow as pa

    pool = ThreadPoolExecutor(1, thread_name_prefix="read-ahead")

    def batches() -> Iterator[pa.RecordBatch]:
        waiting = deque(pool.submit(next, reader, None) for _ in range(_WAITING))
        while (batch := waiting.popleft().result()) is not None:
            waiting.append(pool.submit(next, reader, None))
            yield batch
            after_batch(batch.num_rows)

    try:
        yield pa.RecordBatchReader.from_batches(reader.schema, batches())
    finally:
        pool.shutdown(cancel_futures=True)

"""How many rows a row group of a Parquet file has: as many as readers like, fewer where wide rows would not fit.

DuckDB fills one row group per thread and file before it compresses them, in memory that does not spill.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from loaders.outputs.session import duckdb_memory, duckdb_threads

if TYPE_CHECKING:
    from loaders.outputs.model import Request, TablePlan

# Small enough for a reader to skip most of a file and to hold several at once, large enough to compress well.
MOST_ROWS: Final = 122_880
VECTOR: Final = 2_048
"""Rows that DuckDB moves at once; a row group is some of those."""

# Measured on tables of 60 and 150 texts: with more, what is compressed pushes out what is read, and then nothing fits.
_SHARE: Final = 1 / 2


def rows_per_group(plan: TablePlan, request: Request, files: int) -> int:
    """Rows of a row group where `files` files of each table are written at once."""
    held = duckdb_threads(request.memory_bytes) * files * request.jobs
    fitting = int(duckdb_memory(request.memory_bytes) * _SHARE) // (held * plan.row_bytes)
    return min(MOST_ROWS, max(VECTOR, fitting // VECTOR * VECTOR))

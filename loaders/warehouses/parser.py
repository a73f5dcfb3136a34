"""DuckDB in memory, parsing files for engines that cannot: the same SELECT that lands rows in DuckDB itself."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb

from loaders.errors import FileRefused, WarehouseUnavailable
from loaders.warehouses.base import OpenOptions, Part
from loaders.warehouses.parsing import landing_columns, literal, quote_identifier, readable_paths, select_rows

if TYPE_CHECKING:
    import pyarrow as pa

# What the strict parse raises about the bytes it was given.
_PARSE_ERRORS = (duckdb.InvalidInputException, duckdb.ConversionException)
_PIPE_BYTES = 2**20
_SET_PIPE_SIZE = 1031
"""F_SETPIPE_SZ of Linux; the name is missing in Python's fcntl on other systems."""


class Parser:
    """Parses parts. One at a time; `in_order` gives rows in file order, at the price of some speed."""

    def __init__(self, options: OpenOptions, *, in_order: bool) -> None:
        settings: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": f"{options.memory_bytes // 2**20}MiB",
            "preserve_insertion_order": "true" if in_order else "false",
            "autoinstall_known_extensions": "false",
        }
        if options.threads is not None:
            settings["threads"] = str(options.threads)
        self._connection = duckdb.connect(":memory:", config=settings)

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def csv(self, part: Part, columns: Sequence[str]) -> Iterator[Iterator[bytes]]:
        """The part's rows as CSV, in blocks: NULL is nothing, the empty text `""`. A thread parses ahead.

        To be read to its end: only then are the rows counted. Raises FileRefused as `table` does.
        """
        reading, writing = os.pipe()
        _widen(writing)
        with ThreadPoolExecutor(1, thread_name_prefix="landfall-parse") as helper:
            parsed = helper.submit(self._write_csv, part, columns, writing)

            def blocks() -> Iterator[bytes]:
                while block := os.read(reading, _PIPE_BYTES):
                    yield block
                check_count(part, parsed.result())

            try:
                yield blocks()
            finally:
                # The parser, if it still writes, is told by an error that nobody reads any more.
                os.close(reading)

    def table(self, part: Part, columns: Sequence[str]) -> pa.Table:
        """The part's rows. Raises FileRefused when the strict parse refuses the bytes or gives another row count."""
        with readable_paths(part) as paths, refusing(part):
            table: pa.Table = self._connection.sql(_select(part, paths, columns)).to_arrow_table()
        check_count(part, table.num_rows)
        return table

    def _write_csv(self, part: Part, columns: Sequence[str], descriptor: int) -> int:
        try:
            with readable_paths(part) as paths, refusing(part):
                row = self._connection.execute(
                    f"copy ({_select(part, paths, columns)}) to {literal(f'/dev/fd/{descriptor}')} "
                    "(format csv, header false, use_tmp_file false)"
                ).fetchone()
            return int(row[0]) if row else 0
        finally:
            os.close(descriptor)


def _select(part: Part, paths: Sequence[str], columns: Sequence[str]) -> str:
    named = ", ".join(map(quote_identifier, landing_columns(part)))
    wanted = ", ".join(map(quote_identifier, columns))
    return f"select {wanted} from ({select_rows(part, paths)}) as landed ({named})"


@contextmanager
def refusing(part: Part) -> Iterator[None]:
    """Turns the parser's errors into ours: what it says about the bytes into FileRefused."""
    try:
        yield
    except _PARSE_ERRORS as error:
        raise refused(part, f"the strict parse refused it: {_first_line(error)}") from error
    except duckdb.OutOfMemoryException as error:
        raise WarehouseUnavailable(
            f"{part.display}: out of memory while parsing: {_first_line(error)}", hint="give --memory more"
        ) from error
    except duckdb.Error as error:
        raise WarehouseUnavailable(
            f"{part.display}: parsing failed: {_first_line(error)}", hint="nothing of it was kept; run again"
        ) from error


def check_count(part: Part, rows: int) -> None:
    """Raises FileRefused when `rows` is not what the part must give."""
    if rows != part.rows:
        raise refused(part, f"the strict parse gave {rows} rows where {part.rows} stand")


def refused(part: Part, reason: str) -> FileRefused:
    return FileRefused(part.display, reason, hint="mend the file or the dialect in its contract")


def _first_line(error: BaseException) -> str:
    return str(error).strip().split("\n", 1)[0]


def _widen(descriptor: int) -> None:
    """Asks for a larger pipe, where that can be had."""
    import fcntl
    import sys

    if sys.platform == "linux":
        try:
            fcntl.fcntl(descriptor, _SET_PIPE_SIZE, _PIPE_BYTES)
        except OSError:
            # A user may have too many large pipes; a small one is only slower.
            return

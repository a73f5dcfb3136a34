"""DuckDB in memory, parsing files for engines that cannot: the same SELECT that lands rows in DuckDB itself."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Final

import duckdb

from loaders.errors import FileRefused, WarehouseUnavailable
from loaders.warehouses.base import OpenOptions, Part
from loaders.warehouses.parsing import landing_columns, quote_identifier, readable_paths, select_rows

if TYPE_CHECKING:
    import pyarrow as pa

# What the strict parse raises about the bytes it was given.
_PARSE_ERRORS: Final = (duckdb.InvalidInputException, duckdb.ConversionException)
# From Arrow's stream DuckDB's errors come as OSError, told apart by how their text begins.
_ERRORS_BY_NAME: Final[dict[str, type[duckdb.Error]]] = {
    "Invalid Input Error": duckdb.InvalidInputException,
    "Conversion Error": duckdb.ConversionException,
    "Out of Memory Error": duckdb.OutOfMemoryException,
}


class Parser:
    """Parses parts, one at a time."""

    def __init__(self, options: OpenOptions) -> None:
        settings: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": f"{options.memory_bytes // 2**20}MiB",
            "autoinstall_known_extensions": "false",
        }
        if options.threads is not None:
            settings["threads"] = str(options.threads)
        self._connection = duckdb.connect(":memory:", config=settings)

    def close(self) -> None:
        self._connection.close()

    def batches(self, part: Part, columns: Sequence[str], most: int) -> Generator[pa.RecordBatch, None, None]:
        """The part's rows in file order, at most so many at once.

        To be read to the end: only then are the rows counted; or closed. Raises FileRefused when the strict parse
        refuses the bytes or gives another number of rows.
        """
        rows = 0
        with readable_paths(part) as paths, refusing(part):
            parsed = self._connection.sql(_select(part, paths, columns))
            with closing(parsed.to_arrow_reader(most)) as reader:
                for batch in _raising_as_duckdb(reader):
                    rows += batch.num_rows
                    yield batch
        check_count(part, rows)


def _select(part: Part, paths: Sequence[str], columns: Sequence[str]) -> str:
    named = ", ".join(map(quote_identifier, landing_columns(part)))
    wanted = ", ".join(map(quote_identifier, columns))
    return f"select {wanted} from ({select_rows(part, paths)}) as landed ({named})"


def _raising_as_duckdb(reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    """The reader's batches, its errors as DuckDB raises them elsewhere."""
    while True:
        try:
            batch = reader.read_next_batch()
        except StopIteration:
            return
        except OSError as error:
            kind = _ERRORS_BY_NAME.get(str(error).split(":", 1)[0], duckdb.Error)
            raise kind(str(error)) from error
        yield batch


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

"""Opening a DuckDB file: version floor, lock, limits; and the one place where its errors become ours."""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from glob import escape
from pathlib import Path
from secrets import token_hex
from typing import Final

import duckdb

from loaders.errors import DriverMissing, LandfallError, WarehouseLocked, WarehouseUnavailable
from loaders.failpoints import failpoint
from loaders.warehouses.base import OpenOptions

_logger = logging.getLogger(__name__)

# Below 1.5.6 a full disk at a checkpoint loses committed rows and a killed ALTER leaves a file that cannot be opened.
_REFUSED_BELOW: Final = (1, 5, 6)
# Below 2.0.0 a killed ALTER still leaves such a file.
_TRIED_FROM: Final = (2, 0, 0)
_LOCK_HOLDER: Final = re.compile(r"lock is held in (?P<program>.*?) \(PID (?P<pid>\d+)\)")
_LONGEST_PAUSE: Final = 1.0
_ASIDE: Final = ".{name}.{mark}.making"


def connect(path: Path, options: OpenOptions) -> duckdb.DuckDBPyConnection:
    """A connection to the file at `path`, made where absent, with external extensions off and its memory bounded.

    With `options.read_only` a file that is not there is not made: an empty database in memory stands for it. Waits up
    to `options.lock_timeout` seconds for another process. Raises WarehouseLocked, WarehouseUnavailable, DriverMissing
    for a refused version.
    """
    check_version(duckdb.__version__)
    if options.read_only and not path.exists():
        return _quiet(duckdb.connect(":memory:"))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WarehouseUnavailable(
            f"{path.parent} cannot be made: {error.strerror}", hint="check the path in the dbt profile"
        ) from error
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": f"{options.memory_bytes // 2**20}MiB",
        "preserve_insertion_order": "false",
        "autoinstall_known_extensions": "false",
    }
    if options.threads is not None:
        settings["threads"] = str(options.threads)
    deadline = time.monotonic() + options.lock_timeout
    pause = 0.05
    while True:
        try:
            with translated(path):
                if not path.exists():
                    _make(path)
                connection = duckdb.connect(str(path), config=settings)
                _remove_abandoned(path)
                return _quiet(connection)
        except WarehouseLocked:
            if time.monotonic() + pause > deadline:
                raise
        time.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)


def _quiet(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Without the bar that DuckDB writes to stdout, among the data, wherever Python runs no file."""
    connection.execute("set enable_progress_bar = false")
    return connection


def _make(path: Path) -> None:
    """An empty database at `path`, whole from the moment its name is there; nothing where another process was faster.

    A file whose making was broken off is no database to DuckDB, and would stay in the way of every later run.
    """
    aside = path.with_name(_ASIDE.format(name=path.name, mark=token_hex(4)))
    duckdb.connect(str(aside)).close()
    failpoint("duckdb.before_naming")
    try:
        os.link(aside, path)
    except FileExistsError:
        _logger.debug("%s was made by another process", path)
    except OSError as error:
        # Some network and memory-card file systems have no second names. DuckDB then makes the file in place.
        _logger.debug("%s: %s", path, error.strerror)
    aside.unlink(missing_ok=True)


def _remove_abandoned(path: Path) -> None:
    """Removes what processes left that died while they made the file, which is held now: no other is in the making."""
    for aside in path.parent.glob(_ASIDE.format(name=escape(path.name), mark="?" * 8)):
        aside.unlink(missing_ok=True)


def check_version(version: str) -> None:
    """Raises DriverMissing for a DuckDB that can lose data; warns about one that was not tried."""
    numbers = tuple(int(number) for number in re.findall(r"\d+", version)[:3])
    if numbers < _REFUSED_BELOW:
        raise DriverMissing(
            f"DuckDB {version} can lose committed rows when the disk is full", hint="pip install 'duckdb>=2.0'"
        )
    if numbers < _TRIED_FROM:
        _logger.warning("DuckDB %s may not open a file again after a kill during DDL; install duckdb>=2.0", version)


def storage_version(text: str | None) -> tuple[int, ...]:
    """`v1.2.0+` as (1, 2, 0); the lowest of all for a file that does not say."""
    return tuple(int(number) for number in re.findall(r"\d+", text or "0"))


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turns DuckDB's errors, and the system's about the file, into ours, the cause kept."""
    try:
        yield
    except OSError as error:
        raise WarehouseUnavailable(
            f"{path}: {error.strerror or error}",
            hint="check the disk and the path in the dbt profile; what had landed is intact",
        ) from error
    except duckdb.InterruptException as error:
        raise KeyboardInterrupt from error
    except RuntimeError as error:
        # What DuckDB makes of Ctrl-C in a statement that runs in the main thread.
        if str(error) == "Query interrupted":
            raise KeyboardInterrupt from error
        raise
    except duckdb.Error as error:
        raise _ours(path, error) from error


def _ours(path: Path, error: duckdb.Error) -> LandfallError:
    text = first_line(error)
    holder = _LOCK_HOLDER.search(str(error))
    if holder is not None:
        return WarehouseLocked(
            f"{path} is held by process {holder['pid']} ({holder['program']})",
            hint=f"wait for it, end it, or give --lock-timeout more seconds (`ps -p {holder['pid']}` shows it)",
        )
    if isinstance(error, duckdb.OutOfMemoryException):
        return WarehouseUnavailable(f"{path}: out of memory: {text}", hint="give --memory more")
    if "No space left" in str(error):
        return WarehouseUnavailable(
            f"{path}: the disk is full: {text}", hint="free space and run again; what had landed is intact"
        )
    if "not a valid DuckDB database" in str(error):
        return WarehouseUnavailable(
            f"{path} is no DuckDB database", hint="check the path in the dbt profile, or restore it from a copy"
        )
    return WarehouseUnavailable(f"{path}: {text}", hint="nothing of the current step was kept; run the command again")


def first_line(error: BaseException) -> str:
    """An error's first line, without DuckDB's advice on tolerant parsing that follows."""
    return str(error).strip().split("\n", 1)[0]

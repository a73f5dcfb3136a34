"""DuckDB's errors while it writes files, told apart by what is true of the destination rather than by their text."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import duckdb

from loaders.errors import DestinationUnavailable, LandfallError, WarehouseUnavailable
from loaders.outputs.durable import destination_fault
from loaders.outputs.session import Interrupted
from loaders.warehouses.duckdb.connection import first_line

# A file system with less than this is full: DuckDB writes blocks of up to 256 KiB.
_FULL_BELOW: Final = 2 * 2**20


@contextmanager
def encoding_errors(destination: str, file: Path) -> Iterator[None]:
    """Turns an error of a COPY into `file` into ours; a stopped statement into Interrupted."""
    try:
        yield
    except duckdb.InterruptException as error:
        raise Interrupted from error
    except duckdb.OutOfMemoryException as error:
        raise WarehouseUnavailable(
            f"{file.name}: out of memory, or of space to spill: {first_line(error)}", hint="give --memory more"
        ) from error
    except (duckdb.IOException, duckdb.FatalException) as error:
        raise _fault(destination, file, error) from error
    except duckdb.Error as error:
        raise WarehouseUnavailable(
            f"{file.name}: {first_line(error)}", hint="check the table in the warehouse (`dbt show` selects from it)"
        ) from error


def _fault(destination: str, file: Path, error: duckdb.Error) -> LandfallError:
    text = first_line(error)
    folder = file.parent
    if not folder.is_dir():
        return destination_fault(destination, errno.ENOENT, text)
    # DuckDB passes the system's own words on, which are those of strerror.
    for number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EIO):
        if os.strerror(number) in str(error):
            return destination_fault(destination, number, os.strerror(number))
    room = os.statvfs(folder)
    if room.f_bavail * room.f_frsize < _FULL_BELOW:
        return destination_fault(destination, errno.ENOSPC, text)
    return DestinationUnavailable(f"{destination}: {text}", hint="mend that and go on with --resume-latest")

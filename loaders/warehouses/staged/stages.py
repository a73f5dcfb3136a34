"""Copies parts into object stores named by a URL; credentials come from the store's own environment variables."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.fs

from loaders.errors import UsageError, WarehouseUnavailable

_BLOCK = 8 * 2**20


def copy_to_stage(url: str, name: str, source: Path) -> str:
    """Writes `source` below `url` (s3://, gs://, abfs:// or file://) unless a file of its size is there; its URL."""
    try:
        system, folder = pyarrow.fs.FileSystem.from_uri(url.replace("gcs://", "gs://"))
    except (pa.ArrowInvalid, ValueError) as error:
        raise UsageError(f"{url} is no place to upload to: {error}", hint="write it like gs://bucket/folder") from error
    path = f"{folder.rstrip('/')}/{name}"
    try:
        there = system.get_file_info(path)
        if there.type != pyarrow.fs.FileType.File or there.size != source.stat().st_size:
            system.create_dir(path.rsplit("/", 1)[0], recursive=True)
            with source.open("rb") as reader, system.open_output_stream(path) as writer:
                while block := reader.read(_BLOCK):
                    writer.write(block)
    except OSError as error:
        raise WarehouseUnavailable(
            f"{url}: upload failed: {error}", hint="check the bucket and the credentials of its environment variables"
        ) from error
    return f"{url.rstrip('/')}/{name}"


def remove_from_stage(url: str, folder: str) -> None:
    """Removes a load's folder below `url`; nothing where there is none. Raises WarehouseUnavailable."""
    system, base = pyarrow.fs.FileSystem.from_uri(url.replace("gcs://", "gs://"))
    try:
        system.delete_dir_contents(f"{base.rstrip('/')}/{folder}", missing_dir_ok=True)
    except OSError as error:
        raise WarehouseUnavailable(f"{url}: {folder} cannot be removed: {error}", hint="remove it by hand") from error

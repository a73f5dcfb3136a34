"""A dataset: Parquet parts in a folder per partition, `<table>/<column>=<value>/part-….parquet`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from loaders.outputs.formats.files import FileWriter
from loaders.outputs.formats.parquet import ParquetEncoding
from loaders.outputs.model import DEFAULT_ROWS_PER_FILE

if TYPE_CHECKING:
    from loaders.outputs.formats.base import Setting


def open_writer(setting: Setting) -> FileWriter:
    """Tables as partitioned datasets, at most `rows_per_file` rows a part."""
    request = setting.request
    if request.rows_per_file is None:
        setting = replace(setting, request=replace(request, rows_per_file=DEFAULT_ROWS_PER_FILE))
    return FileWriter(setting, ParquetEncoding(partitioned=True))

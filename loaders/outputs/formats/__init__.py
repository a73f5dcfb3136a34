"""What the rows become: one small protocol, one module per format."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final, cast

from loaders.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from loaders.outputs.formats.base import Setting, Writer

# Format → module with `open_writer(setting)`. A new format is a line here and its module.
FORMATS: Final = {
    "csv": "loaders.outputs.formats.csv",
    "parquet": "loaders.outputs.formats.parquet",
    "dataset": "loaders.outputs.formats.dataset",
    "sqlite": "loaders.outputs.formats.sqlite",
    "warehouse": "loaders.outputs.formats.warehouse",
}


def open_writer(setting: Setting) -> Writer:
    """The writer for the request's format. Raises UsageError for an unknown one."""
    name = setting.request.format
    if name not in FORMATS:
        raise UsageError(f"there is no format {name!r}", hint=f"use one of: {', '.join(FORMATS)}")
    return cast("Callable[[Setting], Writer]", import_module(FORMATS[name]).open_writer)(setting)

"""Warehouses to write into: one small protocol, one module per engine."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final, cast

from loaders.errors import DriverMissing, ProfileInvalid

if TYPE_CHECKING:
    from collections.abc import Callable

    from loaders.outputs.sinks.base import Sink
    from loaders.warehouses.profile import Target

# dbt adapter type → module with `open_sink(target, lock_timeout)`, and what installs its driver.
ENGINES: Final = {
    "duckdb": ("loaders.outputs.sinks.duckdb", "pip install landfall"),
    "postgres": ("loaders.outputs.sinks.postgres", "pip install 'landfall[postgres]'"),
}


def open_sink(target: Target, lock_timeout: float) -> Sink:
    """The target's warehouse, to write into. Raises ProfileInvalid, DriverMissing, WarehouseUnavailable."""
    if target.type not in ENGINES:
        raise ProfileInvalid(
            f"{target.profiles_file}: nothing here writes tables into {target.type} (output {target.name!r})",
            hint=f"known types: {', '.join(ENGINES)}; for others write --format parquet and load that",
        )
    module, install = ENGINES[target.type]
    try:
        opener = import_module(module).open_sink
    except ModuleNotFoundError as error:
        if error.name is not None and error.name.startswith("loaders"):
            raise
        raise DriverMissing(f"the driver for {target.type} is not installed ({error})", hint=install) from error
    return cast("Callable[[Target, float], Sink]", opener)(target, lock_timeout)

"""Which engines there are. Adding one is a line here and a module beside it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final, cast

from loaders.errors import DriverMissing, ProfileInvalid
from loaders.warehouses.base import OpenOptions

if TYPE_CHECKING:
    from collections.abc import Callable

    from loaders.warehouses.base import Warehouse
    from loaders.warehouses.profile import Target

# dbt adapter type → module with `open_warehouse(target, options)`, and what installs its driver.
ENGINES: Final = {
    "duckdb": ("loaders.warehouses.duckdb", "pip install landfall"),
    "snowflake": ("loaders.warehouses.snowflake", "pip install 'landfall[snowflake]'"),
    "postgres": ("loaders.warehouses.postgres", "pip install 'landfall[postgres]'"),
}


def open_warehouse(target: Target, options: OpenOptions | None = None) -> Warehouse:
    """Opens the target's warehouse for reading and landing.

    Raises ProfileInvalid for an unknown engine, DriverMissing, WarehouseLocked and WarehouseUnavailable.
    """
    if target.type not in ENGINES:
        known = ", ".join(sorted(ENGINES))
        raise ProfileInvalid(
            f"{target.profiles_file}: target {target.name!r} has the unknown type {target.type!r}",
            hint=f"known types: {known}",
        )
    module, install = ENGINES[target.type]
    try:
        opener = import_module(module).open_warehouse
    except ModuleNotFoundError as error:
        if error.name is not None and error.name.startswith("loaders"):
            raise
        raise DriverMissing(f"the driver for {target.type} is not installed ({error})", hint=install) from error
    return cast("Callable[[Target, OpenOptions], Warehouse]", opener)(target, options or OpenOptions())

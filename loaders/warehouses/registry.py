"""Which engines there are. Adding one is a line here and a module beside it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Final, cast

from loaders.errors import DriverMissing, ProfileInvalid
from loaders.warehouses.base import OpenOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType

    from loaders.warehouses.base import Warehouse
    from loaders.warehouses.profile import Target


@dataclass(frozen=True, slots=True)
class Engine:
    """A module with `open_warehouse(target, options)` and `CHECKUP`; what installs its driver; packages with it."""

    module: str
    install: str
    drivers: tuple[str, ...]


# By dbt adapter type.
ENGINES: Final = {
    "duckdb": Engine("loaders.warehouses.duckdb", "pip install landfall", ("duckdb",)),
    "postgres": Engine("loaders.warehouses.postgres", "pip install 'landfall[postgres]'", ("psycopg",)),
    "snowflake": Engine(
        "loaders.warehouses.snowflake", "pip install 'landfall[snowflake]'", ("snowflake-connector-python",)
    ),
    "bigquery": Engine("loaders.warehouses.bigquery", "pip install 'landfall[bigquery]'", ("google-cloud-bigquery",)),
    "databricks": Engine(
        "loaders.warehouses.databricks", "pip install 'landfall[databricks]'", ("databricks-sql-connector",)
    ),
    "spark": Engine("loaders.warehouses.spark", "pip install 'landfall[spark]'", ("pyspark", "pyspark-client")),
}


def open_warehouse(target: Target, options: OpenOptions | None = None) -> Warehouse:
    """Opens the target's warehouse for reading and landing.

    Raises ProfileInvalid for an unknown engine, DriverMissing, WarehouseLocked and WarehouseUnavailable.
    """
    opener = engine_module(target).open_warehouse
    return cast("Callable[[Target, OpenOptions], Warehouse]", opener)(target, options or OpenOptions())


def engine_of(target: Target) -> Engine:
    """The engine of the target's type. Raises ProfileInvalid for an unknown one."""
    if target.type not in ENGINES:
        known = ", ".join(sorted(ENGINES))
        raise ProfileInvalid(
            f"{target.profiles_file}: target {target.name!r} has the unknown type {target.type!r}",
            hint=f"known types: {known}",
        )
    return ENGINES[target.type]


def engine_module(target: Target) -> ModuleType:
    """The engine's module, imported. Raises ProfileInvalid, DriverMissing."""
    engine = engine_of(target)
    try:
        return import_module(engine.module)
    except ModuleNotFoundError as error:
        if error.name is not None and error.name.startswith("loaders"):
            raise
        raise DriverMissing(f"the driver for {target.type} is not installed ({error})", hint=engine.install) from error


def installed(packages: Sequence[str]) -> str | None:
    """Name and version of the first of them that is in this environment."""
    for name in packages:
        try:
            return f"{name} {version(name)}"
        except PackageNotFoundError:
            continue
    return None

"""Where parts lie for Snowflake: our own internal stage, filled by PUT, or an external one, filled in its bucket."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from typing import Any, Final, Protocol

from loaders.errors import WarehouseUnavailable
from loaders.failpoints import failpoint
from loaders.warehouses.base import LoadEvent, OpenOptions
from loaders.warehouses.parsing import literal
from loaders.warehouses.staged.load import Load
from loaders.warehouses.staged.stages import copy_to_stage

_logger = logging.getLogger(__name__)
_MUCH_FOR_A_SMALL_WAREHOUSE: Final = 2 * 2**30
_SMALL: Final = ("X-Small", "Small")


class Session(Protocol):
    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]: ...


class Stage:
    """The stage of one session: `own` where the options name none."""

    def __init__(self, session: Session, where: str, own: str, warehouse: object, options: OpenOptions) -> None:
        self._session = session
        self._where = where
        self._own = own
        self._warehouse = warehouse
        self._options = options
        self._uploaded_bytes = 0

    def prepare(self) -> None:
        """Makes our own stage, if it is the one. Writes."""
        if self._options.stage is None:
            self._session.rows(f"create stage if not exists {self._own}")

    def upload(self, load: Load) -> None:
        """Brings the load's parts there, but for those that are there."""
        there = self._listed(load)
        for part in load.parts:
            self._uploaded_bytes += part.size_bytes
            if there.get(part.name) == part.size_bytes:
                continue
            started = time.monotonic()
            if self._options.stage is None:
                # The name in the stage is that of the file.
                named = part.path.with_name(part.name)
                part.path.rename(named)
                try:
                    source = literal(f"file://{named}")
                    self._session.rows(f"put {source} {self.folder(load)} auto_compress=false overwrite=false")
                finally:
                    named.rename(part.path)
            else:
                copy_to_stage(self._external_url(), f"{load.folder}/{part.name}", part.path)
            failpoint("snowflake.after_put")
            if self._options.on_load is not None:
                seconds = time.monotonic() - started
                self._options.on_load(
                    LoadEvent("uploaded", load.table.name, part.name, part.rows, part.size_bytes, seconds)
                )
        self._warn_of_a_small_warehouse()

    def _listed(self, load: Load) -> dict[str, int]:
        """Name and bytes of the load's parts that are in the stage."""
        listed = self._session.rows(f"list {self.folder(load)}")
        return {str(row[0]).rsplit("/", 1)[-1]: int(row[1]) for row in listed if f"/{load.folder}/" in str(row[0])}

    def folder(self, load: Load) -> str:
        return f"@{(self._options.stage or self._own).removeprefix('@').rstrip('/')}/{load.folder}/"

    def _external_url(self) -> str:
        stage = (self._options.stage or "").removeprefix("@")
        for row in self._session.rows(f"desc stage {stage.split('/', 1)[0]}"):
            if row[0] == "STAGE_LOCATION" and row[1] == "URL":
                base = str(row[3]).strip('[]"').rstrip("/")
                return base + "".join(f"/{part}" for part in stage.split("/")[1:] if part)
        raise WarehouseUnavailable(
            f"{self._where}: stage {stage} names no URL", hint="give an external stage, or leave --warehouse-stage out"
        )

    def _warn_of_a_small_warehouse(self) -> None:
        if self._uploaded_bytes < _MUCH_FOR_A_SMALL_WAREHOUSE or not self._warehouse:
            return
        self._uploaded_bytes = -(2**62)
        for row in self._session.rows(f"show warehouses like {literal(str(self._warehouse))}"):
            size = next((str(value) for value in row if value in _SMALL), None)
            if size is not None:
                _logger.warning(
                    "warehouse %s is of size %s: COPY of more than 2 GiB is faster on a larger one",
                    self._warehouse,
                    size,
                )

"""Runs a step again after its connection broke."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Final, TypeVar

from loaders.errors import WarehouseLocked, WarehouseUnavailable

_logger = logging.getLogger(__name__)
_LONGEST_PAUSE: Final = 30.0

Result = TypeVar("Result")


class Again:
    """Up to `retries` further tries of a repeatable step, each over a connection that `reconnect` made."""

    def __init__(self, reconnect: Callable[[], None], retries: int) -> None:
        self.reconnect = reconnect
        self.retries = retries

    def __call__(self, step: Callable[[], Result]) -> Result:
        """What the step gives. Raises what its last try raises, and WarehouseLocked at once."""
        pause = 1.0
        for _ in range(self.retries):
            try:
                return step()
            except WarehouseLocked:
                raise
            except WarehouseUnavailable as error:
                _logger.warning("%s; trying again in %.0f s", error, pause)
            time.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
            self.reconnect()
        return step()

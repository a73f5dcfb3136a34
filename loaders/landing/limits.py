"""Shares a memory allowance between what landing holds itself and what the engine may use."""

from __future__ import annotations

from typing import Final

from loaders.errors import UsageError
from loaders.landing.land import LandingSettings
from loaders.machine import processors
from loaders.warehouses.base import LARGEST_WINDOW, OpenOptions

_MIB: Final = 2**20
_LEAST: Final = 256 * _MIB
# A window is held up to three times: as the file being parsed, as the file made ahead, and as the text that is made
# of. With these shares that makes three eighths for windows and a third for the engine; the rest is the process itself.
_WINDOW_SHARE: Final = 1 / 8
_ENGINE_SHARE: Final = 1 / 3
_GROUP_SHARE: Final = 1 / 64


def landing_settings(
    memory_bytes: int, *, reload: bool = False, verify: bool = False, dry_run: bool = False
) -> LandingSettings:
    """Window and group sizes that stay within the allowance. UsageError where it is too little to work with."""
    if memory_bytes < _LEAST:
        raise UsageError(
            f"{memory_bytes // _MIB} MiB are too little memory to land files in",
            hint=f"allow {_LEAST // _MIB}MiB or more",
        )
    return LandingSettings(
        window_bytes=min(int(memory_bytes * _WINDOW_SHARE), LARGEST_WINDOW),
        group_bytes=min(int(memory_bytes * _GROUP_SHARE), LARGEST_WINDOW // 8),
        threads=processors(),
        reload=reload,
        verify=verify,
        dry_run=dry_run,
    )


def open_options(memory_bytes: int, lock_timeout: float, *, stage: str | None = None, retries: int = 0) -> OpenOptions:
    """How the engine is opened within the same allowance."""
    return OpenOptions(lock_timeout, int(memory_bytes * _ENGINE_SHARE), processors(), stage, retries)

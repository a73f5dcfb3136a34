"""Which process a job belongs to, so that a killed job is not shown as running for ever."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass

import psutil


@dataclass(frozen=True, slots=True)
class Process:
    """`started` is seconds since the epoch; with it a reused pid is not mistaken for the old process."""

    pid: int
    started: float
    host: str


def this_process() -> Process:
    """The running process."""
    return Process(os.getpid(), psutil.Process().create_time(), platform.node())


def is_alive(pid: int | None, started: float | None) -> bool:
    """Whether the process that had `pid` since `started` still runs on this host."""
    if pid is None or started is None:
        return False
    try:
        process = psutil.Process(pid)
        # The kernel counts in clock ticks; two readings of one process may differ by one.
        return abs(process.create_time() - started) < 1 and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False

"""Children that are measured from outside: seconds, processor time, memory."""

from __future__ import annotations

import os
import statistics
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Run:
    """One child process: seconds from start to end, seconds of processors, the most memory it held (bytes, memory
    files included), and the size of the database it left (bytes)."""

    seconds: float
    cpu_seconds: float
    memory: int
    database: int


def run(command: list[str], folder: Path, database: Path | None = None) -> Run:
    """Runs a child to its end and measures it."""
    # Compiled modules are kept, as for anybody who runs a command twice.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(folder.parent / "compiled")
    memory_files = SharedMemory()
    started = time.perf_counter()
    child = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with memory_files:
        _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - started
    if status:
        raise SystemExit(f"{command} ended with {os.waitstatus_to_exitcode(status)}")
    size = database.stat().st_size if database is not None else 0
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 + memory_files.peak, size)


class SharedMemory:
    """How much more shared memory the machine holds than before: a child's memory files are no part of its RSS."""

    def __init__(self) -> None:
        self.peak = 0
        self._before = self._now()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> SharedMemory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(0.05):
            self.peak = max(self.peak, self._now() - self._before)

    @staticmethod
    def _now() -> int:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("Shmem:"):
                return int(line.split()[1]) * 1024
        return 0


def figures(runs: list[Run]) -> str:
    """Median processor seconds, most memory, size of the database."""
    cpu = statistics.median(each.cpu_seconds for each in runs)
    return f"{cpu:.2f} | {max(each.memory for each in runs) / 2**20:.0f} MiB | {runs[0].database / 2**20:.0f} MiB"

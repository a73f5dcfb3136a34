"""The parent's side of kill_driver.py: a process that runs materialisations in children, which may be killed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass
class Driver:
    process: subprocess.Popen[str]

    def run(self, folder: Path, database: Path, request: dict[str, Any], **order: Any) -> int:
        """Runs one materialisation; its return code, negative for a signal. See kill_driver.py for `order`."""
        whole = {"folder": str(folder), "database": str(database), "request": request, "job_id": "job"}
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(whole | {"resume": False} | order) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


@contextmanager
def running_driver(repository: Path) -> Iterator[Driver]:
    """A driver that imports everything once."""
    command = [sys.executable, str(Path(__file__).with_name("kill_driver.py"))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=repository) as process:
        yield Driver(process)
        assert process.stdin is not None
        process.stdin.close()

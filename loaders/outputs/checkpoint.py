"""The checkpoint of a materialisation: what it was asked, and which parts are complete, to go on from after a crash.

Staged files are the truth; the checkpoint saves hashing them again and holds the storage order they were cut in,
without which the parts of a partition would not fit together.
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from loaders.errors import StateUnavailable, UsageError
from loaders.outputs.durable import write_whole
from loaders.outputs.model import Part, Request, WrittenPart

_FORMAT_VERSION: Final = 1
# A part lost to a crash within this time is found among the staged files and hashed again.
_SECONDS_BETWEEN_WRITES: Final = 0.5


class Checkpoint:
    """One job's checkpoint; may be used by several threads. Writes are whole and durable."""

    def __init__(self, path: Path, job_id: str, request: Request, tables: dict[str, Any] | None = None) -> None:
        self.job_id = job_id
        self.request = request
        self._path = path
        self._tables: dict[str, Any] = tables or {}
        self._lock = threading.Lock()
        self._written = float("-inf")

    @classmethod
    def open(cls, folder: Path, job_id: str) -> Checkpoint:
        """The checkpoint of an earlier job. Raises UsageError where there is none, StateUnavailable."""
        path = folder / f"{job_id}.json"
        try:
            value = json.loads(path.read_text(encoding="utf-8"))
            request = {**value["request"], "tables": tuple(value["request"]["tables"])}
            if value["format_version"] != _FORMAT_VERSION:
                raise ValueError(value["format_version"])
            return cls(path, value["job_id"], Request(**request), value["tables"])
        except FileNotFoundError as error:
            raise UsageError(
                f"no checkpoint of job {job_id!r} in {folder}",
                hint="a job that succeeded, or had written nothing yet, has none: run the whole command again",
            ) from error
        except (ValueError, KeyError, TypeError, OSError) as error:
            raise StateUnavailable(
                f"{path} cannot be read: {error}", hint="run without --resume; the run starts over, safely"
            ) from error

    @classmethod
    def new(cls, folder: Path, job_id: str, request: Request) -> Checkpoint:
        """The checkpoint of a job that begins; nothing is written yet."""
        return cls(folder / f"{job_id}.json", job_id, request)

    @property
    def is_kept(self) -> bool:
        """Whether there is something on the disk to go on from."""
        return self._path.exists()

    def fits(self, name: str, order: str) -> bool:
        """Whether a table's complete parts were cut from rows stored in this `order`."""
        known = self._tables.get(name)
        return known is not None and known["order"] == order

    def start_table(self, name: str, order: str) -> None:
        """Notes how a table's rows are stored. Forgets its parts where they were cut from another order. Writes."""
        with self._lock:
            if not self.fits(name, order):
                self._tables[name] = {"order": order, "parts": {}}
            self._write()

    def finished(self, name: str, part: Part) -> WrittenPart | None:
        """What an earlier run of this job noted of a part."""
        noted = self._tables[name]["parts"].get(part.path)
        return None if noted is None else WrittenPart(part.path, **noted)

    def note(self, name: str, part: Part, written: WrittenPart, *, at_once: bool = False) -> None:
        """Notes a complete part. Writes; not more than twice a second unless `at_once`, which is for parts that cannot
        be hashed again where they are."""
        noted = {"rows": written.rows, "bytes": written.bytes, "sha256": written.sha256}
        with self._lock:
            self._tables[name]["parts"][part.path] = noted
            if at_once or time.monotonic() - self._written >= _SECONDS_BETWEEN_WRITES:
                self._write()

    def flush(self) -> None:
        """Writes what was noted."""
        with self._lock:
            self._write()

    def clear(self) -> None:
        """Removes the checkpoint: the job is done. Writes."""
        self._path.unlink(missing_ok=True)

    def _write(self) -> None:
        value = {
            "format_version": _FORMAT_VERSION,
            "job_id": self.job_id,
            "request": asdict(self.request),
            "tables": self._tables,
        }
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self._path, json.dumps(value, indent=1).encode())
        except OSError as error:
            raise StateUnavailable(
                f"{self._path} cannot be written: {error.strerror}", hint="choose another --checkpoint-dir"
            ) from error
        self._written = time.monotonic()


def latest_job(folder: Path) -> str:
    """The job whose checkpoint was written last. Raises UsageError where there is none."""
    found = sorted(folder.glob("*.json"), key=lambda path: (path.stat().st_mtime_ns, path.name))
    if not found:
        raise UsageError(f"no unfinished job in {folder}", hint="nothing is to be resumed; run without --resume-latest")
    return found[-1].stem

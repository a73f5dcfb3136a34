"""Telemetry: what a run does, as one JSON object a line, for machines that follow it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from loaders.errors import DestinationUnavailable
from loaders.secrets import redact

if TYPE_CHECKING:
    from typing import TextIO

    from loaders.jobs.model import ProgressEvent


class Telemetry(Protocol):
    """Takes events; `name` says what happened, `values` are plain."""

    def event(self, name: str, **values: object) -> None: ...


class NoTelemetry:
    def event(self, name: str, **values: object) -> None:
        """Nobody listens."""


class JsonLines:
    """Appends `{"event": …, "at": …, …}` lines, each flushed, secrets masked."""

    def __init__(self, path: Path, file: TextIO) -> None:
        self._path = path
        self._file = file

    def event(self, name: str, **values: object) -> None:
        line = json.dumps(
            {"event": name, "at": datetime.now(UTC).isoformat(), **values}, default=str, ensure_ascii=False
        )
        with _errors(self._path):
            self._file.write(redact(line) + "\n")
            self._file.flush()

    def progress(self, event: ProgressEvent) -> None:
        """A job's progress event as a line."""
        values = {**asdict(event), **asdict(event.progress)}
        del values["progress"], values["at"], values["seconds"]
        self.event("progress", **values)


@contextmanager
def json_lines(path: Path) -> Iterator[JsonLines]:
    """Telemetry into the file at `path`, after what is there. Raises DestinationUnavailable. Writes."""
    with _errors(path):
        file = path.open("a", encoding="utf-8")
    try:
        yield JsonLines(path, file)
    finally:
        with _errors(path):
            file.close()


@contextmanager
def _errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DestinationUnavailable(
            f"{path}: telemetry cannot be written: {error.strerror}", hint="choose another --telemetry file"
        ) from error

"""The protocol of a destination. Paths are relative to it, with `/`.

A file passes through three places: the workspace, where it is written; staged, where it is complete but not yet
visible; published. Staged files outlive a killed run, so that a resumed one need not write them again.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final, Protocol

STAGING: Final = "_staging"
"""Folder below the destination for what is not published yet. Dataset readers pass over names with `_` in front."""
WRITING: Final = ".writing"
"""Suffix of a file that is being written."""


class Destination(Protocol):
    """All methods raise DestinationUnavailable, or DestinationUnreachable where trying again may help."""

    @property
    def uri(self) -> str: ...

    @property
    def is_remote(self) -> bool: ...

    def held(self) -> AbstractContextManager[None]:
        """Keeps other runs away where the place can; raises DestinationUnavailable when one is there already."""

    def workspace(self, job_id: str) -> Path:
        """The local folder in which a job writes its files. Makes it."""

    def stage(self, job_id: str, path: str, /) -> None:
        """Takes a complete, durable file of the workspace into staged."""

    def staged(self, job_id: str) -> dict[str, int]:
        """Staged files and their sizes in bytes."""

    def discard(self, job_id: str, path: str) -> None:
        """Removes a staged file; nothing when there is none."""

    def publish(self, job_id: str, path: str) -> None:
        """Puts a staged file at `path`, in place of an older one, at once. Lasting once `settle` was called."""

    def settle(self, paths: Sequence[str]) -> None:
        """Makes sure that published files stay at `paths` whatever happens to the machine."""

    def clear(self, job_id: str) -> None:
        """Removes a job's workspace and staged files."""

    def files(self, folder: str) -> dict[str, int]:
        """Published files below `folder` (which ends in `/`) and their sizes; empty where there is no such folder."""

    def size(self, path: str) -> int | None:
        """A published file's size in bytes; None when there is none."""

    def read(self, path: str) -> bytes | None:
        """A published file; None when there is none."""

    def sha256(self, path: str) -> str | None:
        """The hex SHA-256 of a published file, which is read for it; None when there is none."""

    def fetch(self, path: str, target: Path) -> None:
        """Copies a published file to a local one."""

    def create(self, path: str, content: bytes) -> None:
        """Puts a small new file at `path`, whole. Raises OutputMismatch when one is there already."""

    def remove(self, path: str) -> None:
        """Removes a published file and folders this leaves empty; nothing when there is none."""

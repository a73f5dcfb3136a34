from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from loaders.outputs import settling
from loaders.outputs.settling import SettlingFile


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_file_comes_to_the_disk_while_it_grows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "_STEP", 1000)
    sizes: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: sizes.append(os.fstat(descriptor).st_size))
    growing = SettlingFile(tmp_path / "file")
    with (tmp_path / "file").open("wb", buffering=0) as file:
        file.write(bytes(1000))
        _until(lambda: sizes == [1000])
        file.write(bytes(999))
        time.sleep(4 * settling._SECONDS_BETWEEN_LOOKS)
        assert sizes == [1000]
        file.write(bytes(1))
        _until(lambda: sizes == [1000, 2000])
        file.write(bytes(5))
    growing.finish()
    assert sizes == [1000, 2000, 2005]


def test_a_fault_that_the_disk_told_once_is_not_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "_STEP", 1)
    faults = [OSError(errno.EIO, os.strerror(errno.EIO))]

    def fsync(_descriptor: int) -> None:
        if faults:
            raise faults.pop()

    monkeypatch.setattr(os, "fsync", fsync)
    (tmp_path / "file").write_bytes(b"content")
    growing = SettlingFile(tmp_path / "file")
    _until(lambda: not faults)
    with pytest.raises(OSError, match="Input/output error"):
        growing.finish()


def test_a_file_that_never_came_is_missed_at_the_end(tmp_path: Path) -> None:
    growing = SettlingFile(tmp_path / "file")
    with pytest.raises(FileNotFoundError):
        growing.finish()

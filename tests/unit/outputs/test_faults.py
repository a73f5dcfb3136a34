"""What goes wrong around a run is named in one line, and leaves what was there as it was."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.dataset as ds
import pytest

from loaders.errors import DestinationUnavailable, JobCancelled, WarehouseLocked, WarehouseUnavailable
from loaders.jobs.run import Job
from loaders.outputs.destinations.base import WRITING
from loaders.outputs.destinations.local import LocalDestination
from loaders.outputs.formats.files import FileWriter

if TYPE_CHECKING:
    from tests.unit.outputs.conftest import Shop

ORDERS = "staging.stg_shop__orders"


def _tree(folder: Path) -> dict[str, int]:
    return {
        path.relative_to(folder).as_posix(): path.stat().st_ino
        for path in folder.rglob("*")
        if path.is_file() and "_staging" not in path.parts
    }


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small file system needs root")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("format_name", ["csv", "parquet", "dataset", "sqlite"])
def test_a_full_disk_keeps_what_was_published_and_the_run_goes_on_with_room(
    shop: Shop, small_disk: Path, format_name: str
) -> None:
    if format_name == "sqlite":
        pytest.importorskip("adbc_driver_sqlite", reason="the SQLite driver is not installed")
    out = small_disk / "out"
    shop.run(format_name, out, "shop.orders")
    before = _tree(out)
    ballast = small_disk / "ballast"
    shop.change(f"update {ORDERS} set _contract_version = '2', note = md5(order_id::varchar) || note")
    room = os.statvfs(small_disk)
    ballast.write_bytes(b"x" * (room.f_bavail * room.f_frsize - 40_000))
    with pytest.raises(DestinationUnavailable, match="no space left"):
        shop.run(format_name, out, "shop.orders")
    assert _tree(out).items() >= before.items()
    ballast.unlink()
    (line,) = shop.run(format_name, out, resume="job-1").tables
    assert (line.written, line.anew) == (4000, 4000)


def test_a_read_only_folder_is_named(shop: Shop, tmp_path: Path) -> None:
    folder = tmp_path / "ro"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", str(folder)]
    if os.geteuid() == 0:
        if subprocess.run(mount, capture_output=True, check=False).returncode:
            pytest.skip("root writes everywhere, and nothing can be mounted here")
    else:
        folder.chmod(0o500)
    try:
        with pytest.raises(DestinationUnavailable, match=r"ro/?.* cannot be written"):
            shop.run("csv", folder / "out", "shop.orders")
    finally:
        if os.geteuid() == 0:
            subprocess.run(["umount", str(folder)], check=True)
        else:
            folder.chmod(0o700)


def test_a_destination_that_vanishes_midway_is_named(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "usb" / "out"
    (tmp_path / "disk").mkdir()
    (tmp_path / "usb").symlink_to(tmp_path / "disk")
    # A mount point that is gone is not made anew as a folder of the disk below.
    (tmp_path / "nothing").write_text("")
    stage = LocalDestination.stage

    def unplug(self: LocalDestination, job_id: str, path: str) -> None:
        stage(self, job_id, path)
        # At once, as a disk goes; the writer of another part may have unplugged it already.
        with suppress(FileNotFoundError):
            (tmp_path / "nothing").replace(tmp_path / "usb")

    monkeypatch.setattr(LocalDestination, "stage", unplug)
    with pytest.raises(DestinationUnavailable, match="is gone"):
        shop.run("dataset", out, "shop.orders")


def test_two_runs_into_one_folder_do_not_mix(shop: Shop, tmp_path: Path) -> None:
    held = LocalDestination(tmp_path / "out")
    with held.held(), pytest.raises(DestinationUnavailable, match="being written by another run"):
        shop.run("csv", tmp_path / "out", "shop.orders")


def test_a_warehouse_that_is_not_there_or_being_written_is_named(shop: Shop, tmp_path: Path) -> None:
    shop.database.rename(tmp_path / "elsewhere")
    with pytest.raises(WarehouseUnavailable, match="does not exist"):
        shop.run("csv", tmp_path / "out", "shop.orders")
    (tmp_path / "elsewhere").rename(shop.database)
    code = f"import duckdb; c = duckdb.connect({str(shop.database)!r}); print('open', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        with pytest.raises(WarehouseLocked, match=f"held by process {other.pid}"):
            shop.run("csv", tmp_path / "out", "shop.orders", lock_timeout=0)
        other.kill()


def _ask_while_writing(shop: Shop, monkeypatch: pytest.MonkeyPatch, *requests: str) -> list[str]:
    """Makes the job find each request at one of its looks, and lets no part be written before the first."""
    seen: list[str] = []
    looks = iter(requests)
    first_look = threading.Event()

    def requested(_self: Job) -> str | None:
        found = next(looks, None)
        seen.append(str(found))
        first_look.set()
        return found

    stage = FileWriter._hand_on

    def waits(self: FileWriter, *arguments: object) -> object:
        first_look.wait()
        return stage(self, *arguments)  # type: ignore[arg-type]  # passed through

    monkeypatch.setattr(Job, "requested", requested)
    monkeypatch.setattr(FileWriter, "_hand_on", waits)
    return seen


def test_a_cancelled_job_leaves_nothing_visible_and_can_go_on(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        _ask_while_writing(shop, patched, "cancel")
        with pytest.raises(JobCancelled, match="--resume job-0"):
            shop.run("dataset", tmp_path / "out", rows_per_file=300)
    assert not (tmp_path / "out" / "stg_shop__orders").exists()
    assert shop.store.job("job-0").state == "failed"
    shop.run("dataset", tmp_path / "out", resume="job-0")
    assert ds.dataset(tmp_path / "out" / "stg_shop__orders").count_rows() == 4000


def test_a_paused_job_says_so_and_goes_on(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    states: list[bool] = []
    set_paused = Job.set_paused

    def noted(self: Job, paused: bool) -> None:
        states.append(paused)
        set_paused(self, paused)

    monkeypatch.setattr(Job, "set_paused", noted)
    _ask_while_writing(shop, monkeypatch, "pause", "pause", "resume")
    shop.run("dataset", tmp_path / "out", rows_per_file=300)
    assert states == [True, False]
    assert ds.dataset(tmp_path / "out" / "stg_shop__orders").count_rows() == 4000


def test_a_file_that_gets_its_name_while_files_are_listed_is_no_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    staging = tmp_path / "_staging" / "job"
    staging.mkdir(parents=True)
    for name in ("orders.csv", f"sales.csv{WRITING}"):
        (staging / name).write_bytes(b"id\n")
    look = Path.stat

    def look_and_finish(path: Path, **options: bool) -> os.stat_result:
        seen = look(path, **options)
        if path.name.endswith(WRITING):
            path.rename(staging / "sales.csv")
        return seen

    monkeypatch.setattr(Path, "stat", look_and_finish)
    assert LocalDestination(tmp_path).staged("job") == {"orders.csv": 3}

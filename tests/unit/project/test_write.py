"""The generator changes what it made, removes what it no longer makes, and touches nothing else."""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath

import pytest

from loaders.errors import GeneratedDrift
from loaders.project.write import MANIFEST, changes, check, write

A, B = PurePosixPath("models/staging/shop/a.sql"), PurePosixPath("models/b.yml")


def _kinds(project: Path, files: dict[PurePosixPath, str]) -> dict[str, str]:
    return {str(change.path): change.kind for change in changes(project, files)}


def test_writes_then_has_nothing_to_do(tmp_path: Path) -> None:
    files = {A: "select 1\n", B: "version: 2 # é\n"}
    assert [change.kind for change in write(tmp_path, files)] == ["new", "new", "new"]
    assert (tmp_path / A).read_text(encoding="utf-8") == "select 1\n"
    assert json.loads((tmp_path / MANIFEST).read_text())["files"].keys() == {str(A), str(B)}
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    assert write(tmp_path, files) == ()
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before
    check(tmp_path, files)


def test_removes_what_it_no_longer_makes_and_folders_it_leaves_empty(tmp_path: Path) -> None:
    write(tmp_path, {A: "select 1\n", B: "b\n"})
    (tmp_path / "models/staging/by_hand.sql").write_text("select 2\n")
    write(tmp_path, {B: "b\n"})
    assert not (tmp_path / "models/staging/shop").exists()
    assert (tmp_path / "models/staging/by_hand.sql").read_text() == "select 2\n"


def test_puts_back_what_was_edited_or_deleted(tmp_path: Path) -> None:
    files = {A: "select 1\n", B: "b\n"}
    write(tmp_path, files)
    (tmp_path / A).write_text("select 3\n")
    (tmp_path / B).unlink()
    assert _kinds(tmp_path, files) == {str(A): "changed", str(B): "new"}
    with pytest.raises(GeneratedDrift, match=r"models/b\.yml \(new\), models/staging/shop/a\.sql \(changed\)"):
        check(tmp_path, files)
    write(tmp_path, files)
    assert (tmp_path / A).read_text() == "select 1\n"


def test_a_hand_written_file_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / A).parent.mkdir(parents=True)
    (tmp_path / A).write_text("-- mine\n")
    with pytest.raises(GeneratedDrift, match="is in the way"):
        write(tmp_path, {A: "select 1\n", B: "b\n"})
    assert (tmp_path / A).read_text() == "-- mine\n"
    assert not (tmp_path / B).exists()


def test_a_run_that_was_cut_off_before_the_manifest_goes_on(tmp_path: Path) -> None:
    files = {A: "select 1\n", B: "b\n"}
    write(tmp_path, files)
    (tmp_path / MANIFEST).unlink()
    assert _kinds(tmp_path, files) == {str(MANIFEST): "new"}


@pytest.mark.parametrize("path", ["../elsewhere.sql", "/etc/passwd"])
def test_a_manifest_may_name_no_file_outside(tmp_path: Path, path: str) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / MANIFEST).write_text(json.dumps({"files": {path: ""}}))
    with pytest.raises(GeneratedDrift, match="outside the project"):
        write(tmp_path, {A: "select 1\n"})


def test_a_broken_manifest_is_refused(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / MANIFEST).write_text("<<<<<<< HEAD")
    with pytest.raises(GeneratedDrift, match="not readable"):
        write(tmp_path, {A: "select 1\n"})


def test_the_diff_shows_both_sides(tmp_path: Path) -> None:
    write(tmp_path, {A: "select 1\n"})
    shown = "".join(change.diff() for change in changes(tmp_path, {A: "select 2\n"}))
    assert f"--- a/{A}\n+++ b/{A}\n" in shown
    assert "-select 1\n+select 2\n" in shown
    assert "/dev/null" in "".join(change.diff() for change in changes(tmp_path, {B: "b\n"}))

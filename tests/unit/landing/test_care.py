"""Looking at the ledger and forgetting files."""

from __future__ import annotations

from typing import Any

import pytest

from loaders.errors import UsageError
from loaders.landing.care import FileFilter, details, find, forget, known_files

HEADER = "id,name,note\n"


def known(shop: Any, wanted: FileFilter | None = None) -> list[Any]:
    warehouse = shop.open()
    try:
        return known_files(warehouse, [shop.contract], wanted or FileFilter())
    finally:
        warehouse.close()


def forget_by_name(shop: Any, *names: str) -> None:
    warehouse = shop.open()
    try:
        files = known_files(warehouse, [shop.contract], FileFilter())
        forget(warehouse, [find(files, name) for name in names], "job-9")
    finally:
        warehouse.close()


@pytest.fixture
def landed(shop: Any) -> Any:
    shop.put("a.csv", HEADER + "1,a,b\nbroken\nagain\n")
    shop.put("b.csv", HEADER + "2,a,b\n")
    shop.put("bad.csv", "wrong\n1\n")
    shop.ingest()
    return shop


def test_files_are_found_by_state_path_and_id(landed: Any) -> None:
    assert [each.entry.path for each in known(landed)] == ["inbox/a.csv", "inbox/b.csv", "inbox/bad.csv"]
    assert [each.entry.path for each in known(landed, FileFilter(state="quarantined"))] == ["inbox/bad.csv"]
    file = find(known(landed), "inbox/a.csv")
    assert find(known(landed), file.entry.file_id[:8]) == file


@pytest.mark.parametrize("name", ["a.csv", "inbox/c.csv", "", "0"])
def test_an_unknown_file_is_a_usage_error(landed: Any, name: str) -> None:
    with pytest.raises(UsageError, match="files list"):
        find(known(landed), name)


def test_a_name_of_several_files_is_a_usage_error(landed: Any) -> None:
    first = known(landed)[0]
    with pytest.raises(UsageError, match="begins the ids of 2 files"):
        find([first, first], first.entry.file_id[:8])


def test_an_unknown_table_is_a_usage_error(landed: Any) -> None:
    with pytest.raises(UsageError, match=r"no contract table is called shop\.orders.*shop\.sales"):
        known(landed, FileFilter("shop", "orders"))


def test_a_path_means_its_version_in_sight(shop: Any) -> None:
    shop.change(on_file_change="replace")
    for note in "abc":
        shop.put("a.csv", f"{HEADER}1,a,{note}\n")
        shop.ingest()
    file = find(known(shop), "inbox/a.csv")
    assert file.entry.state == "landed"


def test_details_hold_the_first_malformed_lines(landed: Any) -> None:
    warehouse = landed.open()
    try:
        file = find(known_files(warehouse, [landed.contract], FileFilter()), "inbox/a.csv")
        shown = details(warehouse, file, 1)
    finally:
        warehouse.close()
    assert [(line.line_number, line.raw) for line in shown.malformed] == [(3, "broken\n")]
    assert shown.entry.malformed_rows == 2


def test_a_forgotten_file_lands_again_like_new(landed: Any) -> None:
    before = landed.all_state()
    forget_by_name(landed, "inbox/a.csv")
    assert landed.rows("id") == [("2",)]
    assert landed.query("select count(*) from landing.malformed_rows") == [(0,)]
    assert landed.query("select error from landing.ledger where state = 'superseded'") == [("forgotten by job job-9",)]
    assert {each.path: each.status for each in landed.ingest().outcomes}["a.csv"] == "landed"
    assert landed.all_state() == before


def test_a_forgotten_refusal_is_tried_again(landed: Any) -> None:
    forget_by_name(landed, "inbox/bad.csv")
    outcome = {each.path: each for each in landed.ingest().outcomes}["bad.csv"]
    assert outcome.status == "quarantined"
    assert "found by job" not in outcome.note


def test_a_full_disk_while_forgetting_forgets_nothing(landed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    before = known(landed)
    monkeypatch.setenv("LOADERS_TESTING", "1")
    monkeypatch.setenv("LOADERS_FAILPOINTS", "landing.forgotten=raise-ENOSPC")
    with pytest.raises(OSError, match="No space left"):
        forget_by_name(landed, "inbox/a.csv", "inbox/b.csv")
    assert known(landed) == before

"""What becomes of a file that the ledger knows something about already."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from loaders.contracts.model import Dialect
from loaders.errors import UsageError

HEADER = "id,name,note\n"


def age(path: Path, seconds: int = 60) -> None:
    """Makes a file look as if it was written some time ago."""
    stat = path.stat()
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns - seconds * 10**9))


def test_a_second_run_has_nothing_to_do_and_reads_nothing(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    age(shop.put("a.csv", HEADER + "1,a,b\n"))
    assert shop.outcome().status == "landed"
    before = shop.all_state()
    monkeypatch.setattr("loaders.files.reading.FileReader.open", lambda *_: pytest.fail("the file was opened"))
    assert (shop.outcome().status, shop.outcome().note) == ("skipped", "already landed")
    assert shop.all_state() == before


def test_a_file_written_a_moment_ago_is_hashed_again_before_it_is_trusted(shop: Any) -> None:
    path = shop.put("a.csv", HEADER + "1,a,b\n")
    shop.ingest()
    assert shop.ledger("modified_ns") == [(None,)]
    age(path)
    assert shop.outcome().note == "already landed"
    assert shop.ledger("modified_ns") == [(path.stat().st_mtime_ns,)]


def test_the_same_content_under_another_name_is_skipped(shop: Any) -> None:
    shop.put("a.csv", HEADER + "1,a,b\n")
    shop.ingest()
    shop.put("b.csv", HEADER + "1,a,b\n")
    first, second = shop.ingest().outcomes
    assert (first.status, second.status) == ("skipped", "skipped")
    assert second.note == "same content as inbox/a.csv, which has landed"
    assert shop.rows("id") == [("1",)]


def test_the_same_content_twice_in_one_run_lands_once(shop: Any) -> None:
    for name in ("a.csv", "b.csv", "sub/a.csv"):
        shop.put(name, HEADER + "1,a,b\n")
    assert [each.status for each in shop.ingest().outcomes] == ["landed", "skipped", "skipped"]
    assert shop.rows("id") == [("1",)]


def test_files_of_one_name_in_two_folders_are_two_files(shop: Any) -> None:
    shop.put("x/a.csv", HEADER + "1,a,b\n")
    shop.put("y/a.csv", HEADER + "2,a,b\n")
    shop.ingest(shop.inbox / "x")
    shop.ingest(shop.inbox / "y")
    assert shop.ledger("path, state") == [("inbox/x/a.csv", "landed"), ("inbox/y/a.csv", "landed")]


def test_changed_content_is_refused_by_default(shop: Any) -> None:
    shop.put("a.csv", HEADER + "1,a,b\n")
    shop.ingest()
    shop.put("a.csv", HEADER + "1,a,c\n2,x,y\n")
    shop.put("good.csv", HEADER + "3,a,b\n")
    result = shop.ingest()
    assert {each.path: each.status for each in result.outcomes} == {"a.csv": "refused", "good.csv": "landed"}
    assert "onFileChange" in result.outcomes[0].note or "onFileChange" in result.outcomes[1].note
    assert not result.all_accepted
    assert sorted(shop.rows("id, note")) == [("1", "b"), ("3", "b")]


def test_changed_content_replaces_the_old_version(shop: Any) -> None:
    shop.change(on_file_change="replace")
    shop.put("a.csv", HEADER + "1,a,b\nbroken\n")
    shop.ingest()
    shop.put("a.csv", HEADER + "1,a,c\n2,x,y\n")
    assert shop.outcome().note.startswith("replaces")
    assert shop.rows("id, note") == [("1", "c"), ("2", "y")]
    assert shop.query("select count(*) from landing.shop__sales") == [(2,)]
    assert shop.query("select count(*) from landing.malformed_rows") == [(0,)]
    old, new = shop.ledger("state, superseded_by, file_id")
    assert (old[0], old[1], new[0]) == ("superseded", new[2], "landed")


@pytest.mark.parametrize(("name", "copies"), [("a.csv", ["b.csv", "c.csv"]), ("c.csv", ["a.csv", "b.csv"])])
@pytest.mark.parametrize("group_files", [1, 500])
def test_a_copy_of_what_is_replaced_lands_in_the_same_run(
    shop: Any, name: str, copies: list[str], group_files: int
) -> None:
    shop.change(on_file_change="replace")
    shop.put(name, HEADER + "1,old,x\n")
    shop.ingest()
    for copy in copies:
        shop.put(copy, HEADER + "1,old,x\n")
    shop.put(name, HEADER + "2,new,y\n")
    planned = {Path(each.path).name: each.status for each in shop.ingest(dry_run=True).outcomes}
    assert planned[name] == planned[copies[0]] == "pending"
    told = {Path(each.path).name: (each.status, each.note) for each in shop.ingest(group_files=group_files).outcomes}
    assert told[copies[0]] == ("landed", "")
    assert told[copies[1]] == ("skipped", f"same content as inbox/{copies[0]}, which has landed")
    assert sorted(shop.rows()) == [("1", "old", "x"), ("2", "new", "y")]
    assert {each.status for each in shop.ingest().outcomes} == {"skipped"}


def test_files_that_swap_their_contents_keep_their_rows(shop: Any) -> None:
    shop.change(on_file_change="replace")
    for first, second in (("1,a,b", "2,c,d"), ("2,c,d", "1,a,b")):
        shop.put("a.csv", HEADER + f"{first}\n")
        shop.put("b.csv", HEADER + f"{second}\n")
        shop.ingest()
    assert sorted(shop.rows()) == [("1", "a", "b"), ("2", "c", "d")]


def test_content_that_comes_back_replaces_what_replaced_it(shop: Any) -> None:
    shop.change(on_file_change="replace")
    for content in ("1,a,b\n", "1,a,c\n", "1,a,b\n"):
        shop.put("a.csv", HEADER + content)
        assert shop.outcome().status == "landed"
    assert shop.rows("id, note") == [("1", "b")]
    assert sorted(shop.ledger("state")) == [("landed",), ("superseded",)]


def test_changed_content_is_appended_where_the_contract_says_so(shop: Any) -> None:
    shop.change(on_file_change="append")
    for content in ("1,a,b\n", "1,a,b\n2,c,d\n"):
        shop.put("a.csv", HEADER + content)
        assert shop.outcome().status == "landed"
    assert shop.rows("id") == [("1",), ("1",), ("2",)]
    assert shop.outcome().status == "skipped"


def test_a_file_landed_under_other_parse_options_is_kept(shop: Any) -> None:
    shop.put("a.csv", HEADER + "1,a,b\n")
    shop.ingest()
    shop.change(dialect=Dialect(nul="keep"))
    outcome = shop.outcome()
    assert outcome.status == "skipped"
    assert "other parse options" in outcome.note
    assert shop.outcome(reload=True).status == "landed"
    assert shop.rows("id") == [("1",)]
    assert sorted(shop.ledger("state")) == [("landed",), ("superseded",)]


@pytest.mark.parametrize("window", [8, 1 << 20])
def test_reload_lands_a_file_again_in_place_of_itself(shop: Any, window: int) -> None:
    shop.put("a.csv", HEADER + "1,a,b\n2,c,d\nbroken\n")
    shop.ingest()
    before = shop.all_state()
    shop.job.id = "job-2"
    assert shop.outcome(reload=True, window_bytes=window).rows == 2
    assert shop.all_state() == before
    assert shop.rows("distinct _job_id") == [("job-2",)] or shop.query(
        "select distinct _job_id from landing.shop__sales"
    ) == [("job-2",)]


def test_reload_puts_changed_content_in_place_of_the_old(shop: Any) -> None:
    shop.put("a.csv", HEADER + "1,a,b\n")
    shop.ingest()
    shop.put("a.csv", HEADER + "9,a,b\n")
    assert shop.outcome(reload=True).status == "landed"
    assert shop.rows("id") == [("9",)]


def test_verify_reads_a_file_whose_stat_says_unchanged(shop: Any) -> None:
    path = shop.put("a.csv", HEADER + "1,a,b\n")
    age(path)
    shop.ingest()
    stat = path.stat()
    with path.open("r+b") as file:
        file.seek(len(HEADER))
        file.write(b"7")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert shop.outcome().status == "skipped"
    assert shop.outcome(verify=True).status == "refused"


def test_a_dry_run_says_what_would_be_done_and_writes_nothing(shop: Any) -> None:
    shop.put("a.csv", HEADER + "1,a,b\n")
    shop.put("b.csv", "wrong,header\n1,2\n")
    result = shop.ingest(dry_run=True)
    assert {each.path: each.status for each in result.outcomes} == {"a.csv": "pending", "b.csv": "quarantined"}
    assert shop.query("select count(*) from duckdb_tables()") == [(0,)]


def test_a_bad_file_is_quarantined_with_its_cause_and_not_tried_again(shop: Any) -> None:
    shop.put("bad.csv", "wrong,header\n1,2\n")
    shop.put("good.csv", HEADER + "1,a,b\n")
    first = {each.path: each for each in shop.ingest().outcomes}
    assert (first["bad.csv"].status, first["good.csv"].status) == ("quarantined", "landed")
    ((state, error),) = shop.query("select state, error from landing.ledger where path = 'inbox/bad.csv'")
    assert state == "quarantined"
    assert error == first["bad.csv"].note
    again = {each.path: each for each in shop.ingest().outcomes}
    assert again["bad.csv"].status == "quarantined"
    assert "found by job job-1" in again["bad.csv"].note


def test_a_quarantined_file_is_tried_again_once_the_contract_was_mended(shop: Any) -> None:
    shop.put("a.csv", "id,name,remark\n1,a,b\n")
    assert shop.outcome().status == "quarantined"
    columns = shop.contract.tables[0].columns
    shop.change(columns=(*columns[:2], replace(columns[2], aliases=("remark",))))
    assert shop.outcome().status == "landed"


def test_nothing_found_is_a_usage_error(shop: Any) -> None:
    with pytest.raises(UsageError, match=r"belongs to a contract table.*\*\.csv"):
        shop.ingest()


def test_a_file_that_grows_while_it_is_read_is_left_for_the_next_run(
    shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from loaders.files.reading import FileReader

    path = shop.put("a.csv", HEADER + "1,a,b\n")
    finish = FileReader.finish

    def grow_and_finish(reader: FileReader) -> Any:
        with path.open("a") as file:
            file.write("2,c,d\n")
        return finish(reader)

    monkeypatch.setattr(FileReader, "finish", grow_and_finish)
    for window in (1 << 20, 8):
        assert shop.outcome(window_bytes=window).status == "refused"
        assert shop.query("select count(*) from landing.shop__sales") == [(0,)]
    monkeypatch.undo()
    assert shop.outcome().rows == 3


def test_many_small_files_land_by_one_statement_each_with_its_own_rows(shop: Any) -> None:
    for number in range(20):
        ending = "" if number % 2 else "\n"
        shop.put(f"{number:02}.csv", HEADER + "\n".join(f"{number}-{row},a,b" for row in range(number)) + ending)
    shop.put("20.csv", HEADER + '20-0,"two\nlines",b\n20-1,a,b\n')
    shop.put("21.csv", "name,id,note\na,21-0,b\n")
    assert shop.ingest().counts == {"landed": 22}
    found = shop.query(
        "select path, list(id order by _row_number), list(_row_number order by _row_number) "
        "from landing.shop__sales join landing.ledger on _landed_file_id = file_id group by path order by path"
    )
    expected = {f"inbox/{number:02}.csv": [f"{number}-{row}" for row in range(number)] for number in range(1, 20)}
    expected |= {"inbox/20.csv": ["20-0", "20-1"], "inbox/21.csv": ["21-0"]}
    assert {path: ids for path, ids, _ in found} == expected
    assert all(numbers == list(range(1, len(ids) + 1)) for _, ids, numbers in found)


def test_groups_are_landed_as_they_fill_up(shop: Any) -> None:
    for number in range(7):
        shop.put(f"{number}.csv", HEADER + f"{number},a,b\n")
    assert shop.ingest(group_files=3).counts == {"landed": 7}
    assert shop.query("select count(distinct _landed_at) from landing.shop__sales") == [(3,)]

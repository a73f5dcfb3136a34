"""What an older contract refused lands once it was mended, and the result is that of a first load."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from loaders.contracts.model import Column, Dialect, FileSet, MalformedLimit
from loaders.landing.care import FileFilter
from loaders.landing.replay import ReplayRequest, ReplayResult, replay

HEADER = "id,name,note\n"
NUL = HEADER + "1,a,b\n2,\0,b\n3,a,b\nbroken\n"


def run(shop: Any, **settings: Any) -> ReplayResult:
    everything = settings.pop("everything", False)
    request = ReplayRequest((shop.contract,), shop.folder, replace(shop.settings, **settings), FileFilter(), everything)
    warehouse = shop.open()
    try:
        return replay(request, warehouse, shop.job)
    finally:
        warehouse.close()


def clean_load(shop: Any, make_shop: Callable[..., Any]) -> Any:
    """The state that a first load of the same inbox under the contract as it is now gives."""
    other = make_shop()
    other.contract = shop.contract
    shutil.copytree(shop.inbox, other.inbox, dirs_exist_ok=True)
    other.ingest()
    return other.all_state()


def mend(shop: Any, **settings: Any) -> None:
    shop.change(**settings)
    shop.contract = replace(shop.contract, version="1.1.0")


@pytest.mark.parametrize("window", [8, 1 << 20])
def test_malformed_lines_land_where_a_clean_load_puts_them(
    shop: Any, make_shop: Callable[..., Any], window: int
) -> None:
    shop.put("a.csv", NUL)
    shop.ingest()
    mend(shop, dialect=Dialect(nul="keep"))
    result = run(shop, window_bytes=window)
    assert (result.landing.counts, result.landing.rows) == ({"landed": 1}, 3)
    assert shop.rows("id, _row_number") == [("1", 1), ("2", 2), ("3", 3)]
    assert shop.all_state() == clean_load(shop, make_shop)


def test_quarantined_files_land(shop: Any, make_shop: Callable[..., Any]) -> None:
    shop.put("a.csv", "id,name,remark\n1,a,b\n")
    shop.ingest()
    columns = shop.contract.tables[0].columns
    mend(shop, columns=(*columns[:2], replace(columns[2], aliases=("remark",))))
    assert run(shop).landing.counts == {"landed": 1}
    assert shop.all_state() == clean_load(shop, make_shop)


def test_files_past_a_limit_land_once_it_was_raised(shop: Any, make_shop: Callable[..., Any]) -> None:
    shop.change(max_malformed=MalformedLimit(rows=0))
    shop.put("a.csv", NUL)
    assert shop.outcome().status == "quarantined"
    mend(shop, max_malformed=MalformedLimit(rows=10))
    assert run(shop).landing.counts == {"landed": 1}
    assert shop.all_state() == clean_load(shop, make_shop)


@pytest.mark.parametrize("everything", [False, True])
def test_twice_is_once(shop: Any, everything: bool) -> None:
    shop.put("a.csv", NUL)
    shop.put("b.csv", "wrong\n1\n")
    shop.put("c.csv", HEADER + "9,a,b\n")
    shop.ingest()
    mend(shop, dialect=Dialect(nul="keep"))
    first = run(shop, everything=everything)
    assert first.landing.counts == {"landed": 1 + everything, "quarantined": 1}
    before = (shop.all_state(), shop.query("from landing.ledger order by all"))
    shop.job.id = "job-2"
    assert run(shop, everything=everything).landing.outcomes == ()
    assert (shop.all_state(), shop.query("from landing.ledger order by all")) == before


def test_whole_files_stay_unless_all_are_wanted(shop: Any, make_shop: Callable[..., Any]) -> None:
    shop.put("a.csv", HEADER + "1,a,b\n")
    shop.ingest()
    mend(shop, dialect=Dialect(nul="keep"))
    result = run(shop)
    assert (result.landing.outcomes, result.kept) == ((), 1)
    assert run(shop, everything=True).landing.counts == {"landed": 1}
    assert shop.all_state() == clean_load(shop, make_shop)


def test_other_rules_only_change_who_judges(shop: Any, make_shop: Callable[..., Any]) -> None:
    shop.put("a.csv", NUL)
    shop.ingest()
    columns: tuple[Column, ...] = shop.contract.tables[0].columns
    mend(shop, columns=(replace(columns[0], required=True), *columns[1:]))
    result = run(shop)
    assert (result.landing.outcomes, result.judged) == ((), 1)
    assert shop.all_state() == clean_load(shop, make_shop)
    assert run(shop).judged == 0


def test_content_that_is_there_no_more_stays_as_it_landed(shop: Any) -> None:
    shop.change(on_file_change="append")
    shop.put("a.csv", NUL)
    shop.ingest()
    before = shop.rows()
    shop.put("a.csv", HEADER + "7,other,content\n")
    mend(shop, dialect=Dialect(nul="keep"))
    (outcome,) = run(shop).landing.outcomes
    assert outcome.status == "refused"
    assert "no longer holds" in outcome.note
    assert shop.rows() == before
    (shop.inbox / "a.csv").unlink()
    assert run(shop).landing.counts == {"refused": 1}
    assert shop.rows() == before


def test_appended_versions_stay_beside_the_one_that_is_read_again(shop: Any) -> None:
    shop.change(on_file_change="append")
    shop.put("a.csv", HEADER + "1,a,b\nbroken\n")
    shop.ingest()
    shop.put("a.csv", NUL)
    shop.ingest()
    mend(shop, dialect=Dialect(nul="keep"))
    result = run(shop)
    assert result.landing.counts == {"refused": 1, "landed": 1}
    assert sorted(shop.rows("id")) == [("1",), ("1",), ("2",), ("3",)]


def test_a_dry_run_writes_nothing(shop: Any) -> None:
    shop.put("a.csv", NUL)
    shop.ingest()
    mend(shop, dialect=Dialect(nul="keep"))
    before = shop.query("from landing.ledger")
    assert run(shop, dry_run=True).landing.counts == {"pending": 1}
    assert shop.query("from landing.ledger") == before


def test_a_file_whose_name_lacks_the_date_now_asked_for_is_refused(shop: Any) -> None:
    from loaders.contracts.model import FileDate

    shop.put("a.csv", NUL)
    shop.ingest()
    mend(shop, dialect=Dialect(nul="keep"), files=FileSet(("*.csv*",), FileDate(r"(\d{8})", "yyyyMMdd")))
    assert run(shop).landing.counts == {"refused": 1}

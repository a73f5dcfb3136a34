"""Bad places and moments: names, doubles, changed content, many files; through a whole ingest."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from loaders.contracts.lint import lint
from tests.bad_inputs.cases import GOOD, HEADER

SHOP = Path(__file__).resolve().parents[1] / "data" / "contracts" / "shop.odcs.yaml"


def test_bad_input_046_multi_byte_delimiter(tmp_path: Path) -> None:
    contract = tmp_path / "shop.odcs.yaml"
    contract.write_text(SHOP.read_text().replace('delimiter: ";"', 'delimiter: "||"'))
    assert [problem.message for problem in lint([contract])] == ["`delimiter` `||` must have a length of at most 1"]


@pytest.mark.parametrize("name", ["bad_input_055", "bad_input_056", "bad_input_057"])
def test_links_loops_and_pipes_hold_nobody_up(shop: Any, name: str) -> None:
    shop.put("good.csv", GOOD)
    odd = shop.inbox / "odd.csv"
    if name == "bad_input_055":
        odd.symlink_to("/etc/hostname")
    elif name == "bad_input_056":
        odd.symlink_to(odd)
    else:
        os.mkfifo(odd)
    outcomes = {outcome.path: outcome for outcome in shop.ingest().outcomes}
    assert outcomes["odd.csv"].status == "refused"
    assert (outcomes["good.csv"].status, shop.rows()) == ("landed", [("1", "a", "b")])


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("a[1].csv", id="bad_input_058_pattern"),
        pytest.param('it\'s "a"; drop table x; --\n.csv', id="bad_input_059_quotes_and_newline"),
        pytest.param("-v.csv", id="bad_input_059_dash"),
        pytest.param(os.fsdecode(b"caf\xe9.csv"), id="bad_input_060_not_utf_8"),
        pytest.param("dt=2024-01-01/a.csv", id="bad_input_061_key_and_value"),
        pytest.param("x" * 251 + ".csv", id="bad_input_062_long"),
    ],
)
def test_names_are_data(shop: Any, name: str) -> None:
    shop.put(name, GOOD)
    shop.put("a1.csv", HEADER + "other,a,b\n")
    assert [outcome.status for outcome in shop.ingest(shop.inbox / name).outcomes] == ["landed"]
    assert shop.rows("*")[0][:3] == ("1", "a", "b")
    assert shop.query("select count(*) from landing.shop__sales") == [(1,)]


def test_bad_input_067_one_content_by_three_ways_lands_once(shop: Any) -> None:
    shop.put("x/a.csv", GOOD)
    shop.put("y/a.csv", GOOD)
    outcomes = shop.ingest(shop.inbox, shop.inbox / "x", shop.inbox / "x" / "a.csv").outcomes
    assert sorted(outcome.status for outcome in outcomes) == ["landed", "skipped"]
    assert shop.rows() == [("1", "a", "b")]


def test_bad_input_068_names_that_look_alike_are_one_content(shop: Any) -> None:
    shop.put("caf\u00e9.csv", GOOD)
    shop.put("cafe\u0301.csv", GOOD)
    shop.put("CAF\u00c9.csv", GOOD)
    assert sorted(outcome.status for outcome in shop.ingest().outcomes) == ["landed", "skipped", "skipped"]


def test_bad_input_070_one_other_bit_is_a_changed_file(shop: Any) -> None:
    path = shop.put("a.csv", GOOD)
    shop.ingest()
    path.write_bytes(bytes([*GOOD.encode()[:-2], GOOD.encode()[-2] ^ 1, GOOD.encode()[-1]]))
    outcome = shop.outcome()
    assert outcome.status == "refused"
    assert "has other content than when it landed" in outcome.note
    assert shop.rows() == [("1", "a", "b")]


def test_bad_input_072_many_tiny_files_share_their_transactions(
    shop: Any, monkeypatch: pytest.MonkeyPatch, counted: Callable[[str], list[str]]
) -> None:
    for number in range(600):
        shop.put(f"{number % 10}/{number}.csv", f"{HEADER}{number},a,b\n")
    commits = counted("loaders.warehouses.duckdb.warehouse")
    assert shop.ingest(group_files=100).counts == {"landed": 600}
    assert commits.count("duckdb.before_commit") == 6
    assert shop.query("select count(*), count(distinct id) from landing.shop__sales") == [(600, 600)]


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[str]]:
    """`counted(module)`: the failpoints that module reaches from now on, in order."""

    def count(module: str) -> list[str]:
        reached: list[str] = []
        monkeypatch.setattr(f"{module}.failpoint", reached.append)
        return reached

    return count

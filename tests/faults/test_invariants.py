"""Each checker finds the breach it is there for, and is silent about what is whole."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.faults.driver import World
from tests.faults.invariants import CHECKERS, Evidence, Usage, breaches
from tests.faults.scenario import FIRST, lay
from tests.faults.snapshot import Snapshot, take


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    """A run nothing is wrong with."""
    world = World(tmp_path_factory.mktemp("whole"))
    lay(world.inbox, FIRST)
    assert world.run().code == 0
    snapshot = take(world.database)
    return Evidence(snapshot, FIRST, (), world.acknowledged(), finished=True, rerun=snapshot)


def test_a_whole_run_breaks_nothing_and_was_acknowledged(whole: Evidence) -> None:
    assert breaches(whole) == []
    assert len(whole.acknowledged) == 6


def _entry(snapshot: Snapshot, name: str, **values: Any) -> Snapshot:
    ledger = copy.deepcopy(snapshot.ledger)
    next(entry for entry in ledger if entry["path"].endswith(name)).update(values)
    return replace(snapshot, ledger=ledger)


def _rows(snapshot: Snapshot, change: Callable[[list[Any]], list[Any]]) -> Snapshot:
    return replace(snapshot, rows={**snapshot.rows, "shop__sales": change(list(snapshot.rows["shop__sales"]))})


def _without_last_row(rows: list[Any]) -> list[Any]:
    return sorted(rows)[:-1]


def _other_value(rows: list[Any]) -> list[Any]:
    return [(*rows[0][:-1], "other"), *rows[1:]]


def _cut_raw(snapshot: Snapshot) -> Snapshot:
    first, *rest = snapshot.malformed
    return replace(snapshot, malformed=({**first, "raw": "x" + first["raw"][1:]}, *rest))


SNAPSHOT_BREACHES: list[tuple[str, Callable[[Snapshot], Snapshot]]] = [
    ("I1", lambda seen: _entry(seen, "sales_b.csv", blank_lines=1)),
    ("I1", lambda seen: _entry(seen, "sales_a.csv", lines=4, landed_lines=3)),
    ("I2", lambda seen: _rows(seen, lambda rows: [*rows, rows[0]])),
    ("I2", lambda seen: replace(seen, ledger=(*seen.ledger, seen.ledger[0]))),
    ("I3", lambda seen: _rows(seen, _without_last_row)),
    ("I4", lambda seen: _entry(seen, "sales_a.csv", state="landing")),
    ("I5", lambda seen: _rows(seen, lambda rows: rows[:0])),
    ("I5", lambda seen: replace(seen, malformed=seen.malformed[1:])),
    ("I5", lambda seen: replace(seen, chunks=seen.chunks[1:])),
    ("I6", lambda seen: _rows(seen, _other_value)),
    ("I7", _cut_raw),
    ("I9", lambda seen: replace(seen, ledger=tuple(each for each in seen.ledger if "sales_a" not in each["path"]))),
    ("I12", lambda seen: _entry(seen, "notes_4.csv", state="landed", landed_rows=0)),
    ("I14", lambda seen: replace(seen, tables=seen.tables | {"main.users"})),
]


@pytest.mark.parametrize(("invariant", "damage"), SNAPSHOT_BREACHES)
def test_a_breach_is_found(whole: Evidence, invariant: str, damage: Callable[[Snapshot], Snapshot]) -> None:
    damaged = replace(whole, snapshot=damage(whole.snapshot), rerun=None)
    assert any(True for _ in CHECKERS[invariant](damaged))


def test_breaches_that_need_other_evidence_are_found(whole: Evidence) -> None:
    other = _entry(whole.snapshot, "sales_a.csv", modified_ns=1)
    fine = Usage(1, 1, 5, 5)
    cases = {
        "I8": replace(whole, rerun=other),
        "I10": replace(whole, elsewhere=[{}]),
        "I11": replace(whole, built={"stg": [1]}, rebuilt={"stg": [2]}),
        "I13": replace(whole, outputs={"dbt.log": b"the CANARY sings"}, secrets=["CANARY"]),
        "I15": replace(whole, usage=replace(fine, left_behind=("x.tmp",))),
    }
    for invariant, seen in cases.items():
        assert [breach.split(":")[0] for breach in breaches(seen)] == [invariant]
    assert list(CHECKERS["I15"](replace(whole, usage=replace(fine, descriptors_after=6))))
    assert list(CHECKERS["I15"](replace(whole, usage=replace(fine, peak_bytes=2**30))))


def test_every_invariant_has_a_checker_that_was_seen_failing() -> None:
    tried = {invariant for invariant, _ in SNAPSHOT_BREACHES} | {"I8", "I10", "I11", "I13", "I15"}
    assert set(CHECKERS) == tried == {f"I{number}" for number in range(1, 16)}

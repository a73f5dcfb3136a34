"""Every bad content, through a whole ingest beside a good file: outcome, rows, malformed lines and invariants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from loaders.contracts.model import Dialect
from tests.bad_inputs.cases import CASES, GOOD, Case
from tests.faults.invariants import Evidence, breaches
from tests.faults.snapshot import take


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_content(make_shop: Callable[..., Any], case: Case) -> None:
    shop = make_shop(dialect=Dialect(**case.dialect))
    if not case.dialect and case.content != GOOD.encode():
        shop.put("z.csv", GOOD.replace("1,a,b", "good,a,b"))
    shop.put(case.name, case.content)
    outcomes = {outcome.path: outcome for outcome in shop.ingest().outcomes}
    outcome = outcomes[case.name]
    assert (outcome.status, outcome.note if outcome.status != case.status else "") == (case.status, "")
    assert case.says in " ".join((outcome.note, *outcome.warnings))
    rows = shop.query(
        "select id, name, note from landing.shop__sales join landing.ledger on _landed_file_id = file_id "
        f"where path = 'inbox/{case.name}' order by _row_number"
    )
    assert rows == list(case.rows)
    lines = "select kind from landing.malformed_rows order by line_number"
    assert [kind for (kind,) in shop.query(lines)] == list(case.malformed)
    assert all(other.status == "landed" for name, other in outcomes.items() if name != case.name)
    assert breaches(Evidence(take(shop.database))) == [f"I6: {path}" for path in _unknown(shop)]


def _unknown(shop: Any) -> list[str]:
    """I6 compares with deliveries, of which there are none here: it names each landed file."""
    paths = shop.query("select path from landing.ledger where state = 'landed' order by rowid")
    return [f"{path}: landed, though no such content was delivered" for (path,) in paths]

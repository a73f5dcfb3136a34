"""The audit adds up what the view holds and lets no lack hide behind a surplus."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from loaders.errors import EnvironmentFault
from loaders.project.accounting import Counts, read_accounting

SOUND = (10, 1, 0, 0, 0, 9, 0, 9, 0, 7, 1, 1, 0, 0, 0, 0)


def _query(rows: list[tuple[object, ...]], there: bool = True) -> object:
    def query(sql: str, parameters: Sequence[object]) -> list[tuple[object, ...]]:
        if "information_schema" in sql:
            return [(1,)] if there else []
        if parameters:
            return [row for row in rows if row[0] == parameters[0]]
        return rows

    return query


def test_files_add_up_to_tables() -> None:
    rows = [("shop", "orders", f"id{number}", f"{number}.csv", *SOUND) for number in (1, 2)]
    accounting = read_accounting(_query([*rows, ("shop", "users", "id3", "u.csv", *SOUND)]))  # type: ignore[arg-type]
    orders, users = accounting.tables
    assert (orders.files, orders.counts.lines, orders.counts.staged_rows) == (2, 20, 14)
    assert (users.table, users.files) == ("users", 1)
    assert accounting.missing == 0


def test_a_surplus_does_not_make_up_for_a_lack() -> None:
    lack = (*SOUND[:-3], 1, 0, 0)
    surplus = (*SOUND[:-3], -1, 0, 0)
    rows: list[tuple[object, ...]] = [
        ("shop", "orders", "a", "a.csv", *lack),
        ("shop", "orders", "b", "b.csv", *surplus),
    ]
    accounting = read_accounting(_query(rows))  # type: ignore[arg-type]
    assert accounting.missing == 2
    assert accounting.tables[0].missing == 2
    assert Counts(*surplus).missing == 1


def test_one_contract_only() -> None:
    rows: list[tuple[object, ...]] = [(name, "orders", name, "a.csv", *SOUND) for name in ("shop", "bank")]
    assert [file.contract for file in read_accounting(_query(rows), "bank").files] == ["bank"]  # type: ignore[arg-type]


def test_before_dbt_ran_there_is_nothing_to_audit() -> None:
    with pytest.raises(EnvironmentFault, match="dbt build"):
        read_accounting(_query([], there=False))  # type: ignore[arg-type]

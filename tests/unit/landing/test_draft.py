from __future__ import annotations

from typing import Any

import pytest

from loaders.contracts.model import Column, Contract, EnumValue, FileSet, Table
from loaders.landing.draft import landing_table


def column(logical_type: Any, **settings: Any) -> Column:
    return Column(name="c", logical_type=logical_type, description="", header="c", **settings)


@pytest.mark.parametrize(
    ("made", "is_long"),
    [
        (column("string"), True),
        (column("string", max_length=16), True),
        (column("string", max_length=15), False),
        (column("string", enum=(EnumValue("a"),)), False),
        (column("timestamp"), True),
        (column("date"), False),
        (column("integer"), False),
        (column("number"), False),
        (column("boolean"), False),
    ],
)
def test_which_columns_hold_long_texts(made: Column, is_long: bool) -> None:
    table = Table("t", "", "", (made,), FileSet(("*",)))
    landing = landing_table(Contract("id", "shop", "1", "", "", (table,)), table)
    assert landing.long_text == (frozenset({"c"}) if is_long else frozenset())
    assert (landing.name, landing.columns) == ("shop__t", ("c",))

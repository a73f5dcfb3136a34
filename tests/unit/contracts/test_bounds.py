"""Bounds in a type's own digits are met by the same values as the bounds as stated."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.contracts.bounds import ExactType, decimal, integer

KEYS = ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum")
SMALL = decimal(2, 1)
NUMBERS = st.decimals("-20", "20", places=3).map(lambda value: value + 0)


def _meets(value: Decimal, bounds: dict[str, Decimal]) -> bool:
    return (
        value >= bounds.get("minimum", value)
        and value <= bounds.get("maximum", value)
        and not ("exclusiveMinimum" in bounds and value <= bounds["exclusiveMinimum"])
        and not ("exclusiveMaximum" in bounds and value >= bounds["exclusiveMaximum"])
    )


@given(st.dictionaries(st.sampled_from(KEYS), NUMBERS, min_size=1))
def test_the_same_values_meet_fitted_bounds(bounds: dict[str, Decimal]) -> None:
    values = [Decimal(tenths) / 10 for tenths in range(-99, 100)]
    met = [value for value in values if _meets(value, bounds)]
    assert SMALL.meets(bounds) == bool(met)
    fitted = SMALL.fitted(bounds)
    assert fitted
    assert [value for value in values if _meets(value, fitted)] == met
    if met:
        assert all(value in values for value in fitted.values())


@pytest.mark.parametrize(
    ("kind", "lowest", "highest"),
    [
        (integer(8, False), "-128", "127"),
        (integer(64, True), "0", "18446744073709551615"),
        (integer(128, False), f"-{'9' * 38}", "9" * 38),
        (decimal(38, 38), f"-0.{'9' * 38}", f"0.{'9' * 38}"),
        (decimal(38, 2), f"-{'9' * 36}.99", f"{'9' * 36}.99"),
    ],
)
def test_ends_of_types(kind: ExactType, lowest: str, highest: str) -> None:
    assert (format(kind.lowest, "f"), format(kind.highest, "f")) == (lowest, highest)


def test_no_digit_is_lost() -> None:
    widest = decimal(38, 37)
    assert widest.fitted({"maximum": Decimal("1." + "9" * 70)}) == {"maximum": Decimal("1." + "9" * 37)}
    assert not widest.keeps(Decimal("1." + "9" * 70))
    assert widest.keeps(Decimal("1." + "9" * 37 + "0" * 30))
    assert not decimal(38, 0).meets({"exclusiveMinimum": Decimal("9" * 38)})
    assert decimal(38, 0).meets({"exclusiveMinimum": Decimal("9" * 37 + "8")})

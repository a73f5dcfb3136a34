"""What exact types hold, and a contract's bounds as such a type can state them: with no more digits than it keeps.

Engines bring both sides of a comparison to one type of 38 digits at most. A bound with more digits behind the point
than the column, or past its largest value, leaves no room for the column's own values there, and the query fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from typing import Final

from loaders.contracts.model import Column

_EXACT: Final = Context(prec=250)
"""Holds any number that a contract can state (`scalars.MAX_DIGITS`) at any scale, to the last digit."""
_WIDEST: Final = 38
_ROUNDING: Final = {
    "minimum": ROUND_CEILING,
    "exclusiveMinimum": ROUND_FLOOR,
    "maximum": ROUND_FLOOR,
    "exclusiveMaximum": ROUND_CEILING,
}
"""Key of a bound → where the next value lies that parts the column's values alike."""
_LOWER: Final = ("minimum", "exclusiveMinimum")


@dataclass(frozen=True, slots=True)
class ExactType:
    """All numbers with `scale` digits behind the point from `lowest` to `highest`."""

    lowest: Decimal
    highest: Decimal
    scale: int

    @property
    def step(self) -> Decimal:
        return Decimal(1).scaleb(-self.scale)

    def rounded(self, value: Decimal, rounding: str) -> Decimal:
        """`value` with `scale` digits behind the point at most; the same object where it has no more."""
        exponent = value.as_tuple().exponent
        if isinstance(exponent, int) and exponent >= -self.scale:
            return value
        return value.quantize(self.step, rounding=rounding, context=_EXACT)

    def keeps(self, value: Decimal) -> bool:
        """Whether no digit of `value` but zeros stands behind the scale."""
        return self.rounded(value, ROUND_FLOOR) == value

    def fitted(self, bounds: Mapping[str, Decimal]) -> dict[str, Decimal]:
        """Bounds by their keys that the same values meet as `bounds`, each one a value of the type.

        At least one, which may be met by every value. The bounds themselves where no value meets them.
        """
        if not self.meets(bounds):
            return dict(bounds)
        rounded = {key: self.rounded(value, _ROUNDING[key]) for key, value in bounds.items()}
        telling = {key: value for key, value in rounded.items() if self.lowest <= value <= self.highest}
        return telling or {"minimum": self.lowest}

    def meets(self, bounds: Mapping[str, Decimal]) -> bool:
        """Whether any value of the type lies within all `bounds`."""
        lowest, highest = self.lowest, self.highest
        for key, bound in bounds.items():
            value = self.rounded(bound, _ROUNDING[key])
            if key in _LOWER:
                lowest = max(lowest, value if key == "minimum" else _EXACT.add(value, self.step))
            else:
                highest = min(highest, value if key == "maximum" else _EXACT.subtract(value, self.step))
        return lowest <= highest


def integer(bits: int, unsigned: bool) -> ExactType:
    """Integers of `bits`; 128 of them mean the 38 digits that every engine holds."""
    if bits == 128:
        highest = 10**_WIDEST - 1
        return ExactType(Decimal(0 if unsigned else -highest), Decimal(highest), 0)
    past = 2 ** (bits if unsigned else bits - 1)
    return ExactType(Decimal(0 if unsigned else -past), Decimal(past - 1), 0)


def decimal(precision: int, scale: int) -> ExactType:
    """Numbers of `precision` digits, `scale` of them behind the point."""
    highest = Decimal(10**precision - 1).scaleb(-scale, context=_EXACT)
    return ExactType(highest.copy_negate(), highest, scale)


def exact_type(column: Column) -> ExactType | None:
    """What the column holds; None for binary numbers and for what is no number."""
    if column.logical_type == "integer":
        return integer(column.integer_bits, column.unsigned)
    if column.logical_type == "number" and column.precision is not None:
        return decimal(column.precision, column.scale or 0)
    return None

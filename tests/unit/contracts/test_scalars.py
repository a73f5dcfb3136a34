"""Unquoted scalars: every one PyYAML would read as something else than it looks is taken alike or refused."""

from __future__ import annotations

from decimal import Decimal

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.contracts.scalars import plain_value, trap


def test_exact_numbers() -> None:
    assert plain_value("0.10") == Decimal("0.10")
    assert plain_value("9007199254740993") == 9007199254740993
    assert plain_value("-0.00004367379244740171") == Decimal("-0.00004367379244740171")


@settings(max_examples=2000, deadline=None)
@given(st.text(alphabet=st.sampled_from("0123456789+-._:eExobtTyYnNoOfFrRuUaAlLsS"), min_size=1, max_size=8))
def test_bad_input_098_no_reading_differs_from_yaml_1_1(text: str) -> None:
    # PyYAML reads YAML 1.1; what it calls no text must be refused or mean the same to us.
    read = yaml.safe_load(text) if _is_one_scalar(text) else text
    ours = plain_value(text)
    if trap(text) is not None or text in ("true", "false", "null", "~"):
        return
    if isinstance(read, str):
        assert ours == text
    else:
        assert isinstance(ours, (int, Decimal))
        assert not isinstance(ours, bool)
        assert ours == Decimal(str(read))


def _is_one_scalar(text: str) -> bool:
    try:
        events = list(yaml.parse(text, Loader=yaml.SafeLoader))
    except yaml.YAMLError:
        return False
    return len(events) == 5 and getattr(events[2], "value", None) == text

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
    # The resolver of PyYAML is YAML 1.1; what it calls no text must be refused or mean the same to us.
    resolved = yaml.SafeLoader("").resolve(yaml.ScalarNode, text, (True, False))
    ours = plain_value(text)
    if trap(text) is not None or text in ("true", "false", "null", "~"):
        return
    if resolved == "tag:yaml.org,2002:str":
        assert ours == text
    else:
        assert isinstance(ours, (int, Decimal))
        assert not isinstance(ours, bool)
        assert ours == Decimal(str(yaml.safe_load(text)))

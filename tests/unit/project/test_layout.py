"""Lines stay short, and however a text is broken, it is the same text."""

from __future__ import annotations

import jinja2
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.project.calls import Call
from loaders.project.layout import WIDTH, aliased, all_of, call, from_landing, item, listed, text, yaml_block

# Text that holds one becomes Jinja that gives it back: tests/unit/project/test_calls.py.
JINJA_MARKS = ("{", "%}", "}}", "#}")


TEXTS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("{}%#' \\"), max_size=300)


_ENVIRONMENT = jinja2.Environment(autoescape=False)  # noqa: S701 - SQL, no HTML


def _value(source: str) -> object:
    return _ENVIRONMENT.compile_expression(source)()


@settings(deadline=None)
@given(TEXTS)
def test_a_broken_text_is_the_same_text(value: str) -> None:
    assert _value(text(value, 8)) == value


@settings(deadline=None)
@given(TEXTS)
def test_a_broken_item_is_the_same_call(value: str) -> None:
    written = item(Call("rule", ("order_id", value), (("severity", "error"),)), 4)
    expression = _ENVIRONMENT.compile_expression(written)
    assert expression(rule=lambda *texts, severity: (*texts, severity)) == ("order_id", value, "error")


@given(st.text("abcdefg ", max_size=400))
def test_lines_of_an_item_fit(value: str) -> None:
    assert all(len(line) <= WIDTH for line in item(Call("rule", ("order_id", value)), 4).splitlines())


@given(st.lists(TEXTS, min_size=1, max_size=5))
def test_a_broken_list_is_the_same_list(values: list[str]) -> None:
    assert _value(listed(values, 8, 10)) == values


@given(st.text("abcdefg ", max_size=400))
def test_lines_of_a_text_fit(value: str) -> None:
    assert all(len(line) <= WIDTH for line in text(value, 8, 8).splitlines()[1:])


@given(st.text(max_size=300))
def test_a_yaml_block_is_the_same_text(value: str) -> None:
    if not any(mark in value for mark in JINJA_MARKS):
        assert yaml.safe_load(f"  key: {yaml_block(value, 4, 7)}\n") == {"key": value}


def test_what_fits_stands_on_one_line() -> None:
    assert aliased("price", "price", 8) == "price"
    assert aliased("price", "_price__text", 8) == "price as _price__text"
    assert aliased(Call("to_integer", ("x",)), "x", 8) == "{{ to_integer('x') }} as x"
    assert all_of(("a is null", "b is null"), 8) == "a is null and b is null"
    assert from_landing("shop__orders", "landed", 4) == "from {{ source('landing', 'shop__orders') }} as landed"


def test_what_does_not_fit_is_broken() -> None:
    long = "column_with_a_name_that_takes_up_most_of_a_line"
    assert aliased(long, f"_{long}__text", 8).splitlines() == [long, f"            as _{long}__text"]
    assert all_of((f"{long} is null", f"{long} = 1"), 8).splitlines() == [f"{long} is null", f"        and {long} = 1"]
    broken = call(Call("violates_enum", (long, ("first value", "second value")), (("data_type", "string"),)), 8)
    assert broken.splitlines()[0] == "{{ violates_enum("
    assert broken.splitlines()[-2:] == ["            data_type='string'", "        ) }}"]
    assert len(from_landing(long * 2, "landed", 4).splitlines()) == 3


@pytest.mark.parametrize("separator", ["", " "])
def test_a_long_text_leaves_no_line_over_the_width(separator: str) -> None:
    lines = text(separator.join(["abcdefghi"] * 40), 12, 9).splitlines()
    assert max(map(len, lines)) <= WIDTH

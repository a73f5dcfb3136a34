"""Any text comes out of Jinja and YAML as it went in, and nothing in it runs."""

from __future__ import annotations

import jinja2
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from loaders.project.calls import Call, fits_block, literal, text_literal, yaml_text

TAGS = ("{{", "}}", "{%", "%}", "{#", "#}")
HOSTILE = (
    "{{ env_var('SECRET') }}",
    "{% endraw %}{{ 1 / 0 }}",
    "{# gone #}",
    "it's",
    'say "no"',
    "both ' and \"",
    "-- x; drop table y",
    "a\nb\r\n\tc",
    "\\x41 \\n \\",
    "^[0-9]{2,3}$",
    "emoji 🦆, NBSP \u00a0, RTL \u202e, line \u2028, NUL-like \u0001",
    "{",
    "}}",
    "",
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("{}%#'\"\\ \n"))


def _through_jinja(source: str) -> str:
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)  # noqa: S701 - SQL, no HTML
    return environment.from_string(source).render()


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_data(text: str) -> None:
    inside = text_literal(text)
    assert _through_jinja(f"{{{{ {inside} }}}}") == text
    assert not any(tag in inside for tag in TAGS)
    assert inside.isprintable()


@given(TEXTS)
def test_any_text_comes_out_of_jinja_as_it_went_in(text: str) -> None:
    inside = text_literal(text)
    assert _through_jinja(f"{{{{ [{inside}][0] }}}}") == text
    assert not any(tag in inside for tag in TAGS)


@given(TEXTS)
def test_any_text_comes_out_of_yaml_and_jinja_as_it_went_in(text: str) -> None:
    source = yaml.safe_load(f"key: {yaml_text(text)}\n")["key"]
    assert (_through_jinja(source) if any(tag in text for tag in TAGS) else source) == text


def test_yaml_text_holds_tags_only_as_one_expression() -> None:
    source = yaml.safe_load(yaml_text("{{ env_var('SECRET') }}"))
    assert source.startswith("{{ ")
    assert not any(tag in source.removeprefix("{{").removesuffix("}}") for tag in TAGS)


@pytest.mark.parametrize("text", ["two  spaces", " around ", "a\nline", "{{ x }}", "bell \x07", ""])
def test_what_folding_would_change_is_no_block(text: str) -> None:
    assert not fits_block(text)


def test_values_are_jinja_literals() -> None:
    assert [literal(value) for value in (True, False, 12, "a", ("a", "it's"))] == [
        "true",
        "false",
        "12",
        "'a'",
        "['a', \"it's\"]",
    ]
    call = Call("to_decimal", ("price", 10, 2), (("round", True),))
    assert call.pieces() == ["'price'", "10", "2", "round=true"]

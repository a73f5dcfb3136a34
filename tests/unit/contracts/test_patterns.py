"""Which patterns are portable, why the others are not, and that RE2 takes every one that passes."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.contracts.patterns import pattern_facts
from loaders.errors import DataRefused

REFUSED = [
    ("bad_input_110_look_ahead", "^(?=a)", "holds `(?`"),
    ("bad_input_110_negative_look_ahead", "^(?!a)", "holds `(?`"),
    ("bad_input_110_look_behind", "(?<=a)b", "holds `(?`"),
    ("bad_input_110_atomic", "(?>a)", "holds `(?`"),
    ("bad_input_110_flags", "(?i)a", "holds `(?`"),
    ("bad_input_110_named_group", "(?P<a>b)", "holds `(?`"),
    ("bad_input_110_non_capturing", "(?:a|b)", "holds `(?`"),
    ("bad_input_110_back_reference", r"(a)\1", "holds a back-reference"),
    ("bad_input_110_possessive", "a++", "repeats a repetition"),
    ("bad_input_110_lazy", "a+?", "repeats a repetition"),
    ("bad_input_110_repeat_1001", "a{1001}", "repeats more than 255 times"),
    ("bad_input_110_repeat_256", "a{1,256}", "repeats more than 255 times"),
    ("bad_input_110_nested_repeat", "(a{100}){100}", "repeats more than 1000 times over nested groups"),
    ("bad_input_110_text_end", r"a\Z", r"holds `\Z`"),
    ("bad_input_110_text_end_lower", r"a\z", r"holds `\z`"),
    ("bad_input_110_text_start", r"\Aa", r"holds `\A`"),
    ("bad_input_110_word_boundary", r"\ba", r"holds `\b`"),
    ("bad_input_110_unicode_property", r"\p{L}", "holds a Unicode property"),
    ("bad_input_110_posix_class", "[[:alpha:]]", "holds `[` in a class"),
    ("bad_input_110_class_union", "[a[b]]", "holds `[` in a class"),
    ("bad_input_110_class_intersection", "[a&&b]", "holds `&&` in a class"),
    ("bad_input_111_digit", r"\d+", "write `[0-9]`"),
    ("bad_input_111_digit_in_class", r"[\d.]", r"holds `\d`"),
    ("bad_input_111_word", r"\w", r"holds `\w`"),
    ("bad_input_111_space", r"\s", r"holds `\s`"),
    ("bad_input_111_dot", "a.b", "holds `.`"),
    ("bad_input_111_dollar_inside", "a$b", "holds `$` before"),
    ("bad_input_111_caret_inside", "a^b", "holds `^` after"),
    ("bad_input_111_half_anchored", "^a|b$", "anchor in one alternative only"),
    ("hexadecimal", r"\x41", r"holds `\x`"),
    ("vertical_tab", r"\v", r"holds `\v`"),
    ("empty", "", "is empty"),
    ("empty_group", "a()", "empty alternative or group"),
    ("empty_alternative", "(a|)", "empty alternative or group"),
    ("open_group", "(a", "opens a group"),
    ("closing_group", "a)", "`)` that closes nothing"),
    ("open_class", "[a", "opens a class"),
    ("open_range", "[a-", "opens a class"),
    ("empty_class", "[]a]", "empty class"),
    ("backward_range", "[z-a]", "range from a later"),
    ("hyphen_after_range", "[a-z-9]", "`-` after a range"),
    ("repeats_nothing", "*a", "repeats nothing"),
    ("repeats_anchor", "^*", "repeats nothing"),
    ("brace", "a{,3}", "begins no repetition"),
    ("brace_text", "a{b}", "begins no repetition"),
    ("brace_backwards", "a{3,1}", "from more to less"),
    ("closing_brace", "a}", "`}` that closes nothing"),
    ("closing_bracket", "a]", "`]` that closes nothing"),
    ("trailing_backslash", "a\\", "ends in a single backslash"),
    ("letter_escape", r"\q", r"holds `\q`"),
    ("long", "a" * 1001, "more than 1000 characters"),
]


@pytest.mark.parametrize(("pattern", "message"), [pytest.param(*case[1:], id=case[0]) for case in REFUSED])
def test_refused(pattern: str, message: str) -> None:
    with pytest.raises(DataRefused) as refusal:
        pattern_facts(pattern)
    assert message in str(refusal.value)
    assert refusal.value.what.startswith("pattern ")


@pytest.mark.parametrize(
    ("pattern", "groups", "anchored"),
    [
        ("^[0-9a-f]{32}$", 0, True),
        ("^(a|b)$", 1, True),
        ("a|b", 0, False),
        (r"a|b\$", 0, False),
        (r"^\$$", 0, True),
        (r"^a\$", 0, False),
        (r"^\\$", 0, True),
        ("[-a]", 0, False),
        ("[a-]", 0, False),
        ("[a-z-]", 0, False),
        ("[^-a]", 0, False),
        (r"[\]\[\-]", 0, False),
        ("[.$^{}()|*+?]", 0, False),
        (r"^[ \t\n\r\f]+$", 0, True),
        ("^a{2,255}$", 0, True),
        ("^a{2,}$", 0, True),
        ("^((a)(b))?$", 3, True),
        ("^[ção]+$", 0, True),
        ("-/,:", 0, False),
    ],
)
def test_portable(pattern: str, groups: int, anchored: bool) -> None:
    facts = pattern_facts(pattern)
    assert (facts.groups, facts.anchored) == (groups, anchored)


def test_bad_input_112_no_contract_pattern_takes_long() -> None:
    # Checked by RE2, which is linear; Python's `re` would not end on this one.
    assert pattern_facts("^(a+)+$").anchored
    row = duckdb.execute("select regexp_matches(?, '^(a+)+$')", ["a" * 2000 + "!"]).fetchone()
    assert row == (False,)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab0(|)[]{}*+?^$-\\.,12&:ndx"), max_size=12))
def test_every_portable_pattern_compiles_in_re2(pattern: str) -> None:
    assert "does not compile" not in _outcome(pattern)


def _outcome(pattern: str) -> str:
    try:
        pattern_facts(pattern)
    except DataRefused as refusal:
        return refusal.what
    return "portable"

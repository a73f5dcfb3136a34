"""Values of the catalogue stand in the golden table with the verdict the catalogue calls right; engines agree there."""

from __future__ import annotations

import pytest

from tests.golden.table import golden_rows

OK, TYPE = "ok", "type"
VALUES: dict[str, tuple[tuple[str, str, str], ...]] = {
    "bad_input_073_half": (("integer", "1.5", TYPE), ("integer", "2.5", TYPE)),
    "bad_input_074_spelt_otherwise": (
        ("integer", "1e3", TYPE),
        ("integer", "0x1F", TYPE),
        ("integer", "1_000", TYPE),
    ),
    "bad_input_075_separators": (
        ("integer", "1,000", TYPE),
        ("integer", "1,000", OK),
        ("decimal", "1,5", TYPE),
        ("decimal", "1,5", OK),
        ("decimal", "1.234", OK),
    ),
    "bad_input_076_blanks_and_zeros": (("integer", " 1", TYPE), ("integer", "007", OK), ("text", "007", OK)),
    "bad_input_077_minus_zero": (("integer", "-0", OK), ("decimal", "-0.0", OK), ("double", "-0.0", OK)),
    "bad_input_078_past_64_bits": (("integer", "9223372036854775808", TYPE),),
    "bad_input_079_past_a_double": (("decimal", "9007199254740993", OK), ("integer", "9007199254740993", OK)),
    "bad_input_080_no_number": (
        ("double", "NaN", TYPE),
        ("double", "NaN", OK),
        ("double", "inf", TYPE),
        ("double", "-Infinity", TYPE),
        ("double", "1e400", TYPE),
    ),
    "bad_input_081_past_the_scale": (("decimal", "1.005", TYPE), ("decimal", "1.005", OK)),
    "bad_input_082_past_the_precision": (("decimal", "100000000.00", TYPE),),
    "bad_input_083_other_digits": (("integer", "\uff11\uff12", TYPE),),
    "bad_input_084_no_date": (("date", "0000-00-00", TYPE), ("date", "2023-02-29", TYPE)),
    "bad_input_085_leap_years": (
        ("date", "2024-02-29", OK),
        ("date", "1900-02-29", TYPE),
        ("date", "2000-02-29", OK),
    ),
    "bad_input_086_two_digit_year": (("date", "24-01-05", TYPE),),
    "bad_input_087_day_or_month_first": (("date", "05/01/2024", TYPE), ("date", "05/01/2024", OK)),
    "bad_input_088_dates_beyond": (
        ("date", "infinity", TYPE),
        ("date", "epoch", TYPE),
        ("date", "-0001-01-01", TYPE),
        ("date", "10000-01-01", TYPE),
    ),
    "bad_input_089_offset_without_zone": (
        ("timestamp", "2024-01-05 10:00:00+05:30", TYPE),
        ("timestamp", "2024-01-05T10:00:00+05:30", OK),
    ),
    "bad_input_090_time_in_a_date": (("date", "2024-01-05T10:00:00Z", TYPE),),
    "bad_input_091_no_such_time": (
        ("time", "23:59:60", TYPE),
        ("time", "24:00:00", TYPE),
        ("timestamp", "2024-03-31T02:30:00", TYPE),
    ),
    "bad_input_092_words_for_true": (
        ("boolean", "yes", TYPE),
        ("boolean", "yes", OK),
        ("boolean", "t", TYPE),
        ("boolean", "2", TYPE),
    ),
    "bad_input_093_words_for_null": (
        ("null_tokens", "NULL", OK),
        ("null_tokens", "NA", OK),
        ("null_tokens", "\\N", OK),
        ("null_tokens", "-", OK),
        ("null_tokens", "", OK),
    ),
    "bad_input_094_length_in_characters": (
        ("length", "\U0001f600\U0001f600", OK),
        ("length", "e\u0301", OK),
        ("length", "é", "length"),
    ),
}


@pytest.mark.parametrize("values", VALUES.values(), ids=list(VALUES))
def test_the_golden_table_judges(values: tuple[tuple[str, str, str], ...]) -> None:
    judged = {(row.kind, row.raw, row.verdict) for row in golden_rows()}
    assert set(values) <= judged


def test_bad_input_077_minus_zero_is_typed_as_zero() -> None:
    zeros = {row.value for row in golden_rows() if row.raw in ("-0", "-0.0") and row.verdict == OK}
    assert zeros == {"0", "0.00", "0.0"}


def test_bad_input_093_null_tokens_count_only_where_they_are_declared() -> None:
    typed = {row.value for row in golden_rows() if row.kind == "null_tokens" and row.raw == "NULL"}
    assert typed >= {None, "NULL"}

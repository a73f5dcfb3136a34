"""One more column, table setting or check in a sound contract, and the one thing lint says about it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import indent

import pytest

from loaders.contracts.lint import lint
from loaders.errors import Problem

Changed = Callable[..., Path]
Linted = Callable[..., tuple[Problem, ...]]


def own(name: str, value: str) -> str:
    return f"customProperties: [{{property: {name}, vendor: loaders, value: {value}}}]"


COLUMNS = [
    ("no_type_options", "logicalType: integer\nlogicalTypeOptions: {pattern: a}", "unknown key `pattern`"),
    (
        "decimal_with_format",
        f"logicalType: number\nlogicalTypeOptions: {{format: f64}}\n{own('decimal', '{precision: 3, scale: 1}')}",
        "either a decimal or has a binary format",
    ),
    (
        "multiple_of_double",
        "logicalType: number\nlogicalTypeOptions: {multipleOf: 0.1}",
        "binary numbers are multiples of nothing",
    ),
    (
        "multiple_of_zero",
        "logicalType: integer\nlogicalTypeOptions: {multipleOf: 0}",
        "`multipleOf` `0` must be more than 0",
    ),
    (
        "multiple_of_many_digits",
        f"logicalType: integer\nlogicalTypeOptions: {{multipleOf: {'9' * 40}.5}}",
        "multipleOf of an integer must be a whole number",
    ),
    (
        "bound_of_many_digits",
        f"logicalType: integer\nlogicalTypeOptions: {{maximum: {'9' * 40}.5}}",
        "maximum of an integer must be a whole number",
    ),
    (
        "multiple_of_scale",
        f"logicalType: number\nlogicalTypeOptions: {{multipleOf: 0.005}}\n{own('decimal', '{precision: 9, scale: 2}')}",
        "multipleOf 0.005 has more digits than the scale 2",
    ),
    (
        "multiple_of_nothing",
        "logicalType: integer\nlogicalTypeOptions: {format: u8, multipleOf: 256}",
        "multipleOf 256 is more than any value of the type",
    ),
    (
        "bounds_past_the_type",
        f"logicalType: number\nlogicalTypeOptions: {{minimum: 999.995}}\n{own('decimal', '{precision: 5, scale: 2}')}",
        "no value of the column's type meets minimum 999.995 — it holds -999.99 to 999.99; mend the bounds",
    ),
    (
        "bounds_between_two_values",
        "logicalType: integer\nlogicalTypeOptions: {exclusiveMinimum: 1, exclusiveMaximum: 2}",
        "no value of the column's type meets exclusiveMinimum 1 and exclusiveMaximum 2",
    ),
    ("time_with_zone", "logicalType: time\nlogicalTypeOptions: {timezone: true}", "a time of day has no zone"),
    ("time_bound", 'logicalType: time\nlogicalTypeOptions: {minimum: "25:00:00"}', "minimum `25:00:00` is no time"),
    ("time_bound_short", 'logicalType: time\nlogicalTypeOptions: {minimum: "9:00"}', "minimum `9:00` is no time"),
    (
        "time_bounds_crossed",
        'logicalType: time\nlogicalTypeOptions: {minimum: "23:00:00", maximum: "01:00:00"}',
        "no value lies between",
    ),
    (
        "timestamp_bound_with_offset",
        'logicalType: timestamp\nlogicalTypeOptions: {minimum: "2024-01-01T00:00:00+01:00"}',
        "is no timestamp",
    ),
    (
        "timestamp_bound_compact",
        'logicalType: timestamp\nlogicalTypeOptions: {minimum: "20240101T000000Z"}',
        "is no timestamp",
    ),
    (
        "date_bound_compact",
        'logicalType: date\nlogicalTypeOptions: {minimum: "20240101"}',
        "minimum `20240101` is no date",
    ),
    (
        "unaccent_number",
        f"logicalType: integer\n{own('normalizers', '[unaccent]')}",
        "normalizer `unaccent` means nothing",
    ),
    ("normalizer_twice", f"logicalType: string\n{own('normalizers', '[trim, trim]')}", "names one thing twice"),
    ("enum_boolean", 'logicalType: boolean\nenum: [{value: "true"}]', "means nothing for a boolean"),
    ("enum_number", 'logicalType: number\nenum: [{value: "01"}]', "is no number in its shortest spelling"),
    (
        "enum_scale",
        f'logicalType: number\nenum: [{{value: "1.005"}}]\n{own("decimal", "{precision: 5, scale: 2}")}',
        "has more digits than the scale",
    ),
    (
        "enum_past_the_decimal",
        f'logicalType: number\nenum: [{{value: "-1000"}}]\n{own("decimal", "{precision: 5, scale: 2}")}',
        "enum value `-1000` is past the column's type",
    ),
    (
        "enum_past_the_integer",
        'logicalType: integer\nlogicalTypeOptions: {format: u8}\nenum: [{value: "255"}, {value: "256"}]',
        "enum value `256` is past the column's type",
    ),
    ("enum_date", 'logicalType: date\nenum: [{value: "5/1/2024"}]', "is no ISO 8601 date"),
    (
        "enum_null",
        "logicalType: string\nenum: [{value: '-'}]\n" + own("nullTokens", "['-']"),
        "is an enum value and means NULL",
    ),
    ("enum_lower", f"logicalType: string\nenum: [{{value: SP}}]\n{own('normalizers', '[lower]')}", 'write "sp"'),
    ("enum_upper", f"logicalType: string\nenum: [{{value: sp}}]\n{own('normalizers', '[upper]')}", 'write "SP"'),
    (
        "enum_spaces",
        f'logicalType: string\nenum: [{{value: "a  b"}}]\n{own("normalizers", "[collapse_spaces]")}',
        'write "a b"',
    ),
    ("boolean_null", "logicalType: boolean\n" + own("trueValues", '["", "true"]'), "`` is a boolean and means NULL"),
    ("numeric_alias", f"logicalType: string\n{own('aliases', '[1]')}", "`value` must be a text, not `1`"),
    ("null_where_text", "logicalType: string\ndescription: null", "`description` must be a text, not `null`"),
    (
        "metric_on_column",
        "logicalType: string\nquality: [{name: a, metric: rowCount, mustBe: 1}]",
        "metric rowCount is about a table",
    ),
    (
        "invalid_without_argument",
        "logicalType: string\nquality: [{name: a, metric: invalidValues, mustBe: 0}]",
        "does not say what is valid",
    ),
    (
        "missing_without_argument",
        "logicalType: string\nquality: [{name: a, metric: missingValues, mustBe: 0}]",
        "does not say what is missing",
    ),
    (
        "argument_is_number",
        "logicalType: string\nquality: [{name: a, metric: invalidValues, mustBe: 0, arguments: {validValues: [1]}}]",
        "must be a list of texts",
    ),
    (
        "argument_pattern",
        "logicalType: string\nquality: [{name: a, metric: invalidValues, mustBe: 0, arguments: {pattern: '^.$'}}]",
        "pattern holds `.`",
    ),
    (
        "query_of_library",
        "logicalType: string\nquality: [{name: a, metric: nullValues, mustBe: 0, query: x}]",
        "unknown key `query`",
    ),
]

FINE = [
    ("integer", 'logicalType: integer\nenum: [{value: "-1"}, {value: "10"}]'),
    (
        "many_digits",
        f"logicalType: integer\nlogicalTypeOptions: {{minimum: -1{'0' * 29}, maximum: {'9' * 76}.0}}",
    ),
    (
        "bounds_of_other_digits",
        "logicalType: number\nlogicalTypeOptions: {minimum: 0.001, exclusiveMaximum: 1000000, multipleOf: 0.050}\n"
        + own("decimal", "{precision: 5, scale: 2}"),
    ),
    ("decimal", f'logicalType: number\nenum: [{{value: "1.25"}}]\n{own("decimal", "{precision: 5, scale: 2}")}'),
    ("date", 'logicalType: date\nenum: [{value: "2024-02-29"}]'),
    ("time", 'logicalType: time\nlogicalTypeOptions: {format: "HH:mm", minimum: "08:00:00", maximum: "18:00:00"}'),
    ("boolean", "logicalType: boolean\n" + own("trueValues", "['Y']")),
    (
        "invalid",
        "logicalType: string\nquality: [{name: a, metric: invalidValues, mustBe: 0, arguments: {validValues: [b]}}]",
    ),
    (
        "percent",
        "logicalType: string\nquality: [{name: a, metric: nullValues, mustBeBetween: [0, 5.5], unit: percent}]",
    ),
    ("text_check", "logicalType: string\nquality: [{type: text, description: is nice}]"),
    ("documentation", "logicalType: string\nbusinessName: A\nclassification: public\ntags: [a]\nexamples: [1, a]"),
]

WARNED = [
    ("physical_type", "logicalType: string\nphysicalType: VARCHAR(3)", "physicalType is not read"),
    (
        "text_format",
        "logicalType: string\nlogicalTypeOptions: {format: email}",
        "format `email` of a text is not checked",
    ),
    (
        "other_engine",
        "logicalType: string\nquality: [{type: custom, engine: soda, implementation: x}]",
        "engine `soda` is not run",
    ),
    (
        "schedule",
        "logicalType: string\nquality: [{name: a, metric: nullValues, mustBe: 0, schedule: x}]",
        "is not read",
    ),
]

TABLE_PROPERTIES = [
    ("empty_glob", '{globs: ["customers*.csv"]}', '{globs: [" "]}', "is empty or has spaces around it"),
    (
        "unseen_glob",
        '{globs: ["customers*.csv"]}',
        '{globs: ["a\\u200bb.csv"]}',
        "holds a character that cannot be seen",
    ),
    ("no_globs", '{globs: ["customers*.csv"]}', "{globs: []}", "must have as many entries as 1"),
    ("delimiter_is_line_end", 'delimiter: ";"', 'delimiter: "\\n"', "csv `delimiter` is a line end"),
    (
        "escape_is_delimiter",
        'delimiter: ";"',
        'delimiter: ";", escape: ";"',
        "csv `escape` is the same character as `delimiter`",
    ),
    (
        "delimiter_is_the_usual_quote",
        'delimiter: ";"',
        "delimiter: '\"'",
        "csv `delimiter` is the same character as `quote`",
    ),
    (
        "escape_is_the_usual_delimiter",
        'delimiter: ";", encoding',
        'escape: ",", encoding',
        "csv `escape` is the same character as `delimiter`",
    ),
    ("escape_is_line_end", 'delimiter: ";"', 'delimiter: ";", escape: "\\n"', "csv `escape` is a line end"),
    ("escape_is_not_ascii", 'delimiter: ";"', 'delimiter: ";", escape: é', "csv `escape` `é` is not ASCII"),
    ("delimiter_is_not_ascii", 'delimiter: ";"', "delimiter: ¬", "csv `delimiter` `¬` is not ASCII"),
    ("partition_unknown", "column: placed_at", "column: placed", "`orders` has no column `placed`"),
    (
        "no_implementation",
        "implementation: {kind: ordered, columns: [placed_at, sent_at], mostly: 0.9}",
        "tags: []",
        "`implementation` is missing",
    ),
]


def _added(column: str) -> tuple[str, str]:
    body = indent(column, " " * 8)
    return (
        "    quality:\n      - name: some_orders",
        f"      - name: extra\n{body}\n    quality:\n      - name: some_orders",
    )


@pytest.mark.parametrize(("column", "message"), [pytest.param(*case[1:], id=case[0]) for case in COLUMNS])
def test_columns_refused(linted: Linted, column: str, message: str) -> None:
    problems = linted(_added(column))
    assert len(problems) == 1, "\n".join(map(str, problems))
    assert message in str(problems[0])
    assert problems[0].severity == "error"


@pytest.mark.parametrize("column", [pytest.param(case[1], id=case[0]) for case in FINE])
def test_columns_taken(linted: Linted, column: str) -> None:
    assert linted(_added(column)) == ()


@pytest.mark.parametrize(("column", "message"), [pytest.param(*case[1:], id=case[0]) for case in WARNED])
def test_columns_warned_of(linted: Linted, column: str, message: str) -> None:
    (problem,) = linted(_added(column))
    assert message in problem.message
    assert problem.severity == "warning"


@pytest.mark.parametrize(("old", "new", "message"), [pytest.param(*case[1:], id=case[0]) for case in TABLE_PROPERTIES])
def test_table_settings_refused(linted: Linted, old: str, new: str, message: str) -> None:
    problems = linted((old, new))
    assert len(problems) == 1, "\n".join(map(str, problems))
    assert message in problems[0].message


@pytest.mark.parametrize(
    "marks", ["escape: '\"'", "escape: '#', comment: '#'", "comment: §", "quote: '', escape: ';'", 'quote: "\'"']
)
def test_marks_taken(linted: Linted, marks: str) -> None:
    assert linted(('delimiter: ";"', f'delimiter: ";", {marks}')) == ()


RELATIONSHIPS = [
    ("{from: orders.customer_id, to: customers.customer_id}", "`customer_id` already refers to a table"),
    ("{from: customers.customer_id, to: customers.customer_id}", "`from` names another table than its own"),
    ("{from: [orders.line_no, orders.order_id], to: [customers.customer_id, orders.order_id]}", "more than one table"),
    ("{from: [orders.line_no, orders.order_id], to: [customers.customer_id]}", "2 columns refer to 1"),
    ("{from: orders.line, to: customers.customer_id}", "`orders` has no column `line`"),
    ("{from: [a.b.c], to: [customers.customer_id]}", "reference `a.b.c` is not `table.column`"),
    ("{from: orders.line_no, to: [customers.customer_id]}", "has none of the accepted forms"),
]


@pytest.mark.parametrize(("relationship", "message"), RELATIONSHIPS)
def test_relationships_of_a_table(linted: Linted, relationship: str, message: str) -> None:
    old = "    quality:\n      - name: some_orders"
    problems = linted((old, f"    relationships: [{relationship}]\n{old}"))
    assert any(message in problem.message for problem in problems), "\n".join(map(str, problems))


def test_duplicates_need_a_key(linted: Linted) -> None:
    (problem,) = linted(
        ("      - {property: incremental, vendor: loaders, value: {strategy: upsert}}\n", ""),
        ("        primaryKey: true\n        primaryKeyPosition: 1\n", ""),
        ("        primaryKey: true\n        primaryKeyPosition: 2\n", ""),
    )
    assert problem.message == "`duplicates` without a primary key or unique column"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file holds no contract"),
        ("- a", "no mapping of keys to values"),
        ("a\x01b", "not YAML"),
        ("x", "no mapping"),
    ],
)
def test_no_contract_at_all(changed: Changed, text: str, message: str) -> None:
    path = changed()
    path.write_text(text, encoding="utf-8")
    (problem,) = lint([path])
    assert message in problem.message

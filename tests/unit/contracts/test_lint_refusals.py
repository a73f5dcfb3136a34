"""One change to a sound contract, one refusal: what it says, and the line it stands at."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from loaders.contracts.lint import lint

MINIMAL = Path(__file__).resolve().parents[2] / "data" / "contracts" / "shop.odcs.yaml"

Changed = Callable[..., Path]

# id, text in tests/data/contracts/shop.odcs.yaml, what stands there instead, what the one problem says.
# The problem must stand at a line of the new text.
REFUSED: list[tuple[str, str, str, str]] = [
    # YAML that surprises
    (
        "bad_input_097_duplicate_keys",
        "name: shop\n",
        "name: shop\nname: shop\n",
        "key `name` stands here a second time",
    ),
    ("bad_input_098_no", 'value: "NO"', "value: no", "unquoted `no`: YAML 1.1 reads it as a boolean"),
    ("bad_input_098_on", 'value: "NO"', "value: on", "unquoted `on`: YAML 1.1 reads it as a boolean"),
    (
        "bad_input_098_base_60",
        'value: "NO"',
        "value: 1:30",
        "unquoted `1:30`: YAML 1.1 reads it as a number in base 60",
    ),
    ("bad_input_098_octal", 'value: "NO"', "value: 017", "unquoted `017`: YAML 1.1 reads a leading zero as octal"),
    ("bad_input_098_underscore", 'value: "NO"', "value: 1_000", "unquoted `1_000`: YAML 1.1 and 1.2 disagree"),
    ("bad_input_098_exponent", 'value: "NO"', "value: 1e3", "unquoted `1e3`: YAML 1.1 and 1.2 disagree"),
    (
        "bad_input_098_hexadecimal",
        'value: "NO"',
        "value: 0x1F",
        "unquoted `0x1F`: YAML reads it as a number in another",
    ),
    ("bad_input_098_infinity", 'value: "NO"', "value: .inf", "unquoted `.inf`: YAML reads it as a special number"),
    (
        "bad_input_098_bare_date",
        'minimum: "1900-01-01"',
        "minimum: 1900-01-01",
        "unquoted `1900-01-01`: YAML 1.1 reads it",
    ),
    ("bad_input_098_null_spelling", 'value: "NO"', "value: NULL", "unquoted `NULL`: YAML reads it as null"),
    ("bad_input_098_many_digits", 'value: "NO"', f"value: {'9' * 79}", "it has more than 78 digits"),
    ("bad_input_098_enum_number", 'value: "NO"', "value: 12", "enum value `12` is no text"),
    ("bad_input_098_enum_true", 'value: "NO"', "value: true", "enum value `true` is no text"),
    ("bad_input_098_true_value", '["yes"]', "[1]", "`value` must be a text, not `1`"),
    ("bad_input_098_version_number", "version: 1.0.0", "version: 1.0", "`version` must be a text, not `1.0`"),
    ("bad_input_099_anchor", "id: shop-0001", "id: &a shop-0001", "a YAML anchor `&a`"),
    (
        "bad_input_100_deep",
        "purpose: Orders of a small shop.",
        f"purpose: {'[' * 20_000}",
        "nested deeper than 50 levels",
    ),
    (
        "bad_input_101_tag",
        "id: shop-0001",
        "id: !!python/object:os.system x",
        "a YAML tag `tag:yaml.org,2002:python/obj",
    ),
    ("bad_input_116_tab", "id: shop-0001", "id:\tshop-0001", "a tab character"),
    ("bad_input_116_second_document", "\nschema:\n", "\n---\nschema:\n", "a second YAML document in one file"),
    ("yaml_syntax", "id: shop-0001", "id: [shop", "not YAML: "),
    ("yaml_key_is_list", "id: shop-0001", "? [id]\n: shop", "a mapping key that is no text"),
    # keys the standard does not know, or knows otherwise
    ("bad_input_102_unknown_key", "version: 1.0.0", "version: 1.0.0\nverzion: x", "unknown key `verzion`"),
    ("bad_input_102_column_key", "unique: true", "uniqe: true", "unknown key `uniqe`"),
    ("bad_input_102_option_key", "minLength: 3", "minLenght: 3", "unknown key `minLenght`"),
    (
        "bad_input_102_misspelt_type",
        "logicalType: boolean",
        "logicalType: bolean",
        "`logicalType` `bolean` is not accepted",
    ),
    ("bad_input_102_own_key_outside", "unique: true", "mayBeAbsent: true", "unknown key `mayBeAbsent`"),
    ("bad_input_102_option_outside", "unique: true", "pattern: a", "unknown key `pattern`"),
    ("bad_input_102_own_name", "property: unit,", "property: units,", "unknown custom property `units` of a column"),
    ("bad_input_102_own_value_key", "keep: last,", "kept: last,", "unknown key `kept`"),
    ("bad_input_102_own_word", "granularity: month", "granularity: months", "`granularity` `months` is not accepted"),
    ("bad_input_102_normalizer", "value: [trim]", "value: [trimm]", "`value` `trimm` is not accepted"),
    ("bad_input_102_metric", "metric: rowCount", "metric: rowCounts", "`metric` `rowCounts` is not accepted"),
    ("bad_input_102_check_kind", "kind: ordered,", "kind: ascending,", "`kind` `ascending` is not accepted"),
    ("api_version", "apiVersion: v3.2.0", "apiVersion: v2.2.2", "apiVersion `v2.2.2` is not supported"),
    ("kind", "kind: DataContract", "kind: DataProduct", "`kind` `DataProduct` is not accepted"),
    ("missing_id", "id: shop-0001\n", "", "`id` is missing in the contract"),
    ("missing_name", "name: shop\n", "", "the contract has no `name`"),
    ("missing_logical_type", "        logicalType: boolean\n", "", "column `paid` has no `logicalType`"),
    (
        "missing_files",
        '      - {property: files, vendor: loaders, value: {globs: ["customers*.csv"]}}\n',
        "      - {property: a, value: 1}\n",
        "table `customers` does not say which files",
    ),
    ("missing_value", ", value: EUR}", "}", "`value` is missing in `unit`"),
    ("flag_is_text", "unique: true", 'unique: "true"', "`unique` must be true or false, not `true`"),
    (
        "not_an_operator",
        "mustBeGreaterThan: 0",
        "mustBeGreaterThan: 0\n        mustBe: 1",
        "a quality check needs exactly one operator",
    ),
    ("operator_is_text", "mustBeGreaterThan: 0", "mustBe: many", "mustBe `many` is no number"),
    (
        "operator_backwards",
        "mustBeGreaterThan: 0",
        "mustBeBetween: [9, 1]",
        "mustBeBetween has its larger number first",
    ),
    ("no_vendor", "{property: unit, vendor: loaders,", "{property: unit,", "custom property `unit` names no vendor"),
    (
        "vendor_misspelt",
        "{property: unit, vendor: loaders,",
        "{property: unit, vendor: landfall,",
        "vendor `landfall` is not ours",
    ),
    (
        "own_key_elsewhere",
        "purpose: Orders of a small shop.",
        "customProperties: [{property: csv, vendor: loaders, value: {}}]",
        "custom property `csv` means nothing here",
    ),
    ("own_key_twice", "{property: unit,", "{property: decimal,", "custom property `decimal` stands here twice"),
    ("own_key_at_wrong_place", "{property: unit,", "{property: csv,", "unknown custom property `csv` of a column"),
    (
        "implementation_is_text",
        "implementation: {kind: ordered, columns: [placed_at, sent_at], mostly: 0.9}",
        "implementation: ordered",
        "must be a mapping",
    ),
    # flat files hold no nested values
    ("type_object", "logicalType: boolean", "logicalType: object", "logicalType `object` cannot stand in a flat file"),
    ("type_array", "logicalType: boolean", "logicalType: array", "logicalType `array` cannot stand in a flat file"),
    (
        "type_vector",
        "logicalType: boolean",
        "logicalType: vector\n        logicalTypeOptions: {dimensions: 3}",
        "logicalType `vector` cannot stand in a flat file",
    ),
    ("measure", "logicalType: boolean", "logicalType: boolean\n        semanticType: measure", "a measure is computed"),
    # names
    ("bad_input_103_quote", "name: paid\n", "name: 'pa\"id'\n", "is not made of letters, digits and `_`"),
    ("bad_input_103_semicolon", "name: paid\n", "name: 'paid;--'\n", "is not made of letters, digits and `_`"),
    ("bad_input_103_line_break", "name: paid\n", 'name: "pa\\nid"\n', "column name `pa\\nid` is not made of"),
    ("bad_input_103_not_ascii", "name: paid\n", "name: bezahlt_für\n", "is not made of letters, digits and `_`"),
    ("bad_input_104_reserved", "name: paid\n", "name: select\n", "column name `select` is a reserved word in DuckDB"),
    (
        "bad_input_104_reserved_upper",
        "name: paid\n",
        "name: QUALIFY\n",
        "column name `QUALIFY` is a reserved word in DuckDB",
    ),
    (
        "bad_input_104_reserved_bigquery",
        "name: paid\n",
        "name: hash\n",
        "column name `hash` is a reserved word in BigQuery",
    ),
    ("bad_input_104_empty", "name: paid\n", 'name: ""\n', "is not made of letters, digits and `_`"),
    ("bad_input_104_long", "name: paid\n", f"name: {'x' * 5000}\n", "is not made of letters, digits and `_`"),
    ("bad_input_104_nul", "name: paid\n", 'name: "paid\\0"\n', "a control character U+0000 in a text"),
    ("bad_input_104_case", "name: paid\n", "name: Amount\n", "column name `Amount` is already taken"),
    (
        "bad_input_104_table_case",
        "  - name: orders\n    description",
        "  - name: Customers\n    description",
        "table name `Customers` is already taken",
    ),
    ("bad_input_104_model_too_long", "name: shop\n", f"name: {'x' * 49}\n", "would have"),
    ("bad_input_105_underscore", "name: paid\n", "name: _load_key\n", "begins with `_`"),
    ("bad_input_105_dbt", "name: paid\n", "name: x__dbt_tmp\n", "holds `__dbt`"),
    ("version_with_plus", "version: 1.0.0", "version: 1.0.0+a", "version `1.0.0+a` is not made of"),
    ("header_twice", "value: [birthday]", "value: [Email]", "header `Email` already names another column"),
    # text that something could run
    ("bad_input_107_jinja", "People who buy.", "People {{ env_var('X') }}", "`{{` would be read as Jinja by dbt"),
    ("bad_input_107_jinja_block", "People who buy.", "People {% if x %}", "`{%` would be read as Jinja by dbt"),
    ("bad_input_107_jinja_comment", "label: Sao Paulo", 'label: "{# x"', "`{#` would be read as Jinja by dbt"),
    ("bad_input_107_jinja_escaped", "People who buy.", '"People \\x7b\\x7b x"', "`{{` would be read as Jinja by dbt"),
    ("bad_input_108_endraw", "People who buy.", "'{% endraw %}'", "`{%` would be read as Jinja by dbt"),
    (
        "bad_input_109_env_var",
        "label: Sao Paulo",
        "label: \"{{ env_var('DBT_ENV_SECRET_X') }}\"",
        "`{{` would be read as Jinja",
    ),
    ("bad_input_109_jinja_key", "label: Sao Paulo", '"{{x": 1', "`{{` would be read as Jinja by dbt"),
    (
        "sql_quality",
        "metric: rowCount\n        mustBeGreaterThan: 0",
        "type: sql\n        query: select 1\n        mustBe: 0",
        "type sql is not run",
    ),
    # patterns (more in test_patterns.py)
    ("bad_input_110_look_ahead", '"^[^@]+@[^@]+$"', '"^(?=a)a$"', "pattern holds `(?`"),
    ("bad_input_110_back_reference", '"^[^@]+@[^@]+$"', "'^(a)\\1$'", "pattern holds a back-reference"),
    ("bad_input_111_dot", '"^[^@]+@[^@]+$"', "^a.b$", "pattern holds `.`"),
    ("bad_input_111_dollar_inside", '"^[^@]+@[^@]+$"', "^a$b", "pattern holds `$` before its last character"),
    # formats (more in test_formats.py)
    ("date_format", "format: dd/MM/yyyy", "format: dd/MMM/yyyy", "date format `dd/MMM/yyyy` holds `MMM`"),
    ("date_format_of_ours", "HH:mm:ssXXX", "hh:mm:ssXXX", "holds `hh`, which cannot be translated"),
    (
        "offset_without_zone",
        "{timezone: true, defaultTimezone: Europe/Berlin}",
        "{timezone: false}",
        "reads an offset, which the column would lose",
    ),
    ("zone_unknown", "Europe/Berlin", "Europe/Atlantis", "time zone `Europe/Atlantis` is unknown"),
    ("file_date_format", "format: yyyyMMdd", "format: yyyyMM", "reads no day"),
    ("file_date_groups", "orders_([0-9]{8})", "orders_[0-9]{8}", "pattern has 0 groups, not 1"),
    (
        "formats_of_text",
        "{property: unit, vendor: loaders, value: EUR}",
        "{property: dateFormats, vendor: loaders, value: [yyyy-MM-dd]}",
        "`dateFormats` means nothing for a number",
    ),
    # numbers, bounds, accepted values
    (
        "integer_128",
        "name: line_no\n        logicalType: integer",
        "name: line_no\n        logicalType: integer\n        logicalTypeOptions: {format: i128}",
        "wider than any type of Snowflake",
    ),
    (
        "float_32",
        "logicalType: boolean",
        "logicalType: number\n        logicalTypeOptions: {format: f32}",
        "format f32 keeps other digits",
    ),
    ("scale_over_precision", "precision: 10, scale: 2", "precision: 2, scale: 10", "scale 10 is more than precision 2"),
    (
        "precision_too_large",
        "precision: 10, scale: 2",
        "precision: 39, scale: 2",
        "`precision` `39` must be at most 38",
    ),
    (
        "multiple_of_integer",
        "name: line_no\n        logicalType: integer",
        "name: line_no\n        logicalType: integer\n        logicalTypeOptions: {multipleOf: 0.5}",
        "must be a whole number",
    ),
    (
        "bound_of_integer",
        "name: line_no\n        logicalType: integer",
        "name: line_no\n        logicalType: integer\n        logicalTypeOptions: {minimum: 0.5}",
        "minimum of an integer must be a whole number",
    ),
    (
        "bounds_crossed",
        "minimum: 0.00, maximum: 99.50",
        "minimum: 100, maximum: 99.50",
        "no value lies between minimum 100 and maximum 99.50",
    ),
    (
        "bounds_touch",
        "minimum: 0.00, maximum: 99.50",
        "exclusiveMinimum: 99.50, maximum: 99.50",
        "no value lies between",
    ),
    ("date_bounds_crossed", '"2030-12-31"', '"1830-12-31"', "no value lies between"),
    ("date_bound", '"2030-12-31"', '"2030-02-31"', "maximum `2030-02-31` is no date"),
    (
        "timestamp_bound",
        "{timezone: true, defaultTimezone: Europe/Berlin}",
        '{timezone: true, minimum: "2030-02-01"}',
        "minimum `2030-02-01` is no timestamp",
    ),
    (
        "lengths_crossed",
        "minLength: 3, maxLength: 200",
        "minLength: 3, maxLength: 2",
        "minLength 3 is more than maxLength 2",
    ),
    ("enum_twice", 'value: "NO"', "value: SP", "enum value `SP` stands here twice"),
    (
        "enum_not_integer",
        "name: line_no\n        logicalType: integer",
        'name: line_no\n        logicalType: integer\n        enum: [{value: "1.5"}]',
        "is no whole number",
    ),
    ("enum_not_normal", 'value: "NO"', 'value: " NO"', "enum value ` NO` is never met"),
    (
        "enum_means_null",
        "{property: mayBeAbsent, vendor: loaders, value: true}",
        '{property: nullTokens, vendor: loaders, value: [" -"]}',
        "entry of nullTokens ` -` is never met",
    ),
    ("true_and_false", '["no"]', '["yes"]', "`yes` means true and false"),
    (
        "words_for_text",
        "{property: unit, vendor: loaders, value: EUR}",
        "{property: trueValues, vendor: loaders, value: [a]}",
        "`trueValues` means nothing for a number",
    ),
    (
        "thousands_is_decimal",
        "{property: unit, vendor: loaders, value: EUR}",
        '{property: thousandsSeparator, vendor: loaders, value: "."}',
        "thousandsSeparator is also the decimalSeparator",
    ),
    (
        "nan_of_decimal",
        "{property: unit, vendor: loaders, value: EUR}",
        "{property: allowNan, vendor: loaders, value: true}",
        "a decimal has no nan",
    ),
    (
        "lower_and_upper",
        "value: [birthday]",
        "value: [birthday]}\n          - {property: normalizers, vendor: loaders, value: [lower, upper]",
        "undo each other",
    ),
    ("mostly_zero", "value: 0.99}", "value: 0}", "`value` `0` must be more than 0"),
    ("mostly_above_one", "mostly: 0.9}", "mostly: 1.1}", "`mostly` `1.1` must be at most 1"),
    (
        "required_but_absent",
        "logicalType: date\n",
        "logicalType: date\n        required: true\n",
        "a required column cannot be absent",
    ),
    # keys and references
    (
        "bad_input_113_key_positions",
        "primaryKeyPosition: 2",
        "primaryKeyPosition: 3",
        "primary key positions are 1, 3, not 1 to 2",
    ),
    (
        "key_position_alone",
        "unique: true",
        "primaryKeyPosition: 1",
        "primaryKeyPosition of a column that is no primary key",
    ),
    (
        "key_is_double",
        "      - name: line_no\n        logicalType: integer",
        "      - name: line_no\n        logicalType: number",
        "a binary number is no key",
    ),
    ("bad_input_114_order_column", "orderBy: [_file_date]", "orderBy: [placed]", "`orders` has no column `placed`"),
    (
        "order_by_file_date",
        ', date: {pattern: "orders_([0-9]{8})", format: yyyyMMdd}',
        "",
        "`_file_date` needs a date in the file name",
    ),
    ("partition_column", "column: placed_at", "column: paid", "partition column `paid` is no date or timestamp"),
    (
        "reference_table",
        "to: customers.customer_id",
        "to: custommers.customer_id",
        "the contract has no table `custommers`",
    ),
    ("reference_column", "to: customers.customer_id", "to: customers.id", "`customers` has no column `id`"),
    ("reference_no_key", "to: customers.customer_id", "to: customers.state", "`state` is no key of `customers`"),
    (
        "reference_type",
        "to: customers.customer_id",
        "to: customers.email",
        "`customer_id` is integer and `customers.email` is string",
    ),
    (
        "reference_by_id",
        "to: customers.customer_id",
        "to: schema/customers/properties/customer_id",
        "is not `table.column`",
    ),
    ("reference_form", "to: customers.customer_id", "to: customers", "`to` `customers` has none of the accepted forms"),
    (
        "bad_input_116_self_reference",
        "to: customers.customer_id",
        "to: orders.order_id",
        "`order_id` is no key of `orders`",
    ),
    # files and dialect
    ("bad_input_117_parent", '"customers*.csv"', '"../customers*.csv"', "leaves its folder with `..`"),
    ("bad_input_117_absolute", '"customers*.csv"', '"/data/customers*.csv"', "is an absolute path or has a scheme"),
    ("bad_input_117_home", '"customers*.csv"', '"~/customers*.csv"', "holds `~`, `$` or `%`"),
    ("bad_input_117_http", '"customers*.csv"', '"http://x/customers.csv"', "is an absolute path or has a scheme"),
    ("bad_input_117_s3", '"customers*.csv"', '"s3://x/customers.csv"', "is an absolute path or has a scheme"),
    ("bad_input_117_drive", '"customers*.csv"', '"C:/customers.csv"', "is an absolute path or has a scheme"),
    ("bad_input_117_env", '"customers*.csv"', '"$HOME/customers*.csv"', "holds `~`, `$` or `%`"),
    ("bad_input_117_backslash", '"customers*.csv"', "'a\\customers*.csv'", "holds a backslash"),
    ("glob_taken", '"customers*.csv"', '"orders_*.csv"', "files `orders_*.csv` already belong to another table"),
    (
        "delimiter_is_quote",
        'delimiter: ";"',
        "delimiter: \";\", quote: ';'",
        "csv `quote` is the same character as `delimiter`",
    ),
    ("delimiter_too_long", 'delimiter: ";"', 'delimiter: ";;"', "`delimiter` `;;` must have a length of at most 1"),
    ("encoding", "encoding: utf-8", "encoding: utf-9", "encoding `utf-9` is unknown"),
    ("encoding_no_text", "encoding: utf-8", "encoding: rot13", "encoding `rot13` is unknown"),
    ("alias_without_header", "encoding: utf-8", "encoding: utf-8, header: false", "needs a header line"),
    # quality and service levels
    ("check_without_name", "- name: some_orders\n        metric", "- metric", "a quality check without a `name`"),
    ("check_name", "name: some_orders", "name: Some orders", "check name `Some orders` is not made of"),
    ("check_name_twice", "name: some_orders", "name: amounts_agree", "check name `amounts_agree` is already taken"),
    (
        "check_severity",
        "name: some_orders",
        "name: some_orders\n        severity: fatal",
        "severity `fatal` is unknown",
    ),
    ("metric_at_table", "metric: rowCount", "metric: nullValues", "metric nullValues is about one column"),
    (
        "metric_unit",
        "metric: rowCount",
        "metric: rowCount\n        unit: percent",
        "unit `percent` does not go with rowCount",
    ),
    (
        "metric_argument",
        "metric: rowCount",
        "metric: rowCount\n        arguments: {a: [b]}",
        "unknown argument `a` of rowCount",
    ),
    (
        "duplicates_of_nothing",
        "metric: rowCount",
        "metric: duplicateValues",
        "duplicateValues of a table without columns",
    ),
    (
        "duplicates_of_unknown",
        "metric: rowCount",
        "metric: duplicateValues\n        arguments: {properties: [payd]}",
        "`orders` has no column `payd`",
    ),
    ("ordered_column", "[placed_at, sent_at]", "[placed_at, send_at]", "`orders` has no column `send_at`"),
    ("ordered_one_column", "[placed_at, sent_at]", "[placed_at]", "must have as many entries as 2"),
    ("ordered_text", "[placed_at, sent_at]", "[placed_at, paid]", "`paid` is a boolean"),
    ("ordered_mixed", "[placed_at, sent_at]", "[placed_at, amount]", "have no order"),
    ("sums_table", "left: {table: orders,", "left: {table: order,", "the contract has no table `order`"),
    ("sums_column", "columns: [amount]", "columns: [paid]", "`paid` is a boolean, not a integer or number"),
    ("sums_by", "by: [customer_id]", "by: [customer_id, order_id]", "left is by 1 columns and right by 2"),
    ("freshness_unit", "unit: d\n", "unit: w\n", "freshness in `w` cannot be told"),
    ("freshness_value", "value: 7", "value: 0", "freshness needs a whole number above 0"),
    ("freshness_table", "element: orders", "element: order", "the contract has no table `order`"),
]


# Faults that are wrong in more than one way: how many problems they give.
MORE = {
    "bad_input_104_nul": 2,
    "bad_input_104_table_case": 4,
    "bad_input_109_jinja_key": 2,
    "bad_input_116_self_reference": 2,
    "offset_without_zone": 2,
    "float_32": 3,
    "reference_no_key": 2,
    "alias_without_header": 2,
}
# Faults told at another line than the one that was changed: at the element they are about, or at the later of two.
ELSEWHERE = {
    "alias_without_header",
    "bad_input_104_model_too_long",
    "bad_input_113_key_positions",
    "check_name_twice",
    "duplicates_of_nothing",
    "enum_twice",
    "glob_taken",
    "key_is_double",
    "missing_files",
    "not_an_operator",
    "offset_without_zone",
    "required_but_absent",
    "sql_quality",
    "true_and_false",
    "yaml_syntax",
}


@pytest.mark.parametrize(("case", "old", "new", "message"), [pytest.param(*case, id=case[0]) for case in REFUSED])
def test_refused(changed: Changed, case: str, old: str, new: str, message: str) -> None:
    path = changed((old, new))
    errors = [problem for problem in lint([path]) if problem.severity == "error"]
    told = [error for error in errors if message in error.message]
    assert told, "\n".join(str(error) for error in errors)
    assert len(errors) == MORE.get(case, 1), "\n".join(str(error) for error in errors)
    assert all(error.hint and "\n" not in str(error) for error in errors)
    if new and case not in ELSEWHERE:
        first = MINIMAL.read_text(encoding="utf-8").partition(old)[0].count("\n") + 1
        assert first <= told[0].line <= first + new.count("\n")

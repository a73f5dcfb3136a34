"""The data tests that come of a contract."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
import yaml

from loaders.contracts.model import Incremental, MetricCheck
from loaders.project.plan import TablePlan, plan_table
from loaders.project.render import render_table
from loaders.project.tests_of import DataTest, column_tests, reject_tests, table_tests
from tests.unit.project.conftest import CONTRACT, CUSTOMERS, LINES


@pytest.fixture
def lines() -> TablePlan:
    return plan_table(CONTRACT, LINES)


def test_columns_are_tested_for_what_they_require(lines: TablePlan) -> None:
    tests = column_tests(lines)
    assert tests["order_id"] == (DataTest("not_null"),)
    assert tests["weight"] == ()
    assert column_tests(plan_table(CONTRACT, CUSTOMERS))["customer_id"] == (DataTest("not_null"), DataTest("unique"))


def test_one_tolerance_per_column_and_one_for_key_and_parent(lines: TablePlan) -> None:
    tests = {test.name: test for test in reject_tests(lines)}
    status = tests["rej_shop__lines__status_within_tolerance"]
    assert dict(status.arguments) == {
        "rules": ("status.required", "status.enum"),
        "staging": "ref('stg_shop__lines')",
        "mostly": "0.95",
    }
    assert status.severity == "error"
    assert tests["rej_shop__lines__price_within_tolerance"].severity == "warn"
    assert dict(tests["rej_shop__lines__customer_id_foreign_key_within_tolerance"].arguments)["mostly"] == "1"
    assert "rej_shop__lines__order_id_line_duplicate_within_tolerance" in tests
    assert len(tests) == len(reject_tests(lines))


def test_replaced_rows_of_an_upsert_are_no_fault() -> None:
    upsert = plan_table(CONTRACT, replace(CUSTOMERS, incremental=Incremental("upsert")))
    assert [test.name for test in reject_tests(upsert)] == ["rej_shop__customers__customer_id_within_tolerance"]


def test_keys_parents_and_checks_of_the_table(lines: TablePlan) -> None:
    key, rejecting, warning, ordered, sums, metric = table_tests(lines)
    assert key == DataTest("unique_key", (("columns", ("order_id", "line")),))
    assert (dict(rejecting.arguments)["mostly"], rejecting.severity) == ("1", "error")
    assert (dict(warning.arguments)["mostly"], warning.severity) == ("0.5", "warn")
    assert (ordered.name, ordered.macro, ordered.description) == (
        "shop__ordered_before_shipped",
        "columns_in_order",
        "Never too late.",
    )
    assert dict(sums.arguments)["right_columns"] == ("price", "weight")
    assert dict(metric.arguments)["operands"] == ("0", "2.5")
    assert metric.severity == "warn"


def test_values_of_a_number_are_compared_as_numbers() -> None:
    check = MetricCheck(
        "few_small", "invalidValues", ("order_id",), "rows", "mustBe", (Decimal(0),), (("validValues", ("1", "2")),)
    )
    (test,) = table_tests(plan_table(CONTRACT, replace(LINES, primary_key=(), foreign_keys=(), checks=(check,))))[:1]
    assert dict(test.arguments)["data_type"] == "integer"


def test_tests_are_yaml(lines: TablePlan) -> None:
    files = {path.name: text for path, text in render_table(lines).items()}
    (model,) = yaml.safe_load(files["stg_shop__lines.yml"])["models"]
    metric = model["data_tests"][-1]["metric_within_bounds"]
    assert metric["name"] == "shop__status_is_known"
    assert metric["arguments"]["valid_values"] == ["open", "it's"]
    assert metric["config"] == {"severity": "warn"}

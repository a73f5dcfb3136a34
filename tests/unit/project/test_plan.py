"""What a contract's models say, before any SQL."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from loaders.contracts.model import Contract, Duplicates, ForeignKey, Incremental
from loaders.contracts.rules import rules_of
from loaders.project.names import MAX_NAME, short_name
from loaders.project.plan import plan_contract, plan_table
from tests.unit.project.conftest import CONTRACT, CUSTOMERS, LINES, column


def test_columns_stand_by_kind_and_in_contract_order_inside_one() -> None:
    plan = plan_table(CONTRACT, LINES)
    assert [(kind, [each.name for each in columns]) for kind, columns in plan.kinds()] == [
        ("ids", ["order_id", "line", "status", "customer_id"]),
        ("numbers", ["price", "weight"]),
        ("booleans", ["is_gift"]),
        ("dates", ["ordered_on"]),
        ("timestamps", ["shipped_at"]),
        ("times", ["ordered_time"]),
    ]
    assert plan.landed == tuple(each.name for each in LINES.columns)


def test_every_rule_of_the_contract_is_planned_once_and_in_order() -> None:
    for table in CONTRACT.tables:
        assert plan_table(CONTRACT, table).rules() == rules_of(table)


def test_names_made_from_names_fit_and_differ() -> None:
    long = "x" * 60
    table = replace(
        CUSTOMERS,
        columns=(
            *CUSTOMERS.columns,
            *(column(f"{long}{end}", "integer", required=True, multiple_of=Decimal(2)) for end in ("a", "b")),
        ),
    )
    plan = plan_table(CONTRACT, table)
    names = [each.flag for each in plan.row_rules] + [each.text_name for each in plan.columns if each.convert]
    assert len(names) == len(set(names))
    assert all(len(name) <= MAX_NAME and name.startswith("_") for name in names)
    assert short_name("price", "type") == "_price__type"


def test_names_made_from_names_that_hold_their_joint_differ() -> None:
    """Parts that hold no `__`, do not begin with `_` and are joined by `__` can be told from the whole."""
    names = ("a", "b", "a__b", "a_", "b__rank", "a__b__text", "a__type")
    of_columns = [column(name, "integer", required=True, unique=True, multiple_of=Decimal(2)) for name in names]
    table = replace(CUSTOMERS, columns=tuple(of_columns), primary_key=("a", "b"), foreign_keys=())
    for key in (("a", "b"), ("a_", "b"), ("a", "b__rank"), ("a__b", "a")):
        plan = plan_table(CONTRACT, replace(table, primary_key=key))
        made = [each.flag for each in plan.row_rules] + [each.text_name for each in plan.columns]
        made += [name for each in plan.key_rules for name in (each.flag, each.rank)]
        assert len(made) == len(set(made)), key
        assert all(len(name) <= MAX_NAME and name.startswith("_") for name in made)


def test_a_row_that_is_no_value_of_its_type_is_not_empty_too() -> None:
    required = next(each for each in plan_table(CONTRACT, LINES).row_rules if each.rule.id == "order_id.required")
    assert required.text_name == "_order_id__text"


def test_only_rejecting_foreign_keys_look_for_parents() -> None:
    plan = plan_table(CONTRACT, LINES)
    assert [(parent.model, parent.is_key) for parent in plan.parents] == [("stg_shop__customers", True)]
    assert plan.verdicts_change
    assert not plan_table(CONTRACT, CUSTOMERS).verdicts_change


def test_a_parent_that_is_no_key_is_read_once_per_value() -> None:
    to_city = ForeignKey(("status",), "customers", ("city",))
    again = ForeignKey(("customer_id",), "customers", ("customer_id",))
    table = replace(LINES, foreign_keys=(again, to_city))
    assert [(parent.alias, parent.is_key) for parent in plan_table(CONTRACT, table).parents] == [
        ("known_customers", True),
        ("known_customers_2", False),
    ]


def test_parents_of_alike_names_have_aliases_of_their_own() -> None:
    second = replace(CUSTOMERS, name="Customers_2")
    contract = replace(CONTRACT, tables=(*CONTRACT.tables, second))
    references = (("customer_id", "customers"), ("status", "customers"), ("line", "Customers_2"))
    keys = tuple(ForeignKey((name,), to, ("customer_id",)) for name, to in references)
    plan = plan_table(contract, replace(LINES, foreign_keys=keys))
    assert [parent.alias for parent in plan.parents] == ["known_customers", "known_customers_2", "known_Customers_2_2"]


def test_which_row_of_a_key_stays() -> None:
    def ordering(**changes: object) -> tuple[str, ...]:
        return plan_table(CONTRACT, replace(CUSTOMERS, **changes)).key_rules[0].ordering  # type: ignore[arg-type]

    assert ordering() == ("_landed_file_id asc", "_row_number asc")
    assert ordering(duplicates=Duplicates("last", ("_file_date", "city"))) == (
        "_dated_on desc",
        "city desc",
        "_landed_file_id desc",
        "_row_number desc",
    )
    changed = replace(CUSTOMERS, duplicates=Duplicates("last", ("_file_date", "city")))
    assert plan_table(CONTRACT, changed).key_rules[0].ordering_texts == ("city",)
    assert ordering(incremental=Incremental("upsert")) == ("_landed_file_id desc", "_row_number desc")


def test_two_keys_rebuild() -> None:
    two = replace(CUSTOMERS, columns=(CUSTOMERS.columns[0], replace(CUSTOMERS.columns[1], unique=True)))
    assert plan_table(CONTRACT, two).rebuilds
    assert not plan_table(CONTRACT, CUSTOMERS).rebuilds


def test_the_grain_comes_first(shop: Contract) -> None:
    customers, _ = plan_contract(shop)
    assert customers.staging_description() == "One row per customer. People who have ordered."
    assert replace(customers, grain="", description="").staging_description() == "One row per row of customers."

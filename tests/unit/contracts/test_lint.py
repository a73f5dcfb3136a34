"""Lint over whole files: what it gathers, what it lets pass, and what it sees between contracts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from loaders.contracts.lint import lint
from loaders.errors import Problem, UsageError

MINIMAL = Path(__file__).resolve().parents[2] / "data" / "contracts" / "shop.odcs.yaml"
REFERS_BACK = """\
      - name: last_order
        logicalType: integer
        relationships: [{to: orders.order_id}]
      - name: state
"""

Linted = Callable[..., tuple[Problem, ...]]
Changed = Callable[..., Path]


def test_sound(linted: Linted) -> None:
    assert linted() == ()


def test_warnings_refuse_nothing(linted: Linted, changed: Changed) -> None:
    loose = ('"^[^@]+@[^@]+$"', '"@"')
    (warning,) = linted(loose)
    assert warning.severity == "warning"
    assert "searched, not matched whole" in warning.message
    assert ": warning: " in str(warning)


def test_all_problems_of_all_files_sorted(changed: Changed, tmp_path: Path) -> None:
    first = changed(("unique: true", "uniqe: true"), ("name: paid\n", "name: _paid\n"), ("value: 7", "value: 0"))
    second = tmp_path / "a.odcs.yaml"
    second.write_bytes(b"name: \xff")
    problems = lint([tmp_path])
    assert [problem.file for problem in problems] == [str(second), *[str(first)] * 3]
    assert [problem.line for problem in problems[1:]] == sorted(problem.line for problem in problems[1:])


def test_bad_input_099_alias_bomb(tmp_path: Path) -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    lines += [
        f"{this}: &{this} [{', '.join([f'*{last}'] * 10)}]" for last, this in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    path = tmp_path / "bomb.odcs.yaml"
    path.write_text("\n".join(lines), encoding="utf-8")
    problems = lint([path])
    assert sum("a YAML alias" in problem.message for problem in problems) == 80


def test_bad_input_099_large_file(tmp_path: Path) -> None:
    path = tmp_path / "large.odcs.yaml"
    path.write_bytes(b"# " + b"x" * 1_048_576)
    (problem,) = lint([path])
    assert "more than 1048576" in problem.message


def test_bad_input_100_deep_block_mappings(tmp_path: Path) -> None:
    path = tmp_path / "deep.odcs.yaml"
    path.write_text("\n".join(f"{' ' * depth}a:" for depth in range(900)), encoding="utf-8")
    (problem,) = lint([path])
    assert "nested deeper than 50 levels" in problem.message
    assert problem.line == 51


@pytest.mark.parametrize(
    ("raw", "place"),
    [(b"id: \xff", (1, 5)), ("id: a\nname: ä".encode("latin-1"), (2, 7)), ("id: a".encode("utf-16"), (1, 1))],
)
def test_bad_input_116_not_utf_8(tmp_path: Path, raw: bytes, place: tuple[int, int]) -> None:
    path = tmp_path / "x.odcs.yaml"
    path.write_bytes(raw)
    (problem,) = lint([path])
    assert "is not UTF-8" in problem.message
    assert (problem.line, problem.column) == place


def test_bad_input_116_line_ends_and_bom_change_nothing(changed: Changed) -> None:
    path = changed()
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert lint([path]) == ()


def test_bad_input_116_two_contracts_for_one_table(changed: Changed, tmp_path: Path) -> None:
    changed()
    other = MINIMAL.read_text(encoding="utf-8")
    for old, new in (("id: shop-0001", "id: other"), ("customers*.csv", "c*.csv"), ("orders_*.csv", "o*.csv")):
        other = other.replace(old, new)
    (tmp_path / "z.odcs.yaml").write_text(other.replace("name: shop", "name: SHOP"), encoding="utf-8")
    messages = [problem.message for problem in lint([tmp_path])]
    assert [message.partition(" (")[0] for message in messages] == [
        "contract name `SHOP` is already taken",
        "generated name `shop__customers` is already taken",
        "generated name `shop__orders` is already taken",
    ]


def test_generated_names_meet_across_contracts(changed: Changed, tmp_path: Path) -> None:
    changed(
        ("name: shop", "name: a__b"), ("  - name: customers", "  - name: c"), ("customers.customer_id", "c.customer_id")
    )
    other = MINIMAL.read_text(encoding="utf-8")
    for old, new in (
        ("id: shop-0001", "id: other"),
        ("name: shop", "name: a"),
        ("  - name: customers", "  - name: b__c"),
        ("customers.customer_id", "b__c.customer_id"),
        ("customers*.csv", "c*.csv"),
        ("orders_*.csv", "o*.csv"),
    ):
        other = other.replace(old, new)
    (tmp_path / "z.odcs.yaml").write_text(other, encoding="utf-8")
    (problem,) = lint([tmp_path])
    assert problem.message.startswith("generated name `a__b__c` is already taken")


def test_same_id_and_same_files_in_two_contracts(changed: Changed, tmp_path: Path) -> None:
    changed()
    other = MINIMAL.read_text(encoding="utf-8").replace("name: shop", "name: shop_two")
    (tmp_path / "z.odcs.yaml").write_text(other, encoding="utf-8")
    messages = [problem.message.partition(" (")[0] for problem in lint([tmp_path])]
    assert messages == [
        "contract id `shop-0001` is already taken",
        "files `customers*.csv` already belong to another table",
        "files `orders_*.csv` already belong to another table",
    ]


def test_bad_input_116_circle_of_references(linted: Linted) -> None:
    problems = linted(
        ("primaryKeyPosition: 1\n", "primaryKeyPosition: 1\n        unique: true\n"),
        ("      - name: state\n", REFERS_BACK),
    )
    assert [problem.message for problem in problems] == [
        "table `customers` refers to itself by way of `orders`, so no row could be judged first",
        "table `orders` refers to itself by way of `customers`, so no row could be judged first",
    ]


def test_circle_is_fine_where_orphans_only_warn(linted: Linted) -> None:
    problems = linted(
        ("primaryKeyPosition: 1\n", "primaryKeyPosition: 1\n        unique: true\n"),
        ("{property: mostly, vendor: loaders, value: 0.99}", "{property: onOrphan, vendor: loaders, value: warn}"),
        ("      - name: state\n", REFERS_BACK),
    )
    assert problems == ()


def test_upsert_needs_a_key(linted: Linted) -> None:
    (problem,) = linted(
        ("primaryKeyPosition: 1", "primaryKeyPosition: -1"),
        ("        primaryKey: true\n        primaryKeyPosition: 2\n", ""),
        (
            "      - name: order_id\n        logicalType: integer\n        primaryKey: true\n",
            "      - name: order_id\n        logicalType: integer\n        unique: true\n",
        ),
    )
    assert problem.message == "strategy upsert needs a primary key"


def test_other_vendors_are_left_alone(linted: Linted) -> None:
    assert linted(("{property: unit, vendor: loaders,", "{property: csv, vendor: soda,")) == ()


def test_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        lint([tmp_path / "x.odcs.yaml"])
    with pytest.raises(UsageError, match="in this folder"):
        lint([tmp_path])

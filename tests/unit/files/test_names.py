"""Globs match names and relative paths; names are shown escaped, no two alike."""

from __future__ import annotations

import pytest

from loaders.files.names import display_of, matches


@pytest.mark.parametrize(
    ("glob", "relative", "expected"),
    [
        ("orders*.csv", "orders_1.csv", True),
        ("orders*.csv", "deep/down/orders.csv", True),
        ("orders*.csv", "orders.csv.gz", True),
        ("orders*.csv", "orders.csv.zst", True),
        ("orders*.csv", "orders.csv.zip", True),
        ("orders*.csv", "orders.csv.bak", False),
        ("orders*.csv", "Orders.csv", False),
        ("orders.csv", "ordersxcsv", False),
        ("a/*.csv", "a/x.csv", True),
        ("a/*.csv", "b/a/x.csv", False),
        ("a/*.csv", "a/b/x.csv", False),
        ("**/x.csv", "x.csv", True),
        ("**/x.csv", "a/b/x.csv", True),
        ("a/**", "a/b/x.csv", True),
        ("x?.csv", "x1.csv", True),
        ("x[0-9].csv", "x1.csv", True),
        ("x[!0-9].csv", "x1.csv", False),
        ("x[1.csv", "x[1.csv", True),
    ],
)
def test_globs(glob: str, relative: str, expected: bool) -> None:
    assert matches(glob, relative) is expected


def test_no_two_names_are_shown_alike() -> None:
    names = ["a\nb", "a\\nb", "a\udcffb", "a\\xffb", "a\u2028b", "ab", "aéb"]
    shown = [display_of(name) for name in names]
    assert len(set(shown)) == len(names)
    assert all(one.isprintable() for one in shown)

"""Values that need care on their way into another warehouse: each arrives as it is, or is refused by name."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from loaders.errors import DataRefused, UsageError

if TYPE_CHECKING:
    from tests.unit.outputs.conftest import Other, Shop

# Type, literals of it, and the type of Postgres that has the same values; None for text as DuckDB writes it.
KINDS = [
    ("tinyint", ["-128", "127"], "smallint"),
    ("utinyint", ["0", "255"], "smallint"),
    ("usmallint", ["65535"], "integer"),
    ("uinteger", ["4294967295"], "bigint"),
    ("bigint", ["-9223372036854775808"], "bigint"),
    ("ubigint", ["18446744073709551615"], "numeric"),
    ("hugeint", ["-170141183460469231731687303715884105727", "170141183460469231731687303715884105727"], "numeric"),
    ("uhugeint", ["340282366920938463463374607431768211455"], "numeric"),
    ("decimal(38, 10)", ["1234567890123456789012345678.0123456789", "-0.0000000001"], "numeric"),
    ("boolean", ["true", "false"], "boolean"),
    ("varchar", ["'NULL'", "''", "'a,\"b\"'", "E'\\\\x00\\n\\\\.'"], "text"),
    ("time", ["'00:00:00.000001'", "'23:59:59.999999'"], "time without time zone"),
    ("timetz", ["'12:00:00+02:30'", "'23:59:59.999999-15:59'"], "time with time zone"),
    ("date", ["'1582-10-04'", "'9999-12-31'"], "date"),
    ("timestamp", ["'2024-02-29 12:34:56.789012'"], "timestamp without time zone"),
    ("timestamp_s", ["'2024-02-29 12:34:56'"], "timestamp without time zone"),
    ("timestamp_ms", ["'2024-02-29 12:34:56.789'"], "timestamp without time zone"),
    ("timestamp_ns", ["'2024-02-29 12:34:56.789012345'"], None),
    ("uuid", ["'12345678-1234-1234-1234-1234567890ab'"], "uuid"),
    ("interval", ["interval '1 year 2 days 3.123456 seconds'"], None),
    ("bit", ["'0101'"], None),
    ("enum('a', 'NULL')", ["'a'", "'NULL'"], None),
    ("json", ["'{\"a\": [1, null]}'"], None),
    ("integer[]", ["[1, NULL]", "[]"], None),
    ("varchar[]", ["['a,b', 'NULL', NULL, '', '\"', E'\\n', '\\x', ' ']"], None),
    ("integer[3]", ["[1, 2, NULL]"], None),
    ("date[][]", ["[[date 'infinity', '0044-03-15 (BC)'], NULL, []]"], None),
    ("hugeint[]", ["[170141183460469231731687303715884105727]"], None),
    ("timetz[]", ["['12:00:00+02:30'::timetz]"], None),
    ("interval[]", ["[interval '3.123456 seconds']"], None),
    ("struct(a varchar, b integer[])", ["{'a': 'x, b: 3}''', 'b': [NULL]}", "{'a': NULL, 'b': NULL}"], None),
    ("map(varchar, varchar)", ["map {'k=1': 'v, x', 'NULL': NULL, '': ''}"], None),
]


def _make(shop: Shop, kind: str, values: list[str]) -> None:
    rows = ", ".join(f"({number}, cast({value} as {kind}))" for number, value in enumerate([*values, "null"]))
    shop.change(
        "create schema oth", f"create table oth.kinds (n integer, v {kind})", f"insert into oth.kinds values {rows}"
    )


@pytest.mark.parametrize(("kind", "values", "there"), KINDS, ids=[kind for kind, _, _ in KINDS])
def test_values_arrive_as_they_are(shop: Shop, other: Other, kind: str, values: list[str], there: str | None) -> None:
    _make(shop, kind, values)
    shop.run("warehouse", "other", "kinds")
    as_text = "select n, cast(v as varchar) from oth.kinds order by n"
    declared = "select data_type from information_schema.columns where table_name = 'kinds' and column_name = 'v'"
    if other.engine == "duckdb":
        assert other.rows(as_text) == shop.query(as_text)
        assert other.rows(declared) == shop.query(declared)
        return
    assert other.rows(declared) == [(there or "text",)]
    if there in (None, "text", "uuid", "boolean"):
        assert other.rows(as_text) == shop.query(as_text)
    else:
        plain = "select v from oth.kinds order by n"
        assert [_plain(value) for value in other.rows(plain)] == [_plain(value) for value in shop.query(plain)]


def _plain(row: tuple[object, ...]) -> object:
    value = row[0]
    return Decimal(value) if isinstance(value, int) else value


def test_moments_that_only_warehouses_have_arrive(shop: Shop, other: Other) -> None:
    shop.change(
        "create schema oth",
        "create table oth.moments (n integer, d date, t timestamp, z timestamptz)",
        "insert into oth.moments values (1, 'infinity', 'infinity', 'infinity'),"
        "(2, '-infinity', '-infinity', '-infinity'), (4, '12024-02-29', '12024-02-29 01:02:03.5', null),"
        "(3, '0044-03-15 (BC)', '0044-03-15 (BC) 12:34:56.789', '0044-03-15 (BC) 12:34:56.789+00')",
    )
    shop.run("warehouse", "other", "moments")
    if other.engine == "duckdb":
        assert other.holds(shop, "oth.moments")
        return
    assert other.rows("select d::text, t::text, (z at time zone 'UTC')::text from oth.moments order by n") == [
        ("infinity", "infinity", "infinity"),
        ("-infinity", "-infinity", "-infinity"),
        ("0044-03-15 BC", "0044-03-15 12:34:56.789 BC", "0044-03-15 12:34:56.789 BC"),
        ("12024-02-29", "12024-02-29 01:02:03.5", None),
    ]


def test_moments_with_a_time_zone_are_the_same_moments(shop: Shop, other: Other) -> None:
    _make(shop, "timestamptz", ["'2024-02-29 12:34:56.789012+05:30'"])
    shop.run("warehouse", "other", "kinds")
    ((found,),) = other.rows("select v from oth.kinds where n = 0")
    assert found == datetime(2024, 2, 29, 12, 34, 56, 789012, timezone(timedelta(hours=5, minutes=30)))
    assert found.astimezone(UTC).time() == time(7, 4, 56, 789012)


def test_bytes_arrive_as_bytes(shop: Shop, other: Other) -> None:
    _make(shop, "blob", ["from_hex('00FF5C2C220A')", "''::blob"])
    shop.run("warehouse", "other", "kinds")
    found = [value if value is None else bytes(value) for (value,) in other.rows("select v from oth.kinds order by n")]
    assert found == [b'\x00\xff\\,"\n', b"", None]


def test_numbers_that_are_none_arrive(shop: Shop, other: Other) -> None:
    _make(shop, "double", ["'nan'", "'-inf'", "0.1", "5e-324", "1.7976931348623157e308"])
    shop.run("warehouse", "other", "kinds")
    assert str(other.rows("select v from oth.kinds order by n")) == str(
        shop.query("select v from oth.kinds order by n")
    )


@pytest.mark.parametrize(
    ("kind", "value", "where"),
    [
        ("date", "'5881580-07-10'", 'column v: "5881580-07-10"'),
        ("timestamp", "'290000-01-01 (BC) 00:00:00'", 'column v: "290000-01-01 00:00:00 BC"'),
        ("varchar", "'a' || chr(0)", "column v"),
    ],
)
def test_values_that_postgres_does_not_hold_are_refused_by_name(
    shop: Shop, other: Other, kind: str, value: str, where: str
) -> None:
    _make(shop, kind, [value])
    if other.engine == "duckdb":
        shop.run("warehouse", "other", "kinds")
        assert other.holds(shop, "oth.kinds")
        return
    with pytest.raises(DataRefused, match=r"oth\.kinds: ") as refused:
        shop.run("warehouse", "other", "kinds")
    assert refused.value.exit_code == 1
    assert where in refused.value.what
    assert "\n" not in str(refused.value)


def test_a_union_keeps_its_members_and_its_nulls_in_duckdb(shop: Shop, other: Other) -> None:
    if other.engine != "duckdb":
        pytest.skip("unions are texts there")
    kind = "union(num integer, str varchar)"
    _make(shop, kind, ["1", "'a'", "union_value(str := '12')", "union_value(str := NULL::varchar)", "'NULL'"])
    shop.run("warehouse", "other", "kinds")
    looked_at = "select v, v is null, union_tag(v), v.num, v.str from oth.kinds order by n"
    assert other.rows(looked_at) == shop.query(looked_at)


def test_a_variant_keeps_what_each_value_is_in_duckdb(shop: Shop, other: Other) -> None:
    if other.engine != "duckdb":
        pytest.skip("variants are texts there")
    _make(shop, "variant", ["1", "'1'", "{'a': [1, NULL]}", "date '2024-01-01'"])
    shop.run("warehouse", "other", "kinds")
    looked_at = "select v, typeof(v), variant_typeof(v) from oth.kinds order by n"
    assert other.rows(looked_at) == shop.query(looked_at)


@pytest.mark.parametrize("member", ["interval", "hugeint", "timetz", "timestamp_s", "integer[3]"])
def test_a_union_with_a_member_that_would_change_is_refused(shop: Shop, other: Other, member: str) -> None:
    if other.engine != "duckdb":
        pytest.skip("unions are texts there")
    shop.change("create schema oth", f"create table oth.kinds (v union(a {member}, b date))")
    with pytest.raises(UsageError, match=r"oth\.kinds: column v is a union with .*, which no Parquet file holds"):
        shop.run("warehouse", "other", "kinds")
    assert other.tables("oth") == []

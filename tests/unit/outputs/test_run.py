from __future__ import annotations

import csv
import hashlib
import json
import re
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from loaders.errors import LandingMismatch, OutputMismatch, UsageError
from loaders.jobs.run import run_job
from loaders.outputs.checkpoint import Checkpoint
from loaders.outputs.formats.csv import CsvEncoding
from loaders.outputs.model import Request
from loaders.outputs.run import materialize
from loaders.outputs.session import Cursor

if TYPE_CHECKING:
    from tests.unit.outputs.conftest import Shop

ORDERS = "staging.stg_shop__orders"


def _files(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every file below `folder` with its inode and hash: a file that was written again has another inode."""
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_ino, hashlib.sha256(path.read_bytes()).digest())
        for path in folder.rglob("*")
        if path.is_file()
    }


def _manifest(folder: Path) -> dict[str, Any]:
    (path,) = (folder / "_manifest").glob("*.json")
    value: dict[str, Any] = json.loads(path.read_text())
    return value


def test_parquet_holds_the_tables_rows_and_the_manifest_says_so(shop: Shop, tmp_path: Path) -> None:
    shop.run("parquet", tmp_path / "out")
    file = tmp_path / "out" / "stg_shop__orders.parquet"
    assert shop.differences(ORDERS, f"'{file}'") == 0
    (table,) = _manifest(tmp_path / "out")["tables"]
    (part,) = table["partitions"][0]["parts"]
    assert part == {
        "path": file.name,
        "rows": 4000,
        "bytes": file.stat().st_size,
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
    }
    assert pq.read_metadata(file).row_group(0).column(0).compression == "ZSTD"


def test_a_dataset_is_partitioned_by_the_first_dates_month_and_readers_prune_it(shop: Shop, tmp_path: Path) -> None:
    shop.run("dataset", tmp_path / "out", rows_per_file=300)
    folder = tmp_path / "out" / "stg_shop__orders"
    names = sorted(path.name for path in folder.iterdir())
    assert names == [
        *(f"ordered_on_month=2024-0{month}" for month in (1, 2, 3, 4)),
        "ordered_on_month=__HIVE_DEFAULT_PARTITION__",
    ]
    data = ds.dataset(folder, partitioning="hive")
    wanted = ds.field("ordered_on_month") == "2024-02"
    assert {Path(each.path).parent.name for each in data.get_fragments(filter=wanted)} == {"ordered_on_month=2024-02"}
    (expected,) = shop.query(f"select count(*) from {ORDERS} where month(ordered_on) = 2")[0]
    assert data.count_rows(filter=wanted) == expected
    assert max(pq.read_metadata(path).num_rows for path in folder.rglob("*.parquet")) == 300
    columns = ", ".join(name for name in data.schema.names if name != "ordered_on_month")
    assert shop.differences(ORDERS, f"read_parquet('{folder}/**/*.parquet')", columns) == 0


def test_a_second_run_with_nothing_new_writes_nothing(shop: Shop, tmp_path: Path) -> None:
    assert shop.run("dataset", tmp_path / "out").changed
    before = _files(tmp_path / "out")
    assert not shop.run("dataset", tmp_path / "out").changed
    assert _files(tmp_path / "out") == before


def test_a_full_refresh_that_stores_the_same_rows_otherwise_writes_nothing(shop: Shop, tmp_path: Path) -> None:
    shop.run("dataset", tmp_path / "out")
    shop.change(f"create or replace table {ORDERS} as select * from {ORDERS} order by hash(order_id)")
    assert not shop.run("dataset", tmp_path / "out").changed


def test_new_rows_rewrite_only_the_partitions_they_touch(shop: Shop, tmp_path: Path) -> None:
    shop.run("dataset", tmp_path / "out")
    before = _files(tmp_path / "out" / "stg_shop__orders")
    shop.change(
        f"insert into {ORDERS} select * replace ('file-9' as _landed_file_id, date '2024-03-05' as ordered_on) "
        f"from {ORDERS} limit 10"
    )
    (line,) = shop.run("dataset", tmp_path / "out").tables
    after = _files(tmp_path / "out" / "stg_shop__orders")
    changed = {path.split("/")[0] for path in before.keys() ^ after.keys()}
    assert changed == {"ordered_on_month=2024-03"}
    assert {path: after[path] for path in before.keys() & after.keys()} == {
        path: before[path] for path in before.keys() & after.keys()
    }
    assert line.written == 4010
    assert 0 < line.anew < 1500
    columns = ", ".join(name for (name,) in shop.query(f"select column_name from (describe {ORDERS})"))
    assert shop.differences(ORDERS, f"read_parquet('{tmp_path}/out/stg_shop__orders/**/*.parquet')", columns) == 0


def test_a_partition_without_rows_leaves_with_its_folder(shop: Shop, tmp_path: Path) -> None:
    shop.run("dataset", tmp_path / "out")
    shop.change(f"delete from {ORDERS} where month(ordered_on) = 2")
    shop.run("dataset", tmp_path / "out")
    assert not (tmp_path / "out" / "stg_shop__orders" / "ordered_on_month=2024-02").exists()
    assert (tmp_path / "out" / "stg_shop__orders" / "ordered_on_month=2024-01").exists()


@pytest.mark.parametrize(
    ("partition", "folder"),
    [
        ("paid_at:day", "paid_at_day=2024-01-01"),
        ("ordered_on:year", "ordered_on_year=2024"),
        ("state", "state=SP"),
        ("note:value", "note=%252F%2F.."),
    ],
)
def test_partitions_can_be_chosen_and_odd_values_name_folders(
    shop: Shop, tmp_path: Path, partition: str, folder: str
) -> None:
    shop.change(f"update {ORDERS} set note = 'none' where note = ''")
    shop.run("dataset", tmp_path / "out", partition=partition)
    assert (tmp_path / "out" / "stg_shop__orders" / folder).is_dir()
    back = ds.dataset(tmp_path / "out" / "stg_shop__orders", partitioning="hive").to_table()
    name = partition.split(":")[0]
    expected = [value for (value,) in shop.query(f"select {name} from {ORDERS}")]
    assert sorted(back[name].to_pylist(), key=str) == sorted(expected, key=str)


def test_dates_without_end_stand_with_those_that_are_missing(shop: Shop, tmp_path: Path) -> None:
    shop.change(f"update {ORDERS} set ordered_on = 'infinity' where order_id in (1, 2)")
    shop.run("dataset", tmp_path / "out")
    folder = tmp_path / "out" / "stg_shop__orders"
    rest = f"read_parquet('{folder}/ordered_on_month=__HIVE_DEFAULT_PARTITION__/*.parquet')"
    found = shop.query(f"select count(*), count(*) filter (where isinf(ordered_on)) from {rest}")
    assert found == [(82, 2)]
    assert ds.dataset(folder).count_rows() == 4000


def test_what_a_killed_run_left_half_written_does_not_shine_through(shop: Shop, tmp_path: Path) -> None:
    leftover = tmp_path / "out" / "_staging" / "job-0" / "order_totals.csv.writing"
    leftover.parent.mkdir(parents=True)
    leftover.write_text("x" * 100_000)
    shop.run("csv", tmp_path / "out", "order_totals")
    assert len((tmp_path / "out" / "order_totals.csv").read_text()) < 1000


def test_a_file_is_hashed_only_when_all_of_it_is_there(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = Cursor.raw

    def end_before_beginning(self: Cursor, sql: str) -> list[tuple[Any, ...]]:
        """As DuckDB's threads may do it: the file is as long as it will be before its beginning is written."""
        (path,) = re.findall(r"to '([^']+)'", sql)
        found = raw(self, sql.replace(path, f"{path}.whole"))
        content = Path(f"{path}.whole").read_bytes()
        with Path(path).open("wb", buffering=0) as file:
            file.truncate(len(content))
            # Long enough for whoever looks at growing files.
            time.sleep(0.2)
            file.write(content)
        return found

    monkeypatch.setattr(Cursor, "raw", end_before_beginning)
    shop.run("csv", tmp_path / "out", "order_totals")
    (table,) = _manifest(tmp_path / "out")["tables"]
    digest = hashlib.sha256((tmp_path / "out" / "order_totals.csv").read_bytes()).hexdigest()
    assert table["partitions"][0]["parts"][0]["sha256"] == digest


@pytest.mark.parametrize(("partition", "rows_per_file"), [("state", None), ("paid_at", 100)])
def test_scattered_partitions_give_the_same_rows_as_gathered_ones(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, partition: str, rows_per_file: int | None
) -> None:
    shop.run("dataset", tmp_path / "read", partition=partition, rows_per_file=rows_per_file)
    monkeypatch.setattr("loaders.outputs.plan._FEW", 0)
    monkeypatch.setattr("loaders.outputs.plan._SCATTERED", 0)
    shop.run("dataset", tmp_path / "sorted", partition=partition, rows_per_file=rows_per_file)
    assert {path: content for path, (_, content) in _files(tmp_path / "read" / "stg_shop__orders").items()} == {
        path: content for path, (_, content) in _files(tmp_path / "sorted" / "stg_shop__orders").items()
    }


@pytest.mark.parametrize("partition", ["paid_at:day", "paid_at", "ordered_on", "ordered_on:year"])
def test_scattered_dates_are_written_apart_in_one_pass(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, partition: str
) -> None:
    shop.change(f"delete from {ORDERS} where paid_at >= timestamp '2024-02-20' and paid_at < '2024-12-20'")
    shop.run("dataset", tmp_path / "read", partition=partition)
    monkeypatch.setattr("loaders.outputs.plan._FEW", 0)
    monkeypatch.setattr("loaders.outputs.plan._SCATTERED", 0)
    monkeypatch.setattr("loaders.outputs.watch.gather", None)
    shop.run("dataset", tmp_path / "apart", partition=partition)
    read, apart = (tmp_path / name / "stg_shop__orders" for name in ("read", "apart"))
    names = _files(read).keys()
    assert names == _files(apart).keys()
    assert len(names) > 1
    for name in names:
        assert shop.differences(f"'{read / name}'", f"'{apart / name}'") == 0
        columns = [[(each.name, each.type) for each in pq.read_schema(folder / name)] for folder in (read, apart)]
        assert columns[0] == columns[1]


def test_only_scattered_partitions_that_changed_are_written_apart(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loaders.outputs.plan._FEW", 0)
    monkeypatch.setattr("loaders.outputs.plan._SCATTERED", 0)
    shop.run("dataset", tmp_path / "out", partition="paid_at")
    before = _files(tmp_path / "out" / "stg_shop__orders")
    shop.change(f"update {ORDERS} set _contract_version = '2' where month(paid_at) = 5")
    (line,) = shop.run("dataset", tmp_path / "out", partition="paid_at").tables
    after = _files(tmp_path / "out" / "stg_shop__orders")
    assert {name.split("/")[0] for name in before.keys() ^ after.keys()} == {"paid_at_month=2024-05"}
    assert 0 < line.anew < 4000
    back = f"read_parquet('{tmp_path}/out/stg_shop__orders/*/*.parquet', hive_partitioning=false)"
    assert shop.differences(ORDERS, back) == 0


def test_what_memory_does_not_hold_spills_and_is_counted(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.change(
        "create view marts.many as select i, md5(i::varchar) as a, md5((i * 7)::varchar) as b from range(400000) t(i)"
    )
    monkeypatch.setattr("loaders.outputs.session._LEAST_FOR_DUCKDB", 24 * 2**20)
    shop.run("parquet", tmp_path / "out", "many", "order_totals", memory_bytes=1, jobs=1)
    assert shop.differences("marts.many", f"'{tmp_path}/out/many.parquet'") == 0
    spilled = {(each.name, dict(each.labels)["table"]): each.value for each in shop.store.metrics("job-0")}
    assert spilled["spill_count", "many"] > 0
    assert 0 < spilled["rows_spilled", "many"] <= 400_000
    assert spilled["spill_count", "order_totals"] == spilled["rows_spilled", "order_totals"] == 0


@pytest.mark.parametrize("form", ["parquet", "dataset"])
def test_the_wider_the_rows_the_fewer_in_a_row_group(
    shop: Shop, tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the least memory there is, where a row group of all of these rows does not fit."""
    monkeypatch.setattr("loaders.outputs.session.processors", lambda: 2)
    texts = ", ".join(f"md5((i * {number + 3})::varchar) as c{number}" for number in range(60))
    shop.change(f"create table marts.wide as select i, {texts} from range(45000) t(i)")
    shop.run(form, tmp_path / "out", "wide", "order_totals", memory_bytes=1, partition="none")
    (wide,) = (tmp_path / "out").rglob("*wide*.parquet") if form == "parquet" else (tmp_path / "out" / "wide").iterdir()
    assert shop.differences("marts.wide", f"'{wide}'") == 0
    groups = pq.read_metadata(wide)
    assert max(groups.row_group(each).num_rows for each in range(groups.num_row_groups)) <= 4_096


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_in_order_rows_stand_as_in_the_table(shop: Shop, tmp_path: Path, form: str) -> None:
    shop.change("create table marts.many as select i, md5(i::varchar) as text from range(1000000) t(i)")
    shop.run(form, tmp_path / "out", "many")
    once = shop.run(form, tmp_path / "out", "many", in_order=True)
    assert once.changed, "another order is another output"
    file = tmp_path / "out" / f"many.{form}"
    numbers = pq.read_table(file)["i"].to_pylist() if form == "parquet" else _first_fields(file)
    assert numbers == list(range(1_000_000))


def test_a_row_group_is_as_small_as_the_widest_rows_need(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those stand at the end of a table that is empty texts and short bits before."""
    monkeypatch.setattr("loaders.outputs.session.processors", lambda: 2)
    shop.change(
        "create table marts.tail as select if(i < 30000, '', repeat(md5(i::varchar), 300)) as text, "
        "if(i < 30000, '1', repeat('10', 1000))::bit as bits from range(40000) t(i)"
    )
    shop.run("parquet", tmp_path / "out", "tail", "order_totals", memory_bytes=1)
    assert shop.differences("marts.tail", f"'{tmp_path}/out/tail.parquet'", "text") == 0
    assert pq.read_metadata(tmp_path / "out" / "tail.parquet").row_group(0).num_rows == 2_048


def test_in_order_scattered_partitions_keep_it_too(shop: Shop, tmp_path: Path) -> None:
    shop.change(
        "create table marts.many as "
        "select i, date '2024-01-01' + (hash(i) % 1500)::int as ordered_on from range(2000000) t(i)"
    )
    shop.run("dataset", tmp_path / "out", "many", partition="ordered_on:month", in_order=True)
    parts = sorted((tmp_path / "out" / "many").rglob("*.parquet"))
    assert len(parts) == 50
    for part in parts:
        numbers = pq.ParquetFile(part).read()["i"].to_pylist()
        assert numbers == sorted(numbers)


def _first_fields(file: Path) -> list[int]:
    with file.open() as lines:
        next(lines)
        return [int(line.split(",", 1)[0]) for line in lines]


def test_odd_values_name_folders_and_come_back(shop: Shop, tmp_path: Path) -> None:
    odd = ["../x", "%2F", "a/b", "a=b", ".", "..", "x:y", "a\\b", "ünïcode", " ", "NULL", "a\0b", '"', "'", "%"]
    with duckdb.connect(str(shop.database)) as connection:
        connection.execute("create table marts.odd as select unnest($1) as name, 1 as one", [odd])
    shop.run("dataset", tmp_path / "out", "odd", partition="name")
    assert {path.parent for path in (tmp_path / "out" / "odd").iterdir()} == {tmp_path / "out" / "odd"}
    assert sorted(ds.dataset(tmp_path / "out" / "odd", partitioning="hive").to_table()["name"].to_pylist()) == sorted(
        odd
    )
    back = shop.query(f"select name from read_parquet('{tmp_path}/out/odd/*/*.parquet', hive_partitioning=true)")
    assert sorted(name for (name,) in back) == sorted(odd)


@pytest.mark.parametrize("value", ["", "__HIVE_DEFAULT_PARTITION__", "x" * 81])
def test_values_that_readers_take_for_others_are_refused(shop: Shop, tmp_path: Path, value: str) -> None:
    shop.change(f"create table marts.odd as select '{value}' as name, 1 as one")
    with pytest.raises(UsageError, match="folder"):
        shop.run("dataset", tmp_path / "out", "odd", partition="name")


def test_a_table_whose_only_column_would_name_the_folders_is_refused(shop: Shop, tmp_path: Path) -> None:
    shop.change("create table marts.one as select 'x' as name")
    with pytest.raises(UsageError, match=r"one has no other column than name"):
        shop.run("dataset", tmp_path / "out", "one", partition="name")


def test_csv_has_a_header_also_without_rows_and_tells_null_from_empty(shop: Shop, tmp_path: Path) -> None:
    shop.change("create table marts.nothing (a integer, b varchar)")
    shop.run("csv", tmp_path / "out", "nothing", "stg_shop__orders")
    assert (tmp_path / "out" / "nothing.csv").read_text() == "a,b\n"
    types = ", ".join(
        f"'{name}': '{kind}'" for name, kind in shop.query(f"select column_name, column_type from (describe {ORDERS})")
    )
    reader = (
        f"read_csv('{tmp_path}/out/stg_shop__orders.csv', header=true, auto_detect=false, delim=',', quote='\"', "
        f"escape='\"', allow_quoted_nulls=false, columns={{{types}}})"
    )
    assert shop.differences(ORDERS, reader) == 0


@pytest.mark.parametrize("rows", [0, 2])
def test_csv_headers_may_hold_line_breaks(shop: Shop, tmp_path: Path, rows: int) -> None:
    shop.change(f"""create table marts.odd as select i as "two\nlines", i as "a ""b""\n\n" from range({rows}) t(i)""")
    shop.run("csv", tmp_path / "out", "odd")
    with (tmp_path / "out" / "odd.csv").open(newline="") as file:
        header, *found = csv.reader(file)
    assert header == ["two\nlines", 'a "b"\n\n']
    assert found == [[str(number)] * 2 for number in range(rows)]


@pytest.mark.parametrize("content", [b"", b"a,b", b'"a\n', b'"a\nb"', b"a\n1\n"])
def test_csv_without_a_whole_header_and_nothing_else_is_no_empty_table(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.csv").write_bytes(content)
    with pytest.raises(OutputMismatch, match="does not hold a header and 0 rows"):
        CsvEncoding(safe=None).check(tmp_path / "x.csv", 0)


@pytest.mark.parametrize(("safe", "value"), [(None, "'=cmd|calc"), (False, "=cmd|calc")])
def test_bad_input_095_formulas_in_rejects_are_defused_unless_asked_not_to(
    shop: Shop, tmp_path: Path, safe: bool | None, value: str
) -> None:
    shop.run("csv", tmp_path / "out", "rej_shop__orders", safe_csv=safe)
    with (tmp_path / "out" / "rej_shop__orders.csv").open(newline="") as file:
        assert {row["offending_value"] for row in csv.DictReader(file)} == {value}


def test_bad_input_095_safe_csv_defuses_every_start_and_leaves_numbers_alone(shop: Shop, tmp_path: Path) -> None:
    shop.change(
        "create table marts.odd as select -1 as number, unnest("
        "['=a', '+1', '-1', '@x', E'\\tx', E'\\rx', E'\\nx', '\uff1da', 'a=b', ' =a']) as text"
    )
    shop.run("csv", tmp_path / "out", "odd", safe_csv=True)
    with (tmp_path / "out" / "odd.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["text"][0] == "'" for row in rows] == [True] * 8 + [False] * 2
    assert {row["number"] for row in rows} == {"-1"}


def test_tables_of_one_run_are_published_together_and_others_stay(shop: Shop, tmp_path: Path) -> None:
    shop.run("parquet", tmp_path / "out", "order_totals")
    shop.run("parquet", tmp_path / "out", "stg_shop__orders", "marts.paid_orders")
    manifest = _manifest(tmp_path / "out")
    assert [table["name"] for table in manifest["tables"]] == ["order_totals", "paid_orders", "stg_shop__orders"]
    assert manifest["sequence"] == 2
    assert shop.differences("marts.paid_orders", f"'{tmp_path}/out/paid_orders.parquet'") == 0


def test_a_view_is_known_again_by_its_rows(shop: Shop, tmp_path: Path) -> None:
    shop.run("parquet", tmp_path / "out", "paid_orders")
    assert not shop.run("parquet", tmp_path / "out", "paid_orders").changed


def test_another_shape_of_the_files_writes_them_again(shop: Shop, tmp_path: Path) -> None:
    shop.run("dataset", tmp_path / "out")
    shop.run("dataset", tmp_path / "out", rows_per_file=100)
    folder = tmp_path / "out" / "stg_shop__orders"
    assert max(pq.read_metadata(path).num_rows for path in folder.rglob("*.parquet")) == 100
    assert ds.dataset(folder).count_rows() == 4000


def test_the_summary_equals_the_audit(shop: Shop, tmp_path: Path) -> None:
    (line,) = shop.run("csv", tmp_path / "out", "shop.orders").tables
    assert (line.read, line.written) == (4000, 4000)
    assert line.audit is not None
    assert (line.audit.staged, line.audit.short, line.audit.long, line.audit.empty, line.audit.rejected) == (
        4000,
        2,
        1,
        2,
        3,
    )
    metrics = {metric.name: metric.value for metric in shop.store.metrics("job-0")}
    assert (metrics["written"], metrics["short"], metrics["rejected"]) == (4000, 2, 3)


def test_a_staging_table_that_is_not_what_the_audit_counts_is_refused(shop: Shop, tmp_path: Path) -> None:
    shop.change("create or replace table accounting.counts as select * from accounting.file_accounting")
    shop.change(
        "drop view accounting.file_accounting",
        "create table accounting.file_accounting as select * from accounting.counts",
        f"delete from {ORDERS} where order_id = 17",
    )
    with pytest.raises(LandingMismatch, match="3,999 rows where the audit counts 4,000"):
        shop.run("csv", tmp_path / "out", "shop.orders")
    assert not list((tmp_path / "out").glob("*.csv"))


def test_a_table_nobody_knows_is_a_usage_error(shop: Shop, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="has no column 'nope'"):
        shop.run("dataset", tmp_path / "out", partition="nope")


@pytest.mark.parametrize(
    ("format_name", "name"), [("csv", "order_totals"), ("dataset", "order_totals"), ("sqlite", "Order_Totals")]
)
def test_a_table_of_another_schema_does_not_take_the_place_of_its_namesake(
    shop: Shop, tmp_path: Path, format_name: str, name: str
) -> None:
    if format_name == "sqlite":
        pytest.importorskip("adbc_driver_sqlite", reason="the SQLite driver is not installed")
    shop.change("create schema oth", f"create table oth.{name} as select 1 as one")
    out = tmp_path / "out"
    shop.run(format_name, out, "marts.order_totals")
    before = _files(out)
    with pytest.raises(OutputMismatch, match=r"holds order_totals of schema marts, not oth .* --rewrite"):
        shop.run(format_name, out, f"oth.{name}")
    assert _files(out) == before
    shop.run(format_name, out, f"oth.{name}", rewrite=True)
    (table,) = _manifest(out)["tables"]
    assert (table["schema"], table["rows"]) == ("oth", 1)


def test_a_manifest_from_before_schemas_were_noted_is_gone_on_with(shop: Shop, tmp_path: Path) -> None:
    shop.run("csv", tmp_path / "out", "order_totals")
    (path,) = (tmp_path / "out" / "_manifest").glob("*.json")
    value = json.loads(path.read_text())
    del value["tables"][0]["schema"]
    path.write_text(json.dumps(value))
    assert not shop.run("csv", tmp_path / "out", "order_totals").changed
    shop.change("delete from marts.order_totals where state is null")
    shop.run("csv", tmp_path / "out", "order_totals")
    assert _manifest(tmp_path / "out")["tables"][0]["schema"] == "marts"


@pytest.mark.parametrize("fault", ["missing", "shorter", "stranger", "manifest"])
def test_files_that_are_not_the_manifests_are_refused_and_rewrite_mends_it(
    shop: Shop, tmp_path: Path, fault: str
) -> None:
    out = tmp_path / "out"
    shop.run("dataset", out)
    part = next((out / "stg_shop__orders").rglob("*.parquet"))
    if fault == "missing":
        part.unlink()
    elif fault == "shorter":
        part.write_bytes(part.read_bytes()[:-10])
    elif fault == "stranger":
        part.with_name("mine.parquet").write_bytes(b"")
    else:
        next((out / "_manifest").glob("*.json")).write_text("{")
    shop.change(f"update {ORDERS} set _contract_version = 'x'")
    before = _files(out)
    with pytest.raises(OutputMismatch, match=r"--rewrite|move this one away"):
        shop.run("dataset", out)
    assert _files(out) == before
    if fault != "manifest":
        shop.run("dataset", out, rewrite=True)
        assert ds.dataset(out / "stg_shop__orders").count_rows() == 4000
        assert not shop.run("dataset", out).changed


def test_a_rewrite_removes_what_readers_of_the_folder_would_take_and_nothing_else(shop: Shop, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shop.run("dataset", out, "shop.orders", "order_totals", partition="none")
    part = next((out / "stg_shop__orders").glob("*.parquet"))
    taken = [part.with_name("zz.parquet"), part.parent / "more" / "zz.parquet"]
    left = [part.with_name("_zz.parquet"), part.parent / "_old" / "zz.parquet", part.with_name("README")]
    left += [out / "zz.parquet", out / "order_totals" / "zz.parquet"]
    for path in (*taken, *left):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(part.read_bytes())
    with pytest.raises(OutputMismatch, match=r"is not in the manifest .* move it away, or choose another --to$"):
        shop.run("dataset", out, "shop.orders", partition="none")
    shop.run("dataset", out, "shop.orders", partition="none", rewrite=True)
    assert [path for path in (*taken, *left) if path.exists()] == left
    with pytest.raises(
        OutputMismatch, match=r"order_totals/zz\.parquet is not in the manifest .* remove it with --rewrite"
    ):
        shop.run("dataset", out, "order_totals", partition="none")


def test_a_rewrite_where_the_manifest_is_lost_leaves_no_row_twice(shop: Shop, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shop.run("parquet", out, "shop.orders", rows_per_file=1000)
    next((out / "_manifest").glob("*.json")).unlink()
    shop.change(f"update {ORDERS} set _contract_version = 'x'")
    shop.run("parquet", out, "shop.orders", rows_per_file=1000, rewrite=True)
    assert ds.dataset(out / "stg_shop__orders").count_rows() == 4000
    shop.run("parquet", out, "shop.orders", rows_per_file=1000, rewrite=True)
    assert ds.dataset(out / "stg_shop__orders").count_rows() == 4000


@pytest.mark.parametrize("rewrite", [False, True])
def test_two_outputs_do_not_share_a_folder_in_which_rows_would_show_twice(
    shop: Shop, tmp_path: Path, *, rewrite: bool
) -> None:
    out = tmp_path / "out"
    shop.run("parquet", out, "order_totals", rows_per_file=2)
    with pytest.raises(OutputMismatch, match=r"order_totals/ holds order_totals as --format parquet .* another --to"):
        shop.run("dataset", out, "order_totals", partition="none", rewrite=rewrite)
    shop.run("csv", out, "order_totals", rewrite=rewrite)
    assert ds.dataset(out / "order_totals").count_rows() == 4


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("00000002.json", {}),
        ("00000002.json", {"tables": [{}]}),
        ("00000002.json", {"tables": "none"}),
        ("00000002.json", {"sequence": "two"}),
        ("00000002.publishing.json", {"manifest": {"format_version": 1}}),
    ],
)
def test_a_manifest_that_lacks_something_is_one_that_cannot_be_read(
    shop: Shop, tmp_path: Path, name: str, content: dict[str, Any]
) -> None:
    shop.run("csv", tmp_path / "out", "order_totals")
    whole = {"format_version": 1, "sequence": 2, "job_id": "x", "tables": []} if content.keys() & {"sequence"} else {}
    (tmp_path / "out" / "_manifest" / name).write_text(json.dumps({"format_version": 1, **whole, **content}))
    with pytest.raises(OutputMismatch, match=rf"{name} is no manifest this version can read .* move this one away"):
        shop.run("csv", tmp_path / "out", "order_totals")


def test_two_parts_of_a_table_are_written_side_by_side(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = Cursor.raw
    both = threading.Barrier(2, timeout=60)

    def meet(cursor: Cursor, sql: str) -> list[tuple[object, ...]]:
        both.wait()
        return raw(cursor, sql)

    monkeypatch.setattr(Cursor, "raw", meet)
    shop.run("parquet", tmp_path / "out", "shop.orders", rows_per_file=1000)
    assert not shop.differences(ORDERS, f"read_parquet('{tmp_path}/out/stg_shop__orders/*.parquet')")


@pytest.mark.parametrize("name", ["shop.prod.duckdb", ".shop.duckdb", "main.duckdb", "System.db", "a b.duckdb"])
def test_a_warehouse_s_views_are_read_whatever_its_file_is_called(shop: Shop, tmp_path: Path, name: str) -> None:
    with duckdb.connect(str(tmp_path / name)) as connection:
        ((catalog,),) = connection.execute("select current_database()").fetchall()
        connection.execute("create schema marts; create table marts.numbers as select unnest([1, 2]) as n")
        connection.execute(f'create view marts.doubled as select 2 * n as n from "{catalog}".marts.numbers')
    settings = {"path": str(tmp_path / name)}
    place = replace(shop.place, target=replace(shop.place.target, settings=settings), contracts=())
    request = Request(("numbers", "doubled"), "csv", str(tmp_path / "out"))
    with run_job(shop.store, "materialize", {}) as job:
        materialize(place, job, Checkpoint.new(place.checkpoint_dir, job.id, request))
    assert (tmp_path / "out" / "doubled.csv").read_text().split() == ["n", "2", "4"]

"""Files → ingest → dbt build → materialise, through the command line, read back by the readers of each format."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow.dataset as ds
import pytest

from tests.soak.outputs import FORMATS, World, kill_and_resume

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.integration.conftest import Spine

TABLES = ("customers", "order_items", "order_payments", "order_reviews", "orders", "products", "sellers")


@pytest.fixture(scope="module")
def spine(make_spine: Callable[[Path], Spine], tmp_path_factory: pytest.TempPathFactory) -> Spine:
    spine = make_spine(tmp_path_factory.mktemp("materialize"))
    spine.run("loaders", "demo", spine.workplace / "files", "--orders", "200")
    spine.run("loaders", "ingest", spine.workplace / "files")
    spine.run("dbt", "--quiet", "build")
    return spine


def materialize(spine: Spine, *arguments: str | Path) -> Any:
    checkpoints = spine.workplace / "checkpoints"
    return json.loads(spine.run("loaders", "materialize", *arguments, "--checkpoint-dir", checkpoints, "--json"))


def rows(spine: Spine, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(spine.warehouse), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def differences(spine: Spine, table: str, reader: str) -> int:
    """Rows of the warehouse's table and of a reader that the other does not have as often."""
    columns = ", ".join(name for (name,) in rows(spine, f"select column_name from (describe {table})"))
    left, right = f"select {columns} from {table}", f"select {columns} from {reader}"
    both = f"(({left} except all {right}) union all ({right} except all {left}))"
    return int(rows(spine, f"select count(*) from {both}")[0][0])


def test_killed_in_every_format_the_outputs_end_with_the_warehouses_rows(spine: Spine, tmp_path: Path) -> None:
    """A small turn of what `make soak` does with a million rows: one kill a format, at a random moment."""
    pytest.importorskip("adbc_driver_sqlite", reason="the SQLite driver is not installed")
    world = World(spine.project, spine.warehouse, tmp_path)
    tally = kill_and_resume(world, random.Random(), kills=len(FORMATS))
    assert not tally.wrong
    assert tally.kills >= len(FORMATS)
    assert tally.compared == len(FORMATS) * len(world.tables)


def test_the_summary_is_the_audits(spine: Spine, tmp_path: Path) -> None:
    outcome = materialize(spine, "--to", tmp_path)
    audit = {each["table"]: each["counts"] for each in json.loads(spine.run("loaders", "audit", "--json"))["tables"]}
    for line in outcome["tables"]:
        counts = audit[line["table"].removeprefix("stg_olist__")]
        assert line["read"] == line["written"] == counts["staged_rows"]
        found = line["audit"]
        assert (found["rejected"], found["empty"]) == (counts["rejected_rows"], counts["blank_lines"])
        assert found["short"] + found["long"] <= counts["malformed_rows"]


def test_a_dataset_is_read_by_arrow_with_pruning_and_by_pandas(spine: Spine, tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    materialize(spine, "olist.orders", "--to", tmp_path)
    folder = tmp_path / "stg_olist__orders"
    data = ds.dataset(folder, partitioning="hive")
    key = next(name for name in data.schema.names if name.endswith("_month"))
    month = rows(spine, f"select strftime({key.removesuffix('_month')}, '%Y-%m') from staging.stg_olist__orders")[0][0]
    pruned = list(data.get_fragments(filter=ds.field(key) == month))
    assert len(pruned) == 1
    frame = pandas.read_parquet(folder, filters=[(key, "==", month)])
    assert len(frame) == pruned[0].count_rows()
    assert len(pandas.read_parquet(folder)) == rows(spine, "select count(*) from staging.stg_olist__orders")[0][0]


def test_sqlite_holds_all_tables(spine: Spine, tmp_path: Path) -> None:
    pytest.importorskip("adbc_driver_sqlite", reason="the SQLite driver is not installed")
    materialize(spine, "--format", "sqlite", "--to", tmp_path / "shop.sqlite")
    with closing(sqlite3.connect(tmp_path / "shop.sqlite")) as connection:
        for name in TABLES:
            columns = rows(spine, f"select column_name, column_type from (describe staging.stg_olist__{name})")
            stored = ", ".join(
                f"cast({column} as double)"
                if kind.startswith("DECIMAL")
                else f"cast({column} as varchar)"
                if kind.startswith(("DATE", "TIME"))
                else column
                for column, kind in columns
            )
            order = "_landed_file_id, _row_number"
            expected = rows(spine, f"select {stored} from staging.stg_olist__{name} order by {order}")
            assert connection.execute(f"select * from stg_olist__{name} order by {order}").fetchall() == expected


def test_dbts_selection_syntax_marts_and_rejects(spine: Spine, tmp_path: Path) -> None:
    outcome = materialize(spine, "+order_totals", "rej_olist__orders", "--format", "parquet", "--to", tmp_path)
    names = {line["table"] for line in outcome["tables"]}
    assert {"order_totals", "stg_olist__orders", "stg_olist__order_items", "rej_olist__orders"} <= names
    assert differences(spine, "marts.order_totals", f"'{tmp_path}/order_totals.parquet'") == 0
    assert differences(spine, "rejects.rej_olist__orders", f"'{tmp_path}/rej_olist__orders.parquet'") == 0


def test_a_dry_run_shows_the_plan_and_writes_nothing(spine: Spine, tmp_path: Path) -> None:
    plans = materialize(spine, "olist.orders", "--to", tmp_path / "out", "--dry-run")
    assert [plan["table"] for plan in plans] == ["stg_olist__orders"]
    assert plans[0]["rows_to_write"] == plans[0]["rows"] > 0
    assert not (tmp_path / "out").exists()


def test_telemetry_is_a_json_object_a_line(spine: Spine, tmp_path: Path) -> None:
    log = tmp_path / "events.jsonl"
    outcome = materialize(spine, "olist.orders", "--to", tmp_path / "out", "--telemetry", log)
    events = [json.loads(line) for line in log.read_text().splitlines()]
    assert {event["job_id"] for event in events} == {outcome["job_id"]}
    assert [event["event"] for event in events if event["event"] != "progress"] == ["planned", "table"]
    assert events[-1]["written"] == outcome["tables"][0]["written"]


def test_a_new_file_rewrites_only_the_partitions_it_touches(
    make_spine: Callable[[Path], Spine], spine: Spine, tmp_path: Path
) -> None:
    own = make_spine(tmp_path / "own")
    own.workplace.mkdir()
    shutil.copy(spine.warehouse, own.warehouse)
    out = tmp_path / "out"
    materialize(own, "olist.orders", "--to", out)
    before = {path: path.stat().st_ino for path in out.rglob("*.parquet")}
    source = next(path for path in (spine.workplace / "files").glob("*orders*.csv") if "planted" not in path.name)
    header = source.read_text(encoding="utf-8", errors="replace").splitlines()[0]
    customer = rows(own, "select customer_id from staging.stg_olist__customers limit 1")[0][0]
    day = "2017-11-03"
    values = {
        "order_id": "f" * 32,
        "customer_id": customer,
        "order_status": "delivered",
        "order_purchase_timestamp": f"{day} 10:00:00",
        "order_approved_at": f"{day} 11:00:00",
        "order_delivered_carrier_date": f"{day} 12:00:00",
        "order_delivered_customer_date": "2017-11-05 12:00:00",
        "order_estimated_delivery_date": "2017-11-20 00:00:00",
    }
    line = ",".join(values[name.strip('"')] for name in header.split(","))
    new = tmp_path / "new" / source.name.replace(".csv", "_new.csv")
    new.parent.mkdir()
    new.write_text(f"{header}\n{line}\n")
    own.run("loaders", "ingest", new.parent)
    own.run("dbt", "--quiet", "run", "--select", "stg_olist__orders", "rej_olist__orders")
    (table,) = materialize(own, "olist.orders", "--to", out)["tables"]
    after = {path: path.stat().st_ino for path in out.rglob("*.parquet")}
    changed = {path.parent.name for path in before.keys() ^ after.keys()}
    assert {name.rpartition("=")[2] for name in changed} == {"2017-11"}
    assert all(after[path] == inode for path, inode in before.items() if path in after)
    assert table["written"] == rows(spine, "select count(*) from staging.stg_olist__orders")[0][0] + 1

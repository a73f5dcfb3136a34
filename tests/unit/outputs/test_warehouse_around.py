"""What is around a table at either side: what leans on it, and where the parts are on their way."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import yaml

from loaders.errors import OutputMismatch, UsageError
from loaders.jobs.run import run_job
from loaders.outputs.checkpoint import Checkpoint
from loaders.outputs.model import Request
from loaders.outputs.run import materialize, preview
from loaders.warehouses.profile import read_target

if TYPE_CHECKING:
    from tests.unit.outputs.conftest import Other, Shop


def test_a_folder_named_like_a_pattern_or_a_partition_changes_nothing(shop: Shop, other: Other) -> None:
    place = replace(shop.place, checkpoint_dir=shop.folder / "a[b]*?c" / "state=XX" / "new=1")
    checkpoint = Checkpoint.new(place.checkpoint_dir, "job", Request(("order_totals",), "warehouse", "other"))
    with run_job(shop.store, "materialize", {}, shop.events.append, "job") as job:
        materialize(place, job, checkpoint)
    assert other.holds(shop, "marts.order_totals")


def test_a_table_that_a_view_reads_is_refused_before_it_is_loaded(shop: Shop, other: Other) -> None:
    shop.run("warehouse", "other", "order_totals")
    other.change("create view marts.totals as select * from marts.order_totals")
    assert not shop.run("warehouse", "other", "order_totals").changed
    shop.change("update marts.order_totals set orders = orders + 1")
    if other.engine == "duckdb":
        assert shop.run("warehouse", "other", "order_totals").changed
        assert other.holds(shop, "marts.order_totals")
        return
    with pytest.raises(OutputMismatch, match=r"marts\.order_totals cannot be replaced while .*view marts\.totals"):
        shop.run("warehouse", "other", "order_totals")
    assert other.tables("marts") == ["order_totals", "totals"]
    other.change("drop view marts.totals")
    shop.run("warehouse", "other", "order_totals")
    assert other.holds(shop, "marts.order_totals")


def test_a_key_of_another_table_is_in_the_way_and_one_of_its_own_is_not(shop: Shop, other: Other) -> None:
    if other.engine == "duckdb":
        pytest.skip("no keys are made there")
    shop.run("warehouse", "other", "shop.orders")
    other.change(
        "alter table staging.stg_shop__orders add column before bigint references staging.stg_shop__orders",
        "create policy several on staging.stg_shop__orders using (order_id > 0)",
        "create schema marts",
        "create table marts.notes (order_id bigint references staging.stg_shop__orders)",
    )
    with pytest.raises(OutputMismatch, match=r"while there is constraint notes_order_id_fkey on table marts\.notes"):
        shop.run("warehouse", "other", "shop.orders", rewrite=True)
    other.change("drop table marts.notes")
    shop.run("warehouse", "other", "shop.orders", rewrite=True)
    assert other.holds(shop, "staging.stg_shop__orders")


@pytest.mark.parametrize("spelling", ["{folder}/shop.duckdb", "{folder}/sub/../shop.duckdb", "{folder}/link.duckdb"])
def test_another_output_that_is_the_same_file_is_refused(shop: Shop, spelling: str) -> None:
    (shop.folder / "sub").mkdir()
    (shop.folder / "link.duckdb").symlink_to(shop.database)
    same = {"type": "duckdb", "path": spelling.format(folder=shop.folder), "threads": 3}
    outputs = {"duckdb": {"type": "duckdb", "path": str(shop.database)}, "other": same}
    (shop.folder / "dbt_project.yml").write_text("name: shop\nprofile: landfall\n")
    (shop.folder / "profiles.yml").write_text(yaml.safe_dump({"landfall": {"target": "duckdb", "outputs": outputs}}))
    with pytest.raises(UsageError, match="output 'other' is the warehouse that is read"):
        shop.run("warehouse", "other", "order_totals", rewrite=True, lock_timeout=0.2)


def test_another_output_of_the_same_server_and_database_is_refused(shop: Shop, other: Other) -> None:
    if other.engine == "duckdb":
        pytest.skip("files are looked at above")
    outputs = {"other": other.settings, "same": other.settings | {"schema": "elsewhere", "threads": 9}}
    (shop.folder / "profiles.yml").write_text(yaml.safe_dump({"landfall": {"target": "other", "outputs": outputs}}))
    other.change("create schema marts", "create table marts.order_totals as select 7 as mine")
    place = replace(shop.place, target=read_target(shop.folder, "other", shop.folder))
    with pytest.raises(UsageError, match="output 'same' is the warehouse that is read"):
        preview(Request(("order_totals",), "warehouse", "same", rewrite=True), place)


def test_a_role_that_may_not_make_schemas_writes_into_those_made_for_it(shop: Shop, other: Other) -> None:
    if other.engine == "duckdb":
        pytest.skip("a file knows no roles")
    other.change(
        "drop role if exists narrow",
        "create role narrow login",
        "create schema marts authorization narrow",
        "create schema landfall_outputs authorization narrow",
    )
    outputs = {
        "duckdb": {"type": "duckdb", "path": str(shop.database)},
        "other": other.settings | {"user": "narrow"},
    }
    (shop.folder / "profiles.yml").write_text(yaml.safe_dump({"landfall": {"target": "duckdb", "outputs": outputs}}))
    shop.run("warehouse", "other", "order_totals", retries=0)
    assert other.holds(shop, "marts.order_totals")

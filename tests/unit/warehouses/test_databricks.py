from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from loaders.errors import ProfileInvalid, WarehouseLocked, WarehouseUnavailable
from loaders.secrets import redact
from loaders.warehouses.base import LoadEvent, OpenOptions
from loaders.warehouses.layout import LandingTable
from loaders.warehouses.profile import Target
from loaders.warehouses.staged.load import BuiltPart, Load
from tests.engines.databricks_driver import Service

SETTINGS = {"host": "dbc-1.cloud.databricks.com", "http_path": "/sql/1.0/warehouses/1", "catalog": "main"}
TOKEN = "dapi-0123456789abcdef"
VOLUME = "/Volumes/main/landing/landfall_stage"


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Service:
    service = Service(tmp_path)
    service.install(monkeypatch)
    return service


@pytest.fixture
def load(tmp_path: Path) -> Load:
    path = tmp_path / "00001.parquet"
    path.write_bytes(b"PAR1")
    table = LandingTable("shop", "sales", ("id",))
    return Load(table, (BuiltPart(1, path, 3, 4, "ab" * 32),), "job-1", datetime(2026, 1, 2, tzinfo=UTC))


def prod(settings: Mapping[str, Any]) -> Target:
    return Target("shop", "prod", "databricks", Path(), Path("profiles.yml"), settings)


def connected(settings: dict[str, Any] | None = None, **options: Any) -> Any:
    from loaders.warehouses.databricks import Databricks

    return Databricks(prod(settings or {**SETTINGS, "token": TOKEN}), OpenOptions(**options))


def test_it_connects_as_the_profile_says_and_masks_the_token(service: Service) -> None:
    connected()
    (settings,) = service.connections
    assert settings == {
        "server_hostname": SETTINGS["host"],
        "http_path": SETTINGS["http_path"],
        "access_token": TOKEN,
        "catalog": "main",
        "session_configuration": {"timezone": "UTC"},
        "user_agent_entry": "landfall",
    }
    assert TOKEN not in redact(json.dumps(settings))


@pytest.mark.parametrize("lacking", ["host", "http_path", "catalog", "token"])
def test_a_setting_that_is_lacking_is_named(service: Service, lacking: str) -> None:
    with pytest.raises(ProfileInvalid, match=f"target prod: {lacking} not set"):
        connected({**SETTINGS, "token": TOKEN, lacking: None})


def test_parts_go_into_a_volume_and_out_of_it(service: Service, load: Load) -> None:
    told: list[LoadEvent] = []
    connection = connected(on_load=told.append)
    connection.prepare()
    connection.upload(load)
    part = f"{VOLUME}/shop__sales/{load.key}/p00001-abababab.parquet"
    assert service.local(part).read_bytes() == b"PAR1"
    assert connection.urls(load) == [part]
    connection.remove(load)
    assert not service.local(part).exists()
    assert service.statements == [
        "create volume if not exists `main`.`landing`.`landfall_stage`",
        f"PUT '__input_stream__' INTO '{part}' OVERWRITE",
        f"REMOVE '{part}'",
    ]
    assert [(event.state, event.rows, event.size_bytes) for event in told] == [("uploaded", 3, 4)]


def test_a_catalog_of_any_name_stays_a_name(service: Service, load: Load) -> None:
    connection = connected({**SETTINGS, "token": TOKEN, "catalog": "it's\\ `x`"})
    assert connection.schema == "`it's\\ ``x```.`landing`"
    service.fails["PUT"] = "refused"
    with pytest.raises(WarehouseUnavailable):
        connection.upload(load)
    assert service.statements[0].startswith("PUT '__input_stream__' INTO '/Volumes/it\\'s\\\\ `x`/landing/")


def test_parts_go_into_the_stage_where_one_is_given(service: Service, load: Load, tmp_path: Path) -> None:
    connection = connected(stage=(tmp_path / "stage").as_uri())
    connection.prepare()
    connection.upload(load)
    (url,) = connection.urls(load)
    assert Path(url.removeprefix("file://")).read_bytes() == b"PAR1"
    connection.remove(load)
    assert not Path(url.removeprefix("file://")).exists()
    assert service.statements == []


def test_a_load_is_one_statement_whose_id_is_told(service: Service, load: Load) -> None:
    from loaders.warehouses.delta.engine import DeltaEngine

    told: list[LoadEvent] = []
    options = OpenOptions(on_load=told.append)
    connection = connected(on_load=told.append)
    DeltaEngine(connection, options).load(load)
    (statement,) = service.statements
    assert statement.startswith(
        f"create or replace table `main`.`landing`.`load_{load.key}` using delta as select cast("
    )
    assert f"from parquet.`{VOLUME}/shop__sales/{load.key}/p00001-abababab.parquet`" in statement
    assert [(event.state, event.warehouse_job_id) for event in told] == [("loaded", "query-1")]


def test_names_come_from_the_metadata_calls(service: Service) -> None:
    service.tables = lambda: {"ledger": ["file_id", "state"], "shop__sales": ["id"], "shopXYsales": ["id"]}
    connection = connected()
    assert connection.columns()["ledger"] == {"file_id", "state"}
    assert connection.has_table("shop__sales")
    assert not connection.has_table("shop_sales")


def test_a_lookalike_is_not_the_table(service: Service) -> None:
    service.tables = lambda: {"shopXXsales": ["id"]}
    assert not connected().has_table("shop__sales")


def test_rows_are_streamed_in_batches(service: Service) -> None:
    service.query = lambda _: [(n,) for n in range(5)]
    assert [batch.num_rows for batch in connected().stream("select 1", batch_rows=2)] == [2, 2, 1]


@pytest.mark.parametrize(
    ("message", "kind", "hint"),
    [
        ("[DELTA_CONCURRENT_APPEND] files were added", WarehouseLocked, "another process changed"),
        ("[INSUFFICIENT_PERMISSIONS] no", WarehouseUnavailable, "grant it"),
        ("connection reset", WarehouseUnavailable, "what is not in the ledger is invisible"),
    ],
)
def test_errors_name_the_place_and_what_to_do(
    service: Service, message: str, kind: type[WarehouseUnavailable], hint: str
) -> None:
    service.fails["select"] = message
    with pytest.raises(kind, match=r"databricks dbc-1.cloud.databricks.com/main \(target prod\)") as caught:
        connected().rows("select 1")
    assert hint in caught.value.hint
    assert isinstance(caught.value, WarehouseLocked) == (kind is WarehouseLocked)


def test_a_driver_that_is_not_installed_comes_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    from loaders.errors import DriverMissing
    from loaders.warehouses.registry import open_warehouse

    monkeypatch.setitem(sys.modules, "databricks", None)
    monkeypatch.delitem(sys.modules, "loaders.warehouses.databricks", raising=False)
    with pytest.raises(DriverMissing, match=r"landfall\[databricks\]"):
        open_warehouse(prod(SETTINGS))


def test_closing_closes_the_session(service: Service) -> None:
    from loaders.warehouses.databricks import open_warehouse

    with closing(open_warehouse(prod({**SETTINGS, "token": TOKEN}), replace(OpenOptions(), threads=1))) as warehouse:
        connection = warehouse._engine._connection  # type: ignore[attr-defined] # whose closing is looked at
    assert connection._connection.closed

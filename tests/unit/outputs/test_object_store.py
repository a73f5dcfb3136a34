from __future__ import annotations

import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.dataset as ds
import pyarrow.fs as fs
import pytest

from loaders.errors import DestinationUnreachable, OutputMismatch, UsageError
from loaders.outputs.destinations import object_store
from loaders.outputs.destinations.object_store import ObjectStore
from loaders.outputs.manifest import Manifest, Publication, publication_bytes, publication_path, read_manifest
from loaders.outputs.watch import write_all

moto_server = pytest.importorskip("moto.server", reason="the stand-in for S3 (moto, flask) is not installed")

if TYPE_CHECKING:
    from loaders.outputs.model import TableEntry
    from tests.unit.outputs.conftest import Shop

ORDERS = "staging.stg_shop__orders"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """An S3 server on loopback with an empty bucket, and the environment that points at it."""
    running = moto_server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    _, port = running.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setattr("loaders.outputs.uploads._FIRST_PAUSE", 0.01)
    # All of moto's servers in one process share what they hold.
    reset = urllib.request.Request(f"http://127.0.0.1:{port}/moto-api/reset", method="POST")
    urllib.request.urlopen(reset).close()  # noqa: S310  # loopback
    client(port).create_dir("exports")
    running.port_in_use = port
    yield running
    running.stop()


def client(port: int) -> fs.S3FileSystem:
    return fs.S3FileSystem(
        endpoint_override=f"127.0.0.1:{port}", scheme="http", allow_bucket_creation=True, force_virtual_addressing=False
    )


def objects(server: Any) -> set[str]:
    found = client(server.port_in_use).get_file_info(fs.FileSelector("exports", recursive=True))
    return {each.path for each in found if each.type == fs.FileType.File}


def test_a_dataset_in_a_store_is_read_pruned_and_updated_in_part(shop: Shop, server: Any) -> None:
    shop.run("dataset", "s3://exports/shop", rows_per_file=500)
    data = ds.dataset("exports/shop/stg_shop__orders", filesystem=client(server.port_in_use), partitioning="hive")
    assert data.count_rows() == 4000
    assert len(list(data.get_fragments(filter=ds.field("ordered_on_month") == "2024-02"))) == 2
    before = objects(server)
    assert not [path for path in before if "_staging" in path]
    assert not shop.run("dataset", "s3://exports/shop", rows_per_file=500).changed
    shop.change(f"delete from {ORDERS} where month(ordered_on) = 3")
    shop.run("dataset", "s3://exports/shop", rows_per_file=500)
    gone = {path for path in before - objects(server) if "_manifest" not in path}
    assert gone
    assert all("2024-03" in path for path in gone)


@pytest.mark.parametrize(("format_name", "name"), [("csv", "order_totals.csv"), ("parquet", "order_totals.parquet")])
def test_files_of_fixed_names(shop: Shop, server: Any, format_name: str, name: str) -> None:
    shop.run(format_name, "s3://exports/a/b", "order_totals")
    assert {f"exports/a/b/{name}", "exports/a/b/_manifest/00000001.json"} == objects(server)


def test_a_sqlite_file_in_a_store_is_fetched_to_be_changed(shop: Shop, server: Any, tmp_path: Path) -> None:
    pytest.importorskip("adbc_driver_sqlite", reason="the SQLite driver is not installed")
    shop.run("sqlite", "s3://exports/shop.sqlite", "order_totals", "shop.orders")
    shop.change("update marts.order_totals set orders = 0")
    shop.run("sqlite", "s3://exports/shop.sqlite", "order_totals")
    import sqlite3

    (tmp_path / "back.sqlite").write_bytes(client(server.port_in_use).open_input_stream("exports/shop.sqlite").read())
    with sqlite3.connect(tmp_path / "back.sqlite") as connection:
        assert connection.execute("select sum(orders) from order_totals").fetchone() == (0,)
        assert connection.execute("select count(*) from stg_shop__orders").fetchone() == (4000,)
    connection.close()


def test_a_store_that_dies_midway_leaves_nothing_visible_and_the_job_goes_on_later(
    shop: Shop, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    stage = ObjectStore.stage

    def dying(self: ObjectStore, job_id: str, path: str, /) -> None:
        calls.append(path)
        if len(calls) >= 3:
            monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
            self._client = fs.S3FileSystem(endpoint_override="127.0.0.1:9", scheme="http", connect_timeout=1)
        stage(self, job_id, path)

    endpoint = f"http://127.0.0.1:{server.port_in_use}"
    with monkeypatch.context() as patched:
        patched.setattr(ObjectStore, "stage", dying)
        with pytest.raises(DestinationUnreachable, match="--resume-latest"):
            shop.run("dataset", "s3://exports/shop", rows_per_file=500, retries=1)
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    assert all("_staging" in path for path in objects(server))
    finished = {path.removeprefix("exports/shop/_staging/job-0/") for path in objects(server)}
    assert finished
    again: list[str] = []

    def counted(self: ObjectStore, job_id: str, path: str, /) -> None:
        again.append(path)
        stage(self, job_id, path)

    monkeypatch.setattr(ObjectStore, "stage", counted)
    shop.run("dataset", "s3://exports/shop", resume="job-0")
    assert not set(again) & finished
    data = ds.dataset("exports/shop/stg_shop__orders", filesystem=client(server.port_in_use), partitioning="hive")
    assert data.count_rows() == 4000


def test_a_passing_fault_is_tried_again_and_nothing_comes_twice(
    shop: Shop, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = ObjectStore.stage
    failed: set[str] = set()

    def flaky(self: ObjectStore, job_id: str, path: str, /) -> None:
        if path not in failed:
            failed.add(path)
            raise DestinationUnreachable("no answer", hint="try again")
        stage(self, job_id, path)

    monkeypatch.setattr(ObjectStore, "stage", flaky)
    shop.run("dataset", "s3://exports/shop")
    data = ds.dataset("exports/shop/stg_shop__orders", filesystem=client(server.port_in_use), partitioning="hive")
    assert data.count_rows() == 4000


def test_a_run_that_another_overtook_is_refused(shop: Shop, server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def overtaken(self: ObjectStore, path: str, _content: bytes) -> None:
        with self._client.open_output_stream(f"{self._root}/{path}") as stream:
            stream.write(b"of another run")
        create(self, path, _content)

    create = ObjectStore.create
    monkeypatch.setattr(ObjectStore, "create", overtaken)
    with pytest.raises(OutputMismatch, match="another run"):
        shop.run("csv", "s3://exports/shop", "order_totals")


def test_every_character_of_an_object_s_folder_counts(shop: Shop, server: Any) -> None:
    shop.run("csv", "s3://exports/a b/é#1?q=2", "shop.orders")
    assert "exports/a b/é#1?q=2/stg_shop__orders.csv" in objects(server)


@pytest.mark.parametrize("uri", ["s3://", "s3:///x", "s3://exports//x"])
def test_a_store_s_folder_without_a_name_is_refused(shop: Shop, server: Any, uri: str) -> None:
    with pytest.raises(UsageError, match="lacks the name of a bucket or folder"):
        shop.run("csv", uri, "shop.orders")
    assert not objects(server)


@pytest.mark.parametrize("endpoint", ["127.0.0.1:9000", "localhost", "ftp://x"])
def test_an_endpoint_that_is_no_url_is_refused_before_anything_goes_to_amazon(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, endpoint: str
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    with pytest.raises(UsageError, match="no http or https URL"):
        shop.run("csv", "s3://exports/x", "shop.orders")


def contents(server: Any) -> dict[str, bytes]:
    return {path: client(server.port_in_use).open_input_stream(path).read() for path in objects(server)}


@pytest.mark.parametrize("format_name", ["csv", "dataset"])
def test_a_run_planned_before_another_published_leaves_that_ones_files_alone(
    shop: Shop, server: Any, monkeypatch: pytest.MonkeyPatch, format_name: str
) -> None:
    def overtaken(*given: Any) -> list[TableEntry]:
        written = write_all(*given)
        monkeypatch.setattr("loaders.outputs.run.write_all", write_all)
        # Of other rows: what the slower run is about to publish is not what is in the warehouse now.
        given[0].session.close()
        shop.change(f"delete from {ORDERS} where month(ordered_on) = 3")
        shop.run(format_name, "s3://exports/shop", "shop.orders")
        there.update(contents(server))
        return written

    there: dict[str, bytes] = {}
    monkeypatch.setattr("loaders.outputs.run.write_all", overtaken)
    with pytest.raises(OutputMismatch, match=r"written by another run meanwhile .* run again"):
        shop.run(format_name, "s3://exports/shop", "shop.orders")
    published = {path: content for path, content in contents(server).items() if "_staging" not in path}
    assert published == {path: content for path, content in there.items() if "_staging" not in path}


def test_a_run_killed_before_it_knew_that_it_was_overtaken_changes_nothing_either(shop: Shop, server: Any) -> None:
    shop.run("csv", "s3://exports/shop", "order_totals")
    before = contents(server)
    store = object_store.open_destination("s3://exports/shop", shop.folder)
    entries = read_manifest(store).tables
    late = Publication(Manifest(1, "late", entries), publish=("order_totals.csv",), remove=("order_totals.csv",))
    with client(server.port_in_use).open_output_stream("exports/shop/_staging/late/order_totals.csv") as stream:
        stream.write(b"late")
    store.create(publication_path(1), publication_bytes(late))
    assert not shop.run("csv", "s3://exports/shop", "order_totals").changed
    assert {path: content for path, content in contents(server).items() if "_staging" not in path} == before


@pytest.mark.parametrize("step", ["publish", "create", "remove"])
def test_a_passing_fault_while_publishing_is_tried_again(
    shop: Shop, server: Any, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    done = getattr(ObjectStore, step)
    failed: set[str] = set()

    def flaky(self: ObjectStore, *given: Any) -> None:
        done(self, *given)
        if (path := str(given[:2])) not in failed:
            failed.add(path)
            raise DestinationUnreachable("no answer", hint="try again")

    shop.run("dataset", "s3://exports/shop", "shop.orders")
    shop.change(f"update {ORDERS} set _contract_version = '2'")
    monkeypatch.setattr(ObjectStore, step, flaky)
    assert shop.run("dataset", "s3://exports/shop", "shop.orders", retries=20).sequence == 2
    assert failed
    data = ds.dataset("exports/shop/stg_shop__orders", filesystem=client(server.port_in_use), partitioning="hive")
    assert data.count_rows() == 4000
    assert not [path for path in objects(server) if "_staging" in path or "publishing" in path]


@pytest.mark.parametrize("point", ["part", "announced"])
def test_a_publication_is_finished_where_its_files_are_staged_or_in_place(
    shop: Shop, server: Any, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    shop.run("csv", "s3://exports/shop", "order_totals")
    shop.change("update marts.order_totals set state = 'XX' where state = 'SP'")
    with monkeypatch.context() as patched:
        patched.setattr("loaders.failpoints._hits", Counter())
        patched.setenv("LOADERS_TESTING", "1")
        patched.setenv("LOADERS_FAILPOINTS", f"outputs.publish.{point}=interrupt")
        with pytest.raises(KeyboardInterrupt):
            shop.run("csv", "s3://exports/shop", "order_totals")
    if point == "announced":
        # The file that is to be replaced is as large.
        client(server.port_in_use).delete_file("exports/shop/_staging/job-1/order_totals.csv")
        with pytest.raises(OutputMismatch, match=r"order_totals\.csv is not the file that was staged"):
            shop.run("csv", "s3://exports/shop", "order_totals")
    assert shop.run("csv", "s3://exports/shop", "order_totals", rewrite=point == "announced").sequence >= 2
    assert b"XX" in contents(server)["exports/shop/order_totals.csv"]

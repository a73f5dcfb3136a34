from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from loaders.errors import DriverMissing, FileRefused, ProfileInvalid, WarehouseLocked, WarehouseUnavailable
from loaders.warehouses.base import FileCount, OpenOptions, ParseOptions, Part, Piece, Segment
from loaders.warehouses.duckdb import DuckDBWarehouse
from loaders.warehouses.duckdb.connection import check_version, storage_version, translated
from loaders.warehouses.layout import ChunkEntry, LandingTable, LedgerEntry, MalformedEntry
from loaders.warehouses.profile import Target
from loaders.warehouses.registry import open_warehouse

NOW = datetime.fromisoformat("2024-02-29 12:30:01.000005")
TABLE = LandingTable("shop", "sales", ("id", "name"))
OPTIONS = OpenOptions(lock_timeout=0, threads=2)


def entry(file_id: str, state: str = "landed", rows: int = 1, malformed: int = 0) -> LedgerEntry:
    counts = dict.fromkeys(("lines", "header_lines", "skipped_lines", "blank_lines", "comment_lines"), 0)
    return LedgerEntry(
        file_id=file_id,
        contract="shop",
        contract_version="1.0.0+00000000",
        table_name="sales",
        path=f"inbox/{file_id}.csv",
        size_bytes=10,
        modified_ns=2**62,
        inode=1,
        content_sha256="content",
        parse_fingerprint="options",
        file_date=NOW.date(),
        state=state,  # type: ignore[arg-type]  # also states that are none
        **counts,
        landed_lines=rows,
        malformed_lines=malformed,
        landed_rows=rows,
        malformed_rows=malformed,
        content_bytes=10,
        header='["id"]',
        job_id="job",
        started_at=NOW,
        landed_at=NOW,
        superseded_by=None,
        error=None,
        tool_version="0",
    )


def chunk(file_id: str, rows: int) -> ChunkEntry:
    return ChunkEntry(file_id, 1, 0, 10, "sha", rows, 0, 0, rows, rows, 0, 0, 1, 1, "job", NOW)


def part(data: bytes, file_id: str, rows: int, table: LandingTable = TABLE) -> Part:
    options = ParseOptions(fields=2, columns=(0, 1))
    return Part(table, options, (Segment(data, (Piece(file_id, 1, rows),)),), "job", NOW, f"{file_id}.csv")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "w.duckdb"


@pytest.fixture
def warehouse(path: Path) -> Iterator[DuckDBWarehouse]:
    warehouse = DuckDBWarehouse.open(path, OPTIONS)
    warehouse.prepare_landing([TABLE])
    yield warehouse
    warehouse.close()


def test_entries_come_back_as_they_were_written(warehouse: DuckDBWarehouse) -> None:
    malformed = MalformedEntry("a", 3, 20, "x'y\"z\n", "utf-8", "short", "it's short", "job", NOW)
    with warehouse.landing() as unit:
        unit.put_ledger([entry("a"), entry("b", "quarantined")])
        unit.insert_chunk(chunk("a", 1))
        unit.insert_malformed([malformed])
    assert warehouse.ledger("shop", "sales") == [entry("a"), entry("b", "quarantined")]
    assert warehouse.ledger("shop", "other") == []
    assert warehouse.chunks("a") == [chunk("a", 1)]
    assert warehouse.query("from landing.malformed_rows") == [
        ("a", 3, 20, "x'y\"z\n", "utf-8", "short", "it's short", "job", NOW)
    ]


def test_an_entry_takes_the_place_of_the_one_with_its_id(warehouse: DuckDBWarehouse) -> None:
    for state in ("landing", "landed"):
        with warehouse.landing() as unit:
            unit.put_ledger([entry("a", state)])
    assert [each.state for each in warehouse.ledger("shop", "sales")] == ["landed"]


def test_a_unit_that_fails_leaves_nothing(warehouse: DuckDBWarehouse) -> None:
    def land_too_few() -> None:
        with warehouse.landing() as unit:
            unit.put_ledger([entry("a")])
            unit.insert_rows(part(b"1,a\n", "a", 2))

    with pytest.raises(FileRefused, match="gave 1 rows where 2 stand"):
        land_too_few()
    assert warehouse.ledger("shop", "sales") == []
    assert warehouse.query("from landing.shop__sales") == []
    with warehouse.landing() as unit:
        unit.insert_rows(part(b"1,a\n", "a", 1))
    assert warehouse.query("from landing.shop__sales") == [("1", "a", "a", 1, "job", NOW)]


@pytest.mark.parametrize("data", [b"1\n", b"1,2,3\n", b"1,2,\n", b'1,"x\n', b'1,"x"y\n', b"1,\xff\n"])
def test_the_parser_refuses_what_is_no_row(warehouse: DuckDBWarehouse, data: bytes) -> None:
    with pytest.raises(FileRefused, match=r"a\.csv: the strict parse refused it"), warehouse.landing() as unit:
        unit.insert_rows(part(data, "a", 1))


def test_new_columns_are_added_and_old_ones_kept(warehouse: DuckDBWarehouse) -> None:
    with warehouse.landing() as unit:
        unit.insert_rows(part(b"1,a\n", "a", 1))
    wider = LandingTable("shop", "sales", ("more", "id"), captures_extra=True)
    warehouse.prepare_landing([wider])
    assert warehouse.query("select id, name, more, _extra from landing.shop__sales") == [("1", "a", None, None)]


def test_hostile_names_are_names_and_nothing_else(warehouse: DuckDBWarehouse) -> None:
    hostile = LandingTable('a"b', "c'; drop table landing.ledger; --", ('x"y', "select", "ü'"))
    warehouse.prepare_landing([hostile])
    options = ParseOptions(fields=3, columns=(0, 1, 2))
    data = Segment(b"1,2,3\n", (Piece("it's", 1, 1),))
    with warehouse.landing() as unit:
        unit.insert_rows(Part(hostile, options, (data,), "job's", NOW, "a.csv"))
    name = warehouse.quote(hostile.name)
    assert warehouse.query(f"select * exclude (_landed_at) from landing.{name}") == [
        ("1", "2", "3", "it's", 1, "job's")
    ]
    assert warehouse.ledger("shop", "sales") == []


def test_a_database_file_may_be_called_landing(tmp_path: Path) -> None:
    warehouse = DuckDBWarehouse.open(tmp_path / "landing.duckdb", OPTIONS)
    warehouse.prepare_landing([TABLE])
    with warehouse.landing() as unit:
        unit.put_ledger([entry("a")])
    assert len(warehouse.ledger("shop", "sales")) == 1
    warehouse.close()


def test_nothing_is_left_in_the_log_after_ddl(path: Path, warehouse: DuckDBWarehouse) -> None:
    log = path.with_name(path.name + ".wal")
    assert not log.exists() or log.stat().st_size == 0


def test_every_disagreement_of_ledger_and_rows_is_found(warehouse: DuckDBWarehouse) -> None:
    with warehouse.landing() as unit:
        unit.put_ledger([entry("good", rows=2), entry("lost", rows=3), entry("loading", "landing")])
        unit.put_ledger([entry("gone", "superseded"), entry("unmarked", malformed=1)])
        for file_id, rows in (("good", 2), ("lost", 2), ("loading", 2), ("gone", 1), ("stray", 1), ("unmarked", 1)):
            unit.insert_rows(part(b"1,a\n" * rows, file_id, rows))
        unit.insert_chunk(chunk("loading", 2))
    assert warehouse.mismatches(TABLE) == [
        FileCount("shop__sales", "gone", 0, 1, 0, 0),
        FileCount("shop__sales", "lost", 3, 2, 0, 0),
        FileCount("shop__sales", "stray", 0, 1, 0, 0),
        FileCount("shop__sales", "unmarked", 1, 1, 1, 0),
    ]
    assert [each.file_id for each in warehouse.mismatches(TABLE, ["good", "lost"])] == ["lost"]


def test_a_removed_file_takes_its_rows_malformed_rows_and_chunks_along(warehouse: DuckDBWarehouse) -> None:
    with warehouse.landing() as unit:
        for file_id in ("a", "b"):
            unit.insert_rows(part(b"1,a\n", file_id, 1))
            unit.insert_chunk(chunk(file_id, 1))
            unit.insert_malformed([MalformedEntry(file_id, 1, 0, "x", "utf-8", "short", "", "job", NOW)])
        unit.put_ledger([entry("a"), entry("b")])
        unit.remove_file(TABLE, "a")
    assert warehouse.query("select _landed_file_id from landing.shop__sales") == [("b",)]
    assert warehouse.query(
        "select file_id from landing.chunks union all select file_id from landing.malformed_rows"
    ) == [
        ("b",),
        ("b",),
    ]
    assert len(warehouse.ledger("shop", "sales")) == 2


def test_results_stream_in_batches(warehouse: DuckDBWarehouse) -> None:
    batches = list(warehouse.stream("select * from range(300_000) as numbers(n)", batch_rows=100_000))
    assert sum(batch.num_rows for batch in batches) == 300_000
    assert len(batches) > 1


HOLD = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1])
connection.execute("create table if not exists t (a int)")
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def holder(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that has the file open."""
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_held_file_is_told_with_its_holder(path: Path, holder: subprocess.Popen[str]) -> None:
    with pytest.raises(WarehouseLocked, match=f"is held by process {holder.pid} .*--lock-timeout") as caught:
        DuckDBWarehouse.open(path, OPTIONS)
    assert caught.value.exit_code == 4


def test_a_held_file_is_waited_for(path: Path, holder: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []

    def end_the_holder(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            holder.kill()
            holder.wait()

    monkeypatch.setattr("loaders.warehouses.duckdb.connection.time.sleep", end_the_holder)
    warehouse = DuckDBWarehouse.open(path, OpenOptions(lock_timeout=60))
    assert warehouse.opened_after_crash
    warehouse.close()
    assert pauses == sorted(pauses)
    assert len(pauses) == 3


def test_a_file_that_was_closed_well_is_not_after_a_crash(path: Path) -> None:
    for _ in range(2):
        warehouse = DuckDBWarehouse.open(path, OPTIONS)
        assert not warehouse.opened_after_crash
        warehouse.prepare_landing([TABLE])
        warehouse.close()


def test_a_version_that_loses_data_is_refused(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(DriverMissing, match=r"1\.4\.5 can lose"):
        check_version("1.4.5")
    check_version("2.0.0")
    assert not caplog.records
    with caplog.at_level(logging.WARNING):
        check_version("1.5.6")
    assert "1.5.6" in caplog.text


def test_every_error_of_the_driver_becomes_ours() -> None:
    """A new kind of error in a new version of the driver must not slip through."""
    kinds = [each for each in vars(duckdb).values() if isinstance(each, type) and issubclass(each, duckdb.Error)]
    assert len(kinds) > 20
    for kind in kinds:
        expected = KeyboardInterrupt if kind is duckdb.InterruptException else WarehouseUnavailable
        with pytest.raises(expected), translated(Path("w.duckdb")):
            raise kind("Some Error: cause\nadvice")


@pytest.mark.parametrize(
    ("error", "hint"),
    [
        (duckdb.OutOfMemoryException("Out of Memory Error: x"), "--memory"),
        (duckdb.IOException("IO Error: write failed: No space left on device"), "free space"),
    ],
)
def test_scarce_resources_are_told_with_what_helps(error: duckdb.Error, hint: str) -> None:
    with pytest.raises(WarehouseUnavailable, match=hint), translated(Path("w.duckdb")):
        raise error


def test_the_registry_opens_by_the_type_of_the_target(tmp_path: Path) -> None:
    def target(kind: str) -> Target:
        return Target("shop", "dev", kind, tmp_path, tmp_path / "profiles.yml", {"path": "deep/er/w.duckdb"})

    open_warehouse(target("duckdb"), OPTIONS).close()
    assert (tmp_path / "deep" / "er" / "w.duckdb").exists()
    with pytest.raises(ProfileInvalid, match=r"unknown type 'oracle'.*known types: .*duckdb"):
        open_warehouse(target("oracle"))


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WarehouseUnavailable, match="cannot be made"):
        DuckDBWarehouse.open(tmp_path / "file" / "w.duckdb", OPTIONS)


def test_no_descriptor_stays_open(warehouse: DuckDBWarehouse) -> None:
    def descriptors() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    with warehouse.landing() as unit:
        unit.insert_rows(part(b"1,a\n", "a", 1))
    before = descriptors()
    for number in range(5):
        with warehouse.landing() as unit:
            unit.insert_rows(part(b"1,a\n", str(number), 1))
    assert descriptors() == before


@pytest.mark.parametrize(("version", "expected"), [("v2.0.0", {"ZSTD"}), ("v1.0.0", set[str]())])
def test_long_text_is_compressed_as_such_where_the_file_can_hold_it(
    path: Path, version: str, expected: set[str]
) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"attach '{path}' as made (storage_version '{version}')")
    warehouse = DuckDBWarehouse.open(path, OPTIONS)
    table = LandingTable("shop", "sales", ("id", "name"), long_text=frozenset({"name"}))
    warehouse.prepare_landing([table])
    with warehouse.landing() as unit:
        unit.insert_rows(part("".join(f"{n},{'x' * 20}{n}\n" for n in range(5000)).encode(), "a", 5000, table))
    warehouse.query("checkpoint")
    found = warehouse.query("select column_name, compression from pragma_storage_info('landing.shop__sales')")
    warehouse.close()
    assert {compression for name, compression in found if name == "name"} & {"ZSTD"} == expected
    assert not {compression for name, compression in found if name == "id"} & {"ZSTD"}


@pytest.mark.parametrize(
    ("text", "expected"), [("v2.0.0+", (2, 0, 0)), ("v1.2.0", (1, 2, 0)), (None, (0,)), ("", (0,))]
)
def test_storage_versions_are_compared_as_numbers(text: str | None, expected: tuple[int, ...]) -> None:
    assert storage_version(text) == expected


DIES_WHILE_MAKING = """
import os, sys
from pathlib import Path
import duckdb
from loaders.warehouses.base import OpenOptions
from loaders.warehouses.duckdb import DuckDBWarehouse

def die_half_way(database, *given, **named):
    Path(database).write_bytes(b"DUCK")
    os._exit(9)

duckdb.connect = die_half_way
DuckDBWarehouse.open(Path(sys.argv[1]), OpenOptions())
"""


def test_a_file_whose_making_was_killed_is_not_in_the_way(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    killed = subprocess.run([sys.executable, "-c", DIES_WHILE_MAKING, str(path)], check=False)
    assert killed.returncode == 9
    assert not path.exists()
    assert len(list(tmp_path.iterdir())) == 1
    DuckDBWarehouse.open(path, OPTIONS).close()
    assert list(tmp_path.iterdir()) == [path]


def test_the_faster_of_two_makers_wins_and_the_other_opens_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "w.duckdb"

    def other_is_faster(source: Path, target: Path) -> None:
        with duckdb.connect(str(target)) as other:
            other.execute("create table by_the_other (id bigint)")
        raise FileExistsError(17, "File exists", str(source), None, str(target))

    monkeypatch.setattr("os.link", other_is_faster)
    warehouse = DuckDBWarehouse.open(path, OPTIONS)
    assert warehouse.query("select count(*) from by_the_other") == [(0,)]
    warehouse.close()
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_system_without_second_names_holds_a_database_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(source: Path, target: Path) -> None:
        raise PermissionError(1, "Operation not permitted", str(source), None, str(target))

    monkeypatch.setattr("os.link", refuse)
    path = tmp_path / "w.duckdb"
    DuckDBWarehouse.open(path, OPTIONS).close()
    assert list(tmp_path.iterdir()) == [path]


SAYS_WHETHER_BARS_SHOW = """
import sys
from pathlib import Path
from loaders.warehouses.base import OpenOptions
from loaders.warehouses.duckdb import DuckDBWarehouse

for read_only in (True, False):
    warehouse = DuckDBWarehouse.open(Path(sys.argv[1]), OpenOptions(read_only=read_only))
    print(warehouse.query("select current_setting('enable_progress_bar')"))
"""


def test_no_progress_bar_of_duckdb_is_mixed_with_data(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SAYS_WHETHER_BARS_SHOW, str(tmp_path / "w.duckdb")]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert said == "[(False,)]\n" * 2


def test_ctrl_c_in_a_statement_of_the_main_thread_is_ctrl_c(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    pressing = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    try:
        pressing.start()
        with closing(duckdb.connect()) as connection, pytest.raises(KeyboardInterrupt), translated(tmp_path):
            connection.execute("select count(*) from range(20_000_000_000) as r(i) where hash(i) = 0").fetchall()
    finally:
        pressing.join()
        signal.signal(signal.SIGINT, before)

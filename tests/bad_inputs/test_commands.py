"""Bad calls, bad warehouses, bad clocks: one line, the right exit code, and nothing touched."""

from __future__ import annotations

import json
import os
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.bad_inputs.cases import GOOD, HEADER
from tests.faults.project import HEARS_CTRL_C, Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project.make(tmp_path / "project")
    made.put("a.csv", GOOD)
    return made


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("ingest", "--memory", "much"), id="bad_input_118_no_number"),
        pytest.param(("ingest", "--memory", "1M"), id="bad_input_118_too_small_a_number"),
        pytest.param(("ingest", "--lock-timeout", "-1"), id="bad_input_118_negative_number"),
        pytest.param(("ingest", "nowhere*.csv"), id="bad_input_118_glob_that_matches_nothing"),
        pytest.param(("ingest", "--contracts", "nowhere"), id="bad_input_118_folder_that_is_not_there"),
        pytest.param(("ingest", "--no-such-option"), id="bad_input_118_unknown_option"),
        pytest.param(("jobs", "list", "--limit", "0"), id="bad_input_118_zero"),
        pytest.param(("replay", "--table", "nowhere"), id="bad_input_118_unknown_table"),
        pytest.param(("files", "show", ""), id="bad_input_118_empty_name"),
    ],
)
def test_a_wrong_call_is_exit_2_and_touches_nothing(project: Project, arguments: tuple[str, ...]) -> None:
    answer = project.run(*arguments)
    assert answer.code == 2
    assert answer.err.strip()
    assert "Traceback" not in answer.err
    if project.database.exists():
        assert project.run("files", "list").err == "0 files\n"


def test_bad_input_118_an_unknown_target_names_those_there_are(project: Project) -> None:
    answer = project.run("ingest", "--target", "nowhere")
    assert answer.code in (2, 3)
    assert "nowhere" in answer.err
    assert "duckdb" in answer.err
    assert not project.database.exists()


def test_bad_input_118_a_reader_that_goes_away_is_no_error(project: Project) -> None:
    for number in range(200):
        project.put(f"{number}.csv", f"{HEADER}{number},a,b\n")
    assert project.ingest().code == 0
    process = project.start("files", "list", "--json")
    assert process.stdout is not None
    assert process.stdout.read(1) == "["
    process.stdout.close()
    assert process.stderr is not None
    assert "Traceback" not in process.stderr.read()
    process.stderr.close()
    assert process.wait() == 0


def test_bad_input_118_ctrl_c_rolls_back_and_is_exit_130(project: Project) -> None:
    process = project.start(
        "ingest", project.inbox, LOADERS_TESTING="1", LOADERS_FAILPOINTS="duckdb.before_commit=interrupt"
    )
    _, error = process.communicate()
    assert process.returncode == 130
    assert error == "loaders: stopped; run the same command again to go on\n"
    assert project.run("files", "list").err == "0 files\n"
    assert project.ingest().code == 0


# `press()` stands for how the signal arrives.
PRESSES_CTRL_C = (
    HEARS_CTRL_C
    + """
import os, signal, threading, time
from loaders.commands.cli import main
from loaders.warehouses.duckdb import warehouse

connect, select_rows, calls = warehouse.connect, warehouse.select_rows, 0

def press_or_wait(number):
    global calls
    calls += 1
    if calls == 1:
        press()
    if calls % 2048 == 0:  # once a vector, between two of which DuckDB can be broken off
        time.sleep(0.005)
    if calls == 2048 * 12_000:
        os._exit(99)
    return number

def connect_and_register(*given):
    connection = connect(*given)
    connection.create_function("press_or_wait", press_or_wait, ["BIGINT"], "BIGINT", side_effects=True)
    return connection

def endless(*given):
    rows = select_rows(*given)
    return f"select landed.* from ({rows}) as landed, range(1000000000000) where press_or_wait(range) >= 0"

warehouse.connect, warehouse.select_rows = connect_and_register, endless
main()
"""
)


TO_THE_PROCESS = "os.kill(os.getpid(), signal.SIGINT)"
# A thread that waits is not woken: as when the signal comes in the instant before it begins to wait.
TO_A_BUSY_THREAD = "signal.pthread_kill(threading.get_ident(), signal.SIGINT)"


@pytest.mark.parametrize(
    ("rows", "press"),
    [
        pytest.param(1, TO_THE_PROCESS, id="a file in one unit"),
        pytest.param(400_000, TO_THE_PROCESS, id="a file in chunks"),
        pytest.param(1, TO_A_BUSY_THREAD, id="while Python does not listen"),
    ],
)
def test_bad_input_118_ctrl_c_breaks_off_what_the_parser_is_at(project: Project, rows: int, press: str) -> None:
    project.put("a.csv", HEADER + "".join(f"{number},{'a' * 100},b\n" for number in range(rows)))
    process = project.start(
        "ingest", project.inbox, "--memory", "256MiB", program=PRESSES_CTRL_C.replace("press()", press)
    )
    _, error = process.communicate()
    assert (process.returncode, error) == (130, "loaders: stopped; run the same command again to go on\n")
    assert project.run("files", "list", "--state", "landed").err == "0 files\n"
    assert project.ingest("--verify").code == 0
    assert project.run("files", "list", "--state", "landed").err == "1 files\n"


def test_bad_input_118_ctrl_c_twice_ends_at_once(project: Project) -> None:
    process = project.start("ingest", project.inbox)
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)
    process.communicate()
    assert process.returncode in (0, 1, 130, -signal.SIGINT)
    assert project.ingest("--verify").code == 0


def test_bad_input_119_a_full_disk_is_told_and_costs_nothing(project: Project) -> None:
    assert project.ingest().code == 0
    project.put("b.csv", GOOD.replace("1", "2"))
    process = project.start(
        "ingest", project.inbox, LOADERS_TESTING="1", LOADERS_FAILPOINTS="duckdb.after_rows=raise-ENOSPC"
    )
    _, error = process.communicate()
    assert (process.returncode, len(error.splitlines())) == (3, 1)
    assert "No space left on device" in error
    assert project.run("files", "list", "--state", "landed").err == "1 files\n"
    assert project.ingest().code == 0


@pytest.mark.parametrize("content", [b"", b"no database at all, but long enough to have a header" * 300, b"\0" * 8192])
def test_bad_input_119_what_is_no_database_is_told_and_kept(project: Project, content: bytes) -> None:
    project.database.write_bytes(content)
    answer = project.ingest()
    assert (answer.code, project.database.read_bytes()) == (3, content)
    assert str(project.database) in answer.err
    assert "restore it from a copy" in answer.err


def test_bad_input_119_a_damaged_log_is_told_and_never_deleted(project: Project) -> None:
    assert project.ingest().code == 0
    log = project.database.with_name("w.duckdb.wal")
    log.write_bytes(b"\x01damaged" * 100)
    answer = project.ingest()
    # What DuckDB can make of the log is its own; it is never lost without a word.
    assert answer.code == 3 or project.run("files", "list", "--state", "landed").err == "1 files\n"
    if answer.code == 3:
        assert log.exists()


def test_bad_input_119_a_folder_that_cannot_be_made_is_told(project: Project, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    moved = Project(project.folder, {"LANDFALL_DUCKDB_PATH": str(tmp_path / "file" / "w.duckdb")})
    answer = moved.ingest()
    assert (answer.code, len(answer.err.strip().splitlines())) == (3, 1)


def test_bad_input_120_a_file_from_the_future_is_never_trusted_by_its_time(shop: Any) -> None:
    path = shop.put("a.csv", GOOD)
    future = (datetime.now(UTC) + timedelta(days=400)).timestamp()
    os.utime(path, (future, future))
    shop.ingest()
    assert shop.ledger("modified_ns") == [(None,)]
    path.write_text(GOOD.replace("a", "c"))
    os.utime(path, (future, future))
    assert shop.outcome().status == "refused"


def test_bad_input_120_a_clock_that_jumps_back_changes_no_outcome(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from loaders.landing import draft, land

    shop.change(on_file_change="replace")
    for days in (0, 30, 60):
        then = draft.utc_now() - timedelta(days=days)
        with monkeypatch.context() as clock:
            clock.setattr(land, "utc_now", lambda then=then: then, raising=False)
            clock.setattr(draft, "utc_now", lambda then=then: then)
            shop.put("a.csv", f"{HEADER}{days},a,b\n")
            assert shop.outcome().status == "landed"
    assert shop.rows("id") == [("60",)]
    assert sorted(shop.ledger("state")) == [("landed",), ("superseded",), ("superseded",)]


def test_bad_input_120_times_are_utc_whatever_the_zone(project: Project) -> None:
    process = project.start("ingest", project.inbox, TZ="Pacific/Kiritimati")
    process.communicate()
    assert process.returncode == 0
    (entry,) = json.loads(project.run("files", "list", "--json").out)
    landed = datetime.fromisoformat(entry["landed_at"])
    assert abs(landed.replace(tzinfo=UTC) - datetime.now(UTC)) < timedelta(hours=1)


def test_bad_input_095_and_096_formulas_and_markup_are_stored_as_they_are(shop: Any) -> None:
    values = ["=cmd|' /C calc'!A0", "+1", "-1", "@x", "\tx", "<img src=x onerror=alert(1)>", "{{7*7}}", "javascript:x"]
    shop.put("a.csv", HEADER + "".join(f"{number},{value},b\n" for number, value in enumerate(values)))
    shop.ingest()
    assert shop.rows("name") == [(value,) for value in values]

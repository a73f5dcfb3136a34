"""A call of the command as a job: what a new one needs, and what one that goes on may be told anew."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from typer.testing import CliRunner

from loaders.commands.cli import app
from loaders.errors import JobStopped, OutputMismatch, UsageError
from loaders.jobs.store import utc_now
from loaders.outputs.call import Call, Wishes, plans_of, run_call
from loaders.outputs.checkpoint import Checkpoint
from loaders.outputs.formats.files import FileWriter
from tests.unit.outputs.conftest import CONTRACT

if TYPE_CHECKING:
    from tests.unit.outputs.conftest import Shop


@pytest.fixture(autouse=True)
def shops_contract(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loaders.outputs.call.read_contracts", lambda _folder: (CONTRACT,))


def call(shop: Shop, wishes: Wishes, **how: Any) -> Call:
    """A call in a project with the shop's warehouse as the output `dev` and an empty one as `empty`."""
    outputs = {
        "dev": {"type": "duckdb", "path": str(shop.database)},
        "empty": {"type": "duckdb", "path": str(shop.folder / "empty.duckdb")},
    }
    (shop.folder / "dbt_project.yml").write_text("name: shop\nprofile: landfall\n")
    profile = {"landfall": {"target": how.pop("default", "dev"), "outputs": outputs}}
    (shop.folder / "profiles.yml").write_text(yaml.safe_dump(profile))
    return Call(wishes, shop.folder, shop.folder / "contracts", shop.folder / "checkpoints", **how)


def stopped(shop: Shop, out: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The id of a job that failed at its second part."""

    def fails(_self: FileWriter, *_arguments: object) -> None:
        raise OutputMismatch("stopped", hint="go on")

    with monkeypatch.context() as patched:
        patched.setattr(FileWriter, "_hand_on", fails)
        with pytest.raises(OutputMismatch):
            run_call(call(shop, {"tables": ("marts.order_totals",), "to": str(out)}, job_id="one"), shop.store, None)
    return "one"


def test_a_stopped_job_goes_on_with_more_memory_and_what_it_was_asked(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped(shop, tmp_path / "out", monkeypatch)
    again = call(shop, {"memory_bytes": 2**30, "jobs": 1}, resume_latest=True)
    outcome = run_call(again, shop.store, None)
    assert outcome.job_id == "one"
    assert [line.table for line in outcome.tables] == ["order_totals"]
    assert not list((shop.folder / "checkpoints").glob("*.json"))


def test_a_job_that_goes_on_takes_no_other_order(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job_id = stopped(shop, tmp_path / "out", monkeypatch)
    with pytest.raises(UsageError, match="takes no other format, to"):
        run_call(call(shop, {"to": "elsewhere", "format": "csv"}, resume=job_id), shop.store, None)


def test_a_job_that_goes_on_reads_the_output_it_began_with(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = stopped(shop, tmp_path / "out", monkeypatch)
    (line,) = run_call(call(shop, {}, resume=job_id, default="empty"), shop.store, None).tables
    assert line.read == 4


def test_the_plan_of_a_stopped_job_can_be_shown(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job_id = stopped(shop, tmp_path / "out", monkeypatch)
    assert [plan.name for plan in plans_of(call(shop, {}, resume=job_id))] == ["order_totals"]
    assert not list((tmp_path / "out").glob("*.parquet"))


def test_a_destination_must_be_given(shop: Shop) -> None:
    with pytest.raises(UsageError, match="no destination"):
        run_call(call(shop, {}), shop.store, None)


def test_an_order_that_cannot_be_meant_leaves_nothing_behind(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loaders.outputs.run.ask_dbt", lambda *_: lambda _word: set())
    with pytest.raises(UsageError, match="nothing in the warehouse is called"):
        run_call(call(shop, {"tables": ("nope",), "to": str(tmp_path / "out")}), shop.store, None)
    assert not (tmp_path / "out").exists()
    assert not list((shop.folder / "checkpoints").rglob("*.*"))
    with pytest.raises(UsageError, match="no unfinished job"):
        run_call(call(shop, {}, resume_latest=True), shop.store, None)


def test_a_job_that_wrote_nothing_yet_has_no_checkpoint(shop: Shop) -> None:
    with pytest.raises(UsageError, match="no checkpoint of job 'two'"):
        Checkpoint.open(shop.folder / "checkpoints", "two")


def ctrl_c(monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    monkeypatch.setenv("LOADERS_TESTING", "1")
    monkeypatch.setenv("LOADERS_FAILPOINTS", f"{where}=interrupt")
    monkeypatch.setattr("loaders.failpoints._hits", Counter())


def test_ctrl_c_names_the_job_to_go_on_with(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = call(shop, {"tables": ("marts.order_totals",), "to": str(tmp_path / "out")}, job_id="one")
    with monkeypatch.context() as patched:
        ctrl_c(patched, "outputs.table.ready")
        with pytest.raises(JobStopped, match="go on with --resume one, or with --resume-latest"):
            run_call(whole, shop.store, None)
    (job,) = shop.store.jobs()
    assert (job.state, job.error) == ("failed", "stopped by the user; go on with --resume one, or with --resume-latest")
    assert run_call(call(shop, {}, resume="one"), shop.store, None).changed


def test_ctrl_c_before_anything_was_kept_names_no_job(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pressed(*_given: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("loaders.outputs.run.select", pressed)
    with pytest.raises(KeyboardInterrupt) as stopped_by:
        run_call(call(shop, {"to": str(tmp_path / "out")}), shop.store, None)
    assert not isinstance(stopped_by.value, JobStopped)


def test_the_command_line_says_how_a_stopped_job_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stops(*_given: object) -> None:
        raise JobStopped("go on with --resume one")

    monkeypatch.setattr("loaders.outputs.call.run_call", stops)
    (tmp_path / "contracts").mkdir()
    done = CliRunner().invoke(app, ["materialize", "--to", str(tmp_path / "out"), "--project-dir", str(tmp_path)])
    assert (done.exit_code, done.stderr) == (130, "loaders: stopped; go on with --resume one\n")


@pytest.mark.parametrize("job_id", ["..", "../x", "a/b", "/tmp/x", "", ".hidden", "x" * 101, "a\n"])
def test_an_id_that_is_no_plain_name_is_refused_and_touches_nothing(shop: Shop, tmp_path: Path, job_id: str) -> None:
    wishes: Wishes = {"tables": ("marts.order_totals",), "to": str(tmp_path / "out"), "format": "csv"}
    run_call(call(shop, wishes), shop.store, None)
    before = sorted(tmp_path.rglob("*"))
    for how in ({"job_id": job_id}, {"resume": job_id}):
        with pytest.raises(UsageError, match="cannot be a job's id"):
            run_call(call(shop, {**wishes, "rewrite": True} if "job_id" in how else {}, **how), shop.store, None)
    assert sorted(tmp_path.rglob("*")) == before


def test_an_id_is_given_once(shop: Shop, tmp_path: Path) -> None:
    wishes: Wishes = {"tables": ("marts.order_totals",), "to": str(tmp_path / "out")}
    run_call(call(shop, wishes, job_id="one"), shop.store, None)
    with pytest.raises(UsageError, match="there is a job one already"):
        run_call(call(shop, wishes, job_id="one"), shop.store, None)


def test_a_job_that_the_history_lost_goes_on(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job_id = stopped(shop, tmp_path / "out", monkeypatch)
    shop.store.prune(older_than=utc_now() + timedelta(days=1))
    assert not shop.store.knows(job_id)
    run_call(call(shop, {}, resume=job_id), shop.store, None)
    assert shop.store.job(job_id).state == "succeeded"


def test_a_job_goes_on_from_another_folder(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "here")
    job_id = stopped(shop, Path("out"), monkeypatch)
    monkeypatch.chdir(tmp_path / "there")
    run_call(call(shop, {}, resume=job_id), shop.store, None)
    assert not (tmp_path / "there" / "out").exists()
    assert (tmp_path / "here" / "out" / "_manifest").is_dir()


@pytest.mark.parametrize("to", ["~nobody-of-that-name/out", "file://out", "file://elsewhere/out"])
def test_a_destination_that_is_no_place_here_is_refused(shop: Shop, to: str) -> None:
    with pytest.raises(UsageError, match=re.escape(to)):
        run_call(call(shop, {"tables": ("marts.order_totals",), "to": to}), shop.store, None)


@pytest.mark.parametrize("wishes", [{"format": "csv", "partition": "state"}, {"format": "parquet", "safe_csv": True}])
def test_an_option_that_the_format_would_pass_over_is_refused(shop: Shop, tmp_path: Path, wishes: Wishes) -> None:
    with pytest.raises(UsageError, match="is for --format"):
        run_call(call(shop, {**wishes, "to": str(tmp_path / "out")}), shop.store, None)

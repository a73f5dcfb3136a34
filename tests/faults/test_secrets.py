"""A canary for a password: it must sing nowhere, in no output, log, database, history, error or generated file."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from loaders.secrets import Secret, install_redaction, redact
from tests.faults.invariants import CHECKERS, Evidence
from tests.faults.project import PROFILE, Project

CANARY = "CANARY-4f1c9a7e"
GOOD = "id,name,note\n1,a,b\n"


def everything_under(folder: Path) -> dict[str, bytes]:
    """Every file's bytes by name, a warehouse's and a history's too; not the profile, where the password stands."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "profiles.yml"
    }


def silent(folder: Path, **shown: str) -> None:
    outputs = {**everything_under(folder), **{name: text.encode() for name, text in shown.items()}}
    assert outputs
    assert list(CHECKERS["I13"](evidence_of(outputs))) == []


def evidence_of(outputs: dict[str, bytes]) -> Evidence:
    from tests.faults.snapshot import Snapshot

    return Evidence(Snapshot((), (), (), {}, frozenset()), outputs=outputs, secrets=[CANARY])


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project.make(tmp_path / "project")
    profile: Any = PROFILE
    outputs: dict[str, Any] = dict(profile["landfall"]["outputs"])
    password = "{{ env_var('DBT_ENV_SECRET_PGPASSWORD') }}"
    outputs["postgres"] = {
        "type": "postgres",
        "host": "127.0.0.1",
        # Nobody listens on this port.
        "port": 1,
        "user": "landfall",
        "password": password,
        "dbname": "landfall",
        "schema": "landing",
    }
    outputs["broken"] = {"type": "no_such_engine", "password": password}
    profile = {"landfall": {"target": "duckdb", "outputs": outputs}}
    (made.folder / "profiles" / "profiles.yml").write_text(yaml.safe_dump(profile))
    made.put("a.csv", GOOD)
    made.put("bad.csv", "wrong\n1\n")
    return Project(made.folder, {"DBT_ENV_SECRET_PGPASSWORD": CANARY})


@pytest.mark.parametrize("target", ["duckdb", "postgres", "broken"])
def test_a_password_shows_in_no_output_whatever_the_target_says(project: Project, target: str) -> None:
    for command in (("ingest", str(project.inbox)), ("files", "list", "--json"), ("replay",)):
        process = project.start(*command, "--target", target, "--lock-timeout", "0")
        out, error = process.communicate()
        assert out + error
        silent(project.folder, out=out, error=error)


def test_a_password_shows_in_no_traceback_and_no_log() -> None:
    program = f"""
import logging
from loaders.secrets import Secret, install_redaction
logging.basicConfig(level=logging.DEBUG)
install_redaction()
secret = Secret({CANARY!r})
logging.getLogger("driver").debug("connecting with %s", secret.reveal())
try:
    raise OSError("postgres://me:" + secret.reveal() + "@host/db")
except OSError:
    logging.getLogger("driver").exception("failed")
raise RuntimeError(f"{{secret}} {{secret!r}} " + secret.reveal())
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    # A traceback shows source lines, and the program's own source would hold the canary: it comes from `-c`, unseen.
    assert CANARY not in done.stdout + done.stderr
    assert "postgres://me:***@host/db" in done.stderr
    assert done.stderr.rstrip().endswith("RuntimeError: *** Secret(***) ***")


def test_bad_input_122_handlers_added_later_mask_too(capsys: pytest.CaptureFixture[str]) -> None:
    secret = Secret(CANARY)
    handler = logging.StreamHandler(sys.stdout)
    logging.getLogger().addHandler(handler)
    try:
        install_redaction()
        logging.getLogger("later").error("with %s", secret.reveal())
    finally:
        logging.getLogger().removeHandler(handler)
    assert capsys.readouterr().out == "with ***\n"
    assert redact(f"x{CANARY}y") == "x***y"


def test_bad_input_122_a_failing_step_names_no_password(project: Project) -> None:
    process = project.start(
        "ingest",
        project.inbox,
        LOADERS_TESTING="1",
        LOADERS_FAILPOINTS="duckdb.before_commit=raise-EIO",
    )
    out, error = process.communicate()
    assert process.returncode == 3
    silent(project.folder, out=out, error=error)

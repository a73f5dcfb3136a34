from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import pytest

from loaders.failpoints import failpoint


@pytest.mark.parametrize(("action", "code"), [("kill", -9), ("exit", 137)])
def test_a_failpoint_ends_the_process_at_its_nth_hit(action: str, code: int) -> None:
    program = (
        "from loaders.failpoints import failpoint\nfor n in range(3):\n    print(n, flush=True); failpoint('here')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"LOADERS_TESTING": "1", "LOADERS_FAILPOINTS": f"other=kill,here={action}:2"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.split()) == (code, ["0", "1"])


def test_a_failpoint_raises_the_named_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOADERS_TESTING", "1")
    monkeypatch.setenv("LOADERS_FAILPOINTS", "test.disk=raise-ENOSPC")
    with pytest.raises(OSError) as caught:
        failpoint("test.disk")
    assert caught.value.errno == errno.ENOSPC


def test_failpoints_sleep_outside_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOADERS_FAILPOINTS", "test.outside=kill")
    monkeypatch.delenv("LOADERS_TESTING", raising=False)
    failpoint("test.outside")


def test_hits_are_logged(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LOADERS_TESTING", "1")
    monkeypatch.setenv("LOADERS_FAILPOINTS_LOG", str(tmp_path / "hits"))
    failpoint("test.one")
    failpoint("test.two")
    assert (tmp_path / "hits").read_text().split() == ["test.one", "test.two"]

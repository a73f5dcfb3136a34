"""What must hold of landing on every engine, whatever its steps are called."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engines.landing import MANY, Landing, expected_state
from tests.integration.stopping import Stopped, stop_at

ROWS_OF_MANY = 55


def check_kill_and_rerun(landing: Landing, folder: Path, failpoints: str, seen: int, content: str = MANY) -> None:
    """A process that dies at a failpoint leaves `seen` rows to the next one, which lands the file as if nothing had
    been."""
    landing.put("many.csv", content)
    killed = landing.child(failpoints=failpoints)
    assert killed.returncode == -9, killed.stderr
    assert landing.query("select count(*) from landing.shop__sales") == [(seen,)]
    again = landing.child()
    assert again.returncode == 0, again.stderr
    assert landing.state() == expected_state(folder / "expected", {"many.csv": content})


def check_replacement(
    landing: Landing, monkeypatch: pytest.MonkeyPatch, step: str, seen: str = "1", rows: str = "landing.shop__sales"
) -> None:
    """Changed content of a file takes the place of the old in one step: `rows` has the id `seen` when a load stops at
    `step` [default: the old one]."""
    landing.put("a.csv", "id,name,note\n1,a,b\nbroken\n")
    landing.ingest()
    landing.put("a.csv", "id,name,note\n2,c,d\n")
    with monkeypatch.context() as patched:
        stop_at(patched, step)
        with pytest.raises(Stopped):
            landing.ingest()
    assert landing.query(f"select id from {rows}") == [(seen,)]
    landing.ingest()
    assert landing.query("select id from landing.shop__sales") == [("2",)]
    assert landing.query("select count(*) from landing.malformed_rows") == [(0,)]
    assert sorted(landing.query("select state from landing.ledger")) == [("landed",), ("superseded",)]

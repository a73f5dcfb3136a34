from __future__ import annotations

import fcntl
import io
import os
import pty
import re
import struct
import termios
from datetime import datetime

import pytest
from rich.console import Console

from loaders.commands.progress import Lines, left_text, line_text, shown_progress, size_text
from loaders.jobs.model import Progress, ProgressEvent


def event(table: str, rows: int, total: int | None = 1000, **values: object) -> ProgressEvent:
    progress = Progress("write", table=table, rows=rows, rows_total=total, per_table=True, bytes_done=rows * 10)
    return ProgressEvent("job", 0, datetime(2026, 1, 1), progress, 50.0, 500.0, 12.4 if total else None)  # noqa: DTZ001


def test_a_line_says_what_how_much_how_fast_and_how_long_still() -> None:
    assert line_text(event("orders", 250)) == "write orders  25% 250 rows 2.4 KiB  50 rows/s  12 s left"
    assert line_text(event("orders", 250, None)) == "write orders  250 rows 2.4 KiB  50 rows/s"


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0 s left"), (59.4, "59 s left"), (61, "1:01 left"), (7325, "2:02 h left")]
)
def test_time_left(seconds: float, text: str) -> None:
    now = event("orders", 1)
    assert left_text(ProgressEvent("job", 0, now.at, now.progress, 1.0, 1.0, seconds)) == text


@pytest.mark.parametrize(("size", "text"), [(0, "0 B"), (1536, "1.5 KiB"), (3 * 2**40, "3.0 TiB")])
def test_sizes(size: int, text: str) -> None:
    assert size_text(size) == text


def test_without_a_terminal_each_table_gets_a_line_every_five_seconds() -> None:
    now = 0.0
    written: list[str] = []
    lines = Lines(written.append, lambda: now)
    for second in range(12):
        now = float(second)
        lines.listen(event("orders", second * 10))
        lines.listen(event("items", second * 10))
    assert [line.split("  ")[0] for line in written] == ["write orders", "write items"] * 2


def test_a_job_that_is_soon_done_writes_no_line() -> None:
    written: list[str] = []
    lines = Lines(written.append, lambda: 1.0)
    for rows in range(5):
        lines.listen(event("orders", rows))
    assert written == []


def test_quiet_draws_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with shown_progress(quiet=True) as listener:
        assert listener is None
    assert capsys.readouterr().err == ""


def test_several_tables_have_a_bar_each() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=100)
    with shown_progress(console=console) as listener:
        assert listener is not None
        listener(event("orders", 250))
        listener(event("items", 500))
    drawn = console.file.getvalue()  # type: ignore[attr-defined]  # a StringIO
    assert "write orders" in drawn
    assert "write items" in drawn
    assert "25% 250 rows" in drawn


@pytest.mark.parametrize("width", [30, 60, 200])
def test_bars_survive_a_terminal_that_changes_its_size(width: int) -> None:
    """No drawn line is ever wider than the terminal is then, so none wraps and moving up lands where it should."""
    parent, child = pty.openpty()
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    drawn = bytearray()
    with os.fdopen(child, "w") as terminal:
        console = Console(file=terminal, force_terminal=True, legacy_windows=False)
        with shown_progress(console=console) as listener:
            assert listener is not None
            listener(event("orders", 250))
            terminal.flush()
            drawn += os.read(parent, 65536)
            fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
            console.size = (width, 40)  # what rich reads from the terminal outside of tests
            listener(event("a_table_with_a_very_long_name_that_does_not_fit_anywhere", 500))
        terminal.flush()
        drawn = bytearray(os.read(parent, 65536))
    os.close(parent)
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", drawn.decode())
    assert max(len(line.strip("\r")) for line in re.split(r"[\r\n]+", text)) <= max(width, 30)

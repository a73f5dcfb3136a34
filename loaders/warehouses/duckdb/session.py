"""Statements on one DuckDB connection that Ctrl-C can break off.

DuckDB itself looks for signals only between its tasks, which may be minutes apart, and then raises what looks like a
bug. So it runs in a thread of its own, and the caller waits where Python hears of signals.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any, Final, TypeVar

import duckdb

# An interrupt that comes just before a statement starts is lost: it is repeated until nothing runs any more.
_SECONDS_BETWEEN_INTERRUPTS: Final = 0.05
# A signal that comes in the instant before a wait begins, or to another thread, does not end it: Python hears of it
# with the next one.
_SECONDS_OF_A_WAIT: Final = 0.25

_Result = TypeVar("_Result")


class Session:
    """One open connection. Raises DuckDB's own errors; KeyboardInterrupt only when nothing runs on it any more."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="landfall-duckdb")

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of a statement; Ctrl-C breaks it off."""
        return self._run(lambda: self._execute(sql, parameters), may_break=True)

    def see_through(self, sql: str) -> None:
        """Runs a statement to its end even under Ctrl-C, which is raised then: a commit is never left half known."""
        self._run(lambda: self._execute(sql, ()), may_break=False)

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection of the caller's own to the same database."""
        return self._connection.cursor()

    def close(self) -> None:
        """Closes the connection; further calls do nothing."""
        try:
            self._connection.close()
        finally:
            self._thread.shutdown()

    def _execute(self, sql: str, parameters: Sequence[object]) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql, list(parameters)).fetchall()

    def _run(self, call: Callable[[], _Result], *, may_break: bool) -> _Result:
        try:
            running = self._thread.submit(call)
            while not running.done():
                wait((running,), timeout=_SECONDS_OF_A_WAIT)
            return running.result()
        except KeyboardInterrupt:
            self._come_to_rest(may_break)
            raise

    def _come_to_rest(self, may_break: bool) -> None:
        resting = self._thread.submit(lambda: None)
        while not resting.done():
            if may_break:
                self._connection.interrupt()
            wait((resting,), timeout=_SECONDS_BETWEEN_INTERRUPTS)

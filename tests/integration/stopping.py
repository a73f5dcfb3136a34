"""Failpoints that raise in this process, for loaders of every engine."""

from __future__ import annotations

import sys

import pytest

from loaders.failpoints import failpoint


class Stopped(Exception):
    """What a stopped load raises."""


def stop_at(monkeypatch: pytest.MonkeyPatch, name: str, nth: int = 1) -> None:
    """Makes the nth hit of a failpoint raise, once, wherever a loaded module has it."""
    hits = 0

    def count(hit: str) -> None:
        nonlocal hits
        hits += hit == name
        if hit == name and hits == nth:
            raise Stopped(name)
        failpoint(hit)

    for module_name, module in list(sys.modules.items()):
        if module_name.startswith("loaders.") and getattr(module, "failpoint", None) is failpoint:
            monkeypatch.setattr(module, "failpoint", count)

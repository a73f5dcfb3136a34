"""What `loaders doctor` finds out, one check after the other: a failed one says what to do and never hides the next."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal

from loaders.errors import LandfallError
from loaders.secrets import MASK, redact
from loaders.warehouses.base import Checkup, OpenOptions, Warehouse
from loaders.warehouses.profile import Target, read_target
from loaders.warehouses.registry import engine_module, engine_of, installed, open_warehouse

Status = Literal["ok", "warning", "failed", "skipped"]

_LEAST_DISK: Final = 2**30
_MOST_SKEW: Final = 60.0
_CLOCK_NOT_BEFORE: Final = datetime(2026, 1, 1, tzinfo=UTC)
_SECRET_WORDS: Final = ("pass", "token", "secret", "private_key", "keyfile_json")
_LEAST_PYTHON: Final = (3, 11)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at; `hint` says what to do where it is not `ok`."""

    name: str
    status: Status
    found: str
    hint: str = ""


def examine(
    project_dir: Path, target: str | None = None, *, offline: bool = False, write: bool = False
) -> tuple[Check, ...]:
    """All checks of one target, in order. Connects unless `offline`; only with `write` makes schema and bookkeeping."""
    return tuple(_examine(project_dir, target, offline=offline, write=write))


def _examine(project_dir: Path, target: str | None, *, offline: bool, write: bool) -> Iterator[Check]:
    yield _python()
    yield from _disks(project_dir)
    yield _clock()
    try:
        output = read_target(project_dir, target)
        engine = engine_of(output)
    except LandfallError as error:
        yield _failed("profile", error)
        return
    yield Check("profile", "ok", f"{output.profiles_file}, target {output.name} ({output.type})")
    yield _distribution("dbt adapter", (f"dbt-{output.type}",), engine.install)
    try:
        checkup: Checkup = engine_module(output).CHECKUP
    except LandfallError as error:
        yield _failed("driver", error)
        return
    yield _distribution("driver", engine.drivers, engine.install)
    yield _settings(output, checkup)
    if offline:
        yield Check("connection", "skipped", "asked to stay offline")
        return
    yield from _connected(output, checkup, write=write)


def _connected(target: Target, checkup: Checkup, *, write: bool) -> Iterator[Check]:
    try:
        warehouse = open_warehouse(target, OpenOptions(lock_timeout=0.0, read_only=not write))
    except LandfallError as error:
        yield _failed("connection", error)
        return
    with closing(warehouse):
        yield Check("connection", "ok", "open")
        yield _asked("version", lambda: Check("version", "ok", str(_value(warehouse, checkup.version))))
        yield _asked("clock of the warehouse", lambda: _skew(_value(warehouse, checkup.clock)))
        for name, statement, hint in checkup.permissions_in(target.landing_schema):
            yield _asked(f"may {name}", partial(_permission, warehouse, name, statement, hint))
        if write:
            yield _asked("landing", lambda: _prepared(warehouse))
        else:
            yield Check("landing", "skipped", "nothing was written; --write makes the schema and its bookkeeping")


def _python() -> Check:
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < _LEAST_PYTHON:
        return Check("python", "failed", found, "install Python 3.11 or newer")
    return Check("python", "ok", found)


def _disks(project_dir: Path) -> Iterator[Check]:
    for what, folder in (("disk of the project", project_dir), ("disk for parts", Path(tempfile.gettempdir()))):
        try:
            free = shutil.disk_usage(folder).free
        except OSError as error:
            yield Check(what, "failed", f"{folder}: {error.strerror}", "name a folder that is there")
            continue
        found = f"{folder}: {free / 2**30:,.1f} GiB free"
        enough = free >= _LEAST_DISK
        hint = "" if enough else "free some space; TMPDIR moves the parts elsewhere"
        yield Check(what, "ok" if enough else "warning", found, hint)


def _clock() -> Check:
    now = datetime.now(UTC)
    if now < _CLOCK_NOT_BEFORE:
        return Check("clock", "failed", f"{now:%Y-%m-%d %H:%M} UTC", "set this machine's clock: it is in the past")
    return Check("clock", "ok", f"{now:%Y-%m-%d %H:%M:%S} UTC")


def _distribution(what: str, names: Sequence[str], install: str) -> Check:
    found = installed(names)
    if found is None:
        return Check(what, "failed", f"{' or '.join(names)} is not installed", install)
    return Check(what, "ok", found)


def _settings(target: Target, checkup: Checkup) -> Check:
    lacking = [name for name in checkup.required if target.settings.get(name) in (None, "")]
    if lacking:
        hint = f"set {', '.join(lacking)} in {target.profiles_file} or the variables named there"
        return Check("settings", "failed", f"without {', '.join(lacking)}", hint)
    return Check("settings", "ok", shown_settings(target.settings))


def shown_settings(settings: Mapping[str, Any]) -> str:
    """Settings as `name=value`, secrets masked by their names and by what is known of them."""
    shown = (
        f"{name}={MASK if any(word in name.lower() for word in _SECRET_WORDS) else value}"
        for name, value in sorted(settings.items())
    )
    return redact(", ".join(shown))


def _skew(there: object) -> Check:
    name = "clock of the warehouse"
    if not isinstance(there, datetime):
        return Check(name, "warning", f"it answers {there!r}", "no time was given; nothing to compare")
    there = there.replace(tzinfo=UTC) if there.tzinfo is None else there
    seconds = (datetime.now(UTC) - there).total_seconds()
    found = f"{there:%Y-%m-%d %H:%M:%S} UTC, {abs(seconds):.0f} s {'behind' if seconds > 0 else 'ahead'}"
    if abs(seconds) > _MOST_SKEW:
        return Check(name, "warning", found, "set this machine's clock (NTP): times in the ledger come from it")
    return Check(name, "ok", found)


def _permission(warehouse: Warehouse, name: str, statement: str, hint: str) -> Check:
    granted = bool(_value(warehouse, statement))
    return Check(f"may {name}", "ok" if granted else "failed", "yes" if granted else "no", "" if granted else hint)


def _prepared(warehouse: Warehouse) -> Check:
    warehouse.prepare_landing(())
    return Check("landing", "ok", "the schema and its bookkeeping are there")


def _asked(name: str, ask: Callable[[], Check]) -> Check:
    try:
        return ask()
    except LandfallError as error:
        return _failed(name, error)


def _value(warehouse: Warehouse, statement: str) -> object:
    return warehouse.query(statement)[0][0]


def _failed(name: str, error: LandfallError) -> Check:
    return Check(name, "failed", redact(error.what), error.hint)

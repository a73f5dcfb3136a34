"""A `databricks.sql` that keeps its own record: what was called, and, over a Spark session, what comes of it.

The real driver needs the real service. This one has the calls that our module makes, as its documentation tells them:
`connect`, cursors with `execute` (volumes by PUT and REMOVE), `fetchall`, `fetchmany_arrow`, `columns` and `tables`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, BinaryIO, Self

import pyarrow as pa
import pytest

VOLUMES = "/Volumes/"
_PUT = re.compile(r"PUT '__input_stream__' INTO '(/Volumes/[^']+)' OVERWRITE")
_REMOVE = re.compile(r"REMOVE '(/Volumes/[^']+)'")


class Error(Exception):
    """What the driver raises for everything."""


@dataclass
class Service:
    """Answers statements by `query`, keeps volumes in `folder`."""

    folder: Path
    query: Callable[[str], Sequence[Sequence[Any]]] = lambda _: []
    tables: Callable[[], dict[str, Sequence[str]]] = dict
    connections: list[dict[str, Any]] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)
    fails: dict[str, str] = field(default_factory=dict)
    """Beginning of a statement → the message it fails with."""

    def connect(self, **settings: Any) -> Connection:
        self.connections.append(settings)
        return Connection(self)

    def local(self, path: str) -> Path:
        """Where a file of a volume lies."""
        return self.folder / path.removeprefix("/")

    def execute(self, sql: str, stream: BinaryIO | None) -> Sequence[Sequence[Any]]:
        self.statements.append(sql)
        for beginning, message in self.fails.items():
            if sql.startswith(beginning):
                raise Error(message)
        if put := _PUT.fullmatch(sql):
            assert stream is not None
            self.local(put[1]).parent.mkdir(parents=True, exist_ok=True)
            self.local(put[1]).write_bytes(stream.read())
            return []
        if remove := _REMOVE.fullmatch(sql):
            self.local(remove[1]).unlink()
            return []
        if sql.startswith("create volume if not exists "):
            return []
        return self.query(sql.replace(f"`{VOLUMES}", f"`{self.folder}{VOLUMES}"))

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Makes our module see this service, whether the real driver is installed or not."""
        package, driver, errors = (
            ModuleType("databricks"),
            ModuleType("databricks.sql"),
            ModuleType("databricks.sql.exc"),
        )
        driver.connect = self.connect  # type: ignore[attr-defined] # a module made here
        errors.Error = Error  # type: ignore[attr-defined] # the same
        package.sql = driver  # type: ignore[attr-defined] # the same
        driver.exc = errors  # type: ignore[attr-defined] # the same
        for module in (package, driver, errors):
            monkeypatch.setitem(sys.modules, module.__name__, module)
        # Gone before the test, so that it imports this driver; and after it, so that nobody else does.
        monkeypatch.setitem(sys.modules, "loaders.warehouses.databricks", ModuleType("unused"))
        del sys.modules["loaders.warehouses.databricks"]


@dataclass
class Connection:
    service: Service
    closed: bool = False

    def cursor(self) -> Cursor:
        return Cursor(self.service)

    def close(self) -> None:
        self.closed = True


@dataclass
class Cursor:
    service: Service
    found: list[tuple[Any, ...]] = field(default_factory=list)
    query_id: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    def execute(self, operation: str, *, input_stream: BinaryIO | None = None) -> Self:
        self.found = [tuple(row) for row in self.service.execute(operation, input_stream)]
        self.query_id = f"query-{len(self.service.statements)}"
        return self

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self.found

    def fetchmany_arrow(self, size: int) -> pa.Table:
        some, self.found = self.found[:size], self.found[size:]
        return pa.table({"value": [row[0] for row in some]})

    def columns(self, catalog_name: str, schema_name: str) -> Self:
        self.found = [
            (catalog_name, schema_name, table, column, 12, "STRING")
            for table, columns in self.service.tables().items()
            for column in columns
        ]
        return self

    def tables(self, catalog_name: str, schema_name: str, table_name: str) -> Self:
        # `_` of a name stands for any character.
        pattern = re.compile(table_name.replace("_", "."))
        found = [table for table in self.service.tables() if pattern.fullmatch(table)]
        self.found = [(catalog_name, schema_name, table, "TABLE", "") for table in found]
        return self

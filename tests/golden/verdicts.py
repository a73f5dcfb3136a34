"""Drives the generated models over the golden table on one engine and compares."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from loaders.contracts.model import Column
from loaders.contracts.rules import rules_of
from tests.engines.base import Engine
from tests.engines.project import lay_project
from tests.golden.table import GoldenTable, Row, golden_contract

LANDED_AT = datetime(2024, 1, 5, 10, 0, 0)  # noqa: DTZ001 - landing keeps UTC without a zone
LEDGER = {"file_id": pa.string(), "state": pa.string(), "landed_rows": pa.int64()}
"""What the generated models read of the ledger."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an engine made of one golden row."""

    row: Row
    verdict: str
    value: str | None

    @property
    def agrees(self) -> bool:
        return self.verdict == self.row.verdict and (self.verdict != "ok" or self.value == self.row.value)

    @property
    def words(self) -> str:
        """For reports: what was expected of which text, and what came."""
        wanted = f"{self.row.verdict} {self.row.value!r}" if self.row.verdict == "ok" else self.row.verdict
        got = f"{self.verdict} {self.value!r}" if self.verdict == "ok" else self.verdict
        return f"{self.row.id} {self.row.parameters} {self.row.raw!r}: expected {wanted}, got {got}"


def outcomes_on(engine: Engine, folder: Path) -> list[Outcome]:
    """Lands, builds and reads back every golden row; raises AssertionError with dbt's words when it does not build."""
    contract, tables = golden_contract()
    _land(engine, tables, folder)
    project = folder / "project"
    project.mkdir()
    lay_project(project, [contract], engine)
    (project / "models" / "accounting" / "file_accounting.sql").unlink()
    (project / "models" / "accounting" / "file_accounting.yml").unlink()
    result = engine.dbt(project, ["run"])
    assert result.succeeded, result.errors
    return [outcome for table in tables for outcome in _outcomes(engine, table)]


def _land(engine: Engine, tables: tuple[GoldenTable, ...], folder: Path) -> None:
    ledger = [{"file_id": golden.table.name, "state": "landed", "landed_rows": len(golden.rows)} for golden in tables]
    pq.write_table(pa.Table.from_pylist(ledger, pa.schema(LEDGER)), folder / "ledger.parquet")
    engine.load("landing", "ledger", folder / "ledger.parquet")
    for golden in tables:
        path = folder / f"{golden.table.name}.parquet"
        pq.write_table(_landing_table(golden), path)
        engine.load("landing", f"golden__{golden.table.name}", path)


def _landing_table(golden: GoldenTable) -> pa.Table:
    columns = list(zip(*golden.landed(), strict=True))
    count = len(golden.rows)
    arrays = {
        column.name: pa.array(texts, pa.string()) for column, texts in zip(golden.table.columns, columns, strict=True)
    }
    arrays["_landed_file_id"] = pa.array([golden.table.name] * count, pa.string())
    arrays["_row_number"] = pa.array(range(1, count + 1), pa.int64())
    arrays["_job_id"] = pa.array(["golden"] * count, pa.string())
    arrays["_landed_at"] = pa.array([LANDED_AT] * count, pa.timestamp("us"))
    return pa.table(arrays)


def _outcomes(engine: Engine, golden: GoldenTable) -> list[Outcome]:
    columns = golden.table.columns
    names = ", ".join(_read_as(column, engine) for column in columns)
    staged = {
        int(row[0]): row[1:]
        for row in engine.rows(f"select _row_number, {names} from staging.stg_golden__{golden.table.name}")
    }
    broken: dict[int, set[str]] = defaultdict(set)
    for number, rule_id in engine.rows(f"select _row_number, rule_id from rejects.rej_golden__{golden.table.name}"):
        broken[int(number)].add(rule_id)
    order = [rule.id for rule in rules_of(golden.table)]
    return [
        _outcome(row, columns[own], staged.get(number), [rule for rule in order if rule in broken[number]], own)
        for number, (row, own) in enumerate(golden.rows, start=1)
    ]


def _read_as(column: Column, engine: Engine) -> str:
    """Times as text: a driver refuses the digits that one stand-in shows."""
    return f"cast({column.name} as {engine.text_type})" if column.logical_type == "time" else column.name


def _outcome(row: Row, column: Column, staged: tuple[Any, ...] | None, broken: list[str], own: int) -> Outcome:
    strangers = [rule for rule in broken if not rule.startswith(f"{column.name}.")]
    reasons = [rule.rpartition(".")[2] for rule in broken]
    if strangers:
        return Outcome(row, f"other columns broke {strangers}", None)
    if (staged is None) == (not reasons):
        return Outcome(row, "lost" if staged is None else f"staged and rejected: {' '.join(reasons)}", None)
    if staged is None:
        return Outcome(row, " ".join(reasons), None)
    return Outcome(row, "ok", canonical(staged[own], column))


def canonical(value: Any, column: Column) -> str | None:
    """The value an engine gave back, as the golden table writes it; engines that answer in text are read back first."""
    if value is None:
        return None
    match column.logical_type:
        case "string":
            return str(value)
        case "boolean":
            return str(value).lower()
        case "integer":
            return str(int(Decimal(value)))
        case "number" if column.precision is None:
            return repr(float(value))
        case "number":
            return _decimal(Decimal(value), column.scale or 0)
        case "date":
            return str(date.fromisoformat(str(value)))
        case "timestamp":
            return _moment(value)
        case "time":
            return time.fromisoformat(str(value)).isoformat()


def _decimal(value: Decimal, scale: int) -> str:
    """By text alone: contexts round at 28 digits. Digits past the scale are shown, since no type should hold them."""
    whole, _, fraction = format(value, "f").partition(".")
    if value == 0:
        whole = whole.lstrip("-")
    digits = fraction.rstrip("0").ljust(scale, "0")
    return f"{whole}.{digits}" if digits else whole


def _moment(value: Any) -> str:
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return (moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment).isoformat()

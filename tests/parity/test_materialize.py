"""What `loaders materialize` writes of an engine's tables is what it writes of DuckDB's."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from loaders.contracts.read import read_contract
from tests.engines.base import Engine
from tests.engines.duckdb_engine import DuckDB
from tests.engines.fixtures import engine
from tests.engines.project import lay_project

__all__ = ["engine"]

HEAD = """\
apiVersion: v3.2.0
kind: DataContract
id: export
name: export
version: 1.0.0
status: active
description: {purpose: Sales made up to test what is written of them.}
schema:
"""
TABLE = """\
  - name: %s
    description: Sales made up to test what is written of them.
    dataGranularityDescription: One row per sale.
    customProperties:
      - {property: files, vendor: loaders, value: {globs: ["%s.csv"]}}
    properties:
      - {name: sale_id, logicalType: integer, primaryKey: true, primaryKeyPosition: 1, description: Made up.}
      - {name: buyer, logicalType: string, description: Made up.}
      - name: amount
        logicalType: number
        description: Made up.
        customProperties: [{property: decimal, vendor: loaders, value: {precision: 18, scale: 4}}]
      - {name: weight, logicalType: number, description: Made up.}
      - {name: paid, logicalType: boolean, description: Made up.}
      - {name: sold_on, logicalType: date, description: Made up.}
      - {name: sold_at, logicalType: timestamp, description: Made up.}
      - {name: seen_at, logicalType: timestamp, logicalTypeOptions: {timezone: true}, description: Made up.}
"""
HEADER = "sale_id,buyer,amount,weight,paid,sold_on,sold_at,seen_at\n"
SALES = (
    ('"Zoë ""Z"", Ltd",12345678901234.%04d,0.1,true,2024-02-29,2024-02-29T23:59:59.123456,2024-03-31T02:30:00+02:00'),
    '"two\nlines",-0.%04d,-1e-7,false,1900-01-01,1969-12-31T23:59:59,1969-12-31T23:59:59Z',
    ",-%d,,,,,",
    "İ ß 日本語 🙂,%d,1e300,true,2100-12-31,2024-10-27T02:30:00,2024-10-27T02:30:00+01:00",
    "=1+1,100.%d,0,false,2024-01-31,2024-01-31T00:00:00,2024-01-31T00:00:00+14:00",
)
"""What follows the key of a row, with an amount of its own: Sail takes a column of one value from its statistics, which
have doubles."""
ROWS = 100
FIRST_KEY = 9007199254740993
TABLES = ("sales", "returns")
LANDED_AT = re.compile(r"(,\d+,)[^,]+(,1\.0\.0\+\w+)$", re.MULTILINE)
WRITTEN = tuple(f"stg_export__{table}" for table in TABLES)


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What comes from DuckDB."""
    folder = tmp_path_factory.mktemp("expected")
    return written(DuckDB(folder), folder)


def written(engine: Engine, folder: Path) -> Path:
    """The folder with every table in every format, after landing and building on `engine`."""
    project, inbox, out = folder / "project", folder / "inbox", folder / "out"
    for each in (project / "contracts", inbox, out):
        each.mkdir(parents=True)
    file = project / "contracts" / "export.odcs.yaml"
    file.write_text(HEAD + "".join(TABLE % (table, table) for table in TABLES))
    lay_project(project, [read_contract(file)], engine)
    (inbox / "sales.csv").write_text(HEADER + "".join(map(line, range(1, ROWS + 1))))
    (inbox / "returns.csv").write_text(HEADER)
    engine.loaders(project, ["ingest", str(inbox)])
    built = engine.dbt(project, ["run"])
    assert built.succeeded, built.errors
    for format_name in ("parquet", "csv"):
        engine.loaders(project, ["materialize", "--format", format_name, "--to", str(out / format_name)])
    engine.run("drop schema if exists landing cascade")
    return out


def line(number: int) -> str:
    """One line of the file of sales."""
    return f"{FIRST_KEY + number},{SALES[number % len(SALES)] % number}\n"


def test_materialize_writes_what_it_writes_of_duckdb(engine: Engine, expected: Path, tmp_path: Path) -> None:
    found = written(engine, tmp_path)
    for table in WRITTEN:
        file = Path("parquet") / f"{table}.parquet"
        of_engine, of_duckdb = pq.read_table(found / file), pq.read_table(expected / file)
        assert types_of(of_engine) == types_of(of_duckdb)
        assert rows_of(of_engine) == rows_of(of_duckdb)
        assert of_duckdb.num_rows == (ROWS if table.endswith("sales") else 0)
        file = Path("csv") / f"{table}.csv"
        assert lines_of(found / file) == lines_of(expected / file)


def types_of(table: pa.Table) -> dict[str, str]:
    return {field.name: str(field.type) for field in table.schema}


def rows_of(table: pa.Table) -> list[dict[str, object]]:
    """In the order of the file's rows, without the moment at which they landed."""
    rows = table.drop_columns(["_landed_at"]).to_pylist()
    return sorted(rows, key=lambda row: int(str(row["_row_number"])))


def lines_of(file: Path) -> list[str]:
    """Sorted, since DuckDB's come in the order of its table, and without the moment at which their rows landed."""
    return sorted(LANDED_AT.sub(r"\1\2", file.read_text()).splitlines())

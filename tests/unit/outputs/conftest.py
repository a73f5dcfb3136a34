"""A small warehouse as dbt leaves it, and what runs a materialisation on it in this process."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from loaders.contracts.model import Column, Contract, FileSet, Table
from loaders.jobs.model import ProgressEvent
from loaders.jobs.run import run_job
from loaders.jobs.store import JobStore
from loaders.outputs.checkpoint import Checkpoint
from loaders.outputs.model import Request
from loaders.outputs.run import Outcome, Place, materialize
from loaders.warehouses.profile import Target
from tests.engines.base import Engine, EngineAbsent

CONTRACT = Contract(
    id="shop",
    name="shop",
    version="1.0.0",
    path="contracts/shop.odcs.yaml",
    description="",
    tables=(
        Table(
            name="orders",
            description="",
            grain="one row per order",
            columns=(Column(name="order_id", logical_type="integer", description="", header="order_id"),),
            files=FileSet(globs=("orders*.csv",)),
            primary_key=("order_id",),
        ),
    ),
)

ORDERS = """
create or replace table staging.stg_shop__orders as
select
    i::bigint as order_id,
    ['', NULL, 'a,b', 'say "hi"', E'two\\nlines', '=1+1', '@x', E'\\ttab', 'ünïcode', '%2F/..'][1 + i % 10] as note,
    ((i * 7919) % 1000000 / 100)::decimal(12, 2) as amount,
    (i % 97) / 7.0::double as score,
    i % 3 = 0 as is_paid,
    case when i % 50 = 0 then null else date '2024-01-01' + (i * {days} // {rows})::int end as ordered_on,
    timestamp '2024-01-01' + to_seconds((i * 104729) % 31536000) as paid_at,
    ['SP', 'RJ', NULL, 'MG'][1 + i % 4] as state,
    'file-' || (i * {files} // {rows}) as _landed_file_id,
    i % ({rows} // {files}) + 1 as _row_number,
    timestamp '2026-01-01' as _landed_at,
    '1.0.0+00000000' as _contract_version
from range({rows}) as numbers (i)
"""

REJECTS = """
create or replace table rejects.rej_shop__orders as
select 'file-0' as _landed_file_id, i::bigint as _row_number, 'type' as reason, 'amount' as column_name,
    '=cmd|calc' as offending_value, 'amount.type' as rule_id, date '2026-01-01' as reject_date
from range(3) as numbers (i)
"""

OTHERS = """
create or replace table marts.order_totals as
select state, count(*) as orders, sum(amount) as amount from staging.stg_shop__orders group by state;
create or replace view marts.paid_orders as select order_id, amount from staging.stg_shop__orders where is_paid;
create or replace table landing.ledger as
select 'file-' || i as file_id, 'shop' as contract, 'orders' as table_name, 'landed' as state
from range({files}) as numbers (i);
create or replace table landing.malformed_rows as
select 'file-0' as file_id, unnest(['short', 'short', 'long']) as kind;
create or replace view accounting.file_accounting as
select 'shop' as contract, 'orders' as table_name, _landed_file_id as file_id, count(*) as staged_rows,
    if(_landed_file_id = 'file-0', 3, 0) as rejected_rows, if(_landed_file_id = 'file-1', 2, 0) as blank_lines
from staging.stg_shop__orders group by _landed_file_id
"""


@dataclass
class Shop:
    """A warehouse file and the means to change and materialise it."""

    folder: Path
    store: JobStore
    events: list[ProgressEvent]

    @property
    def database(self) -> Path:
        return self.folder / "shop.duckdb"

    @property
    def place(self) -> Place:
        target = Target(
            "landfall", "duckdb", "duckdb", self.folder, self.folder / "profiles.yml", {"path": str(self.database)}
        )
        return Place(self.folder, target, (CONTRACT,), self.folder / "checkpoints")

    def build(self, rows: int = 4000, files: int = 8, days: int = 120) -> None:
        sizes = {"rows": rows, "files": files, "days": days}
        self.change(
            *(
                f"create schema if not exists {each}"
                for each in ("staging", "rejects", "marts", "landing", "accounting")
            ),
            ORDERS.format(**sizes),
            REJECTS,
            *OTHERS.format(**sizes).split(";"),
        )

    def change(self, *statements: str) -> None:
        with duckdb.connect(str(self.database)) as connection:
            for statement in statements:
                connection.execute(statement)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def differences(self, table: str, reader: str, columns: str = "*") -> int:
        """Rows of `table` and of the DuckDB expression `reader` that the other does not have as often."""
        return int(
            self.query(
                f"select count(*) from ((select {columns} from {table} except all select {columns} from {reader}) "
                f"union all (select {columns} from {reader} except all select {columns} from {table}))"
            )[0][0]
        )

    def run(self, format_name: Any, to: Path | str, *tables: str, resume: str | None = None, **options: Any) -> Outcome:
        place = self.place
        if resume is not None:
            checkpoint = Checkpoint.open(place.checkpoint_dir, resume)
        else:
            request = Request(tables, format_name, str(to), **options)
            checkpoint = Checkpoint.new(place.checkpoint_dir, f"job-{len(self.store.jobs(1000))}", request)
        with run_job(
            self.store, "materialize", {}, self.events.append, checkpoint.job_id, resume=resume is not None
        ) as job:
            return materialize(place, job, checkpoint)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file every test starts from a copy of."""
    made = Shop(tmp_path_factory.mktemp("built"), JobStore.open("sqlite://"), [])
    made.build()
    return made.database


@pytest.fixture
def shop(tmp_path: Path, built: Path) -> Shop:
    """A warehouse with 4,000 orders of 120 days from 8 files, their rejects and two marts."""
    made = Shop(tmp_path, JobStore.open(tmp_path / "state.sqlite"), [])
    shutil.copy(built, made.database)
    return made


@pytest.fixture(scope="session")
def postgres() -> Iterator[Engine]:
    """A Postgres server of our own; skips where none can be started."""
    try:
        from tests.engines.postgres_engine import Postgres

        engine = Postgres()
    except (EngineAbsent, ModuleNotFoundError) as absence:
        pytest.skip(str(absence))
    yield engine
    engine.stop()


@dataclass
class Other:
    """Another warehouse, to write into: `change` runs statements there, `rows` one that gives rows."""

    settings: dict[str, Any]
    rows: Callable[[str], list[tuple[Any, ...]]]

    @property
    def engine(self) -> str:
        return str(self.settings["type"])

    def change(self, *statements: str) -> None:
        if self.engine == "postgres":
            for statement in statements:
                self.rows(statement)
            return
        with duckdb.connect(self.settings["path"]) as connection:
            for statement in statements:
                connection.execute(statement)

    def tables(self, schema: str) -> list[str]:
        named = f"select table_name from information_schema.tables where table_schema = '{schema}' order by 1"
        return [name for (name,) in self.rows(named)]

    def holds(self, shop: Shop, table: str) -> bool:
        """Whether `table` has the rows it has in the shop, as text."""
        query = f"select * from {table}"
        here, there = (sorted(tuple(map(str, row)) for row in rows) for rows in (shop.query(query), self.rows(query)))
        return here == there


@pytest.fixture(params=["duckdb", "postgres"])
def other(request: pytest.FixtureRequest, shop: Shop) -> Other:
    """A second DuckDB file, and a real Postgres where one can be started; the shop's profile calls it `other`."""
    if request.param == "postgres":
        engine = request.getfixturevalue("postgres")
        for schema in ("staging", "marts", "oth", "landfall_outputs"):
            engine.run(f"drop schema if exists {schema} cascade")
        found = Other(engine.profile(), engine.rows)
    else:
        path = shop.folder / "other.duckdb"

        def rows(sql: str) -> list[tuple[Any, ...]]:
            with duckdb.connect(str(path), read_only=True) as connection:
                return connection.execute(sql).fetchall()

        found = Other({"type": "duckdb", "path": str(path)}, rows)
    outputs = {"duckdb": {"type": "duckdb", "path": str(shop.database)}, "other": found.settings}
    (shop.folder / "dbt_project.yml").write_text("name: shop\nprofile: landfall\n")
    (shop.folder / "profiles.yml").write_text(yaml.safe_dump({"landfall": {"target": "duckdb", "outputs": outputs}}))
    return found

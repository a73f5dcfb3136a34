"""What a materialisation is asked to do and what it plans, as values; knows no engine, file system or terminal."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Literal
from urllib.parse import quote

Granularity = Literal["day", "month", "year", "value"]
FormatName = Literal["csv", "parquet", "dataset", "sqlite", "warehouse"]

DEFAULT_MEMORY = 768 * 2**20
DEFAULT_ROWS_PER_FILE = 5_000_000
NULL_VALUE: Final = "__HIVE_DEFAULT_PARTITION__"
"""What a folder's name has for NULL, to every reader."""
_EXACT: Final = re.compile(r"U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|DECIMAL\(\d+,\d+\)")


@dataclass(frozen=True, slots=True)
class Request:
    """What a job writes. `tables` in dbt selection syntax; none means every staging table.

    `to` is a path or URI, or for `warehouse` the name of another output of the profile; `target` the output that is
    read, None the profile's default. `partition` is `column` or `column:granularity`. `safe_csv` None means: on for
    reject tables, off for others. `in_order` is about files: their rows as the table has them, at a lower speed.
    """

    tables: tuple[str, ...] = ()
    format: FormatName = "dataset"
    to: str = ""
    target: str | None = None
    partition: str | None = None
    rows_per_file: int | None = None
    safe_csv: bool | None = None
    in_order: bool = False
    memory_bytes: int = DEFAULT_MEMORY
    jobs: int = 2
    retries: int = 3
    lock_timeout: float = 10.0
    rewrite: bool = False
    """Write every part again, whatever the manifest says, in place of files it does not know."""


@dataclass(frozen=True, slots=True)
class Column:
    """`type` is DuckDB's name of the type."""

    name: str
    type: str


def is_exact_number(kind: str) -> bool:
    """Whether DuckDB's type of that name holds integers or decimals, and nothing rounded."""
    return _EXACT.fullmatch(kind) is not None


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or view to materialise. `contract` and `table` name the contract table behind it, where there is one.

    `types` are the contract's own, of a staging table's columns by name: DuckDB's names for them.
    """

    schema: str
    name: str
    columns: tuple[Column, ...]
    is_view: bool = False
    contract: str | None = None
    table: str | None = None
    primary_key: tuple[str, ...] = ()
    types: tuple[tuple[str, str], ...] = ()

    @property
    def kind(self) -> Literal["staging", "rejects", "other"]:
        """Which generated layer it belongs to; schemas may carry a prefix, names of generated models do not."""
        if self.contract is None:
            return "other"
        return "rejects" if self.name.startswith("rej_") else "staging"

    def has(self, *names: str) -> bool:
        """Whether all of `names` are columns of it."""
        return {column.name for column in self.columns} >= set(names)


@dataclass(frozen=True, slots=True)
class Partitioning:
    """How a dataset's rows are spread over folders: by a date column's day, month or year, or by a column's value."""

    column: str
    granularity: Granularity

    @property
    def key(self) -> str:
        """The name before `=` in folder names.

        A date's month gets a name of its own, because readers refuse a folder `order_date=2018-01` beside files that
        hold `order_date` as a date.
        """
        return self.column if self.granularity == "value" else f"{self.column}_{self.granularity}"

    def folder(self, key: str | None) -> str:
        """The name of a partition's folder."""
        return f"{quote(self.key, safe='')}={NULL_VALUE if key is None else quote(key, safe='')}"


@dataclass(frozen=True, slots=True)
class Partition:
    """One partition's rows as they are in the warehouse now.

    `fingerprint` is the same for the same rows in any order, `order` only while they are stored in the same places;
    `first_row` and `last_row` bound those. `bucket` is the text of what its rows have in common in SQL, `predicate` SQL
    that is true for them. `key` is None for rows without one, and for the one partition of a table that has no
    partitioning.
    """

    key: str | None
    bucket: str | None
    predicate: str
    rows: int
    fingerprint: str
    order: str
    first_row: int
    last_row: int

    @property
    def contiguous(self) -> bool:
        """Whether nothing but this partition's rows is stored between its first and its last."""
        return self.last_row - self.first_row + 1 == self.rows


@dataclass(frozen=True, slots=True)
class Part:
    """One file to write: `select` gives its rows in their order; `path` is relative to the destination."""

    path: str
    partition: str | None
    rows: int
    select: str


@dataclass(frozen=True, slots=True)
class WrittenPart:
    """One file that is complete, with what the manifest says of it."""

    path: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class PartitionEntry:
    """A partition as the manifest lists it."""

    key: str | None
    rows: int
    fingerprint: str
    parts: tuple[WrittenPart, ...]


@dataclass(frozen=True, slots=True)
class TableEntry:
    """A table as the manifest lists it. `settings` is the hash of everything but its rows that shapes its files.

    `output` tells tables of one name apart that were written in several formats, or into several SQLite files.
    `schema` is where its rows come from; None in manifests from before it was noted.
    """

    name: str
    output: str
    settings: str
    columns: tuple[Column, ...]
    partitioning: Partitioning | None
    partitions: tuple[PartitionEntry, ...]
    schema: str | None = None

    @property
    def parts(self) -> tuple[WrittenPart, ...]:
        return tuple(part for partition in self.partitions for part in partition.parts)

    @property
    def rows(self) -> int:
        return sum(partition.rows for partition in self.partitions)

    @property
    def bytes(self) -> int:
        return sum(part.bytes for part in self.parts)


@dataclass(frozen=True, slots=True)
class TablePlan:
    """What one task writes: `todo` partitions anew, `kept` ones as they are; `gone` ones leave.

    `source` is the quoted name of a DuckDB table with the rows, `before` what the destination holds;
    `row_bytes` is what a row takes in memory where those to write are widest.
    """

    relation: Relation
    source: str
    partitions: tuple[Partition, ...]
    partitioning: Partitioning | None
    settings: str
    before: TableEntry | None
    kept: tuple[PartitionEntry, ...]
    todo: tuple[Partition, ...]
    gone: tuple[str | None, ...]
    row_bytes: int = 0

    @property
    def name(self) -> str:
        return self.relation.name

    @property
    def rows(self) -> int:
        return sum(partition.rows for partition in self.partitions)

    @property
    def rows_to_write(self) -> int:
        return sum(partition.rows for partition in self.todo)

    @property
    def changed(self) -> bool:
        """Whether the destination is to hold something else than it does."""
        return self.before is None or self.before.settings != self.settings or bool(self.todo or self.gone)

    @property
    def storage_order(self) -> str:
        """The same only while every partition that is to be written is stored as it is now."""
        stored = "/".join(f"{each.key}={each.fingerprint}:{each.order}" for each in self.todo)
        return sha256(f"{self.settings}/{stored}".encode()).hexdigest()[:16]

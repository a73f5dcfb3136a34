"""Our frozen view of an ODCS contract: what the rest of the house reads instead of YAML.

Built by `loaders.contracts.read`, which refuses anything this view could not hold. Knows nothing of files on disk,
warehouses or dbt. Every value is hashable and compared by content.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

LogicalType = Literal["string", "integer", "number", "boolean", "date", "timestamp", "time"]
Normalizer = Literal["trim", "lower", "upper", "collapse_spaces", "unaccent"]
Severity = Literal["error", "warn"]
OnFileChange = Literal["error", "replace", "append"]
Reason = Literal[
    "required", "type", "enum", "pattern", "length", "range", "multiple_of", "foreign_key", "duplicate", "superseded"
]


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a table's files are parsed. Everything here is part of a file's identity (`parse_fingerprint`)."""

    delimiter: str = ","
    quote: str = '"'
    escape: str = '"'
    """The quote itself where quotes inside quoted fields are doubled, as they are where a contract states none."""
    encoding: str = "utf-8"
    newline: Literal["auto", "lf", "crlf", "cr"] = "auto"
    compression: Literal["auto", "none", "gzip", "zstd", "zip"] = "auto"
    header: bool = True
    skip_lines: int = 0
    comment: str | None = None
    trailing_delimiter: bool = False
    blank_lines: Literal["skip", "row"] = "skip"
    nul: Literal["reject", "strip", "keep"] = "reject"
    extra_columns: Literal["error", "ignore", "capture"] = "error"
    max_line_bytes: int = 2_097_152
    max_expansion: int = 1000
    """Largest accepted ratio of uncompressed to compressed bytes."""


@dataclass(frozen=True, slots=True)
class FileDate:
    """Where a file's business date stands in its name: a portable regex with one group, and a JDK date pattern."""

    pattern: str
    format: str


@dataclass(frozen=True, slots=True)
class FileSet:
    """Which files belong to a table: globs relative to each given path, matched on the file name or relative path."""

    globs: tuple[str, ...]
    date: FileDate | None = None


@dataclass(frozen=True, slots=True)
class MalformedLimit:
    """Past either limit a file is quarantined. `share` is of the file's data lines, between 0 and 1."""

    rows: int = 1000
    share: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class EnumValue:
    value: str
    label: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One property of a table.

    `name` is the column in landing and staging; `header` the name expected in files (ODCS `physicalName`, else
    `name`), `aliases` other accepted header names. Bounds are exact text-derived values: Decimal for numbers and
    integers, ISO 8601 text for dates, timestamps and times.
    """

    name: str
    logical_type: LogicalType
    description: str
    header: str
    unit: str | None = None
    required: bool = False
    unique: bool = False
    primary_key_position: int | None = None
    aliases: tuple[str, ...] = ()
    may_be_absent: bool = False
    """Older files may lack the column; it then lands as NULL."""
    normalizers: tuple[Normalizer, ...] = ()
    null_tokens: tuple[str, ...] = ("",)
    """Texts that mean NULL, compared after the normalisers ran."""
    enum: tuple[EnumValue, ...] = ()
    pattern: str | None = None
    min_length: int | None = None
    max_length: int | None = None
    minimum: Decimal | str | None = None
    maximum: Decimal | str | None = None
    exclusive_minimum: Decimal | str | None = None
    exclusive_maximum: Decimal | str | None = None
    multiple_of: Decimal | None = None
    integer_bits: Literal[8, 16, 32, 64, 128] = 64
    unsigned: bool = False
    precision: int | None = None
    scale: int | None = None
    """Both set: exact decimal. Both None on a `number`: double precision."""
    round_to_scale: bool = False
    allow_nan: bool = False
    decimal_separator: str = "."
    thousands_separator: str | None = None
    formats: tuple[str, ...] = ()
    """JDK date patterns, tried in order; empty means ISO 8601."""
    timezone: bool = False
    default_timezone: str = "Etc/UTC"
    true_values: tuple[str, ...] = ("true",)
    false_values: tuple[str, ...] = ("false",)
    mostly: Decimal | None = None
    """Share of rows that must break no rule of this column before the build fails."""
    severity: Severity = "warn"
    partition_position: int | None = None


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """Rows whose `columns` are all non-null must find `to_columns` in the staging rows of `to_table`."""

    columns: tuple[str, ...]
    to_table: str
    to_columns: tuple[str, ...]
    on_orphan: Literal["reject", "warn"] = "reject"
    mostly: Decimal | None = None
    severity: Severity = "warn"


@dataclass(frozen=True, slots=True)
class Ordering:
    column: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Which of several rows with one key stays: the first or the last by `order_by`, then by file id, row number.

    `_file_date` may stand in `order_by` beside contract columns.
    """

    keep: Literal["first", "last"] = "first"
    order_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Incremental:
    """`by_file`: every landed row counts once. `upsert`: the last row of a primary key replaces earlier ones."""

    strategy: Literal["by_file", "upsert"] = "by_file"


@dataclass(frozen=True, slots=True)
class Partition:
    column: str
    granularity: Literal["day", "month", "year"]


@dataclass(frozen=True, slots=True)
class Freshness:
    """Age of the newest landed file after which dbt source freshness warns or fails."""

    warn_after: tuple[int, Literal["minute", "hour", "day"]] | None
    error_after: tuple[int, Literal["minute", "hour", "day"]] | None


@dataclass(frozen=True, slots=True)
class MetricCheck:
    """ODCS `library` quality: a metric of the table (or one column) compared with bounds."""

    name: str
    metric: Literal["nullValues", "missingValues", "invalidValues", "duplicateValues", "rowCount"]
    columns: tuple[str, ...]
    unit: Literal["rows", "percent"]
    operator: str
    """The ODCS operator key as written: mustBe, mustBeLessThan, mustBeBetween, …"""
    operands: tuple[Decimal, ...]
    arguments: tuple[tuple[str, tuple[str, ...]], ...] = ()
    description: str = ""
    severity: Severity = "error"


@dataclass(frozen=True, slots=True)
class OrderedCheck:
    """`columns` never decrease from left to right, NULLs passed over; at least `mostly` of the rows must hold."""

    name: str
    columns: tuple[str, ...]
    mostly: Decimal = Decimal(1)
    description: str = ""
    severity: Severity = "error"


@dataclass(frozen=True, slots=True)
class SumSide:
    """`columns` of `table` added up per `by`."""

    table: str
    columns: tuple[str, ...]
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SumsEqualCheck:
    """Per key present on both sides, the two sums differ by at most `tolerance`; at least `mostly` of keys hold."""

    name: str
    left: SumSide
    right: SumSide
    tolerance: Decimal
    mostly: Decimal = Decimal(1)
    description: str = ""
    severity: Severity = "error"


Check = MetricCheck | OrderedCheck | SumsEqualCheck


@dataclass(frozen=True, slots=True)
class Rule:
    """One statement every row of a table must satisfy, derived from the contract by `loaders.contracts.rules`.

    `id` is `<column>.<reason>` (columns joined by `-`), unique in its table; `text` says it for people. SQL for it
    stands in `loaders.project` only.
    """

    id: str
    reason: Reason
    columns: tuple[str, ...]
    text: str
    severity: Severity
    mostly: Decimal | None


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    description: str
    grain: str
    columns: tuple[Column, ...]
    files: FileSet
    dialect: Dialect = Dialect()
    primary_key: tuple[str, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    checks: tuple[Check, ...] = ()
    duplicates: Duplicates = Duplicates()
    incremental: Incremental = Incremental()
    on_file_change: OnFileChange = "error"
    max_malformed: MalformedLimit = MalformedLimit()
    partition: Partition | None = None
    freshness: Freshness | None = None

    def column(self, name: str) -> Column:
        """The column called `name`; KeyError for an unknown one."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Contract:
    """One ODCS file. `name` is the word used in table and model names; `path` is as given, with `/`."""

    id: str
    name: str
    version: str
    path: str
    description: str
    tables: tuple[Table, ...]

    def table(self, name: str) -> Table:
        """The table called `name`; KeyError for an unknown one."""
        for table in self.tables:
            if table.name == name:
                return table
        raise KeyError(name)

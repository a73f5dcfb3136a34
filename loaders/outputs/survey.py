"""What a table holds, partition by partition, and where in its storage: the facts a plan is made of.

The fingerprint of a partition is a sum over its rows, so neither their order nor a full refresh changes it. A typed row
is a function of the landed row it came from, of when that landed and of the contract's version; so for staging tables
those lineage columns stand for the whole row, and a survey reads nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from loaders.errors import UsageError
from loaders.outputs.model import NULL_VALUE, Column, Partition, Partitioning, Relation, is_exact_number
from loaders.warehouses.parsing import literal, quote_identifier

if TYPE_CHECKING:
    from loaders.outputs.session import Cursor

_LINEAGE: Final = ("_landed_file_id", "_row_number", "_contract_version", "_landed_at")
_KEY_FORMATS: Final = {"day": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y"}
# More folders than this are a mistake in the choice of column, and slow every reader down.
MOST_PARTITIONS: Final = 10_000
# Of a folder's name, in bytes: what every common file system takes.
_LONGEST_NAME: Final = 255
_PLACES_LOOKED_AT: Final = 8
_ROWS_LOOKED_AT: Final = 2_048
# DuckDB's own size of a text, whose bytes come on top; no value of the types below takes more.
_BYTES_PER_VALUE: Final = 16
_NESTED: Final = ("STRUCT", "MAP", "UNION", "VARIANT")
_FIXED: Final = ("BOOLEAN", "FLOAT", "DOUBLE", "DATE", "TIME", "UUID", "INTERVAL", "ENUM")


def bucket_expression(partitioning: Partitioning) -> str:
    """SQL that is equal for rows of one partition and no others; numbers, where there are dates, for speed.

    NULL for rows without a partition: those whose value is NULL, or a date that is infinite.
    """
    column = quote_identifier(partitioning.column)
    match partitioning.granularity:
        case "day":
            return f"case when isfinite({column}) then cast({column} as date) - date '1970-01-01' end"
        case "month":
            return f"case when isfinite({column}) then year({column}) * 12 + month({column}) end"
        case "year":
            return f"case when isfinite({column}) then year({column}) end"
        case "value":
            # Whatever the column's own collation takes for equal.
            return f"(cast({column} as varchar) collate c)"


def _key_expression(partitioning: Partitioning) -> str:
    """SQL for a partition's key as text, over the rows of one bucket."""
    if partitioning.granularity == "value":
        return "bucket"
    key_format = literal(_KEY_FORMATS[partitioning.granularity])
    return f"case when bucket is not null then strftime(min({quote_identifier(partitioning.column)}), {key_format}) end"


def survey(cursor: Cursor, source: str, relation: Relation, partitioning: Partitioning | None) -> tuple[Partition, ...]:
    """What `source` (a DuckDB table) holds, partitions in the order of their keys, NULL last.

    An unpartitioned table has one partition even when it is empty; a partitioned one then has none. Raises UsageError
    for too many partitions and for keys that cannot be a folder's name.
    """
    bucket, key, column = "null", "null", "null"
    if partitioning is not None:
        bucket, key = bucket_expression(partitioning), _key_expression(partitioning)
        column = quote_identifier(partitioning.column)
    found = cursor.rows(
        f"""
select
    {key} as partition_key,
    cast(bucket as varchar) as bucket_text,
    count(*) as row_count,
    cast(sum(content) as varchar) as fingerprint,
    cast(sum(xor(content, hash(place))) as varchar) as storage_order,
    min(place) as first_row,
    max(place) as last_row
from (select {bucket} as bucket, hash({_content(relation)}) as content, rowid as place, {column} from {source})
group by bucket
order by bucket nulls last
limit {MOST_PARTITIONS + 1}"""
    )
    if partitioning is not None:
        _refuse_unusable([each[0] for each in found], relation, partitioning)
    elif not found:
        return (Partition(None, None, "", 0, "0-0", "0", 0, -1),)
    return tuple(
        Partition(key, bucket, _predicate(partitioning, bucket), rows, f"{rows}-{content}", str(order), first, last)
        for key, bucket, rows, content, order, first, last in found
    )


def _content(relation: Relation) -> str:
    """SQL expressions that together are equal only for rows that are."""
    if relation.kind == "staging" and relation.has(*_LINEAGE):
        return ", ".join(_LINEAGE)
    return ", ".join(_distinct(each) for each in relation.columns)


def _distinct(column: Column) -> str:
    """What DuckDB's hash does not tell apart goes by its text too: 30 days and a month, [] and NULL in a list."""
    name = quote_identifier(column.name)
    if column.type in ("FLOAT", "DOUBLE"):
        return f"{name}, signbit({name})"
    if column.type == "INTERVAL" or column.type.endswith("]") or column.type.startswith(_NESTED):
        return f"{name}, cast({name} as varchar)"
    return name


def bytes_per_row(cursor: Cursor, source: str, relation: Relation, partitions: Sequence[Partition]) -> int:
    """What a row of `source`, a DuckDB table, takes in memory where rows are widest, by a look at some places."""
    lengths = " + ".join(f"coalesce({_length(each)}, 0)" for each in relation.columns if not _is_fixed(each))
    fixed = _BYTES_PER_VALUE * len(relation.columns)
    stored = [each for each in partitions if each.rows]
    if not lengths or not stored:
        return fixed
    first, last = min(each.first_row for each in stored), max(each.last_row for each in stored)
    step = max(last + 1 - first - _ROWS_LOOKED_AT, 0) / (_PLACES_LOOKED_AT - 1)
    places = sorted({first + round(number * step) for number in range(_PLACES_LOOKED_AT)})
    looks = " union all ".join(
        f"select avg({lengths}) as width from {source} where rowid between {place} and {place + _ROWS_LOOKED_AT - 1}"
        for place in places
    )
    ((widest,),) = cursor.rows(f"select coalesce(max(width), 0) from ({looks})")
    return fixed + int(widest)


def _is_fixed(column: Column) -> bool:
    return is_exact_number(column.type) or (column.type.startswith(_FIXED) and not column.type.endswith("]"))


def _length(column: Column) -> str:
    name = quote_identifier(column.name)
    return f"octet_length({name})" if column.type == "BLOB" else f"strlen(cast({name} as varchar))"


def _predicate(partitioning: Partitioning | None, bucket: str | None) -> str:
    """SQL that is true for the rows of one partition."""
    if partitioning is None:
        return "true"
    if bucket is None:
        return f"{bucket_expression(partitioning)} is null"
    # A literal of unknown type takes the expression's own.
    return f"{bucket_expression(partitioning)} = {literal(bucket)}"


def _refuse_unusable(keys: list[str | None], relation: Relation, partitioning: Partitioning) -> None:
    where = f"{relation.name} by {partitioning.column}"
    if len(keys) > MOST_PARTITIONS:
        raise UsageError(
            f"{where} has more than {MOST_PARTITIONS:,} partitions",
            hint="choose a coarser one, say --partition column:month",
        )
    for key in keys:
        # Readers take both for NULL.
        if key in ("", NULL_VALUE):
            raise UsageError(f"{where}: the value {key!r} cannot name a folder", hint="choose another --partition")
        if key is not None and (len(key.encode()) > 80 or len(partitioning.folder(key)) > _LONGEST_NAME):
            raise UsageError(f"{where}: {key[:40]!r}… is too long for a folder", hint="choose another --partition")

"""DuckDB as the parser of every engine: segments of a file as one SELECT, and the files it reads them from.

The options below are the only ones tried to be exact. What is left out on purpose: sniffing, tolerance of bad rows,
padding, and the user's own path (a path is a glob to DuckDB, and the bytes that were hashed are those to parse).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from itertools import accumulate, chain
from typing import Final

from loaders.warehouses.base import ParseOptions, Part, Segment
from loaders.warehouses.layout import EXTRA_COLUMN, LINEAGE_COLUMNS
from loaders.warehouses.memory_files import MemoryFile

_BOM: Final = b"\xef\xbb\xbf"
_DEFAULT_LINE: Final = 2 * 2**20
_BUFFER: Final = 4 * 2**20
_PAGE: Final = 4096
_SPELT: Final = {"\n": r"\n", "\r": r"\r"}


def literal(text: str) -> str:
    """`text` as a DuckDB string literal."""
    return "'" + text.replace("'", "''") + "'"


def quote_identifier(name: str) -> str:
    """`name` as a DuckDB identifier."""
    return '"' + name.replace('"', '""') + '"'


def landing_columns(part: Part) -> tuple[str, ...]:
    """The landing columns `select_rows` gives, in its order."""
    return (*part.table.text_columns, *(name for name, _ in LINEAGE_COLUMNS))


def select_rows(part: Part, paths: Sequence[str]) -> str:
    """A SELECT of the part's rows as they land, reading segment k from `paths[k]`; in no certain order.

    Each branch numbers its rows by itself and in file order (a window without partition is read by one thread), and
    the branches run beside each other.
    """
    branches = [_select_segment(part, segment, path) for segment, path in zip(part.segments, paths, strict=True)]
    return "\nunion all\n".join(branches)


def _select_segment(part: Part, segment: Segment, path: str) -> str:
    # Only where a blank line is a row must empty text be NULL to the parser; it lands as the empty text all the same.
    field = "coalesce({}, '')" if part.options.blank_is_row else "{}"
    values = [field.format(_field(position)) for position in part.options.columns]
    if part.table.captures_extra:
        values.append(f"{_extra(part.options.extra)} as {EXTRA_COLUMN}")
    source = f"{_read_csv(part.options, path)}{_looks_at_every_field(part.options)}"
    if len(segment.pieces) == 1:
        (piece,) = segment.pieces
        values += [literal(piece.file_id), f"{piece.first_row_number - 1} + row_number() over ()"]
    else:
        values += ["piece.file_id", "piece.shift + numbered.n"]
        source = f"(select *, row_number() over () as n from {source}) as numbered\n{_pieces(segment)}"
    values += [literal(part.job_id), f"timestamp {literal(part.landed_at.isoformat(sep=' '))}"]
    return f"select {', '.join(values)}\nfrom {source}"


def _pieces(segment: Segment) -> str:
    """Joins each numbered row with the last piece that starts at or before it."""
    starts = list(accumulate((piece.rows for piece in segment.pieces[:-1]), initial=1))
    shifts = [piece.first_row_number - start for piece, start in zip(segment.pieces, starts, strict=True)]
    ids = ", ".join(literal(piece.file_id) for piece in segment.pieces)
    pieces = f"select unnest([{ids}]) as file_id, unnest({starts}) as start, unnest({shifts}) as shift"
    return f"asof join ({pieces}) as piece\non numbered.n >= piece.start"


def _field(position: int | None) -> str:
    return "cast(null as varchar)" if position is None else f"f{position}"


def _looks_at_every_field(options: ParseOptions) -> str:
    """A filter that is always true: DuckDB does not check the encoding of fields that nothing asks for."""
    asked = {*options.columns, *(position for _, position in options.extra)}
    ignored = [position for position in range(options.fields) if position not in asked]
    # With `blank_is_row` there is one field, and it is asked for.
    return "\nwhere " + " and ".join(f"f{position} is not null" for position in ignored) if ignored else ""


def _extra(extra: Sequence[tuple[str, int]]) -> str:
    if not extra:
        return "cast(null as varchar)"
    pairs = ", ".join(f"{literal(header)}, {_field(position)}" for header, position in extra)
    return f"cast(json_object({pairs}) as varchar)"


def _read_csv(options: ParseOptions, path: str) -> str:
    settings = {
        "auto_detect": "false",
        "strict_mode": "true",
        "header": "false",
        "delim": literal(options.delimiter),
        "quote": literal(options.quote),
        "escape": literal(options.escape if options.quote else ""),
        # A field equal to this would land as NULL, and a surplus last field equal to it would be dropped. Both happen
        # with the default, the empty text; nobody can write a file for a token made now.
        "nullstr": "''" if options.blank_is_row else literal(f"null-{secrets.token_hex(16)}"),
        "encoding": "'utf-8'",
        "compression": "'none'",
        "hive_partitioning": "false",
        "columns": "{" + ", ".join(f"f{number}: 'VARCHAR'" for number in range(options.fields)) + "}",
    }
    # new_line='\r\n' makes DuckDB 2.0 take a CRLF for text; left out, the first newline it sees decides, which is the
    # blank line that `segment_file` writes first and `skip` takes away.
    settings |= {"skip": "1"} if options.newline == "\r\n" else {"new_line": literal(_SPELT[options.newline])}
    # Small buffers parse a tenth faster than the default of 32 MB. One must hold two lines, and its size be a multiple
    # of the page: other sizes lose rows where lines are long.
    line = -(-options.max_line_bytes // _PAGE) * _PAGE
    settings["buffer_size"] = str(max(_BUFFER, 2 * line))
    if line > _DEFAULT_LINE:
        settings["max_line_size"] = str(line)
    arguments = ", ".join(f"{name} = {value}" for name, value in settings.items())
    return f"read_csv({literal(path)}, {arguments})"


def segment_file(pieces: Iterable[bytes | memoryview], newline: str) -> MemoryFile:
    """A file that `select_rows` can read a segment from, whose bytes come in `pieces`; each is let go once written.

    It begins with a byte-order mark, which DuckDB strips once, so that a mark that is data stays.
    """
    return MemoryFile(chain((_prefix(newline),), pieces))


def segment_blocks(file: MemoryFile, newline: str) -> Iterator[bytes]:
    """The bytes `segment_file` was given, in blocks."""
    return file.blocks(len(_prefix(newline)))


def _prefix(newline: str) -> bytes:
    return _BOM + (b"\r\n" if newline == "\r\n" else b"")


@contextmanager
def readable_paths(part: Part) -> Iterator[list[str]]:
    """Paths of the part's segments; what is not in a file yet is in one while the context lasts."""
    with ExitStack() as stack:
        paths = []
        for segment in part.segments:
            file = segment.data
            if not isinstance(file, MemoryFile):
                file = stack.enter_context(closing(segment_file((file,), part.options.newline)))
            paths.append(file.path)
        yield paths

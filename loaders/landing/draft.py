"""A file on its way into landing, and the entries written about it."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, Literal

from loaders import __version__
from loaders.contracts.model import Column, Contract, Table
from loaders.errors import FileRefused, LandingMismatch
from loaders.files.discovery import Candidate
from loaders.files.shapes import FileEnd, Malformed, Preamble
from loaders.files.windows import LONGEST_LINE_FACTOR
from loaders.landing.plan import Identity, Land, Seen
from loaders.landing.rows import Cut, Tally
from loaders.warehouses.base import ParseOptions, Part, Piece, Segment
from loaders.warehouses.layout import LandingTable, LedgerEntry, LedgerState, MalformedEntry

# Up to about here a dictionary of the values is smaller than the texts themselves.
_SHORT_TEXT: Final = 15


def utc_now() -> datetime:
    """Now in UTC without a zone, as landing stores it."""
    return datetime.now(UTC).replace(tzinfo=None)


def landing_table(contract: Contract, table: Table) -> LandingTable:
    """Where a contract table lands."""
    columns = tuple(column.name for column in table.columns)
    long_text = frozenset(column.name for column in table.columns if _is_long(column))
    return LandingTable(contract.name, table.name, columns, table.dialect.extra_columns == "capture", long_text)


def _is_long(column: Column) -> bool:
    if column.logical_type == "string":
        return not column.enum and (column.max_length is None or column.max_length > _SHORT_TEXT)
    return column.logical_type == "timestamp"


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything known of a file once it was hashed and decided upon; `preamble` is None where it could not be read."""

    candidate: Candidate
    landing: LandingTable
    contract_version: str
    seen: Seen
    trusted_modified_ns: int | None
    identity: Identity
    decision: Land
    preamble: Preamble | None
    job_id: str
    started_at: datetime

    @property
    def display(self) -> str:
        return self.candidate.display

    @property
    def file_id(self) -> str:
        return self.identity.file_id

    def entry(self, state: LedgerState, tally: Tally | None = None, end: FileEnd | None = None) -> LedgerEntry:
        """The file's ledger entry; counts are NULL until both `tally` and `end` are known."""
        known = tally is not None and end is not None
        tally = tally or Tally()
        preamble = self.preamble
        return LedgerEntry(
            file_id=self.file_id,
            contract=self.landing.contract,
            contract_version=self.contract_version,
            table_name=self.landing.table,
            path=self.seen.path,
            size_bytes=self.seen.size_bytes,
            modified_ns=self.trusted_modified_ns,
            inode=self.seen.inode,
            content_sha256=self.identity.content_sha256,
            parse_fingerprint=self.identity.parse_fingerprint,
            file_date=self.candidate.file_date,
            state=state,
            lines=end.lines if end is not None and known else None,
            header_lines=preamble.header_lines if preamble is not None else None,
            skipped_lines=preamble.skipped_lines if preamble is not None else None,
            blank_lines=tally.blank_lines if known else None,
            comment_lines=tally.comment_lines if known else None,
            landed_lines=tally.landed_lines if known else None,
            malformed_lines=tally.malformed_lines if known else None,
            landed_rows=tally.landed_rows if known else None,
            malformed_rows=tally.malformed_rows if known else None,
            content_bytes=end.content_bytes if end is not None else None,
            header=json.dumps(preamble.header, ensure_ascii=False) if preamble is not None else None,
            job_id=self.job_id,
            started_at=self.started_at,
            landed_at=utc_now() if state == "landed" else None,
            superseded_by=None,
            error=None,
            tool_version=__version__,
        )

    def quarantined(self, error: FileRefused) -> LedgerEntry:
        """The entry of a file whose content cannot land."""
        return replace(self.entry("quarantined"), error=str(error))

    def superseded(self, *, refusals_only: bool = False) -> tuple[LedgerEntry, ...]:
        """The entries of the versions this file takes the place of; or only those that never landed."""
        return tuple(
            replace(old, state="superseded", superseded_by=self.file_id)
            for old in self.decision.replaced
            if old.file_id != self.file_id and (old.state == "quarantined" or not refusals_only)
        )

    def segments(self, cut: Cut, first_row_number: int = 1) -> Iterator[Segment]:
        """The cut's segments, their rows numbered from `first_row_number` (1-based in the file)."""
        for segment in cut.segments:
            yield Segment(segment.data, (Piece(self.file_id, first_row_number, segment.rows),))
            first_row_number += segment.rows

    def part(self, segments: Iterable[Segment]) -> Part:
        """Segments of this file, or of files parsed alike, to be inserted by one statement."""
        return Part(self.landing, self.options, tuple(segments), self.job_id, utc_now(), self.display)

    def malformed(self, found: Iterable[Malformed]) -> list[MalformedEntry]:
        """Entries for malformed lines, every byte of them kept."""
        now = utc_now()
        entries = []
        for each in found:
            raw, encoding = _as_text(each.raw)
            entries.append(
                MalformedEntry(
                    file_id=self.file_id,
                    line_number=each.line_number,
                    byte_offset=each.byte_offset,
                    raw=raw,
                    raw_encoding=encoding,
                    kind=each.kind,
                    message=each.message,
                    job_id=self.job_id,
                    landed_at=now,
                )
            )
        return entries

    @property
    def options(self) -> ParseOptions:
        """How the file's records are parsed; only for a file whose header could be read."""
        if self.preamble is None:
            raise LandingMismatch(f"{self.display}: its records are read before its header", hint="please report it")
        shape = self.preamble.shape
        return ParseOptions(
            fields=shape.fields,
            columns=self.preamble.columns,
            extra=self.preamble.extra if self.landing.captures_extra else (),
            delimiter=shape.delimiter.decode(),
            quote=shape.quote.decode(),
            escape=shape.escape.decode(),
            newline=shape.newline.decode(),
            max_line_bytes=shape.max_line_bytes,
            blank_is_row=shape.fields == 1 and shape.blank_lines == "row",
        )


def check_limits(draft: Draft, tally: Tally, first: Malformed | None, *, whole: bool) -> None:
    """Raises FileRefused past the contract's limits on malformed rows; the share is of the `whole` file only."""
    limit = draft.candidate.table.max_malformed
    data_lines = tally.landed_lines + tally.malformed_lines
    too_many = tally.malformed_rows > limit.rows
    too_large_a_share = whole and data_lines > 0 and tally.malformed_lines > limit.share * data_lines
    if not too_many and not too_large_a_share:
        return
    allowed = f"{limit.rows} rows" if too_many else f"{limit.share:%} of the lines"
    raise FileRefused(
        draft.display,
        f"{tally.malformed_rows} malformed rows in {data_lines} lines are more than the {allowed} its contract allows"
        + (f"; the first is {first.kind}: {first.message}" if first is not None else ""),
        hint="mend the file, or raise maxMalformed in the contract and run with --reload",
        line=first.line_number if first is not None else None,
        byte_offset=first.byte_offset if first is not None else None,
    )


def check_longest(draft: Draft, malformed: Iterable[Malformed]) -> None:
    """Raises FileRefused at a line past the longest one kept, which the reader only sees where a window ends in it."""
    longest = draft.candidate.table.dialect.max_line_bytes * LONGEST_LINE_FACTOR
    for each in malformed:
        if each.lines == 1 and len(each.raw) > longest + len("\r\n"):
            raise FileRefused(
                draft.display,
                f"a line of more than {longest} bytes",
                hint="check that this is delimited text; maxLineBytes in the contract sets the longest accepted line",
                line=each.line_number,
                byte_offset=each.byte_offset,
            )


def check_lines(draft: Draft, tally: Tally, end: FileEnd) -> None:
    """Raises LandingMismatch unless every physical line of the file is accounted for."""
    preamble = draft.preamble
    before = preamble.header_lines + preamble.skipped_lines if preamble is not None else 0
    if before + tally.lines != end.lines:
        raise LandingMismatch(
            f"{draft.display}: of its {end.lines} lines {before + tally.lines} are accounted for; nothing of it landed",
            hint="this is a fault of Landfall; please report it with the file",
        )


def _as_text(raw: bytes) -> tuple[str, Literal["utf-8", "base64"]]:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    # Not every engine can hold NUL in text.
    return (text, "utf-8") if "\0" not in text else (b64encode(raw).decode(), "base64")

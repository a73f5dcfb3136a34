"""One file while it is open: prepared, its first chunks in the making while it is hashed, then identified."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from loaders.errors import FileRefused, FileUnstable
from loaders.failpoints import failpoint
from loaders.files.discovery import Candidate
from loaders.files.reading import FileReader
from loaders.files.shapes import Preamble
from loaders.landing.ahead import Ahead, chunks_ahead
from loaders.landing.draft import utc_now
from loaders.landing.plan import Identity, Seen, identity_of, trusted_modified_ns
from loaders.warehouses.layout import LandingTable

# Hashing takes about as long as making two chunks, and a third would be memory for nothing.
_CHUNKS_WHILE_HASHING: Final = 2


@dataclass(frozen=True, slots=True)
class Opened:
    """`path` is as the ledger spells it; `prepared` the header, or why it cannot be read; `ahead` begun chunks."""

    candidate: Candidate
    path: str
    reader: FileReader
    prepared: Preamble | FileRefused
    ahead: Ahead | None
    started_at: datetime
    started_ns: int

    @property
    def preamble(self) -> Preamble | None:
        return self.prepared if isinstance(self.prepared, Preamble) else None

    @property
    def seen(self) -> Seen:
        """What the open file itself is, which need not be what stood under its path before."""
        stat = self.reader.stat
        return Seen(self.path, stat.size_bytes, stat.modified_ns, stat.inode)

    @property
    def trusted_modified_ns(self) -> int | None:
        return trusted_modified_ns(self.reader.stat.modified_ns, self.started_ns)

    def identify(self, table: LandingTable, parse_fingerprint: str, on_bytes: Callable[[int], None]) -> Identity:
        """Hashes the file. Raises FileUnstable where it changes meanwhile."""
        content = self.reader.fingerprint(on_bytes)
        failpoint("landing.after_hash")
        is_empty = self.preamble is not None and self.preamble.empty
        return identity_of(table, content, parse_fingerprint, self.path if is_empty else None)


@contextmanager
def opened(candidate: Candidate, path: str, window_bytes: int, threads: int, *, make_ahead: bool) -> Iterator[Opened]:
    """The file, opened once; everything is read through that. Raises FileRefused for what cannot be opened."""
    started_at, started_ns = utc_now(), time.time_ns()
    with FileReader.open(candidate.path, candidate.display, candidate.table) as reader:
        prepared = _prepare(reader)
        is_big = reader.stat.size_bytes > window_bytes
        if not is_big or not make_ahead or isinstance(prepared, FileRefused):
            yield Opened(candidate, path, reader, prepared, None, started_at, started_ns)
            return
        with chunks_ahead(reader.windows(window_bytes, prepared.start), prepared.shape, threads) as ahead:
            ahead.start(_CHUNKS_WHILE_HASHING)
            yield Opened(candidate, path, reader, prepared, ahead, started_at, started_ns)


def _prepare(reader: FileReader) -> Preamble | FileRefused:
    try:
        return reader.prepare()
    except FileUnstable:
        raise
    except FileRefused as refusal:
        return refusal

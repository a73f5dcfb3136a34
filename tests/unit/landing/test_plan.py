from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from loaders.errors import FileChanged
from loaders.landing.plan import (
    TRUSTED_AFTER_NS,
    Book,
    Identity,
    Land,
    Seen,
    Skip,
    identity_of,
    ledger_path,
    trusted_modified_ns,
)
from loaders.warehouses.layout import LandingTable, LedgerEntry

NOW = datetime.fromisoformat("2024-01-01")
TABLE = LandingTable("shop", "sales", ("id",))
ENTRY = LedgerEntry(
    file_id="id-a",
    contract="shop",
    contract_version="1",
    table_name="sales",
    path="inbox/a.csv",
    size_bytes=10,
    modified_ns=5,
    inode=7,
    content_sha256="content-a",
    parse_fingerprint="options",
    file_date=None,
    state="landed",
    lines=1,
    header_lines=1,
    skipped_lines=0,
    blank_lines=0,
    comment_lines=0,
    landed_lines=0,
    malformed_lines=0,
    landed_rows=0,
    malformed_rows=0,
    content_bytes=10,
    header="[]",
    job_id="job-0",
    started_at=NOW,
    landed_at=NOW,
    superseded_by=None,
    error=None,
    tool_version="0",
)
SEEN = Seen("inbox/a.csv", 10, 5, 7)
OTHER = Identity("id-b", "content-b", "options")


@pytest.mark.parametrize("change", [{"path": "b"}, {"size_bytes": 11}, {"modified_ns": 6}, {"inode": 8}])
def test_only_a_file_that_looks_the_same_in_all_is_taken_for_unchanged(change: dict[str, object]) -> None:
    book = Book([ENTRY])
    assert book.unchanged(SEEN, "options") is not None
    assert book.unchanged(replace(SEEN, **change), "options") is None  # type: ignore[arg-type]  # fields by name


@pytest.mark.parametrize(
    ("entry", "fingerprint", "known"),
    [
        (replace(ENTRY, state="quarantined"), "options", True),
        (replace(ENTRY, state="quarantined"), "other", False),
        (replace(ENTRY, state="superseded"), "options", False),
        (replace(ENTRY, state="landing"), "options", False),
        (replace(ENTRY, state="deleted"), "options", False),
        (replace(ENTRY, modified_ns=None), "options", False),
        (ENTRY, "other", True),
    ],
)
def test_what_a_stat_can_prove(entry: LedgerEntry, fingerprint: str, known: bool) -> None:
    assert (Book([entry]).unchanged(SEEN, fingerprint) is not None) is known


def test_a_time_of_modification_too_near_to_the_hashing_is_not_trusted() -> None:
    assert trusted_modified_ns(100, 100 + TRUSTED_AFTER_NS) is None
    assert trusted_modified_ns(100, 101 + TRUSTED_AFTER_NS) == 100
    assert trusted_modified_ns(10**20, 100) is None


def test_a_deleted_content_stays_deleted_until_reload() -> None:
    book = Book([replace(ENTRY, state="deleted")])
    identity = Identity("id-a", "content-a", "options")
    skip = book.decide("inbox/b.csv", identity, "error", reload=False)
    assert isinstance(skip, Skip)
    assert "--reload" in skip.note
    assert book.decide("inbox/b.csv", identity, "error", reload=True) == Land()


def test_all_landed_versions_of_a_path_are_replaced() -> None:
    second = replace(ENTRY, file_id="id-2", content_sha256="content-2")
    book = Book([ENTRY, second, replace(ENTRY, file_id="id-3", path="elsewhere")])
    assert book.decide("inbox/a.csv", OTHER, "replace", reload=False) == Land((ENTRY, second))
    assert book.decide("inbox/a.csv", OTHER, "append", reload=False) == Land()
    with pytest.raises(FileChanged, match="onFileChange"):
        book.decide("inbox/a.csv", OTHER, "error", reload=False)


def test_a_book_forgets_what_an_entry_said_before() -> None:
    book = Book([ENTRY])
    book.record(replace(ENTRY, state="superseded", path="inbox/b.csv"))
    assert book.unchanged(SEEN, "options") is None
    assert book.decide("inbox/a.csv", OTHER, "error", reload=False) == Land()


def test_ledger_paths_count_from_the_project() -> None:
    project = Path("/srv/project")
    assert ledger_path(Path("/srv/project/inbox/a.csv"), project) == "inbox/a.csv"
    assert ledger_path(Path("/srv/other/../project/a.csv"), project) == "a.csv"
    assert ledger_path(Path("/srv/projects/a.csv"), project) == "/srv/projects/a.csv"
    assert ledger_path(Path("/srv/project/\udcff.csv"), project) == "\\xff.csv"


def test_identity_depends_on_table_content_options_and_for_empty_files_on_the_path() -> None:
    identities = {
        identity_of(TABLE, "c", "p", None).file_id,
        identity_of(replace(TABLE, table="other"), "c", "p", None).file_id,
        identity_of(TABLE, "d", "p", None).file_id,
        identity_of(TABLE, "c", "q", None).file_id,
        identity_of(TABLE, "c", "p", "a.csv").file_id,
        identity_of(TABLE, "c", "p", "b.csv").file_id,
    }
    assert len(identities) == 6
    assert all(len(each) == 64 for each in identities)

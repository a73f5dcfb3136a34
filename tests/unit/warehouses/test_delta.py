from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from loaders.warehouses.delta.connection import is_conflict
from loaders.warehouses.delta.literals import bound, literal, quote, records
from loaders.warehouses.delta.publisher import claimed_by
from loaders.warehouses.delta.statements import DeltaSql, delta_dialect
from loaders.warehouses.layout import CHUNKS, ChunkEntry, LandingTable, LedgerEntry, LedgerState
from loaders.warehouses.staged.load import BuiltPart, Load
from loaders.warehouses.staged.pending import Pending
from loaders.warehouses.statements import LandingSql

TABLE = LandingTable("shop", "sales", ("id", "na`me"))
HOSTILE = ["it's", '"', "`", "\\", "\\'", "; drop table x --", "é日🙂", "a\nb", "\0", "?", "${x}", "'' or 1=1"]
MOMENT = datetime.fromisoformat("2026-01-02 03:04:05.000678")


def entry(file_id: str, state: LedgerState = "landed", rows: int | None = 3) -> LedgerEntry:
    names = dict.fromkeys(LedgerEntry.__dataclass_fields__)
    known = {
        "file_id": file_id,
        "contract": "shop",
        "contract_version": "1",
        "table_name": "sales",
        "path": "a.csv",
        "state": state,
        "landed_rows": rows,
        "job_id": "job-1",
        "started_at": MOMENT,
        "landed_at": MOMENT,
    }
    return LedgerEntry(**{**names, **known})  # type: ignore[arg-type] # what the tests do not read is None


def chunk(file_id: str, number: int = 1) -> ChunkEntry:
    return ChunkEntry(file_id, number, 0, 9, "", 1, 0, 0, 1, 1, 0, 0, 1, 2, "job-1", MOMENT)


@pytest.fixture
def delta() -> DeltaSql:
    return DeltaSql(delta_dialect("`main`.`landing`"))


@pytest.fixture
def load(tmp_path: Path) -> Load:
    return Load(TABLE, (BuiltPart(1, tmp_path / "1.parquet", 3, 4, "ab" * 32),), "job's", MOMENT)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_value_is_never_code(text: str) -> None:
    written = literal(text)
    encoded = re.fullmatch(r"decode\(unbase64\('([A-Za-z0-9+/=]*)'\), 'UTF-8'\)", written)
    if encoded is None:
        assert re.fullmatch(r"'[^'\\\n\0`\"$]*'", written)
        assert written == f"'{text}'"
    else:
        assert base64.b64decode(encoded[1]).decode() == text


@pytest.mark.parametrize(("value", "written"), [(None, "null"), (5, "5"), (True, "true"), ("", "''"), ("a b", "'a b'")])
def test_plain_values_stay_readable(value: object, written: str) -> None:
    assert literal(value) == written


def test_a_name_is_never_code() -> None:
    assert quote("a`b; drop") == "`a``b; drop`"


def test_values_go_where_the_marks_are_and_nowhere_else() -> None:
    sql = "select '?', 'it\\'s ?', `a?``b`, \"?\", ? -- ?\n/* ? */ where x = ?"
    assert bound(sql, ["?", 1]) == sql.replace('", ? --', "\", decode(unbase64('Pw=='), 'UTF-8') --")[:-1] + "1"
    assert bound("select '?' ? ", []) == "select '?' ? "


@pytest.mark.parametrize("values", [[1], [1, 2, 3]])
def test_as_many_values_as_marks(values: list[int]) -> None:
    with pytest.raises(ValueError, match=f"{len(values)} values for 2 parameters"):
        bound("select ?, ?", values)


def test_entries_travel_as_one_base64_text() -> None:
    rows: list[dict[str, object]] = [{"raw": text, "line": n, "none": None} for n, text in enumerate(HOSTILE)]
    encoded = re.search(r"unbase64\('([A-Za-z0-9+/=]+)'\)", records(rows))
    assert encoded is not None
    sent = json.loads(base64.b64decode(encoded[1]))
    assert sent == [{"raw": text, "line": str(n), "none": None} for n, text in enumerate(HOSTILE)]


def test_rows_are_only_added_where_they_are_not(delta: DeltaSql, load: Load) -> None:
    assert delta.insert_rows(load, "load_1", ["f1"]) == (
        "merge into `main`.`landing`.`shop__sales` as t using (select `id`, `na``me`, `_landed_file_id`, "
        "`_row_number`, decode(unbase64('am9iJ3M='), 'UTF-8') as `_job_id`, "
        "cast('2026-01-02 03:04:05.000678' as timestamp_ntz) as `_landed_at` "
        "from `main`.`landing`.`load_1`) as s on t.`_landed_file_id` = s.`_landed_file_id` and "
        "t.`_row_number` = s.`_row_number` and t.`_landed_file_id` in ('f1') when not matched then insert (`id`, "
        "`na``me`, `_landed_file_id`, `_row_number`, `_job_id`, `_landed_at`) values (s.`id`, s.`na``me`, "
        "s.`_landed_file_id`, s.`_row_number`, s.`_job_id`, s.`_landed_at`)"
    )


def test_a_load_table_is_made_and_filled_by_one_statement(delta: DeltaSql, load: Load) -> None:
    statement = delta.fill(load, "load_1", ["/Volumes/main/a`b/1.parquet", "s3://b/2.parquet"])
    assert statement.startswith("create or replace table `main`.`landing`.`load_1` using delta as select cast(`id` as")
    assert statement.count(" union all ") == 1
    assert "from parquet.`/Volumes/main/a``b/1.parquet`" in statement


def test_the_ledger_is_written_by_one_statement_and_only_while_the_claims_hold(delta: DeltaSql) -> None:
    new, old = entry("f2"), entry("f1", "superseded")
    statement = delta.flip([new, old], [new])
    assert statement.startswith("merge into `main`.`landing`.`ledger` as t using (select written.* from (")
    assert "where l.`state` = 'landing') as claims where held = 1" in statement
    same = " and ".join(f"l.`{name}` = c.`{name}`" for name in ("file_id", "job_id", "started_at"))
    assert "`ledger` as l join (select" in statement
    assert f"as c on {same}" in statement
    assert statement.count("merge into") == 1
    assert "held" not in delta.flip([old], [])


def test_a_claim_hides_no_landed_file_but_one_that_is_reloaded(delta: DeltaSql) -> None:
    assert "when matched and t.`state` != 'landed' then update" in delta.claim([entry("f1")], [])
    reloading = delta.claim([entry("f1")], ["f1"])
    assert "when matched and (t.`state` != 'landed' or t.`file_id` in ('f1')) then update" in reloading
    encoded = re.search(r"unbase64\('([A-Za-z0-9+/=]+)'\)", reloading)
    assert encoded is not None
    (sent,) = json.loads(base64.b64decode(encoded[1]))
    assert (sent["state"], sent["landed_at"], sent["started_at"]) == ("landing", None, "2026-01-02 03:04:05.000678")


def test_what_is_gone_is_deleted_by_what_the_ledger_says(delta: DeltaSql) -> None:
    assert delta.delete_gone(CHUNKS, "file_id", ["f1"]) == (
        "merge into `main`.`landing`.`chunks` as t using (select `file_id` from `main`.`landing`.`ledger` where "
        "`file_id` in ('f1') and `state` in ('superseded', 'quarantined', 'deleted')) as s "
        "on t.`file_id` = s.`file_id` when matched then delete"
    )


def test_tables_are_of_delta_and_skip_files_by_their_id() -> None:
    sql = LandingSql(delta_dialect("`landing`"))
    assert sql.create_landing(TABLE).endswith(
        ") using delta tblproperties ('delta.dataSkippingStatsColumns' = '_landed_file_id')"
    )
    assert sql.create_bookkeeping(CHUNKS).endswith(") using delta")


def test_only_landed_files_are_counted_where_others_may_leave_rows() -> None:
    sql = LandingSql(delta_dialect("`landing`"))
    assert "`table_name` = ? and `state` = 'landed'" in sql.mismatches(TABLE, None, landed_only=True)
    assert "full join" not in sql.mismatches(TABLE, None, landed_only=True)
    assert "full join" in sql.mismatches(TABLE, None)


@pytest.mark.parametrize(
    ("pending", "claimed"),
    [
        (Pending(ledger={"f": entry("f")}, adds_rows=True), ["f"]),
        (Pending(ledger={"f": entry("f", rows=0)}, adds_rows=True), []),
        (Pending(ledger={"f": entry("f")}), []),
        (Pending(ledger={"f": entry("f")}, removed=[(TABLE, "f")]), ["f"]),
        (Pending(ledger={"f": entry("f")}, chunks=[chunk("f")]), ["f"]),
        (Pending(ledger={"f": entry("f", "landing")}), ["f"]),
        (Pending(ledger={"f": entry("f", "superseded")}, removed=[(TABLE, "f")], adds_rows=True), []),
        (Pending(ledger={"f": entry("f", "quarantined")}, removed=[(TABLE, "f")]), []),
    ],
    ids=["rows", "no row", "evidence", "reload", "chunks", "begun", "replaced", "refused"],
)
def test_files_that_something_is_added_of_are_claimed(pending: Pending, claimed: list[str]) -> None:
    assert [each.file_id for each in claimed_by(pending)] == claimed


def test_claims_differ_by_job_and_moment(delta: DeltaSql) -> None:
    later = replace(entry("f1"), started_at=MOMENT.replace(second=6))
    assert delta.flip([entry("f1")], [entry("f1")]) != delta.flip([later], [later])


@pytest.mark.parametrize(
    ("message", "lost"),
    [
        ("[DELTA_CONCURRENT_APPEND.WITHOUT_HINT] Transaction conflict detected", True),
        ("io.delta.exceptions.ConcurrentModificationException: x", True),
        ("io.delta.exceptions.ProtocolChangedException: [DELTA_PROTOCOL_CHANGED] changed by a concurrent update", True),
        ("Failed to commit transaction: 0", True),
        ("[TABLE_OR_VIEW_NOT_FOUND] no", False),
    ],
)
def test_a_lost_race_is_told_from_other_errors(message: str, lost: bool) -> None:
    assert is_conflict(message) == lost

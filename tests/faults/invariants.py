"""The invariants of landing, each a checker that names every breach it finds; run after every fault.

I1 to I15 are those of docs/reliability.md. A checker looks only at evidence, never at the code under test, and is
silent about evidence that was not gathered.
"""

from __future__ import annotations

from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.faults.scenario import Delivery
from tests.faults.snapshot import Record, Snapshot

MOST_MEMORY_OVER_LIMIT = 300 * 2**20


@dataclass(frozen=True)
class Usage:
    """What a process that ended well had used: peak memory beside its limit, descriptors at both ends, files left."""

    peak_bytes: int
    limit_bytes: int
    descriptors_before: int
    descriptors_after: int
    left_behind: tuple[str, ...] = ()


@dataclass(frozen=True)
class Evidence:
    """What one fault left behind.

    `deliveries` are the files in the inbox, `kept` further versions that stay visible; `acknowledged` file ids that
    were called landed before the fault; `finished` says that a whole run followed it; `rerun` is the state after one
    more run, `elsewhere` the lasting state of undisturbed runs in other orders.
    """

    snapshot: Snapshot
    deliveries: Sequence[Delivery] = ()
    kept: Sequence[Delivery] = ()
    acknowledged: frozenset[str] = frozenset()
    finished: bool = False
    rerun: Snapshot | None = None
    elsewhere: Sequence[Mapping[str, Any]] = ()
    built: Mapping[str, Any] | None = None
    rebuilt: Mapping[str, Any] | None = None
    outputs: Mapping[str, bytes] = field(default_factory=dict)
    secrets: Sequence[str] = ()
    usage: Usage | None = None

    def delivered(self, entry: Record) -> Delivery | None:
        """The file an entry is about, by its content."""
        known = {sha256(each.content).hexdigest(): each for each in (*self.deliveries, *self.kept)}
        return known.get(entry["content_sha256"])


def conservation(seen: Evidence) -> Iterator[str]:
    """I1: every physical line of a landed file is header, skipped, blank, comment, landed or malformed."""
    for entry in seen.snapshot.entries("landed"):
        parts = ("header_lines", "skipped_lines", "blank_lines", "comment_lines", "landed_lines", "malformed_lines")
        found = sum(entry[part] for part in parts)
        if found != entry["lines"]:
            yield f"{entry['path']}: {found} of {entry['lines']} lines are accounted for"
        delivery = seen.delivered(entry)
        if delivery is not None and entry["lines"] != _lines(delivery.text):
            yield f"{entry['path']}: the ledger says {entry['lines']} lines, the file has {_lines(delivery.text)}"
        if delivery is not None and entry["content_bytes"] != len(delivery.text):
            yield f"{entry['path']}: {entry['content_bytes']} bytes, the file has {len(delivery.text)}"


def _lines(text: bytes) -> int:
    return text.count(b"\n") + (bool(text) and not text.endswith(b"\n"))


def exactly_once(seen: Evidence) -> Iterator[str]:
    """I2: each (file, row number) once, numbers without gap, each content landed once."""
    for table, rows in seen.snapshot.rows.items():
        numbers = Counter(row[:2] for row in rows)
        yield from (f"{table}: row {key} {count} times" for key, count in numbers.items() if count > 1)
        for file_id in {row[0] for row in rows}:
            count = sum(1 for row in rows if row[0] == file_id)
            if {row[1] for row in rows if row[0] == file_id} != set(range(1, count + 1)):
                yield f"{table}: row numbers of {file_id} have gaps"
    contents = Counter(
        (each["contract"], each["table_name"], each["content_sha256"]) for each in seen.snapshot.entries("landed")
    )
    yield from (f"content {key} landed {count} times" for key, count in contents.items() if count > 1)
    identities = Counter(entry["file_id"] for entry in seen.snapshot.ledger)
    yield from (f"{file_id}: {count} ledger entries" for file_id, count in identities.items() if count > 1)


def atomic_visibility(seen: Evidence) -> Iterator[str]:
    """I3: of a file that readers see, all rows are there; of no path two versions are seen that exclude each other."""
    for entry in seen.snapshot.entries("landed"):
        delivery = seen.delivered(entry)
        if delivery is not None and len(seen.snapshot.rows_of(entry)) != len(delivery.rows):
            yield f"{entry['path']}: {len(seen.snapshot.rows_of(entry))} of {len(delivery.rows)} rows are visible"
    paths = Counter(entry["path"] for entry in seen.snapshot.entries("landed"))
    yield from (f"{path}: {count} versions are visible" for path, count in paths.items() if count > 1)


def durability(seen: Evidence) -> Iterator[str]:
    """I4: what was called landed before a fault is there after it."""
    landed = {entry["file_id"] for entry in seen.snapshot.ledger if entry["state"] in ("landed", "superseded")}
    yield from (f"{file_id} was called landed and is gone" for file_id in seen.acknowledged - landed)


def ledger_is_data(seen: Evidence) -> Iterator[str]:
    """I5: rows and malformed rows are those of the ledger and the chunks, in both directions."""
    snapshot = seen.snapshot
    expected: Counter[str] = Counter()
    broken: Counter[str] = Counter()
    for entry in snapshot.ledger:
        chunks = [chunk for chunk in snapshot.chunks if chunk["file_id"] == entry["file_id"]]
        if entry["state"] == "landed":
            expected[entry["file_id"]] += entry["landed_rows"]
            broken[entry["file_id"]] += entry["malformed_rows"]
        elif entry["state"] == "landing":
            expected[entry["file_id"]] += sum(chunk["landed_rows"] for chunk in chunks)
            broken[entry["file_id"]] += sum(chunk["malformed_rows"] for chunk in chunks)
        yield from _chunks_in_line(entry, sorted(chunks, key=lambda each: int(each["chunk_number"])))
    actual = Counter(row[0] for rows in snapshot.rows.values() for row in rows)
    malformed = Counter(each["file_id"] for each in snapshot.malformed)
    for name, said, there in (("rows", expected, actual), ("malformed rows", broken, malformed)):
        for file_id in said.keys() | there.keys():
            if said[file_id] != there[file_id]:
                yield f"{file_id}: the ledger says {said[file_id]} {name}, there are {there[file_id]}"


def _chunks_in_line(entry: Record, chunks: list[Record]) -> Iterator[str]:
    if chunks and entry["state"] not in ("landed", "landing"):
        yield f"{entry['path']}: chunks of a file that is {entry['state']}"
    for before, after in pairwise(chunks):
        if before["byte_end"] != after["byte_start"] or before["chunk_number"] + 1 != after["chunk_number"]:
            yield f"{entry['path']}: chunk {after['chunk_number']} does not follow on the one before"
        if before["first_row_number"] + before["landed_rows"] != after["first_row_number"]:
            yield f"{entry['path']}: row numbers of chunk {after['chunk_number']} do not follow"
    if chunks and entry["state"] == "landed" and sum(each["landed_rows"] for each in chunks) != entry["landed_rows"]:
        yield f"{entry['path']}: its chunks hold other rows than it has"


def fidelity(seen: Evidence) -> Iterator[str]:
    """I6: visible values are those that were written into the files."""
    for entry in seen.snapshot.entries("landed"):
        delivery = seen.delivered(entry)
        if delivery is None:
            yield f"{entry['path']}: landed, though no such content was delivered"
            continue
        expected = [(number, *row) for number, row in enumerate(delivery.rows, start=1)]
        if seen.snapshot.rows_of(entry) != expected:
            yield f"{entry['path']}: other values than in the file"


def malformed_whole(seen: Evidence) -> Iterator[str]:
    """I7: every malformed line is kept with all its bytes, at its place."""
    entries = {entry["file_id"]: entry for entry in seen.snapshot.ledger}
    for line in seen.snapshot.malformed:
        entry = entries.get(line["file_id"])
        delivery = seen.delivered(entry) if entry is not None else None
        if delivery is None:
            continue
        raw = b64decode(line["raw"]) if line["raw_encoding"] == "base64" else line["raw"].encode()
        offset, number = line["byte_offset"], line["line_number"]
        if delivery.text[offset : offset + len(raw)] != raw or not raw:
            yield f"{delivery.name}:{number}: its bytes are not those at offset {offset}"
        if delivery.text.count(b"\n", 0, offset) + 1 != number:
            yield f"{delivery.name}:{number}: offset {offset} is on another line"
    for entry in seen.snapshot.entries("landed"):
        delivery = seen.delivered(entry)
        if delivery is not None and entry["malformed_rows"] != delivery.malformed_rows:
            yield f"{entry['path']}: {entry['malformed_rows']} malformed rows instead of {delivery.malformed_rows}"


def idempotence(seen: Evidence) -> Iterator[str]:
    """I8: one more run changes nothing."""
    if seen.rerun is not None and (
        seen.rerun.ledger != seen.snapshot.ledger or seen.rerun.lasting != seen.snapshot.lasting
    ):
        yield "running again changed the warehouse"


def progress(seen: Evidence) -> Iterator[str]:
    """I9: one whole run after a fault lands everything that is good, and leaves nothing half landed."""
    if not seen.finished:
        return
    landed = {entry["content_sha256"] for entry in seen.snapshot.entries("landed")}
    named = {seen_by.name for entry in seen.snapshot.entries("landed") if (seen_by := seen.delivered(entry))}
    for delivery in (*(each for each in seen.deliveries if each.fate == "landed"), *seen.kept):
        if delivery.name not in named:
            yield f"{delivery.name} did not land ({len(landed)} contents did)"
    yield from (f"{entry['path']}: still landing" for entry in seen.snapshot.entries("landing"))


def order_free(seen: Evidence) -> Iterator[str]:
    """I10: the order of the files makes no difference."""
    yield from (
        f"order {number} gives another state"
        for number, state in enumerate(seen.elsewhere)
        if state != seen.snapshot.lasting
    )


def built_from_landing(seen: Evidence) -> Iterator[str]:
    """I11: what dbt built bit by bit is what it builds from nothing."""
    if seen.built is not None and seen.rebuilt is not None:
        for table in seen.built.keys() | seen.rebuilt.keys():
            if seen.built.get(table) != seen.rebuilt.get(table):
                yield f"{table}: a full refresh gives other rows"


def isolation(seen: Evidence) -> Iterator[str]:
    """I12: a bad file is told apart by name and shows nothing; the others are not touched by it."""
    for delivery in seen.deliveries if seen.finished else ():
        entries = [entry for entry in seen.snapshot.ledger if seen.delivered(entry) is delivery]
        states = {entry["state"] for entry in entries}
        if delivery.fate == "quarantined" and (states != {"quarantined"} or not entries[0]["error"]):
            yield f"{delivery.name} should be quarantined with its cause and is {states or 'unknown'}"
        if delivery.fate == "refused" and "landed" in states:
            yield f"{delivery.name} should be refused and landed"


def no_secret(seen: Evidence) -> Iterator[str]:
    """I13: no secret stands in anything that was written or shown."""
    for name, content in seen.outputs.items():
        yield from (f"{name} holds a secret" for secret in seen.secrets if secret.encode() in content)


def no_injection(seen: Evidence) -> Iterator[str]:
    """I14: names and values of users are data: the warehouse holds the tables it should and no other."""
    expected = {"landing.ledger", "landing.chunks", "landing.malformed_rows"}
    expected |= {f"landing.shop__{delivery.table}" for delivery in (*seen.deliveries, *seen.kept)}
    if seen.deliveries:
        yield from (f"an unknown table {table}" for table in seen.snapshot.tables - expected)


def bounded(seen: Evidence) -> Iterator[str]:
    """I15: memory stays near its limit, no descriptor and no temporary file is left."""
    usage = seen.usage
    if usage is None:
        return
    if usage.peak_bytes > usage.limit_bytes + MOST_MEMORY_OVER_LIMIT:
        yield f"{usage.peak_bytes >> 20} MiB of memory, {usage.limit_bytes >> 20} MiB were allowed"
    if usage.descriptors_after > usage.descriptors_before:
        yield f"{usage.descriptors_after - usage.descriptors_before} descriptors are left open"
    yield from (f"{name} was left behind" for name in usage.left_behind)


CHECKERS: dict[str, Callable[[Evidence], Iterator[str]]] = {
    "I1": conservation,
    "I2": exactly_once,
    "I3": atomic_visibility,
    "I4": durability,
    "I5": ledger_is_data,
    "I6": fidelity,
    "I7": malformed_whole,
    "I8": idempotence,
    "I9": progress,
    "I10": order_free,
    "I11": built_from_landing,
    "I12": isolation,
    "I13": no_secret,
    "I14": no_injection,
    "I15": bounded,
}


def breaches(seen: Evidence) -> list[str]:
    """Every breach of every invariant, each with its invariant's number."""
    return [f"{name}: {breach}" for name, checker in CHECKERS.items() for breach in checker(seen)]


def left_in(folder: Path, known: frozenset[str]) -> tuple[str, ...]:
    """Names in a folder beside those that belong there."""
    return tuple(sorted(path.name for path in folder.iterdir() if path.name not in known))

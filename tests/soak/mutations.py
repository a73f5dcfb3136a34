"""Forty-odd known faults, planted one at a time in a copy of the code: each must make the fast tests fail.

A fault is a piece of text that stands exactly once in its file, and what stands there instead.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
LANDING = ("tests/unit/landing",)
CTRL_C = ("tests/bad_inputs/test_commands.py::test_bad_input_118_ctrl_c_breaks_off_what_the_parser_is_at",)
FILES = ("tests/unit/files", "tests/bad_inputs/test_content.py")


@dataclass(frozen=True)
class Fault:
    """`caught_by` are the tests, of the fast ones, that are run until the first fails."""

    name: str
    file: str
    old: str
    new: str
    caught_by: tuple[str, ...] = LANDING


FAULTS: tuple[Fault, ...] = (
    Fault(
        "the first file of a group gets no ledger entry",
        "landing/whole.py",
        "unit.put_ledger([*entries, *(",
        "unit.put_ledger([*entries[1:], *(",
    ),
    Fault(
        "malformed lines of the first file of a group are dropped",
        "landing/whole.py",
        "unit.insert_malformed([each for ready in group for",
        "unit.insert_malformed([each for ready in group[1:] for",
    ),
    Fault(
        "a replaced small version stays",
        "landing/whole.py",
        "for old in draft.decision.replaced:",
        "for old in draft.decision.replaced[1:]:",
    ),
    Fault(
        "the limit on malformed rows is not kept",
        "landing/whole.py",
        "    check_limits(ready.draft, cut",
        "    (lambda *_, **__: None)(ready.draft, cut",
    ),
    Fault(
        "a group that is refused lands its first file only",
        "landing/whole.py",
        "for ready in group for landed in land_together",
        "for ready in group[:1] for landed in land_together",
    ),
    Fault(
        "row numbers start over in each chunk",
        "landing/chunks.py",
        "self.draft.segments(ready.cut, self.tally.landed_rows + 1)",
        "self.draft.segments(ready.cut)",
    ),
    Fault("chunks are not written down", "landing/chunks.py", "        unit.insert_chunk(chunk)\n", ""),
    Fault(
        "malformed lines of chunks are dropped",
        "landing/chunks.py",
        "        unit.insert_malformed(self.draft.malformed(ready.cut.malformed))\n",
        "",
    ),
    Fault(
        "a replaced version stays beside a big one",
        "landing/chunks.py",
        "if old.file_id != self.draft.file_id:",
        "if old.file_id == self.draft.file_id:",
    ),
    Fault(
        "nothing of a version that a big one replaces is removed",
        "landing/chunks.py",
        "                    unit.remove_file(self.draft.landing, old.file_id)\n",
        "                    continue\n",
    ),
    Fault(
        "a replaced version stays in sight beside a big one",
        "landing/chunks.py",
        "unit.put_ledger([entry, *self.draft.superseded()])",
        "unit.put_ledger([entry])",
    ),
    Fault(
        "a big file is in sight from its first chunk on",
        "landing/chunks.py",
        'unit.put_ledger([self.draft.entry("landing")])',
        'unit.put_ledger([self.draft.entry("landed")])',
    ),
    Fault(
        "a resumed load forgets what it had landed",
        "landing/chunks.py",
        "self.tally = sum(map(_tally_of, self.chunks), Tally())",
        "self.tally = Tally()",
    ),
    Fault(
        "a stopped load starts over",
        "landing/chunks.py",
        "if self.draft.decision.resumes:",
        "if not self.draft.decision:",
    ),
    Fault(
        "chunks of a file that changed stay",
        "landing/chunks.py",
        "            unit.remove_file(self.draft.landing, self.draft.file_id)\n            unit.put_ledger([entry])",
        "            unit.put_ledger([entry])",
    ),
    Fault(
        "the committed bytes are not compared on resuming",
        "landing/ahead.py",
        "hexdigest() != digest:",
        'hexdigest() == "":',
    ),
    Fault(
        "the last committed chunk lands twice",
        "landing/ahead.py",
        "self._carry = text.rest(committed, lines)",
        "self._carry = text",
    ),
    Fault(
        "what a chunk leaves over is lost",
        "landing/ahead.py",
        "self._carry = text.rest(cut.consumed, cut.tally.lines) if",
        "self._carry = None if",
    ),
    Fault(
        "the last segment is dropped",
        "landing/rows.py",
        "for start, end in pairwise(cuts):",
        "for start, end in pairwise(cuts[:-1]):",
    ),
    Fault(
        "only the first malformed line of a step is kept",
        "landing/scanning.py",
        "self.malformed += [self.text.in_file(each) for each in found.malformed]",
        "self.malformed += [self.text.in_file(each) for each in found.malformed[:1]]",
    ),
    Fault(
        "bytes that the scanner loses are not missed",
        "landing/scanning.py",
        "if scanned != found.consumed or lines != step.lines:",
        "if lines != step.lines:",
    ),
    Fault(
        "lines that the scanner loses are not missed",
        "landing/scanning.py",
        "if scanned != found.consumed or lines != step.lines:",
        "if scanned != found.consumed:",
    ),
    Fault(
        "only the first step of a segment is kept",
        "landing/scanning.py",
        "data = keep(chain((first,), pieces))",
        "data = keep(chain((first,), ()))",
    ),
    Fault(
        "a scanned chunk that is made again has lost its text",
        "landing/ahead.py",
        "return ReadyChunk(text if carefully else text.emptied(),",
        "return ReadyChunk(text.emptied(),",
    ),
    Fault("blank lines are not counted", "landing/scanning.py", "blank_lines=found.blank_lines,", "blank_lines=0,"),
    Fault(
        "a landed file lands again",
        "landing/plan.py",
        'in ("landed", "quarantined", "deleted") else None',
        'in ("quarantined", "deleted") else None',
    ),
    Fault(
        "content is no part of a file's identity",
        "landing/plan.py",
        "parts = (table.name, content_sha256, parse_fingerprint,",
        "parts = (table.name, parse_fingerprint,",
    ),
    Fault(
        "changed content lands though it may not",
        "landing/plan.py",
        'if versions and on_change == "error" and not reload:',
        'if versions and on_change == "never" and not reload:',
    ),
    Fault(
        "a file's time is trusted at once",
        "landing/plan.py",
        "modified_ns < now_ns - TRUSTED_AFTER_NS",
        "modified_ns < now_ns + TRUSTED_AFTER_NS",
    ),
    Fault(
        "offsets of malformed lines are lost",
        "landing/draft.py",
        "byte_offset=each.byte_offset,\n                    raw",
        "byte_offset=0,\n                    raw",
    ),
    Fault(
        "older ledger entries stay",
        "warehouses/duckdb/warehouse.py",
        "        self._execute(self._statements.delete_ledger(), [[entry.file_id for entry in entries]])\n",
        "",
    ),
    Fault(
        "an error does not roll back",
        "warehouses/duckdb/warehouse.py",
        "            self._rollback()\n            raise",
        '            self._session.see_through("commit")\n            raise',
    ),
    Fault(
        "rows past the expected number are let in",
        "warehouses/duckdb/warehouse.py",
        "if inserted != part.rows:",
        "if inserted < part.rows:",
    ),
    Fault(
        "Ctrl-C waits until the parser has ended",
        "warehouses/duckdb/session.py",
        "                self._connection.interrupt()\n",
        "                break\n",
        CTRL_C,
    ),
    Fault(
        "DuckDB runs where Ctrl-C is not heard",
        "warehouses/duckdb/session.py",
        "running = self._thread.submit(call)",
        "return call()",
        CTRL_C,
    ),
    Fault(
        "a wait for DuckDB has no end in which to hear of Ctrl-C",
        "warehouses/duckdb/session.py",
        "wait((running,), timeout=_SECONDS_OF_A_WAIT)",
        "wait((running,))",
        CTRL_C,
    ),
    Fault(
        "a window with all that was read so far takes itself for the last",
        "files/windows.py",
        "            self._fill(end)\n",
        "",
        ("tests/unit/files/test_windows.py",),
    ),
    Fault(
        "a packed file's last line, longer than the window, does not say that it is the last",
        "files/windows.py",
        "            self._fill(end)\n            last = end == len(self._text)\n",
        "            last = self._exhausted and end == len(self._text)\n",
        ("tests/unit/landing/test_chunks.py",),
    ),
    Fault(
        "removing a file leaves its malformed lines",
        "warehouses/duckdb/warehouse.py",
        '(table.name, "_landed_file_id"), (MALFORMED_ROWS, "file_id"), (CHUNKS',
        '(table.name, "_landed_file_id"), (CHUNKS',
    ),
    Fault(
        "a gzip file cut short is taken for whole",
        "files/containers.py",
        "    if not inflater.eof:\n        raise",
        "    if inflater is None:\n        raise",
        FILES,
    ),
    Fault("bombs go off", "files/containers.py", "and total > allowed:", "and total < 0:", FILES),
    Fault(
        "columns are taken by position",
        "files/header.py",
        "columns.append(found[hits[0]] if hits else None)",
        "columns.append(len(columns) if hits else None)",
        FILES,
    ),
    Fault(
        "bytes of another encoding are let through",
        "files/hazards.py",
        "    hazards.append(UndecodableBytes(data))\n",
        "",
        FILES,
    ),
    Fault(
        "a file that grew while it was read lands",
        "files/rawfile.py",
        "if now.size_bytes != self.stat.size_bytes:",
        "if now.size_bytes < self.stat.size_bytes:",
        (*FILES, *LANDING),
    ),
    Fault(
        "NUL bytes go the fast way",
        "files/fastway.py",
        'or (shape.nul == "reject" and b"\\0" in data)',
        'or (shape.nul == "reject" and b"\\0\\0" in data)',
        FILES,
    ),
)


def plant(fault: Fault, folder: Path) -> None:
    """Copies code and tests into `folder`, with the fault in. Raises ValueError where it does not fit exactly once."""
    shutil.copytree(REPOSITORY / "loaders", folder / "loaders", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(REPOSITORY / "tests", folder / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(REPOSITORY / "pyproject.toml", folder)
    path = folder / "loaders" / fault.file
    path.write_text(planted(fault))


def planted(fault: Fault) -> str:
    """The file's text with the fault in."""
    text = (REPOSITORY / "loaders" / fault.file).read_text()
    if text.count(fault.old) != 1:
        raise ValueError(f"{fault.name}: its text stands {text.count(fault.old)} times in {fault.file}")
    return text.replace(fault.old, fault.new)


def is_caught(fault: Fault, folder: Path, tests: Sequence[str] | None = None) -> bool:
    """Whether the tests fail with the fault in."""
    plant(fault, folder)
    chosen = tests or fault.caught_by
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *chosen]
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{fault.name}: the tests could not run: {done.stdout[-500:]}{done.stderr[-500:]}")
    return done.returncode == 1

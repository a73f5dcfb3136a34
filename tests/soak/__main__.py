"""`python -m tests.soak`: the fault suite at full size, or as much of it as fits into --minutes.

Every part prints one line of figures. Exit 1 when one of them finds anything.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.soak.parts import PARTS, Allowance, Found


def main() -> int:
    """Runs the wanted parts one after the other. Writes below --folder only."""
    given = _arguments()
    wanted = given.only.split(",") if given.only else list(PARTS)
    unknown = set(wanted) - set(PARTS)
    if unknown:
        sys.stderr.write(f"unknown parts: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}\n")
        return 2
    seconds = given.minutes * 60 / len(wanted) if given.minutes else float("inf")
    whole = Found()
    for name in wanted:
        started = time.monotonic()
        allowance = Allowance(started + seconds, given.kills, given.files, given.examples, given.gigabytes)
        with tempfile.TemporaryDirectory(prefix=f"soak-{name}-", dir=given.folder) as folder:
            found = PARTS[name](Path(folder), allowance)
        took = time.monotonic() - started
        sys.stdout.write(f"{name}: {found.figures} ({took:.0f} s)\n")
        for line in found.wrong:
            sys.stdout.write(f"{name}: WRONG: {line}\n")
        sys.stdout.flush()
        whole.wrong += found.wrong
    sys.stdout.write(f"wrong: {len(whole.wrong)}\n")
    return int(bool(whole.wrong))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description="The fault suite at full size.")
    parser.add_argument("--minutes", type=float, default=0, help="share this time among the parts [default: no limit]")
    parser.add_argument("--only", default="", help=f"comma-separated parts of {', '.join(PARTS)} [default: all]")
    parser.add_argument("--kills", type=int, default=2_000, help="random SIGKILLs")
    parser.add_argument("--files", type=int, default=100_000, help="random files to compare with Python's csv")
    parser.add_argument("--examples", type=int, default=20_000, help="hypothesis examples per property")
    parser.add_argument("--gigabytes", type=float, default=10, help="size of the big file")
    parser.add_argument("--folder", type=Path, default=None, help="where to work [default: the system's]")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

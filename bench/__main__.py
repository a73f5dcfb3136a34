"""`make bench`: every benchmark in its own process, each figure a ratio against a baseline measured in the same run.

Usage: python -m bench [NAME …] [--small]; without names, all `bench_*.py` of this folder.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> int:
    known = sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which of: {', '.join(known)}")
    parser.add_argument("--small", action="store_true", help="smaller inputs: to try a benchmark, not for figures")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(known):
        parser.error(f"no benchmark is called {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    print(
        f"machine: {platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}; "
        f"Python {platform.python_version()}, duckdb {version('duckdb')}",
        flush=True,
    )
    failed = []
    for name in asked.names or known:
        print(f"\n## {name}\n", flush=True)
        command = [sys.executable, "-m", f"bench.bench_{name}", *(["--small"] if asked.small else [])]
        if subprocess.run(command, cwd=HERE.parent, check=False).returncode:
            failed.append(name)
    if failed:
        print(f"\nfailed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

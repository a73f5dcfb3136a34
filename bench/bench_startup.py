"""How long `loaders --help` takes, beside an empty Python: what every call of the command line costs at the least.

Usage: python -m bench.bench_startup [--small]. Target: median of at most 0.3 s.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

MOST_SECONDS = 0.3


def seconds(command: list[str]) -> float:
    """Wall seconds of one whole process."""
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def main() -> int:
    rounds = 3 if "--small" in sys.argv[1:] else 15
    loaders = str(Path(sys.executable).parent / "loaders")
    runs = [(seconds([sys.executable, "-c", ""]), seconds([loaders, "--help"])) for _ in range(rounds)]
    empty, told = (statistics.median(side) for side in zip(*runs, strict=True))
    print("| command | median s | times empty Python | target |\n|---|---|---|---|")
    print(f"| `python -c ''` | {empty:.3f} | 1.0 | |")
    print(f"| `loaders --help` | {told:.3f} | {told / empty:.1f} | ≤ {MOST_SECONDS} s |")
    return 0 if told <= MOST_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())

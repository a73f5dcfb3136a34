"""Prints how many MB/s the record scanner does on one core: clean, 0.1 % malformed, and with many quoted newlines.

Run as `python -m bench.bench_scanner [--small]`: 64 MiB a kind, or 8. Figures depend on the
machine; compare them within one run only.
"""

from __future__ import annotations

import random
import sys
import time

from loaders.files.fastway import must_scan
from loaders.files.records import scan
from loaders.files.shapes import RecordShape

HEADER = ("order_id", "customer_id", "status", "bought", "approved", "carried", "delivered", "promised")
SHAPE = RecordShape(fields=len(HEADER), header=HEADER, header_line=",".join(HEADER).encode())


def record(number: int, last: str) -> str:
    day = f"2017-{number % 12 + 1:02d}-{number % 28 + 1:02d} 10:56:33"
    return f'{number:032x},"{number * 7:032x}",delivered,{day},{day},{day},,{last}\n'


def text(size: int, kind: str) -> bytes:
    """About `size` bytes of records; one in a thousand `malformed`, or one in ten spanning two lines (`quoted`)."""
    draw = random.Random(1)
    lines: list[str] = []
    total = 0
    while total < size:
        number = len(lines)
        line = record(number, '"two\nlines, here"' if kind == "quoted" and number % 10 == 0 else '"2017-10-18"')
        if kind == "malformed" and draw.random() < 0.001:
            line = draw.choice(("too,short\n", '"open,' + line, line[:40] + '"x"y,' + line[40:], "," + line))
        lines.append(line)
        total += len(line)
    return "".join(lines).encode()


def main() -> None:
    size = (8 if "--small" in sys.argv[1:] else 64) * 2**20
    for kind in ("clean", "malformed", "quoted"):
        data = text(size, kind)
        begun = time.thread_time()
        found = scan(data, SHAPE, last=True, first_line_number=1, byte_start=0)
        scanned = time.thread_time()
        must_scan(data, SHAPE)
        judged = time.thread_time()
        scan_speed, judge_speed = (len(data) / 1e6 / took for took in (scanned - begun, judged - scanned))
        counts = f"{found.records} records, {len(found.malformed)} malformed"
        print(f"{kind:10} scan {scan_speed:7.0f} MB/s, must_scan {judge_speed:7.0f} MB/s, {counts}")


if __name__ == "__main__":
    main()

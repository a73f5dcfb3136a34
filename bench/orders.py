"""A project with one contract over made-up orders, and files of them of any size."""

from __future__ import annotations

import random
import sys
from pathlib import Path

COLUMNS = ("order_id", "customer_id", "status", "purchased_at", "approved_at", "shipped_at", "delivered_at", "amount")
CONTRACT_HEAD = """\
apiVersion: v3.2.0
kind: DataContract
id: bench
name: bench
version: 1.0.0
status: active
description: {purpose: Orders made up to measure landing.}
schema:
  - name: orders
    description: Orders made up to measure landing.
    dataGranularityDescription: One row per order.
    customProperties:
      - {property: files, vendor: loaders, value: {globs: ["*.csv"]}}
      - {property: maxMalformed, vendor: loaders, value: {rows: 1000000000}}
    properties:
"""
PROFILE = "bench: {target: duckdb, outputs: {duckdb: {type: duckdb, path: bench.duckdb}}}\n"
LOADERS = (sys.executable, "-c", "from loaders.commands.cli import main; main()", "ingest")


def make_project(folder: Path, profile: str = PROFILE) -> Path:
    """A dbt project with one contract, ready to ingest from its `inbox`."""
    for name in ("inbox", "contracts", "profiles"):
        (folder / name).mkdir(parents=True)
    columns = [f"      - {{name: {name}, logicalType: string, description: Made up.}}\n" for name in COLUMNS]
    (folder / "contracts" / "bench.odcs.yaml").write_text(CONTRACT_HEAD + "".join(columns))
    (folder / "profiles" / "profiles.yml").write_text(profile)
    (folder / "dbt_project.yml").write_text("name: bench\nprofile: bench\n")
    return folder


def write_orders(file: Path, size: int, seed: int = 0, malformed_every: int | None = None) -> int:
    """A CSV of at most `size` bytes; returns its size. A block of 32 MB at most is made up, then repeated.

    Of every `malformed_every` lines one lacks its last field.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    random_source = random.Random(seed)
    lines: list[str] = []
    made = 0
    while made < min(size, 32_000_000):
        day = f"2017-{random_source.randint(1, 12):02d}-{random_source.randint(1, 28):02d}"
        values = (
            f"{random_source.getrandbits(128):032x}",
            f"{random_source.getrandbits(128):032x}",
            random_source.choice(("delivered", "shipped", "canceled", "invoiced")),
            *(f"{day} {random_source.randint(0, 23):02d}:{random_source.randint(0, 59):02d}:33" for _ in range(4)),
            f"{random_source.randint(1, 99_999) / 100:.2f}",
        )
        is_malformed = malformed_every is not None and len(lines) % malformed_every == malformed_every - 1
        lines.append(",".join(values[:-1] if is_malformed else values) + "\n")
        made += len(lines[-1])
    block = "".join(lines).encode()
    with file.open("wb") as target:
        target.write(",".join(COLUMNS).encode() + b"\n")
        while target.tell() + len(block) <= size:
            target.write(block)
        rest = block[: max(size - target.tell(), 0)]
        target.write(rest[: rest.rfind(b"\n") + 1])
        return target.tell()

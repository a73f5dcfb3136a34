"""`loaders demo`: small files to try Landfall on, with every fault it can find planted in them."""

from __future__ import annotations

import os
import shlex
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from loaders.commands.shared import AsJson, print_json


def demo(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Where to write; an earlier demo there is replaced.")
    ] = Path("demo"),
    orders: Annotated[int, typer.Option(help="How many orders the shop has had.")] = 1000,
    seed: Annotated[int, typer.Option(help="Another seed gives another shop; the same seed the same bytes.")] = 1,
    next_steps: Annotated[
        bool, typer.Option("--next-steps", help="Write nothing; say what to try on the demo.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write Olist-like demo files with planted faults, listed in planted_faults.csv beside them.

    Example: loaders demo demo --orders 1000 --seed 7
    """
    if next_steps:
        typer.echo(_NEXT_STEPS.format(folder=folder, settings="".join(_settings())))
        return
    from loaders.demo import write_demo

    written = write_demo(folder, orders=orders, seed=seed)
    outcomes = Counter(planted.fault.outcome for planted in written.faults)
    if as_json:
        files = [{"file": name, "table": table} for name, table in written.files]
        print_json({"folder": folder, "files": files, "rows": written.rows, "planted_faults": outcomes})
        return
    typer.echo(
        f"{folder}: {len(written.files)} files, {written.rows:,} rows; planted in them: {outcomes['reject']} rows to "
        f"reject, {outcomes['duplicate']} duplicates, {outcomes['malformed']} malformed lines (planted_faults.csv)"
    )


def _settings() -> Iterator[str]:
    """What a new shell must set to see what this process sees, one line each."""
    if sys.prefix != sys.base_prefix:
        yield f"  source {shlex.quote(sys.prefix)}/bin/activate\n"
    for name in ("DBT_PROFILES_DIR", "LANDFALL_DUCKDB_PATH"):
        if name in os.environ:
            yield f"  export {name}={shlex.quote(os.environ[name])}\n"


_NEXT_STEPS = """
Everything landed, and every line is accounted for. Try next:

{settings}
  dbt show --inline "select * from {{{{ ref('order_totals') }}}}" --limit 10
      what each order cost and what was paid
  dbt show --inline "select * from {{{{ ref('rej_olist__orders') }}}}" --limit 10
      which orders were rejected, and why; compare {folder}/planted_faults.csv
  loaders ingest {folder}
      again: nothing to do, every file has landed
  loaders jobs list
      what ran, how long it took
  loaders init ../my-project
      a project of your own, with a small contract to start from"""

"""How plans and outcomes of `loaders materialize` are shown: as tables, or as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Final

import typer

from loaders.commands.progress import size_text
from loaders.commands.shared import print_json
from loaders.commands.tables import print_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loaders.outputs.model import TablePlan
    from loaders.outputs.run import Outcome
    from loaders.outputs.summary import Audit

_FIGURES: Final = ("read", "written", "new", "short", "long", "empty", "rejected", "files", "size")
_PLANNED: Final = ("rows", "partitions", "kept", "to write", "rows to write")


def show_plans(plans: Sequence[TablePlan], *, as_json: bool) -> None:
    """What a run would write, table by table."""
    if as_json:
        print_json([_plan(plan) for plan in plans])
        return
    rows = []
    for plan in plans:
        by = "" if plan.partitioning is None else f"{plan.partitioning.column} ({plan.partitioning.granularity})"
        numbers = (plan.rows, len(plan.partitions), len(plan.kept), len(plan.todo), plan.rows_to_write)
        rows.append((plan.name, by, *(f"{number:,}" for number in numbers)))
    print_table(("table", "partitioned by"), rows, numbers=_PLANNED)
    typer.echo("nothing was written")


def show_outcome(outcome: Outcome, *, as_json: bool) -> None:
    """The validation summary, and which manifest counts now."""
    if as_json:
        print_json(asdict(outcome))
        return
    rows = []
    for line in outcome.tables:
        counts = (f"{line.read:,}", f"{line.written:,}", f"{line.anew:,}", *_audited(line.audit))
        rows.append((line.table, *counts, f"{line.parts:,}", size_text(line.bytes)))
    print_table(("table",), rows, numbers=_FIGURES)
    said = "published" if outcome.changed else "nothing new; still"
    typer.echo(f"{said} manifest {outcome.sequence}; job {outcome.job_id}")


def _audited(audit: Audit | None) -> list[str]:
    if audit is None:
        return ["-"] * 4
    return [f"{number:,}" for number in (audit.short, audit.long, audit.empty, audit.rejected)]


def _plan(plan: TablePlan) -> dict[str, object]:
    return {
        "table": plan.name,
        "partitioned_by": None if plan.partitioning is None else asdict(plan.partitioning),
        "rows": plan.rows,
        "rows_to_write": plan.rows_to_write,
        "write": [partition.key for partition in plan.todo],
        "keep": [partition.key for partition in plan.kept],
        "remove": list(plan.gone),
    }

"""`loaders audit`: where every line of every landed file went."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from loaders.commands.shared import AsJson, ProjectDir, Target, print_json
from loaders.errors import LinesUnaccounted

if TYPE_CHECKING:
    from rich.table import Table

    from loaders.project.accounting import Accounting, Counts

_MOST_FILES = 100
_LONGEST_PATH = 40
_WIDTH_OF_A_FILE = 200
_COLUMNS = (
    ("lines", "lines"),
    ("header", "header_lines"),
    ("skipped", "skipped_lines"),
    ("blank", "blank_lines"),
    ("comment", "comment_lines"),
    ("landed", "landed_lines"),
    ("malformed", "malformed_lines"),
    ("rows", "landed_rows"),
    ("staged", "staged_rows"),
    ("rejected", "rejected_rows"),
    ("deduplicated", "deduplicated_rows"),
)


def audit(
    contract: Annotated[str | None, typer.Option("--contract", help="Only the tables of this contract.")] = None,
    target: Target = None,
    project_dir: ProjectDir = Path(),
    as_json: AsJson = False,
) -> None:
    """Show where every line of every landed file went. Exit 1 when one is missing.

    Example: loaders audit --json
    """
    from loaders.project.accounting import ACCOUNTING_SCHEMA, read_accounting
    from loaders.warehouses.profile import read_target
    from loaders.warehouses.registry import open_warehouse

    output = read_target(project_dir, target)
    with closing(open_warehouse(output)) as warehouse:
        accounting = read_accounting(warehouse.query, output.schema(ACCOUNTING_SCHEMA), contract)
    if as_json:
        print_json(_plain(accounting))
    else:
        _print(accounting)
    if accounting.missing:
        raise LinesUnaccounted(
            f"{accounting.missing} lines or rows are accounted for by nothing",
            hint="run `dbt build`, then audit again; what stays missing is a fault, please report it with the figures",
        )


def _plain(accounting: Accounting) -> dict[str, object]:
    return {
        "missing": accounting.missing,
        "tables": [asdict(table) for table in accounting.tables],
        "files": [asdict(file) | {"missing": file.counts.missing} for file in accounting.files],
    }


def _print(accounting: Accounting) -> None:
    from rich.console import Console

    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDTH_OF_A_FILE)
    shown = [file for file in accounting.files if file.counts.missing or len(accounting.files) <= _MOST_FILES]
    used = _used(accounting)
    files = _table("file", used)
    for file in shown:
        files.add_row(_shortened(file.path), *_cells(file.counts, file.counts.missing, used))
    tables = _table("table", used)
    for table in accounting.tables:
        tables.add_row(f"{table.contract}.{table.table}", *_cells(table.counts, table.missing, used))
    console.print(files)
    if len(shown) < len(accounting.files):
        typer.echo(f"{len(accounting.files) - len(shown)} files without a missing line are not shown; --json has them")
    console.print()
    console.print(tables)
    lines = sum(table.counts.lines for table in accounting.tables)
    typer.echo(f"\n{lines:,} lines in {len(accounting.files):,} files, {accounting.missing:,} missing")


def _used(accounting: Accounting) -> tuple[tuple[str, str], ...]:
    """The columns that are not 0 in every file."""
    return tuple(
        (title, name) for title, name in _COLUMNS if any(getattr(file.counts, name) for file in accounting.files)
    )


def _shortened(path: str) -> str:
    return path if len(path) <= _LONGEST_PATH else f"…{path[1 - _LONGEST_PATH :]}"


def _table(first: str, used: tuple[tuple[str, str], ...]) -> Table:
    from rich.table import Table

    table = Table(first, box=None, pad_edge=False)
    for title, _ in used:
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("missing", justify="right", no_wrap=True)
    return table


def _cells(counts: Counts, missing: int, used: tuple[tuple[str, str], ...]) -> list[str]:
    return [*(f"{getattr(counts, name):,}" for _, name in used), f"{missing:,}"]

"""The `loaders` command line: assembles the commands and turns our own errors into one line and an exit code.

Exit codes: 0 done, 1 data or contract refused, 2 usage, 3 environment, 4 warehouse held by another process, 130 Ctrl-C.
Anything else keeps its traceback: it is a bug.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from loaders import __version__
from loaders.commands import audit, contracts, demo, doctor, files, generate, ingest, init, jobs, materialize, replay
from loaders.errors import ContractInvalid, LandfallError, how_to_go_on
from loaders.secrets import install_redaction, redact

_CTRL_C = 130


class _Boundary(TyperGroup):
    """The one place where an error becomes a line on stderr and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except ContractInvalid as error:
            for problem in error.problems:
                typer.echo(redact(f"loaders: {problem}"), err=True)
            raise SystemExit(error.exit_code) from error
        except LandfallError as error:
            typer.echo(redact(f"loaders: {error}"), err=True)
            raise SystemExit(error.exit_code) from error
        except KeyboardInterrupt as error:
            typer.echo(f"loaders: stopped; {how_to_go_on(error)}", err=True)
            raise SystemExit(_CTRL_C) from error


# Rich help would triple the time of `loaders --help`; its traceback style would show local values, secrets among them.
app = typer.Typer(
    name="loaders",
    cls=_Boundary,
    help="Data contracts in, exactly landed and tested warehouse tables out.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command()(ingest.ingest)
app.command()(generate.generate)
app.command()(audit.audit)
app.command()(materialize.materialize)
app.command()(replay.replay)
app.command()(demo.demo)
app.command()(doctor.doctor)
app.command()(init.init)
app.add_typer(contracts.app, name="contracts", help="Check data contracts.")
app.add_typer(files.app, name="files", help="Look at what landed, file by file, and mend it.")
app.add_typer(jobs.app, name="jobs", help="Look at what ran, follow it, ask it to stop.")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"landfall {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and stop.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Data contracts in, exactly landed and tested warehouse tables out."""


def main() -> None:
    """Runs the command line of this process."""
    install_redaction()
    try:
        app()
    except BrokenPipeError:
        # The reader (`| head`) has what it wanted; a second error while Python flushes at exit would only confuse.
        sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115  # stays open until the process ends, which is at once
        raise SystemExit(0) from None

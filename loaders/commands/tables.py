"""Tables on stdout, in their full width: a name or an id that was cut is none, and a wide line can be scrolled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_WIDEST: Final = 1_000


def print_table(texts: Sequence[str], rows: Iterable[Sequence[str]], numbers: Sequence[str] = ()) -> None:
    """Prints `rows` below the heads `texts` and, to the right, `numbers`."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for name in texts:
        table.add_column(name, no_wrap=True)
    for name in numbers:
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        # As texts: what stands in brackets is no markup.
        table.add_row(*map(Text, row))
    wanted = Console(width=_WIDEST).measure(table).maximum
    Console(width=max(Console().width, wanted)).print(table)

"""How generated text is broken into lines of at most 80 characters, where names and texts allow it."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

from loaders.project.calls import Call, fits_block, literal, text_literal, yaml_text

WIDTH = 80
_STEP = 4


def aliased(expression: str | Call, alias: str, indent: int) -> str:
    """`expression as alias`, first line not indented; leaves room for a comma."""
    body = call(expression, indent) if isinstance(expression, Call) else expression
    last = body.rsplit("\n", 1)[-1]
    if body == alias:
        return body
    used = len(last) if "\n" in body else indent + len(last)
    if used + len(alias) + 5 <= WIDTH:
        return f"{body} as {alias}"
    return f"{body}\n{' ' * (indent + _STEP)}as {alias}"


def from_landing(table: str, alias: str, indent: int) -> str:
    """`from` the landing table as `alias`."""
    source = f"{{{{ source('landing', {literal(table)}) }}}}"
    line = f"from {source} as {alias}"
    if indent + len(line) <= WIDTH:
        return line
    inner = " " * (indent + _STEP)
    return f"from\n{inner}{source}\n{inner}{' ' * _STEP}as {alias}"


def all_of(conditions: Sequence[str], indent: int) -> str:
    """The conditions joined by `and`, each on a line of its own where they do not fit."""
    line = " and ".join(conditions)
    return line if indent + len(line) < WIDTH else f"\n{' ' * indent}and ".join(conditions)


def joined_on(columns: Sequence[str], left: str, right: str, right_columns: Sequence[str], indent: int) -> str:
    """The condition of a join of `left` with `right` on the columns of each, in their order."""
    conditions = [f"{left}.{column} = {right}.{other}" for column, other in zip(columns, right_columns, strict=True)]
    if len(conditions) == 1:
        return f"on {conditions[0]}"
    inner = "\n" + " " * (indent + _STEP)
    return f"on{inner}" + f"{inner}and ".join(conditions)


def call(value: Call, indent: int) -> str:
    """`{{ macro(…) }}`, over several lines where it does not fit into one."""
    line = f"{{{{ {value.macro}({', '.join(value.pieces())}) }}}}"
    if indent + len(line) < WIDTH:
        return line
    inner = indent + _STEP
    pieces = [_broken(argument, inner, 0) for argument in value.arguments]
    pieces += [f"{name}={_broken(option, inner, len(name) + 1)}" for name, option in value.options]
    lines = f",\n{' ' * inner}".join(pieces)
    return f"{{{{ {value.macro}(\n{' ' * inner}{lines}\n{' ' * indent}) }}}}"


def item(value: Call, indent: int) -> str:
    """`macro(…)` as an item of a Jinja list; its last argument in pieces where it does not fit into one line."""
    options = "".join(f", {name}={literal(option)}" for name, option in value.options)
    line = f"{value.macro}({', '.join(map(literal, value.arguments))}{options})"
    if indent + len(line) < WIDTH:
        return line
    *first, last = value.arguments
    return f"{value.macro}({', '.join(map(literal, first))}, {text(str(last), indent, WIDTH)}{options})"


def listed(values: Sequence[str], indent: int, used: int = 0) -> str:
    """A Jinja list of texts; each on a line of its own where the list does not fit."""
    line = literal(values)
    if indent + used + len(line) < WIDTH:
        return line
    inner = " " * (indent + _STEP)
    items = f",\n{inner}".join(text(value, indent + _STEP) for value in values)
    return f"[\n{inner}{items},\n{' ' * indent}]"


def text(value: str, indent: int, used: int = 0) -> str:
    """A Jinja text; a long one in pieces joined by `~`."""
    line = text_literal(value)
    if indent + used + len(line) < WIDTH:
        return line
    inner = indent + _STEP
    pieces = _pieces(value, WIDTH - inner - 5)
    return (
        "(\n"
        + "".join(
            f"{' ' * inner}{'~ ' if number else ''}{text_literal(piece)}\n" for number, piece in enumerate(pieces)
        )
        + f"{' ' * indent})"
    )


def _broken(value: object, indent: int, used: int) -> str:
    if isinstance(value, str):
        return text(value, indent, used)
    if isinstance(value, tuple):
        return listed(value, indent, used)
    return str(value).lower()


def _pieces(value: str, width: int) -> list[str]:
    """`value` cut after spaces where it has some, so that no literal is much longer than `width`."""
    pieces = [""]
    for word in _words(value):
        parts = [word[start : start + width // 2] for start in range(0, len(word), width // 2)]
        for part in parts:
            if pieces[-1] and len(text_literal(pieces[-1] + part)) > width:
                pieces.append("")
            pieces[-1] += part
    return pieces


def _words(value: str) -> list[str]:
    words = value.split(" ")
    return [f"{word} " for word in words[:-1]] + words[-1:]


def yaml_block(value: str, indent: int, used: int) -> str:
    """`value` as a YAML scalar behind a key that ends `used` characters into the line; long text in a folded block."""
    line = yaml_text(value)
    if used + len(line) <= WIDTH or not fits_block(value):
        return line
    inner = " " * indent
    lines = wrap(value, WIDTH - indent, break_long_words=False, break_on_hyphens=False)
    return ">-\n" + "\n".join(f"{inner}{each}" for each in lines)

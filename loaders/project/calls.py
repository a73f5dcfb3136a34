"""Contract text on its way into Jinja, SQL and YAML: always data, never code.

dbt runs Jinja in SQL (comments included) and in YAML, some of it twice. So contract text stands in generated SQL only
as a Jinja string literal, and in YAML only where nothing in it can open a Jinja tag.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

Value = str | int | bool | Sequence[str]

_TAGS = ("{{", "}}", "{%", "%}", "{#", "#}")
_PLAIN_BLOCK = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]*")


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a macro: engine-neutral SQL whose text the macro gives."""

    macro: str
    arguments: tuple[Value, ...] = ()
    options: tuple[tuple[str, Value], ...] = ()

    def pieces(self) -> list[str]:
        """The arguments as Jinja expressions."""
        return [*map(literal, self.arguments), *(f"{name}={literal(value)}" for name, value in self.options)]


def literal(value: Value) -> str:
    """`value` as a Jinja literal."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return text_literal(value)
    return f"[{', '.join(map(text_literal, value))}]"


def text_literal(text: str) -> str:
    """`text` as a Jinja string literal that holds no Jinja tag, no line end and no other character that does not show.

    Jinja decodes backslash escapes; single quotes where the text has none, as people write.
    """
    quote = '"' if "'" in text and '"' not in text else "'"
    has_tag = any(tag in text for tag in _TAGS)
    return quote + "".join(_escaped(char, quote, has_tag) for char in text) + quote


def _escaped(char: str, quote: str, has_tag: bool) -> str:
    if char in ("\\", quote):
        return f"\\x{ord(char):02x}" if char == quote else "\\\\"
    if (has_tag and char in "{}%#") or not char.isprintable():
        return _code(char)
    return char


def _code(char: str) -> str:
    point = ord(char)
    if point < 0x100:
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"


def yaml_text(text: str) -> str:
    """`text` as a double-quoted YAML scalar; with Jinja tags in it, one whose Jinja gives the text back."""
    if any(tag in text for tag in _TAGS):
        text = "{{ " + text_literal(text) + " }}"
    # JSON is YAML but for what does not show, whose escapes differ beyond the first 65,536 characters.
    return "".join(char if char.isprintable() else _code(char) for char in json.dumps(text, ensure_ascii=False))


def fits_block(text: str) -> bool:
    """Whether `text` comes out of a folded YAML block as it went in, wherever its lines are broken."""
    return (
        not any(tag in text for tag in _TAGS)
        and " ".join(text.split()) == text
        and _PLAIN_BLOCK.fullmatch(text) is not None
        and bool(text)
    )

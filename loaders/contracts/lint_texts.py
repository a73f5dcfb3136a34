"""Texts that are compared after the normalisers ran: null tokens, accepted values, words for true and false.

A text that its own column's normalisers would change can never be met in the data.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from loaders.contracts.document import Node
from loaders.contracts.names import shorten
from loaders.errors import Problem

_LISTS = ("nullTokens", "trueValues", "falseValues")


def compared_text_problems(root: Node, table: Node, column: Node) -> Iterator[Problem]:
    """Problems of the texts that a column's values are compared with, its own and those it inherits."""
    scopes = (root, table, column)
    names = _texts(_nearest(scopes, "normalizers"))
    for entry in column.each("enum"):
        value = entry.get("value")
        if value is not None and isinstance(value.value, str):
            yield from _never_met(value, value.value, names, "enum value")
    for key in _LISTS:
        # What a wider scope states may be meant for other columns.
        stated = column.own(key)
        if stated is not None:
            for item in stated.items():
                if isinstance(item.value, str):
                    yield from _never_met(item, item.value, names, f"entry of {key}")
    yield from _both_ways(scopes)


def _never_met(node: Node, text: str, normalizers: tuple[str, ...], what: str) -> Iterator[Problem]:
    normal = _normal(text, normalizers)
    if normal != text:
        yield node.problem(
            f"{what} `{shorten(text)}` is never met: the normalizers make it `{shorten(normal)}`",
            f'write "{shorten(normal)}"',
        )


def _normal(text: str, normalizers: tuple[str, ...]) -> str:
    for name in normalizers:
        if name == "trim":
            text = text.strip()
        elif name == "lower":
            text = text.lower()
        elif name == "upper":
            text = text.upper()
        elif name == "collapse_spaces":
            text = re.sub(r"\s+", " ", text)
    return text


def _both_ways(scopes: tuple[Node, ...]) -> Iterator[Problem]:
    """One text that would have to mean two things."""
    column = scopes[-1]
    stated = _nearest(scopes, "nullTokens")
    nulls = {""} if stated is None else set(_texts(stated))
    for entry in column.each("enum"):
        value = entry.get("value")
        if value is not None and isinstance(value.value, str) and value.value in nulls:
            yield value.problem(f"`{shorten(value.value)}` is an enum value and means NULL", "take it out of one")
    if column.text("logicalType") != "boolean":
        return
    true, false = _nearest(scopes, "trueValues"), _nearest(scopes, "falseValues")
    true_texts, false_texts = _texts(true) or ("true",), _texts(false) or ("false",)
    for text in true_texts:
        if text in false_texts:
            yield (true or false or column).problem(f"`{shorten(text)}` means true and false", "take it out of one")
    for text in (*true_texts, *false_texts):
        if text in nulls:
            yield (true or false or column).problem(
                f"`{shorten(text)}` is a boolean and means NULL", "take it out of one"
            )


def _nearest(scopes: tuple[Node, ...], name: str) -> Node | None:
    return next((found for found in (scope.own(name) for scope in reversed(scopes)) if found is not None), None)


def _texts(node: Node | None) -> tuple[str, ...]:
    return tuple(item.value for item in node.items() if isinstance(item.value, str)) if node is not None else ()

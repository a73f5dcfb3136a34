"""Our custom properties: which may stand where, and the JSON Schema of their values."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files
from typing import Any

PLACES = ("contract", "table", "column", "relationship", "quality", "serviceLevel")


@lru_cache(maxsize=1)
def own_schema() -> dict[str, Any]:
    """`loaders.schema.json` as it stands in the package."""
    text = files("loaders.contracts").joinpath("loaders.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def names_at(place: str) -> frozenset[str]:
    """The custom properties that may stand at one of PLACES."""
    return frozenset(own_schema()["$defs"][place]["properties"])


@lru_cache(maxsize=1)
def own_names() -> frozenset[str]:
    """Every custom property of ours, wherever it may stand."""
    return frozenset().union(*(names_at(place) for place in PLACES))


def schema_of(place: str, name: str) -> dict[str, Any]:
    """A schema of its own for the value of one custom property, or for `implementation` as a place without names."""
    pointer = f"#/$defs/{place}/properties/{name}" if name else f"#/$defs/{place}"
    return {"$schema": own_schema()["$schema"], "$ref": pointer, "$defs": own_schema()["$defs"]}

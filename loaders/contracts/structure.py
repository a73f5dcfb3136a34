"""The official ODCS JSON Schema over a document, its complaints told in plain words at their place."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from jsonschema import Draft201909Validator
from jsonschema.exceptions import ValidationError

from loaders.contracts.document import Document, Node
from loaders.contracts.names import nearest, shorten
from loaders.contracts.own_schema import own_names
from loaders.contracts.quality import OPERATORS
from loaders.errors import EnvironmentFault, Problem

API_VERSION = "v3.2.0"

_TYPES = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "null",
}
_SEE = "see docs/contracts.md"


@lru_cache(maxsize=1)
def odcs_schema() -> dict[str, Any]:
    """The schema file that the `open-data-contract-standard` package carries, read without importing the package.

    Raises EnvironmentFault when the package is not installed.
    """
    found = find_spec("open_data_contract_standard")
    if found is None or not found.submodule_search_locations:
        raise EnvironmentFault("the ODCS JSON Schema is not installed", hint="pip install open-data-contract-standard")
    path = Path(found.submodule_search_locations[0]) / "schema.json"
    schema: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return schema


def structure_problems(document: Document) -> Iterator[Problem]:
    """Everything the ODCS JSON Schema refuses, and contracts of another version of the standard."""
    root = document.root
    if not isinstance(root.value, dict):
        yield root.problem("the file is no mapping of keys to values", f"a contract begins with apiVersion; {_SEE}")
        return
    version = root.get("apiVersion")
    if version is not None and version.value != API_VERSION:
        yield version.problem(
            f"apiVersion `{shorten(str(version.value))}` is not supported", f"write apiVersion: {API_VERSION}"
        )
    validator = Draft201909Validator(odcs_schema(), format_checker=Draft201909Validator.FORMAT_CHECKER)
    errors = [error for error in validator.iter_errors(document.value) if not _told_elsewhere(error, document)]
    yield from told(document.root, errors, odcs_schema())


def _told_elsewhere(error: ValidationError, document: Document) -> bool:
    """Whether a better problem is told for the same fault.

    A column without a type matches the schema's branch of every type at once, and breaks most of them.
    """
    path = list(error.absolute_path)
    if path == ["apiVersion"]:
        return True
    at_column = len(path) >= 4 and path[0] == "schema" and path[2] == "properties"
    return at_column and "then" in error.absolute_schema_path and document.at((*path[:4],)).get("logicalType") is None


def told(base: Node, errors: Iterable[ValidationError], schema: dict[str, Any]) -> Iterator[Problem]:
    """Problems for what a validator found in the value of `base`, each where its value stands."""
    errors = list(errors)
    deeper = {tuple(error.absolute_path) for error in errors if error.validator != "unevaluatedProperties"}
    for error in errors:
        path = tuple(error.absolute_path)
        node = base.document.at((*base.path, *path))
        if error.validator in ("additionalProperties", "unevaluatedProperties"):
            # A schema branch that failed leaves all its keys unevaluated; only names no branch knows are news then.
            failed_inside = error.validator == "unevaluatedProperties" and any(
                other[: len(path)] == path for other in deeper
            )
            yield from _unknown_keys(node, error, schema, quiet=failed_inside)
        else:
            yield _one(node, error)


def _unknown_keys(node: Node, error: ValidationError, schema: dict[str, Any], *, quiet: bool) -> Iterator[Problem]:
    known = known_keys(error.schema, schema)
    unexpected = [key for key, _ in node.entries() if key not in known]
    if not unexpected and not quiet:
        unexpected = [key for key, _ in node.entries() if f"'{key}'" in error.message]
    for key, child in node.entries():
        if key in unexpected:
            yield child.problem(f"unknown key `{shorten(key)}`", _hint_for(key, known), at_key=True)


def _hint_for(key: str, known: frozenset[str]) -> str:
    if key in known:
        return f"`{shorten(key)}` does not go with the other keys here; {_SEE}"
    if key in own_names():
        return f"write it as a custom property: {{property: {key}, vendor: loaders, value: …}}"
    if key in ("pattern", "minLength", "maxLength", "minimum", "maximum", "format", "multipleOf", "timezone"):
        return "it belongs under logicalTypeOptions of a column whose logicalType knows it"
    like = nearest(key, known)
    return f"did you mean `{like}`?" if like else f"remove it, or move it to customProperties; {_SEE}"


def known_keys(part: Any, schema: dict[str, Any]) -> frozenset[str]:
    """Every property name that any branch of a JSON Schema `part` speaks of at its own level."""
    found: set[str] = set()
    seen: set[str] = set()
    todo = [part]
    while todo:
        current = todo.pop()
        if not isinstance(current, dict):
            continue
        found |= set(current.get("properties", {}))
        todo += [current[key] for key in ("if", "then", "else") if key in current]
        todo += [branch for key in ("allOf", "anyOf", "oneOf") for branch in current.get(key, ())]
        reference = current.get("$ref")
        if reference is not None and reference not in seen:
            seen.add(reference)
            todo.append(_resolved(reference, schema))
    return frozenset(found)


def _resolved(reference: str, schema: dict[str, Any]) -> Any:
    part: Any = schema
    for step in reference.removeprefix("#/").split("/"):
        part = part[step]
    return part


def _one(node: Node, error: ValidationError) -> Problem:
    shown = shorten(_as_text(node.value))
    if error.validator == "required":
        missing = re.match(r"'([^']*)'", error.message)
        key = missing.group(1) if missing else "a key"
        return node.problem(f"`{key}` is missing{_named(node)}", f"add `{key}: …`")
    if error.validator == "type":
        return _wrong_type(node, error, shown)
    if error.validator in ("enum", "const"):
        return _wrong_word(node, error, shown)
    if error.validator == "oneOf" and _wants_operator(error):
        return node.problem("a quality check needs exactly one operator", f"one of {', '.join(OPERATORS)}")
    if error.validator in ("oneOf", "anyOf"):
        return node.problem(f"{_key(node)} `{shown}` has none of the accepted forms", _form_hint(node))
    return node.problem(f"{_key(node)} {_limit(error, shown)}", _SEE)


def _wants_operator(error: ValidationError) -> bool:
    branches: list[dict[str, Any]] = list(error.schema["oneOf"]) if isinstance(error.schema, dict) else []
    return all(branch.get("required", ["?"])[0] in OPERATORS for branch in branches)


def _wrong_type(node: Node, error: ValidationError, shown: str) -> Problem:
    wanted = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
    words = " or ".join(_TYPES[name] for name in wanted)
    scalar = not isinstance(node.value, (dict, list))
    hint = f'write "{shown}" in quotes' if "string" in wanted and scalar and node.value is not None else _SEE
    if wanted == ["boolean"] and isinstance(node.value, str):
        hint = "write true or false without quotes"
    return node.problem(f"{_key(node)} must be {words}, not `{shown}`", hint)


def _wrong_word(node: Node, error: ValidationError, shown: str) -> Problem:
    accepted = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
    words = [str(word) for word in accepted]
    like = nearest(shown, words)
    hint = f"did you mean `{like}`?" if like else f"one of {', '.join(words)}"
    return node.problem(f"{_key(node)} `{shown}` is not accepted", hint)


def _limit(error: ValidationError, shown: str) -> str:
    limits = {
        "minimum": "must be at least",
        "maximum": "must be at most",
        "exclusiveMinimum": "must be more than",
        "minLength": "must have a length of at least",
        "maxLength": "must have a length of at most",
        "minItems": "must have as many entries as",
        "maxItems": "must have no more entries than",
        "minProperties": "must have as many keys as",
        "pattern": "must match",
        "format": "must be a",
    }
    if error.validator == "uniqueItems":
        return "names one thing twice"
    word = limits.get(str(error.validator), f"breaks `{error.validator}`:")
    return f"`{shown}` {word} {error.validator_value}"


def _form_hint(node: Node) -> str:
    if node.path and node.path[-1] in ("to", "from"):
        return "write `table.column`, or a list of them for a key of several columns"
    return _SEE


def _key(node: Node) -> str:
    names = [step for step in node.path if isinstance(step, str)]
    return f"`{names[-1]}`" if names else "the contract"


def _named(node: Node) -> str:
    name = node.text("name") or node.text("property")
    return f" in `{shorten(name)}`" if name and node.path else f" in {_key(node)}"


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return "null"
    if isinstance(value, (dict, list)):
        return "a mapping" if isinstance(value, dict) else "a list"
    return str(value)

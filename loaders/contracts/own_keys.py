"""Custom properties with `vendor: loaders`: known names, right places, sound values. Other vendors' are left alone."""

from __future__ import annotations

from collections.abc import Iterator

from jsonschema import Draft201909Validator

from loaders.contracts.document import VENDOR, Document, Node, Path
from loaders.contracts.names import nearest, shorten
from loaders.contracts.own_schema import PLACES, names_at, own_schema, schema_of
from loaders.contracts.quality import kind_of, quality_items
from loaders.contracts.structure import told
from loaders.errors import Problem

_ALMOST = frozenset({"loader", "landfall"})


def own_key_problems(document: Document) -> Iterator[Problem]:
    """Problems of every custom property of ours and of every `implementation` for `engine: loaders`."""
    placed: set[Path] = set()
    for place, holder in places(document.root):
        placed.add(holder.path)
        yield from _holder_problems(place, holder)
        if place == "table" and holder.own("files") is None:
            yield holder.problem(
                f"table `{shorten(holder.text('name') or '')}` does not say which files belong to it",
                'add customProperties: [{property: files, vendor: loaders, value: {globs: ["name*.csv"]}}]',
            )
    yield from _misplaced(document.root, placed)
    for table in document.root.each("schema"):
        for item, _ in quality_items(table):
            yield from _implementation_problems(item)


def places(root: Node) -> Iterator[tuple[str, Node]]:
    """Every element that may carry custom properties of ours, with the name of its kind of place."""
    yield "contract", root
    for level in root.each("slaProperties"):
        yield "serviceLevel", level
    for table in root.each("schema"):
        yield "table", table
        yield from (("relationship", node) for node in table.each("relationships"))
        yield from (("quality", node) for node in table.each("quality"))
        for column in table.each("properties"):
            yield "column", column
            yield from (("relationship", node) for node in column.each("relationships"))
            yield from (("quality", node) for node in column.each("quality"))


def _holder_problems(place: str, holder: Node) -> Iterator[Problem]:
    seen: set[str] = set()
    for entry in holder.each("customProperties"):
        name, vendor = entry.text("property"), entry.get("vendor")
        if name is None:
            continue
        if vendor is None or vendor.value != VENDOR:
            yield from _vendor_problems(entry, place, name, vendor)
        elif name in seen:
            yield (entry.get("property") or entry).problem(
                f"custom property `{shorten(name)}` stands here twice", "keep one"
            )
        else:
            seen.add(name)
            yield from _entry_problems(entry, place, name)


def _vendor_problems(entry: Node, place: str, name: str, vendor: Node | None) -> Iterator[Problem]:
    if vendor is None:
        if name in names_at(place):
            yield entry.problem(f"custom property `{name}` names no vendor and is not read", "add `vendor: loaders`")
    elif isinstance(vendor.value, str) and vendor.value.lower() in _ALMOST | {VENDOR}:
        yield vendor.problem(f"vendor `{vendor.value}` is not ours", "write `vendor: loaders`")


def _entry_problems(entry: Node, place: str, name: str) -> Iterator[Problem]:
    known = names_at(place)
    if name not in known:
        like = nearest(name, known)
        where = [other for other in PLACES if name in names_at(other)]
        hint = f"did you mean `{like}`?" if like else f"known here: {', '.join(sorted(known)) or 'none'}"
        if where:
            hint = f"it goes with a {' or a '.join(where)}"
        yield (entry.get("property") or entry).problem(f"unknown custom property `{shorten(name)}` of a {place}", hint)
        return
    value = entry.get("value")
    if value is not None:
        validator = Draft201909Validator(schema_of(place, name))
        yield from told(value, validator.iter_errors(value.value), own_schema())


def _misplaced(root: Node, placed: set[Path]) -> Iterator[Problem]:
    """Our custom properties on elements where none of them means anything."""
    todo = [root]
    while todo:
        node = todo.pop()
        todo += [child for _, child in node.entries()]
        todo += list(node.items())
        if node.path in placed:
            continue
        for entry in node.each("customProperties"):
            if entry.text("vendor") == VENDOR:
                name = shorten(entry.text("property") or "")
                where = [place for place in PLACES if entry.text("property") in names_at(place)]
                hint = f"it goes with a {' or a '.join(where)}" if where else "remove it"
                yield entry.problem(f"custom property `{name}` means nothing here", hint)


def _implementation_problems(item: Node) -> Iterator[Problem]:
    if kind_of(item) != "custom" or item.text("engine") != VENDOR:
        return
    found = item.get("implementation")
    if found is None:
        return
    if not isinstance(found.value, dict):
        yield found.problem(
            "`implementation` for engine loaders must be a mapping", "write {kind: ordered, columns: …}"
        )
        return
    validator = Draft201909Validator(schema_of("implementation", ""))
    yield from told(found, validator.iter_errors(found.value), own_schema())

"""A sound ODCS document → our frozen `Contract`. Checks nothing: what it reads went through `lint` before."""

from __future__ import annotations

import codecs
from decimal import Decimal
from typing import Any, cast

from loaders.contracts import model
from loaders.contracts.document import Document, Node
from loaders.contracts.quality import checks_of
from loaders.contracts.references import relationships_of
from loaders.contracts.service_levels import freshness_of
from loaders.contracts.values import canonical_bound

CSV_FIELDS = {
    "delimiter": "delimiter",
    "quote": "quote",
    "escape": "escape",
    "encoding": "encoding",
    "newline": "newline",
    "compression": "compression",
    "header": "header",
    "skipLines": "skip_lines",
    "comment": "comment",
    "trailingDelimiter": "trailing_delimiter",
    "blankLines": "blank_lines",
    "nul": "nul",
    "extraColumns": "extra_columns",
    "maxLineBytes": "max_line_bytes",
    "maxExpansion": "max_expansion",
}
"""Our key in `csv` → field of `Dialect`."""


def view(document: Document, path: str) -> model.Contract:
    """The contract `document` holds; `path` is kept as given."""
    root = document.root
    return model.Contract(
        id=_text(root, "id"),
        name=_text(root, "name"),
        version=_text(root, "version"),
        path=path,
        description=_contract_description(root),
        tables=tuple(_table(root, node) for node in root.each("schema")),
    )


def _text(node: Node, key: str, default: str = "") -> str:
    return node.text(key) or default


def _contract_description(root: Node) -> str:
    description = root.get("description")
    if description is None:
        return ""
    parts = (description.text(key) for key in ("purpose", "usage", "limitations"))
    return "\n\n".join(part.strip() for part in parts if part)


def _table(root: Node, node: Node) -> model.Table:
    scopes = (root, node)
    columns = tuple(_column(scopes, child) for child in node.each("properties"))
    keyed = sorted(
        (column.primary_key_position, column.name) for column in columns if column.primary_key_position is not None
    )
    own = node.own_holder()
    incremental = own.get("incremental")
    return model.Table(
        name=_text(node, "name"),
        description=_text(node, "description").strip(),
        grain=_text(node, "dataGranularityDescription").strip(),
        columns=columns,
        files=_files(own),
        dialect=_dialect(scopes),
        primary_key=tuple(name for _, name in keyed),
        foreign_keys=tuple(
            model.ForeignKey(
                found.columns,
                found.to_table,
                found.to_columns,
                on_orphan=cast(Any, _own(found.node, "onOrphan", "reject")),
                mostly=_own_decimal(found.node, "mostly"),
                severity=cast(Any, _own(found.node, "severity", "warn")),
            )
            for found in relationships_of(node)
        ),
        checks=checks_of(node),
        duplicates=_duplicates(own),
        incremental=model.Incremental(cast(Any, _text(incremental, "strategy", "by_file")))
        if incremental is not None
        else model.Incremental(),
        on_file_change=cast(Any, _nearest_text(scopes, "onFileChange", "error")),
        max_malformed=_max_malformed(scopes),
        partition=_partition(own),
        freshness=freshness_of(root, _text(node, "name")),
    )


def _files(own: Node) -> model.FileSet:
    files = own.get("files")
    if files is None:
        return model.FileSet(())
    date = files.get("date")
    return model.FileSet(
        globs=files.texts("globs"),
        date=model.FileDate(_text(date, "pattern"), _text(date, "format")) if date is not None else None,
    )


def _dialect(scopes: tuple[Node, ...]) -> model.Dialect:
    """The table's `csv` over the contract's, key by key; an escape that neither states is the quote."""
    fields: dict[str, Any] = {}
    for scope in scopes:
        csv = scope.own("csv")
        if csv is not None:
            fields.update({CSV_FIELDS[key]: child.value for key, child in csv.entries()})
    if fields.get("quote") and "escape" not in fields:
        fields["escape"] = fields["quote"]
    if "encoding" in fields:
        # One name per encoding: `UTF8` and `utf-8` must not give a file two identities.
        fields["encoding"] = codecs.lookup(fields["encoding"]).name
    return model.Dialect(**fields)


def _duplicates(own: Node) -> model.Duplicates:
    duplicates = own.get("duplicates")
    if duplicates is None:
        return model.Duplicates()
    return model.Duplicates(
        keep=cast(Any, _text(duplicates, "keep", "first")),
        order_by=duplicates.texts("orderBy"),
    )


def _max_malformed(scopes: tuple[Node, ...]) -> model.MalformedLimit:
    found = _nearest(scopes, "maxMalformed")
    if found is None:
        return model.MalformedLimit()
    default = model.MalformedLimit()
    rows, share = found.integer("rows"), found.number("share")
    return model.MalformedLimit(
        rows=default.rows if rows is None else rows,
        share=default.share if share is None else share,
    )


def _partition(own: Node) -> model.Partition | None:
    partition = own.get("partition")
    if partition is None:
        return None
    return model.Partition(_text(partition, "column"), cast(Any, _text(partition, "granularity")))


def _column(scopes: tuple[Node, ...], node: Node) -> model.Column:
    options = node.get("logicalTypeOptions") or node.without_value()
    scopes = (*scopes, node)
    own = node.own_holder()
    logical_type = _text(node, "logicalType")
    bits, unsigned = _integer_format(options.text("format")) if logical_type == "integer" else (64, False)
    position = _key_position(node)
    decimal = own.get("decimal") or node.without_value()
    timezone = options.flag("timezone")
    return model.Column(
        name=_text(node, "name"),
        logical_type=cast(Any, logical_type),
        description=_text(node, "description").strip(),
        header=_text(node, "physicalName") or _text(node, "name"),
        unit=own.text("unit"),
        required=node.flag("required") or position is not None,
        unique=node.flag("unique"),
        primary_key_position=position,
        aliases=own.texts("aliases"),
        may_be_absent=own.flag("mayBeAbsent"),
        normalizers=cast(Any, _nearest_texts(scopes, "normalizers") or ()),
        enum=tuple(
            model.EnumValue(_text(value, "value"), value.text("label"), value.text("description"))
            for value in node.each("enum")
        ),
        pattern=options.text("pattern"),
        min_length=options.integer("minLength"),
        max_length=options.integer("maxLength"),
        minimum=canonical_bound(options, "minimum", logical_type, timezone),
        maximum=canonical_bound(options, "maximum", logical_type, timezone),
        exclusive_minimum=canonical_bound(options, "exclusiveMinimum", logical_type, timezone),
        exclusive_maximum=canonical_bound(options, "exclusiveMaximum", logical_type, timezone),
        multiple_of=options.number("multipleOf"),
        integer_bits=cast(Any, bits),
        unsigned=unsigned,
        precision=decimal.integer("precision"),
        scale=decimal.integer("scale"),
        round_to_scale=decimal.flag("round"),
        allow_nan=own.flag("allowNan"),
        thousands_separator=own.text("thousandsSeparator"),
        formats=_formats(node, logical_type),
        timezone=timezone,
        mostly=_own_decimal(node, "mostly"),
        partition_position=node.integer("partitionKeyPosition") if node.flag("partitioned") else None,
        **cast(Any, _where_stated(scopes)),
    )


def _where_stated(scopes: tuple[Node, ...]) -> dict[str, Any]:
    """Fields of the innermost scope, a column, that keep the view's default where nobody states them."""
    own, options = scopes[-1].own_holder(), scopes[-1].get("logicalTypeOptions")
    found = {
        "null_tokens": _nearest_texts(scopes, "nullTokens"),
        "true_values": _nearest_texts(scopes, "trueValues"),
        "false_values": _nearest_texts(scopes, "falseValues"),
        "decimal_separator": own.text("decimalSeparator"),
        "default_timezone": options.text("defaultTimezone") if options is not None else None,
        "severity": own.text("severity"),
    }
    return {key: value for key, value in found.items() if value is not None}


def _integer_format(text: str | None) -> tuple[int, bool]:
    return (64, False) if text is None else (int(text[1:]), text[0] == "u")


def _key_position(node: Node) -> int | None:
    if not node.flag("primaryKey"):
        return None
    position = node.integer("primaryKeyPosition")
    return position if position is not None and position > 0 else 1


def _formats(node: Node, logical_type: str) -> tuple[str, ...]:
    """The column's date patterns: the standard's `format` first, then ours."""
    if logical_type not in ("date", "timestamp", "time"):
        return ()
    options = node.get("logicalTypeOptions")
    first = options.texts("format") if options is not None else ()
    return tuple(dict.fromkeys((*first, *node.own_holder().texts("dateFormats"))))


def _own(node: Node, name: str, default: str) -> str:
    found = node.own(name)
    return found.value if found is not None and isinstance(found.value, str) else default


def _own_decimal(node: Node, name: str) -> Decimal | None:
    return node.own_holder().number(name)


def _nearest(scopes: tuple[Node, ...], name: str) -> Node | None:
    """Our custom property on the innermost of `scopes` that states it."""
    for scope in reversed(scopes):
        found = scope.own(name)
        if found is not None:
            return found
    return None


def _nearest_text(scopes: tuple[Node, ...], name: str, default: str) -> str:
    found = _nearest(scopes, name)
    return found.value if found is not None and isinstance(found.value, str) else default


def _nearest_texts(scopes: tuple[Node, ...], name: str) -> tuple[str, ...] | None:
    """None where no scope states `name`; an empty list stated there is an answer of its own."""
    found = _nearest(scopes, name)
    if found is None:
        return None
    return tuple(item.value for item in found.items() if isinstance(item.value, str))

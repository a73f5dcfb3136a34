"""Plans → the text of each generated file. The SQL and YAML stand in `templates/`; here is only what fills them.

Templates use `<% %>`, `<< >>` and `<# #>`, so that dbt's own Jinja in them reads as it comes out.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from loaders.project import layout
from loaders.project.calls import Call, Value, yaml_text
from loaders.project.names import plain_name
from loaders.project.plan import KeyRule, RowRule, TablePlan
from loaders.project.tests_of import column_tests, reject_tests, table_tests

if TYPE_CHECKING:
    import jinja2

Files = dict[PurePosixPath, str]


def render_project(tables: Sequence[TablePlan]) -> Files:
    """Every generated model file of the tables, by its path in the project."""
    files: Files = {}
    for table in tables:
        files |= render_table(table)
    for contract in sorted({table.contract for table in tables}):
        own = [table for table in tables if table.contract == contract]
        files[PurePosixPath(f"models/staging/{contract}/_{contract}__sources.yml")] = _render(
            "sources.yml.j2", contract=own[0].contract, contract_version=own[0].contract_version, tables=own
        )
    if tables:
        files[PurePosixPath("models/staging/_landing__sources.yml")] = _render("landing.yml.j2")
        files[PurePosixPath("models/accounting/file_accounting.sql")] = _render(
            "accounting.sql.j2", tables=tables, contracts=sorted({table.contract for table in tables})
        )
        files[PurePosixPath("models/accounting/file_accounting.yml")] = _render("accounting.yml.j2")
    return files


def render_table(table: TablePlan) -> Files:
    """Staging and rejects of one table, SQL and YAML."""
    staging = PurePosixPath(f"models/staging/{table.contract}")
    rejects = PurePosixPath(f"models/rejects/{table.contract}")
    return {
        staging / f"{table.staging}.sql": _render("staging.sql.j2", table=table),
        staging / f"{table.staging}.yml": _render(
            "staging.yml.j2", table=table, tests=table_tests(table), column_tests=column_tests(table)
        ),
        rejects / f"{table.rejects}.sql": _render("rejects.sql.j2", table=table),
        rejects / f"{table.rejects}.yml": _render("rejects.yml.j2", table=table, tests=reject_tests(table)),
    }


def _render(template: str, **values: object) -> str:
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> jinja2.Environment:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("loaders.project"),
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701 - what comes out is SQL and YAML; calls.py escapes for these
    )
    environment.filters |= {
        "aliased": layout.aliased,
        "condition": condition,
        "from_landing": layout.from_landing,
        "joined_on": layout.joined_on,
        "item": layout.item,
        "listed": layout.listed,
        "rank": rank,
        "reject_rule": reject_rule,
        "text": layout.text,
        "yaml_block": layout.yaml_block,
        "yaml_text": yaml_text,
    }
    return environment


def condition(row_rule: RowRule, table: TablePlan) -> str | Call:
    """What is true of a row of `checked` that breaks the rule; never NULL."""
    if row_rule.violation is not None:
        return row_rule.violation
    prefix = "typed." if table.parents else ""
    columns = [f"{prefix}{column}" for column in row_rule.rule.columns]
    if row_rule.parent is not None:
        present = (f"{column} is not null" for column in columns)
        return layout.all_of((*present, f"{row_rule.parent.alias}.{row_rule.parent.parent_columns[0]} is null"), 8)
    if row_rule.rule.reason == "required":
        return f"{prefix}{row_rule.text_name or row_rule.rule.columns[0]} is null"
    return layout.all_of((f"{prefix}{row_rule.text_name} is not null", f"{columns[0]} is null"), 8)


def rank(key_rule: KeyRule) -> Call:
    """The call that ranks the rows of one key."""
    texts: tuple[tuple[str, Value], ...] = (("texts", key_rule.ordering_texts),) if key_rule.ordering_texts else ()
    return Call("rank_in_key", (key_rule.rule.columns, key_rule.ordering), texts)


def reject_rule(marked: RowRule | KeyRule) -> Call:
    """The call that describes the rule; it names the flag only where the macro cannot derive it."""
    rule = marked.rule
    options: tuple[tuple[str, Value], ...] = (("severity", rule.severity),) if rule.severity != "warn" else ()
    if marked.flag != plain_name(*rule.columns, rule.reason):
        options += (("flag", marked.flag),)
    return Call("reject_rule", (", ".join(rule.columns), rule.reason, rule.text), options)

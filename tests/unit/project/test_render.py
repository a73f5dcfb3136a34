"""The generated text: reviewed once as a whole, the same bytes every time, one statement of every rule."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path, PurePosixPath

import jinja2
import pytest
import yaml

from loaders.contracts.model import Contract
from loaders.project.plan import KeyRule, RowRule, plan_contract, plan_table
from loaders.project.render import Files, render_project
from tests.unit.project.conftest import column

REVIEWED = Path(__file__).parents[2] / "data" / "generated"
LINES_SQL = PurePosixPath("models/staging/shop/stg_shop__lines.sql")
LINES_REJECTS = PurePosixPath("models/rejects/shop/rej_shop__lines.sql")


@pytest.fixture(scope="module")
def files(shop: Contract) -> Files:
    return render_project(plan_contract(shop))


def test_the_files_of_a_contract(files: Files) -> None:
    assert sorted(map(str, files)) == [
        "models/accounting/file_accounting.sql",
        "models/accounting/file_accounting.yml",
        "models/rejects/shop/rej_shop__customers.sql",
        "models/rejects/shop/rej_shop__customers.yml",
        "models/rejects/shop/rej_shop__lines.sql",
        "models/rejects/shop/rej_shop__lines.yml",
        "models/staging/_landing__sources.yml",
        "models/staging/shop/_shop__sources.yml",
        "models/staging/shop/stg_shop__customers.sql",
        "models/staging/shop/stg_shop__customers.yml",
        "models/staging/shop/stg_shop__lines.sql",
        "models/staging/shop/stg_shop__lines.yml",
    ]


def test_text_is_as_reviewed(files: Files) -> None:
    """After a wanted change: write the new text to tests/data/generated, and read the difference."""
    for path in sorted(REVIEWED.iterdir()):
        (found,) = (text for name, text in files.items() if name.name == path.name)
        assert found == path.read_text(encoding="utf-8"), path.name


def test_the_same_contract_gives_the_same_bytes(shop: Contract, files: Files) -> None:
    assert render_project(plan_contract(shop)) == files
    assert not any(re.search(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}", text) for text in files.values() if "2016" not in text)


def test_no_contracts_give_no_files() -> None:
    assert render_project([]) == {}


def _judging(text: str) -> str:
    start = text.index("known_customers as (")
    return text[start : text.index("\n),", text.index("checked as (", start))]


def test_staging_and_rejects_judge_by_the_same_text(files: Files) -> None:
    assert _judging(files[LINES_SQL]) == _judging(files[LINES_REJECTS])


def _listed_rules(text: str, macro: str) -> list[dict[str, str]]:
    source = text[text.index("{% set row_rules") : text.index("with\n")]
    environment = jinja2.Environment(extensions=["jinja2.ext.do"], autoescape=False)  # noqa: S701 - SQL, no HTML
    found: list[dict[str, str]] = []
    template = environment.from_string(f"{macro}{source}{{% do found.extend(rules) %}}")
    # dbt's own: what a macro returns is what it gives, not its text.
    environment.globals["return"] = lambda rule: found.append(rule)
    template.render(found=[])
    return found


def test_rejects_list_every_rule_as_the_contract_has_it(shop: Contract, repository: Path) -> None:
    long = replace(column("x" * 60, "integer", required=True), severity="error")
    lines = replace(shop.table("lines"), columns=(*shop.table("lines").columns, long))
    contract = replace(shop, tables=(shop.table("customers"), lines))
    plan = plan_table(contract, lines)
    marked: list[RowRule | KeyRule] = [*plan.row_rules, *plan.key_rules]
    macro = (repository / "macros/rules/reject_rule.sql").read_text()
    assert _listed_rules(render_project([plan])[LINES_REJECTS], macro) == [
        {
            "rule_id": each.rule.id,
            "reason": each.rule.reason,
            "column_name": ", ".join(each.rule.columns),
            "text": each.rule.text,
            "severity": each.rule.severity,
            "flag": each.flag,
        }
        for each in marked
    ]


def test_every_file_says_what_made_it(files: Files) -> None:
    for path, text in files.items():
        assert text.splitlines()[0].startswith(("-- Made by `loaders generate` from", "# Made by")), path
        assert "Do not edit" in text.splitlines()[1]


def test_lines_are_short_and_end_clean(files: Files) -> None:
    for path, text in files.items():
        assert text.rstrip("\n") + "\n" == text, path
        wrong = [line for line in text.splitlines() if len(line) > 80 or line != line.rstrip()]
        assert not wrong, path


def test_yaml_lists_the_columns_that_the_sql_gives(files: Files) -> None:
    for kind, folder in (("stg", "staging"), ("rej", "rejects")):
        for table in ("customers", "lines"):
            base = PurePosixPath(f"models/{folder}/shop/{kind}_shop__{table}")
            (model,) = yaml.safe_load(files[base.with_suffix(".yml")])["models"]
            sql = files[base.with_suffix(".sql")]
            final = sql[sql.index("final as (") :]
            selected = re.findall(r"^        (?:.*(?:\.| as ))?(\w+),?$", final[: final.index("\n    from")], re.M)
            listed = [column["name"] for column in model["columns"]]
            assert selected == listed if kind == "stg" else set(selected) - {"case"} >= set(listed) - {"end"}


def test_every_macro_that_is_called_is_documented_and_stands_in_a_file_of_its_name(
    files: Files, repository: Path
) -> None:
    documented = {
        each["name"]: each for each in yaml.safe_load((repository / "macros/_macros.yml").read_text())["macros"]
    }
    builtin = {"config", "source", "ref", "is_incremental", "var"}
    called = {
        name
        for text in files.values()
        for tag in re.findall(r"\{\{(.*?)\}\}", text, re.S)
        for name in re.findall(r"(?<!\| )\b([a-z_]+)\(", re.sub(r"'[^']*'", "", tag))
    } - builtin
    assert called
    assert called <= documented.keys()
    for name in documented:
        (file,) = (repository / "macros").rglob(f"{name}.sql")
        signature = re.search(rf"macro {name}\((.*?)\)\s*-?%}}", file.read_text(), re.S)
        assert signature is not None
        arguments = re.findall(r"(?:^|,)\s*(\w+)", re.sub(r"\[.*?\]|'.*?'", "", signature[1]))
        assert [each["name"] for each in documented[name].get("arguments", [])] == arguments, name


def test_each_macro_file_holds_one_public_macro_and_says_what_it_does(repository: Path) -> None:
    for file in (repository / "macros").rglob("*.sql"):
        text = file.read_text()
        public = [
            name
            for name in re.findall(r"\{%-?\s*(?:macro|test) (\w+)\(", text)
            if "__" not in name.removeprefix("dbt_")
        ]
        assert public in ([file.stem], []), file
        assert text.startswith("{#-"), file


def test_a_dispatched_macro_has_a_default(repository: Path) -> None:
    for file in (repository / "macros").rglob("*.sql"):
        text = file.read_text()
        for name in re.findall(r"adapter\.dispatch\('(\w+)', 'landfall'\)", text):
            assert f"macro default__{name}(" in text, file

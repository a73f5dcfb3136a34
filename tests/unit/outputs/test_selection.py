"""What the words of the command line select."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from loaders.errors import UsageError
from loaders.outputs.model import Relation
from loaders.outputs.selection import ask_dbt, select
from loaders.warehouses.profile import Target

RELATIONS = [Relation("marts", name, ()) for name in ("orders", "totals")]
SELECTED = {"tag:export": {("marts", "orders")}, "tag:new": {("marts", "orders"), ("marts", "later")}}


def chosen(*words: str) -> list[str]:
    return [each.name for each in select(RELATIONS, words, lambda word: SELECTED.get(word, set()))]


def test_names_and_dbt_selections_go_together() -> None:
    assert chosen("totals", "tag:export") == ["orders", "totals"]


@pytest.mark.parametrize("words", [("tag:export", "typo"), ("typo", "totals")])
def test_a_word_that_selects_nothing_is_refused_whatever_the_others_select(words: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match="nothing in the warehouse is called typo"):
        chosen(*words)


def test_a_selected_model_that_was_not_built_is_refused_by_name() -> None:
    with pytest.raises(UsageError, match=r"tag:new selects marts\.later, which the warehouse does not have"):
        chosen("tag:new")


def test_dbt_is_asked_with_whole_paths_and_for_what_is_somewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def run(command: list[str], **_how: Any) -> subprocess.CompletedProcess[str]:
        asked.extend(command)
        models = [
            {"schema": "marts", "name": "orders", "alias": "", "config": {"materialized": "table"}},
            {"schema": "marts", "name": "inlined", "alias": "", "config": {"materialized": "ephemeral"}},
        ]
        return subprocess.CompletedProcess(command, 0, "\n".join(map(json.dumps, models)), "")

    monkeypatch.setattr("loaders.outputs.selection.subprocess.run", run)
    monkeypatch.chdir(tmp_path)
    target = Target("shop", "dev", "duckdb", Path("shop"), Path("shop/profiles/profiles.yml"), {})
    assert ask_dbt(Path("shop"), target)("+orders") == {("marts", "orders")}
    assert asked[asked.index("--project-dir") + 1] == str(tmp_path / "shop")
    assert asked[asked.index("--profiles-dir") + 1] == str(tmp_path / "shop" / "profiles")

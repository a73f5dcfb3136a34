from __future__ import annotations

import json
from pathlib import Path

import pytest

from loaders.errors import ProfileInvalid
from loaders.secrets import redact
from loaders.warehouses.profile import read_target

PROFILES = """\
shop:
  target: "{{ env_var('SHOP_TARGET', 'duckdb') }}"
  outputs:
    duckdb: {type: duckdb, path: data/shop.duckdb, threads: "{{ env_var('SHOP_THREADS', '4') | as_number }}"}
    cloud: {type: snowflake, account: "{{ env_var('SHOP_ACCOUNT') }}", password: "{{ env_var('DBT_ENV_SECRET_X') }}"}
    nested: {type: duckdb, path: x, settings: {a: ["{{ env_var('SHOP_A', 'b') }}"], flag: "{{ 'true' | as_bool }}"}}
    pathless: {type: duckdb}
    typeless: {path: x}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("DBT_PROFILES_DIR", raising=False)
    for name in ("SHOP_TARGET", "SHOP_ACCOUNT", "DBT_ENV_SECRET_X"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "profiles.yml").write_text(PROFILES)
    (tmp_path / "dbt_project.yml").write_text("name: shop\nprofile: shop\n")
    return tmp_path


def test_the_default_target_with_paths_counted_from_the_project(
    project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    target = read_target(project)
    assert (target.profile, target.name, target.type) == ("shop", "duckdb", "duckdb")
    assert target.database_path == project / "data" / "shop.duckdb"
    assert target.settings["threads"] == 4


@pytest.mark.parametrize(
    ("variables", "prefix"),
    [
        ("", ""),
        ("vars:\n", ""),
        ("vars: {schema_prefix: dev_}\n", "dev_"),
        ("vars: {schema_prefix: dev_, shop: {schema_prefix: own_}}\n", "own_"),
        ("vars: {other: {schema_prefix: not_ours_}}\n", ""),
    ],
)
def test_schemas_stand_behind_the_prefix_that_dbt_uses(project: Path, variables: str, prefix: str) -> None:
    with (project / "dbt_project.yml").open("a") as file:
        file.write(variables)
    target = read_target(project)
    assert (target.landing_schema, target.schema("accounting")) == (f"{prefix}landing", f"{prefix}accounting")


@pytest.mark.parametrize("prefix", ["Dev_", "1st_", "a b", 'x"; drop schema landing; --'])
def test_a_prefix_that_no_engine_could_take_unquoted_is_refused(project: Path, prefix: str) -> None:
    with (project / "dbt_project.yml").open("a") as file:
        file.write(f"vars: {json.dumps({'schema_prefix': prefix})}\n")
    with pytest.raises(ProfileInvalid, match="is no beginning of a schema's name"):
        read_target(project)


def test_only_the_chosen_output_is_rendered(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ProfileInvalid, match="SHOP_ACCOUNT is not set"):
        read_target(project, "cloud")
    monkeypatch.setenv("SHOP_ACCOUNT", "acme")
    monkeypatch.setenv("DBT_ENV_SECRET_X", "open sesame")
    target = read_target(project, "cloud")
    assert target.settings["account"] == "acme"
    assert "sesame" not in repr(target)
    assert redact("it was open sesame") == "it was ***"


def test_nested_settings_are_rendered_and_typed(project: Path) -> None:
    assert read_target(project, "nested").settings["settings"] == {"a": ["b"], "flag": True}


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("nope", "has no target 'nope'.*cloud, duckdb, nested, pathless, typeless"),
        ("typeless", "has no `type`"),
    ],
)
def test_an_unusable_target_is_told_with_what_is_known(project: Path, target: str, message: str) -> None:
    with pytest.raises(ProfileInvalid, match=message):
        read_target(project, target)


def test_a_file_database_needs_a_path(project: Path) -> None:
    with pytest.raises(ProfileInvalid, match="has no `path`"):
        _ = read_target(project, "pathless").database_path


def test_the_folders_profiles_are_looked_for_in(
    project: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    named, by_variable = tmp_path_factory.mktemp("named"), tmp_path_factory.mktemp("variable")
    for folder in (named, by_variable):
        (folder / "profiles.yml").write_text(PROFILES.replace("data/", f"{folder.name}/"))
    assert read_target(project).database_path.parent.name == "data"
    monkeypatch.setenv("DBT_PROFILES_DIR", str(by_variable))
    assert read_target(project).database_path.parent.name == by_variable.name
    assert read_target(project, profiles_dir=named).database_path.parent.name == named.name


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("dbt_project.yml", "name: shop\n", "no `profile` is named"),
        ("dbt_project.yml", "profile: [", "cannot be read"),
        ("dbt_project.yml", "profile: other\n", "profile 'other' of dbt_project.yml is missing"),
        ("profiles/profiles.yml", "shop: 1\n", "is no mapping"),
        ("profiles/profiles.yml", "shop: {outputs: {default: {type: '{{ nope() }}'}}}\n", "only env_var"),
    ],
)
def test_what_is_wrong_is_told_with_the_file(project: Path, file: str, text: str, message: str) -> None:
    (project / file).write_text(text)
    with pytest.raises(ProfileInvalid, match=message):
        read_target(project)


def test_missing_files_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ProfileInvalid, match=r"no dbt_project\.yml.*loaders init"):
        read_target(tmp_path)
    (tmp_path / "dbt_project.yml").write_text("profile: shop\n")
    monkeypatch.setenv("DBT_PROFILES_DIR", str(tmp_path / "nowhere"))
    with pytest.raises(ProfileInvalid, match=r"no profiles\.yml in .*nowhere"):
        read_target(tmp_path)


def test_a_template_reaches_nothing_but_variables(project: Path) -> None:
    (project / "profiles" / "profiles.yml").write_text(
        "shop: {outputs: {default: {type: \"{{ ''.__class__.__mro__ }}\"}}}\n"
    )
    with pytest.raises(ProfileInvalid):
        read_target(project)

"""Reads one target of the dbt profile, so that connection settings stand in one place for dbt and for loading.

dbt itself is not imported: that takes seconds. Only the chosen output is rendered; others may need variables that are
not set here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import jinja2
import jinja2.sandbox
import yaml

from loaders.errors import ProfileInvalid
from loaders.secrets import Secret
from loaders.warehouses.layout import LANDING_SCHEMA

PREFIX_VARIABLE: Final = "schema_prefix"
_PREFIX: Final = re.compile(r"([a-z_][a-z0-9_]*)?")


@dataclass(frozen=True, slots=True)
class Target:
    """One output of a profile. `settings` holds its other keys, rendered; never shown, for they may hold secrets."""

    profile: str
    name: str
    type: str
    project_dir: Path
    profiles_file: Path
    settings: Mapping[str, Any] = field(repr=False)
    schema_prefix: str = ""
    """What dbt_project.yml puts before the name of every schema (its variable schema_prefix)."""

    @property
    def landing_schema(self) -> str:
        """Where files land."""
        return self.schema(LANDING_SCHEMA)

    def schema(self, name: str) -> str:
        """The schema that models call `name`."""
        return self.schema_prefix + name

    @property
    def database_path(self) -> Path:
        """The file of a file database. Relative paths count from the project, wherever the command runs.

        Raises ProfileInvalid where the output names none.
        """
        path = self.settings.get("path")
        if not isinstance(path, str) or not path:
            raise ProfileInvalid(
                f"{self.profiles_file}: output {self.name!r} has no `path`",
                hint="name the database file with `path: …` there",
            )
        return self.project_dir / Path(path).expanduser()


def read_target(project_dir: Path, target: str | None = None, profiles_dir: Path | None = None) -> Target:
    """The profile output a command works on: `target`, else the profile's own default.

    The profile's name comes from dbt_project.yml; profiles.yml is looked for in `profiles_dir`, DBT_PROFILES_DIR,
    <project>/profiles, <project>, ~/.dbt. Raises ProfileInvalid.
    """
    project_dir = project_dir.absolute()
    project = _project(project_dir)
    name = _profile_name(project_dir, project)
    file = _profiles_file(project_dir, profiles_dir)
    profile = _mapping(_load(file).get(name), f"{file}: profile {name!r} of dbt_project.yml", "add it there")
    outputs = _mapping(profile.get("outputs"), f"{file}: `outputs` of profile {name!r}", "list at least one output")
    render = _renderer(file)
    chosen = target or str(render(profile.get("target", "default")))
    if chosen not in outputs:
        known = ", ".join(sorted(map(str, outputs)))
        raise ProfileInvalid(f"{file}: profile {name!r} has no target {chosen!r}", hint=f"use one of: {known}")
    output = _mapping(outputs[chosen], f"{file}: output {chosen!r}", "give it a `type` and its settings")
    settings = {str(key): _render_all(value, render) for key, value in output.items()}
    kind = settings.pop("type", None)
    if not isinstance(kind, str):
        raise ProfileInvalid(f"{file}: output {chosen!r} has no `type`", hint="write `type: duckdb` or another engine")
    return Target(name, chosen, kind, project_dir, file, settings, _schema_prefix(project_dir, project))


def _project(project_dir: Path) -> Mapping[str, Any]:
    file = project_dir / "dbt_project.yml"
    if not file.is_file():
        raise ProfileInvalid(
            f"{project_dir} has no dbt_project.yml",
            hint="run in a project, name it with --project-dir, or make one with `loaders init`",
        )
    return _load(file)


def _profile_name(project_dir: Path, project: Mapping[str, Any]) -> str:
    name = project.get("profile")
    if not isinstance(name, str):
        raise ProfileInvalid(
            f"{project_dir / 'dbt_project.yml'}: no `profile` is named", hint="write `profile: landfall` there"
        )
    return name


def _schema_prefix(project_dir: Path, project: Mapping[str, Any]) -> str:
    """The variable as dbt finds it: the project's own block before the global one."""
    variables = project.get("vars") or {}
    own = variables.get(project.get("name")) or {}
    prefix = str(own.get(PREFIX_VARIABLE, variables.get(PREFIX_VARIABLE)) or "")
    if not _PREFIX.fullmatch(prefix):
        raise ProfileInvalid(
            f"{project_dir / 'dbt_project.yml'}: {PREFIX_VARIABLE} {prefix!r} is no beginning of a schema's name",
            hint="use lower-case letters, digits and underscores, a letter or underscore first",
        )
    return prefix


def _profiles_file(project_dir: Path, profiles_dir: Path | None) -> Path:
    named = profiles_dir or (Path(os.environ["DBT_PROFILES_DIR"]) if os.environ.get("DBT_PROFILES_DIR") else None)
    folders = [named] if named else [project_dir / "profiles", project_dir, Path.home() / ".dbt"]
    for folder in folders:
        file = folder.expanduser() / "profiles.yml"
        if file.is_file():
            return file
    looked = ", ".join(str(folder) for folder in folders)
    raise ProfileInvalid(f"no profiles.yml in {looked}", hint="set DBT_PROFILES_DIR to the folder that holds it")


def _load(file: Path) -> Mapping[str, Any]:
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        cause = " ".join(str(error).split())
        raise ProfileInvalid(
            f"{file} cannot be read: {cause}", hint="mend it; `dbt debug` reads the same file"
        ) from error
    return _mapping(content, str(file), "it must hold keys with values")


def _mapping(value: object, what: str, hint: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ProfileInvalid(f"{what} is {'missing' if value is None else 'no mapping'}", hint=hint)
    return value


def _render_all(value: object, render: Callable[[object], object]) -> object:
    if isinstance(value, dict):
        return {key: _render_all(item, render) for key, item in value.items()}
    if isinstance(value, list):
        return [_render_all(item, render) for item in value]
    return render(value)


def _renderer(file: Path) -> Callable[[object], object]:
    environment = jinja2.sandbox.SandboxedEnvironment(undefined=jinja2.StrictUndefined)
    environment.globals["env_var"] = _env_var
    # dbt's filters say how to read the text that comes out; YAML below reads it as dbt does.
    environment.filters |= dict.fromkeys(("as_text", "as_bool", "as_number", "as_native"), str)

    def render(value: object) -> object:
        if not isinstance(value, str) or "{" not in value:
            return value
        try:
            text = environment.from_string(value).render()
        except jinja2.TemplateError as error:
            raise ProfileInvalid(
                f"{file}: {value}: {error}", hint="only env_var() is known in a profile here"
            ) from error
        number_or_flag = any(name in value for name in ("as_bool", "as_number", "as_native", "| int", "|int"))
        return yaml.safe_load(text) if number_or_flag else text

    return render


def _env_var(name: str, default: str | None = None) -> str:
    value = os.environ.get(name, default)
    if value is None:
        raise ProfileInvalid(f"environment variable {name} is not set", hint=f"set {name}; the dbt profile needs it")
    if name.startswith("DBT_ENV_SECRET"):
        # Made for its side effect: from now on the text is masked wherever it would be shown.
        Secret(value)
    return value

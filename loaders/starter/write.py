"""Copies the starter project into a folder: the template's own files, and settings shared with this repository."""

from __future__ import annotations

from pathlib import Path

from loaders.errors import UsageError
from loaders.project.assets import assets_folder

TEMPLATE = {
    "README.md": "README.md",
    "gitignore": ".gitignore",
    "github/workflows/ci.yml": ".github/workflows/ci.yml",
    "contracts/example.odcs.yaml": "contracts/example.odcs.yaml",
    "inbox/customers.csv": "inbox/customers.csv",
    "inbox/orders.csv": "inbox/orders.csv",
}
"""File of the template → where it goes. Names that git or a build would act on stand there without their dot."""

SHARED = ("dbt_project.yml", "profiles/profiles.yml", ".sqlfluff")
"""Settings that stand once, at this repository's top level, and travel in the wheel."""

_TOLERATED = {".git", ".venv", ".gitattributes"}
"""What a new folder may hold already: none of it is a project's own."""


def write_project(folder: Path) -> tuple[str, ...]:
    """Writes a new project into `folder`, made if missing, and returns its files, relative and sorted.

    Overwrites nothing: raises UsageError where `folder` holds anything but a fresh repository or environment.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file", hint="give a new or empty folder for the project")
    present = sorted(path.name for path in folder.iterdir()) if folder.exists() else []
    strangers = [name for name in present if name not in _TOLERATED]
    if strangers:
        raise UsageError(f"{folder} is not empty: it holds {strangers[0]!r}", hint="give a new or empty folder")
    sources = _sources()
    for name, source in sources.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.read_bytes())
    return tuple(sorted(sources))


def _sources() -> dict[str, Path]:
    """Path in the new project → file to copy. Macros are left to `loaders generate`, which owns them."""
    template, shared = Path(__file__).parent / "template", assets_folder()
    own = {name: template / source for source, name in TEMPLATE.items()}
    return own | {name: shared / name for name in SHARED}

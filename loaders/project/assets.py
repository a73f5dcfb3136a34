"""The dbt files that every project shares: macros, and the test that every line is accounted for.

They stand once, at the top level of the source tree, and travel in the wheel as `loaders/project/assets`.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from loaders.errors import EnvironmentFault
from loaders.project.render import Files

_PACKAGED = Path(__file__).parent / "assets"
_SOURCE_TREE = Path(__file__).parents[2]
_PATTERNS = ("macros/**/*.sql", "macros/**/*.yml", "tests/dbt/assert_every_line_is_accounted_for.sql")
# Marts of this repository's own project stay here.
_OWN = "macros/marts/"


def assets_folder() -> Path:
    """Where the shared files are: the package's own folder in a wheel, else the source tree's top level.

    Raises EnvironmentFault for an installation that holds neither.
    """
    for folder in (_PACKAGED, _SOURCE_TREE):
        if (folder / "macros").is_dir():
            return folder
    raise EnvironmentFault("the installed package holds no macros", hint="install landfall again")


def shared_files(project: Path) -> Files:
    """The shared files of `project` by path; none for the source tree itself, where they are written by hand."""
    folder = assets_folder()
    if project.resolve() == folder.resolve():
        return {}
    found = sorted(path for pattern in _PATTERNS for path in folder.glob(pattern))
    relative = {path: PurePosixPath(path.relative_to(folder).as_posix()) for path in found}
    return {name: path.read_text(encoding="utf-8") for path, name in relative.items() if not str(name).startswith(_OWN)}

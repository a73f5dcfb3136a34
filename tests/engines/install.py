"""Installs the engines that tests run on: `python tests/engines/install.py [NAME…]`, without a name all but goccy.

Servers need packages that contradict ours and each other, so each gets a virtual environment of its own in
artifacts/engines/. Postgres is Debian's package, installed when run as root. Prints one line per engine; exit code 1
when one of those asked for by name could not be installed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
ENGINES = REPOSITORY / "artifacts" / "engines"
REQUIREMENTS = Path(__file__).parent / "requirements"
PYTHONS = {"fakesnow": "3.11", "local-bigquery": "3.13", "spark": "3.11", "sail": "3.11"}
"""Environment → the Python it needs."""
OVERLAYS = {"local-bigquery": "local-bigquery-duckdb"}
"""Environment → requirements installed over its own, against what the package asks for."""
WITH_LANDFALL = ("sail", "spark")
"""Environments that `loaders` itself runs in, for tests and for parity."""
EXTENSIONS = ("ducklake", "icu", "spatial")
TIMEOUT = 1800


class CannotInstall(RuntimeError):
    """Why an engine cannot be had on this machine."""


def install_postgres() -> None:
    """Debian's server binaries, unless some are there."""
    if list(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or shutil.which("initdb"):
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise CannotInstall("needs root and apt-get, or PostgreSQL installed beforehand")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "postgresql"]):
        run(["apt-get", *arguments], environment)


def install_environment(name: str) -> None:
    """artifacts/engines/<name> as its requirements say; nothing where they did not change since."""
    folder = ENGINES / name
    wanted = "".join((REQUIREMENTS / f"{part}.txt").read_text() for part in _layers(name))
    wanted += "--editable .\n" if name in WITH_LANDFALL else ""
    stamp = folder / "installed.txt"
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    uv = uv_command()
    run([*uv, "venv", "--quiet", "--clear", "--python", _python(PYTHONS[name]), str(folder)])
    python = str(folder / "bin" / "python")
    for part in _layers(name):
        run([*uv, "pip", "install", "--quiet", "--python", python, "-r", str(REQUIREMENTS / f"{part}.txt")])
    if name in WITH_LANDFALL:
        run([*uv, "pip", "install", "--quiet", "--python", python, "--editable", str(REPOSITORY)])
    if name == "local-bigquery":
        _unpack_extensions(python, folder)
    stamp.write_text(wanted)


def install_goccy() -> None:
    """Builds goccy's BigQuery emulator from pinned modules: about 10 minutes and 7 GB of memory, so only by name."""
    folder = ENGINES / "goccy"
    if (folder / "bigquery-emulator").is_file():
        return
    if not shutil.which("go"):
        raise CannotInstall("needs Go 1.25 or newer")
    shutil.copytree(REQUIREMENTS / "goccy", folder, dirs_exist_ok=True)
    program = "github.com/goccy/bigquery-emulator/cmd/bigquery-emulator"
    run(["go", "build", "-C", str(folder), "-p", "1", program], {**os.environ, "CGO_ENABLED": "0"})


def _python(version: str) -> str:
    """What uv shall take: pyenv's own of that version, whose shims uv cannot start, else whichever it finds."""
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = sorted(versions.glob(f"{version}.*/bin/python"))
    return str(found[-1]) if found else version


def _layers(name: str) -> list[str]:
    return [name, OVERLAYS[name]] if name in OVERLAYS else [name]


def _unpack_extensions(python: str, folder: Path) -> None:
    """DuckDB looks for extensions under HOME; the environment gets a home of its own."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    names = ", ".join(repr(extension) for extension in EXTENSIONS)
    code = f"from duckdb_extensions import import_extension\nfor name in ({names},): import_extension(name)"
    run([python, "-c", code], {**os.environ, "HOME": str(home)})


def uv_command() -> list[str]:
    """The uv that `make install` put beside our Python, else the one on the path."""
    beside = Path(sys.executable).parent / "uv"
    found = str(beside) if beside.is_file() else shutil.which("uv")
    if found is None:
        raise CannotInstall("needs uv: run `make install` first")
    return [found]


def run(command: list[str], environment: dict[str, str] | None = None) -> None:
    """Raises CannotInstall with the last line the command wrote when it fails."""
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines() or [f"exit code {done.returncode}"]
        raise CannotInstall(f"{' '.join(command[:4])}: {lines[-1]}")


def install(name: str) -> None:
    """One engine by its name."""
    if name == "postgres":
        install_postgres()
    elif name == "goccy":
        install_goccy()
    elif name in PYTHONS:
        install_environment(name)
    else:
        raise CannotInstall(f"unknown; known: postgres, goccy, {', '.join(PYTHONS)}")


def main(names: list[str]) -> int:
    """Installs `names`, or everything when empty; the number of failures among those named."""
    failures = 0
    for name in names or ["postgres", *PYTHONS]:
        try:
            install(name)
        except (CannotInstall, subprocess.TimeoutExpired) as error:
            failures += 1
            sys.stdout.write(f"{name}: not installed: {error}\n")
        else:
            sys.stdout.write(f"{name}: installed\n")
    return failures if names else 0


if __name__ == "__main__":
    raise SystemExit(min(main(sys.argv[1:]), 1))

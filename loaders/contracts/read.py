"""Contract files → `Contract`. Every contract that comes out of here was found sound."""

from __future__ import annotations

from pathlib import Path

from loaders.contracts.model import Contract
from loaders.contracts.view import view
from loaders.contracts.yaml_text import read_yaml
from loaders.errors import ContractInvalid, Problem


def read_contract(path: Path, root: Path | None = None) -> Contract:
    """The contract in `path`, its own path stated relative to `root` where that is given.

    Raises ContractInvalid with every problem of the file.
    """
    shown = (path if root is None else path.relative_to(root)).as_posix()
    try:
        raw = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise ContractInvalid(
            (Problem(shown, 1, 1, f"cannot be read: {reason}", "check the path and its permissions"),)
        ) from error
    document, problems = read_yaml(raw, shown)
    if document is None or problems:
        raise ContractInvalid(problems)
    return view(document, shown)


def read_contracts(folder: Path) -> tuple[Contract, ...]:
    """The contracts in the `*.odcs.yaml` files of `folder`, sorted by name."""
    found = (read_contract(path, folder) for path in folder.glob("*.odcs.yaml"))
    return tuple(sorted(found, key=lambda contract: contract.name))

"""Contract files → `Contract`. Every contract that comes out of here went through `lint` and was found sound."""

from __future__ import annotations

from pathlib import Path

from loaders.contracts.lint import Looked, all_problems, contract_files, in_order, look
from loaders.contracts.model import Contract
from loaders.contracts.view import view
from loaders.errors import ContractInvalid


def read_contract(path: Path, root: Path | None = None) -> Contract:
    """The contract in the file `path`, its own path stated relative to `root` where that is given.

    Raises ContractInvalid with every problem of the file, UsageError when there is no such file.
    """
    (file,) = contract_files([path]) if not path.is_dir() else (path,)
    shown = file if root is None else file.relative_to(root)
    return _views([look(file, shown.as_posix())])[0]


def read_contracts(folder: Path) -> tuple[Contract, ...]:
    """The contracts in the `*.odcs.yaml` files of `folder`, sorted by name, their paths relative to its parent.

    Raises ContractInvalid with every problem of all of them, UsageError when the folder holds none.
    """
    parent = folder.resolve().parent
    looked = [look(file, file.resolve().relative_to(parent).as_posix()) for file in contract_files([folder])]
    return tuple(sorted(_views(looked), key=lambda contract: contract.name))


def _views(looked: list[Looked]) -> list[Contract]:
    errors = in_order(problem for problem in all_problems(looked) if problem.severity == "error")
    if errors:
        raise ContractInvalid(errors)
    return [view(one.document, one.document.file) for one in looked if one.document is not None]

"""Every exception Landfall raises on purpose.

LandfallError
├── DataRefused            exit 1: the data or the contract is not acceptable
│   ├── ContractInvalid    a contract breaks ODCS or our own rules; carries every problem found
│   ├── FileRefused        a file cannot be landed as it is; nothing of it is visible
│   │   ├── FileChanged    a path that was landed before now has other content
│   │   └── FileUnstable   a file changed while it was read; retried by the next run
│   ├── LandingMismatch    ledger and landed rows disagree
│   ├── OutputMismatch     a destination's files are not those its manifest lists
│   ├── GeneratedDrift     generated files differ from what the contract gives
│   └── LinesUnaccounted   the audit found a line or a row that nothing accounts for
├── UsageError             exit 2: the call itself is wrong
└── EnvironmentFault       exit 3: something around us is missing or broken
    ├── ProfileInvalid     the dbt profile cannot be used
    ├── DriverMissing      a warehouse driver is not installed
    ├── WarehouseUnavailable
    │   └── WarehouseLocked  exit 4: another process holds the warehouse
    ├── DestinationUnavailable      a place to write to is full, read-only or gone
    │   └── DestinationUnreachable  a remote place does not answer; tried again
    ├── JobCancelled       `loaders jobs cancel` stopped the job
    ├── StateUnavailable   job history cannot be read or written
    └── DbtFailed          dbt ended with an error

Anything else that reaches the command line is a bug and keeps its traceback.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal


class LandfallError(Exception):
    """One line saying what happened and where, then what to do next (`hint`)."""

    exit_code: ClassVar[int] = 3
    retryable: ClassVar[bool] = False

    def __init__(self, what: str, *, hint: str) -> None:
        self.what = what
        self.hint = hint
        super().__init__(f"{what} — {hint}")


class DataRefused(LandfallError):
    exit_code = 1


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a contract: 1-based line and column, the offending text, and how to mend it."""

    file: str
    line: int
    column: int
    message: str
    hint: str
    severity: Literal["error", "warning"] = "error"
    """A warning is shown and refuses nothing."""

    def __str__(self) -> str:
        mark = "warning: " if self.severity == "warning" else ""
        return f"{self.file}:{self.line}:{self.column}: {mark}{self.message} — {self.hint}"


class ContractInvalid(DataRefused):
    """Carries all problems of all contracts looked at, never only the first."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        first = problems[0]
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(
            f"{first.file}:{first.line}:{first.column}: {first.message}{more}",
            hint=f"{first.hint}; `loaders contracts lint` lists every problem",
        )


class FileRefused(DataRefused):
    """`path` as given, `line` and `byte_offset` where known (line 1-based, offset 0-based, of the raw bytes read)."""

    def __init__(
        self,
        path: str,
        reason: str,
        *,
        hint: str,
        line: int | None = None,
        byte_offset: int | None = None,
    ) -> None:
        self.path = path
        self.reason = reason
        self.line = line
        self.byte_offset = byte_offset
        where = path if line is None else f"{path}:{line}"
        if byte_offset is not None:
            where += f" (byte {byte_offset})"
        super().__init__(f"{where}: {reason}", hint=hint)


class FileChanged(FileRefused):
    pass


class FileUnstable(FileRefused):
    retryable = True


class LandingMismatch(DataRefused):
    pass


class OutputMismatch(DataRefused):
    pass


class GeneratedDrift(DataRefused):
    pass


class LinesUnaccounted(DataRefused):
    pass


class UsageError(LandfallError):
    exit_code = 2


class EnvironmentFault(LandfallError):
    exit_code = 3


class ProfileInvalid(EnvironmentFault):
    pass


class DriverMissing(EnvironmentFault):
    pass


class WarehouseUnavailable(EnvironmentFault):
    retryable = True


class WarehouseLocked(WarehouseUnavailable):
    exit_code = 4


class DestinationUnavailable(EnvironmentFault):
    pass


class DestinationUnreachable(DestinationUnavailable):
    retryable = True


class JobCancelled(EnvironmentFault):
    pass


class JobStopped(KeyboardInterrupt):
    """Ctrl-C in a job that goes on where it was; `hint` says how."""

    def __init__(self, hint: str) -> None:
        self.hint = hint
        super().__init__(hint)


def how_to_go_on(stopped: KeyboardInterrupt) -> str:
    """What the user does next after Ctrl-C."""
    return stopped.hint if isinstance(stopped, JobStopped) else "run the same command again to go on"


class StateUnavailable(EnvironmentFault):
    pass


class DbtFailed(EnvironmentFault):
    pass

"""Named places where a test may make this process die or an operation fail.

Active only with LOADERS_TESTING=1 and LOADERS_FAILPOINTS=`name=action[:nth][,name=action[:nth]…]`; `nth` (1-based,
default 1) is the hit at which it acts. Actions: `kill` (SIGKILL to this process, as the out-of-memory killer does),
`exit` (ends at once with 137, no cleanup), `raise-ENOSPC`, `raise-EIO` (OSError of that number), `interrupt` (Ctrl-C).
With LOADERS_FAILPOINTS_LOG each hit's name is appended to that file, so that a test can tell which were reached.
"""

from __future__ import annotations

import errno
import os
import signal
from collections import Counter
from pathlib import Path

_hits: Counter[str] = Counter()


def failpoint(name: str) -> None:
    """Does nothing outside tests; see the module for what it does in them."""
    if os.environ.get("LOADERS_TESTING") != "1":
        return
    _hits[name] += 1
    log = os.environ.get("LOADERS_FAILPOINTS_LOG")
    if log:
        with Path(log).open("a", encoding="utf-8") as file:
            file.write(f"{name}\n")
    for rule in filter(None, os.environ.get("LOADERS_FAILPOINTS", "").split(",")):
        wanted, _, action = rule.partition("=")
        action, _, nth = action.partition(":")
        if wanted == name and _hits[name] == int(nth or 1):
            _act(action)


def _act(action: str) -> None:
    if action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif action == "exit":
        os._exit(137)
    elif action == "interrupt":
        raise KeyboardInterrupt
    elif action.startswith("raise-"):
        number = getattr(errno, action.removeprefix("raise-"))
        raise OSError(number, os.strerror(number))
    else:
        raise ValueError(f"unknown failpoint action {action!r}")

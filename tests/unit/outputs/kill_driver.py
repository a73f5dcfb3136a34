"""Runs materialisations in children that may be killed; forks, so that a child need not import anything again.

Reads one JSON object a line: `place`, `request`, `job_id`, `resume`, `failpoints`, `kill_after` (seconds, or null),
`scattered` (true: partitions count as scattered however few rows there are).
Writes the child's return code for each: negative for a signal.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import adbc_driver_sqlite.dbapi  # noqa: F401  # imported once, here
import pyarrow.parquet  # noqa: F401

from loaders.contracts.read import read_contracts
from loaders.errors import LandfallError, UsageError
from loaders.jobs.run import run_job
from loaders.jobs.store import JobStore
from loaders.outputs import plan
from loaders.outputs.checkpoint import Checkpoint
from loaders.outputs.model import Request
from loaders.outputs.run import Place, materialize
from loaders.warehouses.profile import Target


def work(order: dict[str, Any]) -> None:
    folder = Path(order["folder"])
    target = Target("p", "duckdb", "duckdb", folder, folder / "profiles.yml", {"path": order["database"]})
    contracts = read_contracts(Path(order["contracts"])) if order.get("contracts") else ()
    place = Place(folder, target, contracts, folder / "checkpoints")
    request = Request(**{**order["request"], "tables": tuple(order["request"]["tables"])})
    resume = order["resume"]
    try:
        checkpoint = Checkpoint.open(place.checkpoint_dir, order["job_id"]) if resume else None
    except UsageError:
        # Killed before it had begun, or after it was done: the same command again is how to go on.
        checkpoint, resume = None, False
    job_id = order["job_id"] if checkpoint is not None else f"{order['job_id']}-{os.getpid()}"
    if not order["resume"]:
        job_id = order["job_id"]
    checkpoint = checkpoint or Checkpoint.new(place.checkpoint_dir, job_id, request)
    store = JobStore.open(folder / "state.sqlite")
    with run_job(store, "materialize", {}, None, job_id, resume=resume) as job:
        materialize(place, job, checkpoint)


def child(order: dict[str, Any]) -> int:
    if order.get("scattered"):
        vars(plan).update(_SCATTERED=0, _FEW=0)
    os.environ["LOADERS_TESTING"] = "1"
    os.environ["LOADERS_FAILPOINTS"] = order.get("failpoints") or ""
    os.environ["LOADERS_FAILPOINTS_LOG"] = order.get("log") or ""
    try:
        work(order)
    except LandfallError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


def main() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            status = 70
            try:
                status = child(order)
            finally:
                sys.stderr.flush()
                os._exit(status)
        timer = None
        if order.get("kill_after") is not None:
            timer = threading.Timer(order["kill_after"], os.kill, (pid, signal.SIGKILL))
            timer.start()
        _, status = os.waitpid(pid, os.WUNTRACED)
        if timer is not None:
            timer.cancel()
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

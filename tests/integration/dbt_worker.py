"""dbt in a process of its own that stays: one line of JSON in, one out. Tests start it through `dbt_session`.

Starting dbt and parsing a project take seconds, building a small one tenths of a second.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any


def main() -> None:
    """Answers {"arguments": […], "environment": {…}, "parse": bool} with {"success", "results", "error"}."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    # The adapter has no annotations.
    close_all_connections: Any = DuckDBConnectionManager.close_all_connections
    answers = os.fdopen(os.dup(1), "w")
    # dbt prints to stdout, whatever it is told.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    manifest: Any = None
    for line in sys.stdin:
        request = json.loads(line)
        os.environ.update(request["environment"])
        if request["parse"] or manifest is None:
            parsed = dbtRunner().invoke(["--quiet", "parse"])
            manifest = parsed.result
            if not parsed.success:
                print(json.dumps({"success": False, "results": {}, "error": str(parsed.exception)}), file=answers)
                answers.flush()
                manifest = None
                continue
        done = dbtRunner(manifest=manifest).invoke(["--quiet", *request["arguments"]])
        # The file must be free for the test itself.
        close_all_connections()
        print(json.dumps(_answer(done)), file=answers)
        answers.flush()


def _answer(done: Any) -> dict[str, Any]:
    results = getattr(done.result, "results", None) or []
    names = {each.node.unique_id.split(".")[2] if hasattr(each, "node") else str(each): each for each in results}
    return {
        "success": bool(done.success),
        "results": {name: {"status": str(each.status), "message": each.message} for name, each in names.items()},
        "error": None if done.exception is None else str(done.exception),
    }


if __name__ == "__main__":
    main()

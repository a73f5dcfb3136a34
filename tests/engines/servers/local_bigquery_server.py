"""local-bigquery with one correction; run with its own Python, the arguments are its own.

Correction `created_table_as_destination`: BigQuery names the table of a CREATE TABLE AS SELECT job as the job's
destination, and dbt asks for it after every table model; local-bigquery leaves it out.
"""

from __future__ import annotations

import sys
from typing import Any

from local_bigquery import cli
from local_bigquery.jobs import query


def created_table_as_destination() -> None:
    """Fills in the destination from the statement's own target."""
    execute = query.execute

    def with_destination(*arguments: Any, **named: Any) -> tuple[Any, Any, Any]:
        statistics, children, destination = execute(*arguments, **named)
        if destination is None and getattr(statistics, "statementType", None) == "CREATE_TABLE_AS_SELECT":
            destination = statistics.ddlTargetTable
        return statistics, children, destination

    query.execute = with_destination


if __name__ == "__main__":
    created_table_as_destination()
    cli.main(sys.argv[1:])

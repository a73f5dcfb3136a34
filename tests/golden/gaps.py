"""Golden rows that a stand-in cannot run, with the reason. The engine it stands for is not excused by any of them.

A row here must disagree: once a stand-in has mended its ways, the test asks for the row to go.
"""

from __future__ import annotations

GAPS: dict[str, dict[str, frozenset[str]]] = {
    "snowflake": {
        "fakesnow keeps number(38, 0) in 64 bits": frozenset(
            {"integer-121", "integer-122", "decimal-084", "decimal-085"},
        ),
        "fakesnow divides as doubles where the digits of both sides are more than 38": frozenset(
            {"multiple_of-022", "multiple_of-023"},
        ),
    },
    "bigquery": {
        "local-bigquery keeps bignumeric as decimal(38, 18)": frozenset(
            {
                *("integer-121", "integer-122", "decimal-084", "decimal-085", "range-059"),
                *("multiple_of-015", "multiple_of-017", "multiple_of-019", "multiple_of-020"),
                *("multiple_of-022", "multiple_of-023"),
            },
        ),
    },
    "goccy": {
        "goccy rounds and compares decimals as doubles": frozenset(
            {
                *("decimal-006", "decimal-007", "decimal-065", "decimal-066", "decimal-068", "decimal-069"),
                *("decimal-078", "decimal-084", "decimal-085", "decimal-086", "decimal-091", "decimal-092"),
                *("decimal-093", "decimal-095", "decimal-135", "enum-034", "range-021", "range-024"),
                *("range-057", "range-059", "range-060", "range-062", "range-063", "range-067"),
                *("multiple_of-009", "multiple_of-015", "multiple_of-016", "multiple_of-019"),
                *("multiple_of-022", "multiple_of-023"),
            },
        ),
        "goccy keeps NaN as NULL": frozenset({"double-070", "double-071", "double-072", "range-035"}),
    },
}
"""Engine → reason → ids."""

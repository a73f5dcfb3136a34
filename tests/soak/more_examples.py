"""A pytest plugin: runs only properties, and has hypothesis try SOAK_EXAMPLES examples of each."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    wanted = int(os.environ["SOAK_EXAMPLES"])
    properties = [item for item in items if isinstance(item, pytest.Function) and _is_property(item)]
    for item in properties:
        tried = settings(max_examples=wanted, deadline=None, suppress_health_check=list(HealthCheck))
        vars(item.obj)["_hypothesis_internal_use_settings"] = tried
    items[:] = properties


def _is_property(item: pytest.Function) -> bool:
    return bool(getattr(item.obj, "is_hypothesis_test", False))

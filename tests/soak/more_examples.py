"""A pytest plugin: hypothesis tries SOAK_EXAMPLES examples of every property, whatever a test asks for."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    wanted = int(os.environ["SOAK_EXAMPLES"])
    for item in items:
        function = getattr(item, "obj", None)
        if getattr(function, "is_hypothesis_test", False):
            tried = settings(max_examples=wanted, deadline=None, suppress_health_check=list(HealthCheck))
            vars(function)["_hypothesis_internal_use_settings"] = tried

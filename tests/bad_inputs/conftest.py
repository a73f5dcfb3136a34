"""A shop to land bad inputs in: the one of the landing tests, with a contract per case."""

from __future__ import annotations

from tests.unit.landing.conftest import column_fixture, make_shop, shop

__all__ = ["column_fixture", "make_shop", "shop"]

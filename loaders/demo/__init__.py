"""The demo shop: small Olist-like files with faults planted on purpose, to try Landfall on and to test it with."""

from __future__ import annotations

from loaders.demo.folder import DemoFolder, write_demo

__all__ = ["DemoFolder", "write_demo"]

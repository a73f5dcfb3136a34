"""The project a user starts from: an example contract with two files, and this project's own dbt settings."""

from __future__ import annotations

from loaders.starter.write import write_project

__all__ = ["write_project"]

"""Landfall: a data contract in, exactly landed and tested warehouse tables out.

The distribution is `landfall`, the import name `loaders`. Importing this package does nothing: no drivers, no dbt,
no environment reads. Commands live in `loaders.commands`, everything a command can do is one call on the rooms below.
"""

__version__ = "0.1.0"

__all__ = ["__version__"]

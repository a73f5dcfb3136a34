"""Contract → dbt project: what the models say (`plan`), how they are written down (`render`, `templates/`), which files
the generator owns (`write`), and running dbt (`dbt`). Knows no engine: what differs between them stands in macros.
"""

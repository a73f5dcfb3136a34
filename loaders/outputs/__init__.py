"""Materialise: from the warehouse to files, another warehouse or one SQLite file; atomic, resumable, incremental.

DuckDB writes every file, whatever engine the rows come from, as it parses every file that lands. Each part is written
aside, made durable and checked; publishing renames the parts and writes the manifest last.
"""

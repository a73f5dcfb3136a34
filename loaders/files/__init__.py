"""Files on disk: finding them, reading their bytes exactly, and telling records from malformed lines.

Knows no database: what is read here is handed on as UTF-8 bytes with offsets and line numbers.
"""

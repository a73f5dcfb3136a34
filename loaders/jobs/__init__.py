"""Jobs: long commands with an id, a state, progress events and metrics, kept as history.

Losing the history loses old charts and no data: what has landed stands in the warehouse's ledger.
"""

"""The ingest job: discover files, plan, land each exactly once, reconcile with the ledger."""

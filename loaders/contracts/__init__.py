"""Read, check and view ODCS data contracts. Knows nothing of data files, warehouses or dbt."""

"""Warehouses: one engine a module behind one small protocol; the only room where drivers and landing SQL stand."""

"""Stands before the real pip on PYTHONPATH."""

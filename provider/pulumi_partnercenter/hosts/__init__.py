"""Hosts of the lifecycle: the adapters to the engine."""

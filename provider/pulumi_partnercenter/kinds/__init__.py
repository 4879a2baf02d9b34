"""Kinds of resources: arguments, outputs and verbs."""

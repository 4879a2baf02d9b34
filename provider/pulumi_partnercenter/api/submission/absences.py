"""Confirmed absences: what a resource may take for deleted."""

from __future__ import annotations

from ...errors import NotFound

__all__ = ["Gone", "NoListing", "NotVersioned"]


class Gone(NotFound):
    """A confirmed absence: a list of the service lacks it, or a product is missing while the account answers."""


class NoListing(Gone):
    """A missing language of an offer or plan that exists."""


class NotVersioned(Gone):
    """A document without versions: its content in a submission cannot be read."""

"""Confirmed absences: only these let a resource count as deleted."""

from __future__ import annotations

from ...errors import NotFound

__all__ = ["Gone", "NoListing", "NotVersioned"]


class Gone(NotFound):
    """A confirmed absence: the service's list lacks the object, or the product is missing and the account responds."""


class NoListing(Gone):
    """A missing language of an existing offer or plan."""


class NotVersioned(Gone):
    """A document without versions: its content in a submission cannot be read."""

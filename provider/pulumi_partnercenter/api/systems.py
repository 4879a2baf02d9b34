"""Registered systems. A further service is its own package and one entry here."""

from __future__ import annotations

from .submission.system import SUBMISSION

__all__ = ["SYSTEMS"]

SYSTEMS = (SUBMISSION,)

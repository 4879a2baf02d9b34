"""Registered systems. A further service needs its own package and an entry here."""

from __future__ import annotations

from .submission.system import SUBMISSION

__all__ = ["SYSTEMS"]

SYSTEMS = (SUBMISSION,)

"""Registered systems. A further service needs its own package and an entry here."""

from __future__ import annotations

from .fulfillment.system import FULFILLMENT
from .portal.system import PORTAL
from .submission.system import SUBMISSION

__all__ = ["FULFILLMENT", "PORTAL", "SUBMISSION", "SYSTEMS"]

SYSTEMS = (SUBMISSION, FULFILLMENT, PORTAL)

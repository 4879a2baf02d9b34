"""The registered services. A further service needs a package and a line here."""

from __future__ import annotations

from collections.abc import Sequence

from .fulfillment import FULFILLMENT, METERING
from .portal import PORTAL
from .service import EmulatedService
from .submission import SERVICE as SUBMISSION

__all__ = ["SERVICES"]

SERVICES: Sequence[EmulatedService] = (SUBMISSION, FULFILLMENT, METERING, PORTAL)

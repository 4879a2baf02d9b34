"""The Partner Center submission API. `connect(settings)` gives its client."""

from __future__ import annotations

from .client import SubmissionApi, connect, connected, disconnect

__all__ = ["SubmissionApi", "connect", "connected", "disconnect"]

"""The Partner Center submission API. `connect(settings)` gives its client."""

from __future__ import annotations

from .client import SubmissionApi, connect, disconnect

__all__ = ["SubmissionApi", "connect", "disconnect"]

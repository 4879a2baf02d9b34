"""The Partner Center submission API. `shared_client(settings)` gives its client."""

from __future__ import annotations

from .client import SubmissionApi, close_clients, open_client, shared_client
from .system import SUBMISSION

__all__ = ["SUBMISSION", "SubmissionApi", "close_clients", "open_client", "shared_client"]

"""Base of all kinds of the submission API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from ..api.submission import SubmissionApi, shared_client
from ..kind import Exportable
from ..model import Arguments, Outputs
from ..settings import Settings

__all__ = ["SubmissionApiKind"]

A = TypeVar("A", bound=Arguments)
O = TypeVar("O", bound=Outputs)  # noqa: E741


class SubmissionApiKind(Exportable[SubmissionApi, A, O], Generic[A, O]):
    """A resource of the Partner Center submission API."""

    def open_client(self, settings: Settings, progress: Callable[[str], None]) -> SubmissionApi:
        return shared_client(settings, progress)

    def list_published(self, client: SubmissionApi, offer: str) -> frozenset[str]:
        return client.submissions.published(offer)

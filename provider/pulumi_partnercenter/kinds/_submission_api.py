"""Base of all kinds of the submission API, and the types of its client."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ..kind import Exportable
from ..model import Arguments, Outputs
from ..settings import Settings

if TYPE_CHECKING:
    from ..api.submission.client import SubmissionApi
    from ..api.submission.files import ListingFiles
else:  # a preview makes no request, and does without the libraries of HTTP
    SubmissionApi = ListingFiles = Any

__all__ = ["ListingFiles", "SubmissionApi", "SubmissionApiKind"]

A = TypeVar("A", bound=Arguments)
O = TypeVar("O", bound=Outputs)  # noqa: E741


class SubmissionApiKind(Exportable[SubmissionApi, A, O], Generic[A, O]):
    """A resource of the Partner Center submission API."""

    def open_client(self, settings: Settings, progress: Callable[[str], None]) -> SubmissionApi:
        from ..api.submission.client import shared_client  # with the first request of a run

        return shared_client(settings, progress)

    def list_published(self, client: SubmissionApi, offer: str) -> frozenset[str]:
        return client.submissions.published(offer)

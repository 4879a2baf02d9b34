"""Base of all kinds of the submission API, and the types of its client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ..kind import Exportable, Publishes
from ..messages import Host
from ..model import Arguments, Outputs
from ..settings import Settings

if TYPE_CHECKING:
    from ..api.submission.client import SubmissionApi
    from ..api.submission.files import ListingFiles
else:  # a preview makes no request, so it does not import the libraries of HTTP
    SubmissionApi = ListingFiles = Any

__all__ = ["ListingFiles", "SubmissionApi", "SubmissionApiKind"]

A = TypeVar("A", bound=Arguments)
O = TypeVar("O", bound=Outputs)  # noqa: E741


class SubmissionApiKind(Exportable[SubmissionApi, A, O], Publishes[SubmissionApi, A, O], Generic[A, O]):
    """A resource of the Partner Center submission API."""

    def open_client(self, settings: Settings, host: Host) -> SubmissionApi:
        from ..api.submission.client import shared_client  # imported with the first request of a run

        return shared_client(settings, host)

    def list_published(self, client: SubmissionApi, offer: str) -> frozenset[str]:
        return client.submissions.published(offer)

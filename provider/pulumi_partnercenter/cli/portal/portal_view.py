"""Offers of the Cloud Partner Portal API, for `show` and `status`."""

from __future__ import annotations

from collections.abc import Callable

from ...api.portal.documents import OfferDocument
from ...api.portal.operation_models import OfferStatus, Step
from ...api.portal.system import PORTAL
from ...directory.offers import FoundOffer
from ...errors import InputError, NotFound
from ...kinds.portal._portal_api import PortalClient
from ...kinds.portal._publication_messages import describe_next_up
from ...kinds.portal._published_content import has_same_content, is_draft_older
from ...messages import redacted
from ..offers import StatusReport
from .portal_tree import PortalTree

__all__ = ["PortalOffer"]

SLOTS = {"draft": "draft", "preview": "preview", "live": "production"}
"""Stages by the words of programs, and their names in the service."""
COLUMNS = ("STEP", "STATE", "PROGRESS", "CHANGED")


class PortalOffer:
    """An offer, and what is in its slots."""

    is_shared = False

    def __init__(self, portal: PortalClient, offer: FoundOffer) -> None:
        self._portal, self.label = portal, offer.label
        self._publisher, _, self.offer_id = offer.id.partition("/")

    def status(self) -> StatusReport:
        status = self._portal.operations.status(self._publisher, self.offer_id)
        documents = self._read_slots()
        operation = self._operation_id() if status.is_running else ""
        next_up = _describe_next_up(status, documents)
        versions = {stage: document.version for stage, document in documents.items()}
        problems = tuple(redacted(problem) for problem in status.problems())
        document = {
            "offer": self.label,
            "state": status.stage.value,
            "operation": operation,
            "versions": versions,
            "is_migrated": documents["draft"].is_migrated,
            "steps": [_step_document(step) for step in status.steps],
            "findings": list(problems),
            "preview_links": status.links(),
            "next": next_up,
        }
        numbers = ", ".join(f"{stage} {number}" for stage, number in versions.items())
        details = f" (versions: {numbers}{'; operation ' if operation else ''}{operation})"
        messages = (
            f"{step.name}: {redacted(message.text)}"
            for step in status.steps
            for message in step.messages
            if message.text
        )
        links = (f"preview: {link}" for link in status.links())
        remarks = dict.fromkeys((*problems, *messages, *links, f"next up: {next_up}"))
        rows = tuple(map(_row, status.steps))
        return StatusReport(self.label, status.stage.value, details, document, COLUMNS, rows, (*remarks,))

    def read_stages(self, show: Callable[[str], None]) -> PortalTree:
        show(f"{self.label}: reading its slots")
        documents = self._read_slots()
        status = self._portal.operations.status(self._publisher, self.offer_id)
        return PortalTree(self.label, status, documents)

    def render_page(self, show: Callable[[str], None]) -> str:  # noqa: ARG002
        raise InputError(
            f"offer {self.label}: there is no page for an offer of the {PORTAL.name}",
            next="leave out --html and --open",
        )

    def _read_slots(self) -> dict[str, OfferDocument]:
        """Return the contents by stage, without empty ones."""
        documents = {}
        for stage, slot in SLOTS.items():
            try:
                documents[stage] = self._portal.offers.slot(self._publisher, self.offer_id, slot)
            except NotFound:
                if stage == "draft":
                    raise
        return documents

    def _operation_id(self) -> str:
        running = self._portal.operations.find_running(self._publisher, self.offer_id)
        return running.id if running else ""


def _describe_next_up(status: OfferStatus, documents: dict[str, OfferDocument]) -> str:
    draft = documents["draft"]
    same = {stage for stage, document in documents.items() if has_same_content(document, draft)}
    return describe_next_up(status.stage, same, is_draft_older=is_draft_older(draft, status))


def _step_document(step: Step) -> dict[str, object]:
    return {
        "name": step.name,
        "state": step.status,
        "progress_percentage": step.progress_percentage,
        "changed": step.changed,
        "messages": [redacted(message.text) for message in step.messages],
    }


def _row(step: Step) -> tuple[str, ...]:
    return step.name, step.status, f"{step.progress_percentage:g} %", step.changed

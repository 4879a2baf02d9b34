"""Progress of a publication, as typed views of the service's documents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from html.parser import HTMLParser
from typing import Any, ClassVar, Self

from pydantic import model_validator

from ...messages import is_signed
from ..wire import Id, WireModel
from .system import API_VERSION

__all__ = [
    "Message",
    "OfferStatus",
    "Operation",
    "OperationReference",
    "OperationState",
    "OperationSummary",
    "Progress",
    "Stage",
    "Step",
    "plain_text",
]


class Stage(Enum):
    """Stage of an offer's publication, with its name for people."""

    DRAFT = "draft"
    VALIDATING = "on the way to preview"
    PREVIEW = "preview"
    GOING_LIVE = "in certification"
    LIVE = "live"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_busy(self) -> bool:
        """Whether it blocks another publication until it has ended."""
        return self in (Stage.VALIDATING, Stage.GOING_LIVE)


class OperationState(Enum):
    """State of an operation, whatever vocabulary the service uses."""

    PENDING = "pending"
    RUNNING = "running"
    WAITING = "waiting for the publisher"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @classmethod
    def of(cls, text: str) -> Self:
        """Parse a state. An unknown one counts as running."""
        return cls(_STATES.get(_folded(text), "running"))


_STATES = {
    "neverpublished": "pending",
    "notstarted": "pending",
    "waitingforpublisherreview": "waiting for the publisher",
    "complete": "succeeded",
    "completed": "succeeded",
    "succeeded": "succeeded",
    "published": "succeeded",
    "failed": "failed",
    "blocked": "failed",
    "rejected": "failed",
    "canceled": "cancelled",
    "cancelled": "cancelled",
}
SIGN_OFF, LIVE_STEP = "publishersignoff", "live"
"""Steps by folded id or name."""


class PortalModel(WireModel):
    """A document of the service. Null is the same as absent."""

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, document: Any) -> Any:
        if not isinstance(document, dict):
            return document
        return {name: value for name, value in document.items() if value is not None}


class Message(PortalModel):
    """A message of the service's work, which may hold HTML."""

    message_html: str = ""
    level: str = ""
    timestamp: str = ""

    @property
    def text(self) -> str:
        return plain_text(self.message_html)

    @property
    def is_error(self) -> bool:
        return self.level.casefold() == "error"


class Step(PortalModel):
    """A step of the service's work. The order, and even the ids, may change: steps are recognised by id or name."""

    id: str = ""
    step_name: str = ""
    status: str = ""
    messages: list[Message] = []
    progress_percentage: float = 0

    @property
    def name(self) -> str:
        return self.step_name or self.id

    @property
    def state(self) -> OperationState:
        return OperationState.of(self.status)

    def is_called(self, folded: str) -> bool:
        return folded in (_folded(self.id), _folded(self.step_name))

    @property
    def changed(self) -> str:
        """Time of the newest message in UTC, with seconds; "" without one."""
        return max((normalise_time(message.timestamp) for message in self.messages), default="")


class Progress(PortalModel):
    """The steps and messages that offer status and operation have in common."""

    required_members: ClassVar[tuple[str, ...]] = ("status",)
    status: str = ""
    messages: list[Message] = []
    steps: list[Step] = []
    preview_links: list[Any] = []
    live_links: list[Any] = []

    @property
    def state(self) -> OperationState:
        return OperationState.of(self.status)

    @property
    def is_running(self) -> bool:
        """Whether the service still works on it, or waits for the publisher."""
        return self.state in (OperationState.RUNNING, OperationState.WAITING)

    @property
    def is_waiting(self) -> bool:
        """Whether the preview is ready, and the publisher has to confirm it. The status may still be `running`."""
        sign_off = self._step(SIGN_OFF)
        return self.state is OperationState.WAITING or (
            self.state is OperationState.RUNNING
            and sign_off is not None
            and sign_off.state is OperationState.WAITING
        )

    @property
    def is_confirmed(self) -> bool:
        """Whether the publisher has confirmed the preview, so that the rest of the work leads to live."""
        sign_off, live = self._step(SIGN_OFF), self._step(LIVE_STEP)
        is_signed = sign_off is not None and sign_off.state is OperationState.SUCCEEDED
        return is_signed or (live is not None and live.state is not OperationState.PENDING)

    @property
    def has_failed_step(self) -> bool:
        """Whether a step cannot go on: the operation will fail, even if it still runs."""
        return any(step.state is OperationState.FAILED for step in self.steps)

    def problems(self) -> list[str]:
        """Return a line for each error message, with the name of its step; of failed steps, any message."""
        lines = [message.text for message in self.messages if message.is_error]
        for step in self.steps:
            errors = [message for message in step.messages if message.is_error]
            if step.state is OperationState.FAILED:
                errors = errors or step.messages
                lines += [f"{step.name}: {step.status}"] if not errors else []
            lines += [f"{step.name}: {message.text}" for message in errors]
        return list(dict.fromkeys(lines))

    def links(self) -> list[str]:
        """Return the addresses of the preview; they are strings, or objects with an address.

        One with a signature grants access, and is left out.
        """
        addresses = [address for link in self.preview_links for address in _addresses(link)]
        return [address for address in addresses if not is_signed(address)]

    def _step(self, folded: str) -> Step | None:
        return next((step for step in self.steps if step.is_called(folded)), None)

    def _stage_at_work(self) -> Stage:
        if self.has_failed_step:
            return Stage.FAILED
        if self.is_waiting:
            return Stage.PREVIEW
        return Stage.GOING_LIVE if self.is_confirmed else Stage.VALIDATING


class OfferStatus(Progress):
    """Status of an offer's newest publication."""

    @property
    def stage(self) -> Stage:
        match self.state:
            case OperationState.PENDING:
                return Stage.DRAFT
            case OperationState.SUCCEEDED:
                return Stage.LIVE
            case OperationState.FAILED:
                return Stage.FAILED
            case OperationState.CANCELLED:
                return Stage.CANCELLED
        return self._stage_at_work()


class Operation(Progress):
    """A publish or go-live operation."""

    publishing_version: int = 0
    offer_version: int = 0

    @property
    def stage(self) -> Stage:
        """Stage of the publication; a publish that has succeeded has made a preview."""
        match self.state:
            case OperationState.PENDING:
                return Stage.VALIDATING
            case OperationState.SUCCEEDED:
                return Stage.LIVE if self.is_confirmed else Stage.PREVIEW
            case OperationState.FAILED:
                return Stage.FAILED
            case OperationState.CANCELLED:
                return Stage.CANCELLED
        return self._stage_at_work()


class OperationSummary(PortalModel):
    """An element of the list of operations."""

    required_members: ClassVar[tuple[str, ...]] = ("id",)
    id: Id = ""
    submission_type: str = ""
    submission_state: str = ""
    status: str = ""
    """Takes the place of `submission_state` in some responses."""
    publishing_version: int = 0
    offer_version: int = 0
    slot: str = ""
    changed_time: str = ""

    @property
    def state(self) -> OperationState:
        return OperationState.of(self.submission_state or self.status)

    @property
    def is_publish(self) -> bool:
        """Whether it makes a preview, rather than send one live."""
        return _folded(self.submission_type) != "golive"

    @property
    def is_running(self) -> bool:
        return self.state in (OperationState.RUNNING, OperationState.WAITING)


class OperationReference:
    """Address of an operation below the host, as the service gave it."""

    def __init__(self, location: str) -> None:
        self.location = location

    @property
    def id(self) -> str:
        """The operation's id: a GUID, or `publisher$offer$number$slot` of an offer that has not moved."""
        return re.split("[?#]", self.location)[0].rstrip("/").rpartition("/")[2]

    @classmethod
    def from_id(cls, publisher: str, offer_id: str, id: str) -> Self:
        owner = "" if "$" in id else f"publishers/{publisher}/offers/{offer_id}/"
        return cls(f"/api/{owner}operations/{id}?api-version={API_VERSION}")

    def is_same(self, summary: OperationSummary) -> bool:
        """Whether an element of the list is this operation; its number is in the id of an offer that has not moved."""
        parts = self.id.split("$")
        if len(parts) == 4:
            return parts[2] == str(summary.publishing_version)
        return self.id.casefold() == summary.id.casefold()


def plain_text(html: str) -> str:
    """Return a text without its markup, on one line."""
    collector = _TextCollector()
    collector.feed(html)
    collector.close()
    return " ".join("".join(collector.parts).split())


class _TextCollector(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag in ("br", "p", "li", "div"):
            self.parts.append(" ")


def normalise_time(text: str) -> str:
    """Return a time in UTC with seconds; the service writes 3 to 7 digits of a second, with or without a zone."""
    return f"{text[:19]}Z" if re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", text) else ""


def _addresses(link: Any) -> Iterator[str]:
    values = link.values() if isinstance(link, dict) else [link]
    yield from (value for value in values if isinstance(value, str) and value.startswith("https://"))


def _folded(text: str) -> str:
    return re.sub(r"[\s_-]", "", text).casefold()

"""Offers of the submission API, for `show` and `status`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from ..directory.offers import FoundOffer
from ..kinds._findings import findings_of, reports_of
from ..kinds._publishing import Step, steps_of
from ..kinds._submission_api import SubmissionApi
from .compare import compare_stages
from .offers import StatusReport
from .submission_tree import SubmissionTree

__all__ = ["SubmissionOffer"]

NEVER_SUBMITTED = "nothing was ever submitted: a Submission in a program publishes the draft"
COLUMNS = ("ENVIRONMENT", "STEP", "STATE", "STARTED", "TOOK")


class SubmissionOffer:
    """An offer and its newest submission."""

    def __init__(self, api: SubmissionApi, offer: FoundOffer) -> None:
        self._api, self._id = api, offer.id
        self.offer_id, self.label, self.is_shared = offer.offer_id, offer.label, offer.is_shared

    def status(self) -> StatusReport:
        return _read_status(self._api, self._id, self.offer_id).report()

    def read_stages(self, show: Callable[[str], None]) -> SubmissionTree:
        return SubmissionTree(compare_stages(self._api, self._api.offers.get(self._id), show))

    def render_page(self, show: Callable[[str], None]) -> str:
        from .listing_page.render import render_page
        from .listing_page.service import listing_in_service

        comparison = compare_stages(self._api, self._api.offers.get(self._id), show)
        show(f"{self.offer_id}: reading pictures")
        return render_page(listing_in_service(comparison), dt.datetime.now(dt.UTC))


@dataclass(frozen=True)
class SubmissionStatus:
    """Newest submission of an offer. Without any submission, all members but `state`, `draft`, are empty."""

    offer: str
    product: str
    submission: str = ""
    state: str = "draft"
    release_number: int = 0
    notes: str = ""
    steps: tuple[Step, ...] = ()
    findings: tuple[str, ...] = ()
    reports: tuple[str, ...] = ()

    def report(self) -> StatusReport:
        return StatusReport(
            self.offer,
            self.state,
            f" (release {self.release_number}, submission {self.submission})"
            if self.submission
            else f"; {NEVER_SUBMITTED}",
            self.to_json(),
            COLUMNS,
            tuple(map(_row, self.steps)),
            (*self.findings, *self.reports),
        )

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "steps": [step.to_json() for step in self.steps]}


def _read_status(api: SubmissionApi, product: str, offer_id: str) -> SubmissionStatus:
    run = api.submissions.newest(product)
    if run is None:
        return SubmissionStatus(offer_id, product)
    failed = run.standing.value == "failed"
    return SubmissionStatus(
        offer_id,
        product,
        run.id,
        run.standing.value,
        run.release_number,
        run.notes,
        tuple(steps_of(api, product, run)),
        tuple(findings_of(api, product, run)) if failed else (),
        tuple(reports_of(api, product, run)),
    )


def _row(step: Step) -> tuple[str, ...]:
    return step.environment, step.name, step.state, step.started, _duration(step)


def _duration(step: Step) -> str:
    """Return the duration of a completed step; "" while it runs, so that a watched step is printed once."""
    if not step.started or not step.completed:
        return ""
    try:
        duration = dt.datetime.fromisoformat(step.completed) - dt.datetime.fromisoformat(step.started)
    except ValueError:  # the service may write times in another format
        return ""
    return str(max(duration, dt.timedelta()))

"""What look-ups read of the submission API, as the members of their results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from .api.submission import SubmissionApi, open_client
from .api.submission.models import Product
from .kinds._publishing import steps_of
from .kinds._variants import subtype_of
from .settings import CONFIG_KEYS, Settings

__all__ = ["CONFIG_KEYS", "LookupService", "open_service"]


class LookupService:
    """Offers, plans and submissions by their public ids."""

    def __init__(self, api: SubmissionApi) -> None:
        self._api = api

    def find_offer(self, offer_id: str) -> dict[str, Any] | None:
        product = self._api.offers.find(offer_id)
        return _describe_offer(product) if product else None

    def list_offers(self, offer_type: str) -> list[dict[str, Any]]:
        return [_describe_offer(product) for product in self._api.offers.of_type(offer_type)]

    def find_plan(self, offer: str, plan_id: str) -> tuple[dict[str, Any] | None, list[str]]:
        """The plan, and the plan ids of the offer."""
        plans = self._api.plans.all(offer)
        plan_ids = sorted(plan.external_id for plan in plans)
        for plan in plans:
            if plan.external_id == plan_id:
                members = {
                    "id": f"{offer}/{plan.id}",
                    "plan_id": plan.external_id,
                    "name": plan.friendly_name,
                    "subtype": subtype_of(self._api, offer, plan),
                    "state": plan.state,
                    "clouds": tuple(plan.cloud_availabilities),
                }
                return members, plan_ids
        return None, plan_ids

    def read_submission(self, offer: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The newest submission and its steps; nothing of both when nothing was ever submitted."""
        submission = self._api.submissions.newest(offer)
        if submission is None:
            self._api.offers.get(offer)
            return {}, []
        members = {
            "id": submission.id,
            "state": submission.standing.value,
            "release_number": submission.release_number,
            "notes": submission.notes,
        }
        return members, [step.to_json() for step in steps_of(self._api, offer, submission)]


@contextmanager
def open_service(config: Mapping[str, str]) -> Iterator[LookupService]:
    with open_client(Settings.load(config)) as api:
        yield LookupService(api)


def _describe_offer(product: Product) -> dict[str, Any]:
    return {
        "id": product.id,
        "offer_id": product.offer_id,
        "offer_type": product.resource_type,
        "alias": product.name,
    }

"""Offers of the portal for people, `/_emulator/offers`: drafts, plans, steps of operations. Nothing can be changed."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import jinja2
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ...html_pages import create_environment, render_page
from ...state import Document, Store
from ...traffic import CONTROL
from .. import offers, operations, price_rules, requirements
from ..offer_schema import CORE_VM, VM

__all__ = ["ROOT", "pages"]

ROOT = f"{CONTROL}offers"
MOST_REGIONS = 12
"""Regions of a plan that are named; of more, their number is shown."""


def pages(store: Store) -> list[BaseRoute]:
    """Return the routes of the page."""

    async def show_offers(_: Request) -> Response:
        with store.transaction():
            operations.settle_all(store)
        return _render("offers", offers=[_summarise(offer) for offer in store.select(offers.KIND)])

    async def show_offer(request: Request) -> Response:
        with store.transaction():
            operations.settle_all(store)
        offer = offers.find(store, request.path_params["publisher"], request.path_params["offer"])
        if offer is None:
            return _render("problem", 404, heading="No such offer")
        return _render("offer", offer=_summarise(offer), **_describe(store, offer))

    return [
        Route(ROOT, show_offers, methods=["GET"]),
        Route(f"{ROOT}/{{publisher}}/{{offer}}", show_offer, methods=["GET"]),
    ]


def _summarise(offer: Document) -> dict[str, Any]:
    summary = offers.summarise(offer)
    return {
        "publisher": summary["publisherId"],
        "id": summary["id"],
        "title": summary["definition"]["displayText"] or summary["id"],
        "type": summary["offerTypeId"],
        "status": summary["status"],
        "version": summary["version"],
        "changed": summary["changedTime"],
        "place": "Partner Center" if offer.body["isMigrated"] else "Cloud Partner Portal",
    }


def _describe(store: Store, offer: Document) -> dict[str, Any]:
    slots = {slot: offers.find_slot(store, offer, slot) for slot in ("preview", "production")}
    return {
        "slots": {slot: copy.body["version"] if copy else None for slot, copy in slots.items()},
        "steps": operations.describe_status(store, offer)["steps"],
        "operations": operations.summarise_all(store, offer, ""),
        "plans": [_describe_plan(plan) for plan in offer.body["definition"]["plans"]],
    }


def _describe_plan(plan: Mapping[str, Any]) -> dict[str, Any]:
    title = plan.get(f"{VM}.skuTitle") or plan.get(f"{CORE_VM}.skuTitle") or plan["planId"]
    regions = [str(region) for region in plan.get("regions") or []]
    images = [
        versions for name in requirements.IMAGES.values() if isinstance(versions := plan.get(name), dict)
    ]
    return {
        "id": plan["planId"],
        "title": str(title),
        "price": price_rules.describe_price(plan),
        "regions": ", ".join(regions) if len(regions) <= MOST_REGIONS else f"{len(regions)} regions",
        "images": ", ".join(version for versions in images for version in versions),
        "is_private": requirements.is_private(plan),
    }


def _render(name: str, status: int = 200, **values: Any) -> Response:
    return render_page(_environment(), name, {"root": ROOT, **values}, status)


@functools.cache
def _environment() -> jinja2.Environment:
    return create_environment(__package__)

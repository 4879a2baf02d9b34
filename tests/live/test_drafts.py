"""Optional test with the environment's account: `PARTNERCENTER_LIVE=1 python -m pytest tests/live`.

Creates a draft offer with its own id, and deletes it. Publishes nothing. With PARTNERCENTER_ENDPOINT and
PARTNERCENTER_ACCESS_TOKEN it also runs against an emulator.
"""

from __future__ import annotations

import os
import secrets

import pytest
from tests.resources.harness import Declaration, Program, Ref, Stack

from pulumi_partnercenter import Offer, OfferListing, Plan, PlanListing, PlanPricing

pytestmark = pytest.mark.skipif(
    not os.environ.get("PARTNERCENTER_LIVE"), reason="PARTNERCENTER_LIVE is not set"
)
SIGN_IN = {
    name: value for name, value in os.environ.items() if name.startswith(("PARTNERCENTER_", "AZURE_", "ARM_"))
}


@pytest.fixture(autouse=True)
def signed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Restore the login variables that other tests must not see."""
    for name, value in SIGN_IN.items():
        monkeypatch.setenv(name, value)


def program(offer_id: str, summary: str) -> Program:
    return {
        "offer": Declaration(
            Offer, {"offer_id": offer_id, "offer_type": "AzureApplication", "alias": f"Draft test {offer_id}"}
        ),
        "listing": Declaration(
            OfferListing, {"offer": Ref("offer"), "title": "Draft test", "summary": summary}
        ),
        "plan": Declaration(
            Plan,
            {"offer": Ref("offer"), "plan_id": "gold", "name": "Gold", "subtype": "managed-application"},
        ),
        "plan_listing": Declaration(PlanListing, {"plan": Ref("plan"), "title": "Gold", "summary": "A plan"}),
        "pricing": Declaration(
            PlanPricing,
            {
                "plan": Ref("plan"),
                "markets": ["US", "CA"],
                "prices": [{"amount": 49.5}, {"amount": 490, "per": "year"}],
            },
        ),
    }


def test_a_draft_is_made_kept_changed_and_deleted() -> None:
    offer_id, stack = f"draft-test-{secrets.token_hex(4)}", Stack({})
    first, second = program(offer_id, "A draft"), program(offer_id, "A changed draft")
    try:
        assert stack.up(first) == dict.fromkeys(first, "create")
        assert stack.up(first) == {}
        assert stack.refresh() == {}
        assert stack.up(second) == {"listing": "update"}
        assert stack.refresh() == {}
    finally:
        stack.destroy()

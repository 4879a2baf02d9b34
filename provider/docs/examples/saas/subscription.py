"""A subscription from its purchase to its end, at the emulator that PARTNERCENTER_ENDPOINT names."""

import os
from datetime import UTC, datetime

import httpx

from pulumi_partnercenter.fulfillment import FulfillmentClient, UsageEvent, read_token

marketplace = httpx.Client(base_url=f"{os.environ['PARTNERCENTER_ENDPOINT']}/_emulator/saas", trust_env=False)
marketplace.post("sample", json={}).raise_for_status()  # offers that can be bought


def buy(**order: str) -> str:
    """Buy a plan; the address of the landing page, to which the marketplace sends the customer's browser."""
    return str(marketplace.post("purchase", json=order).raise_for_status().json()["landing_page"])


with FulfillmentClient() as client:
    # The landing page: who bought what?
    address = buy(offer_id="contoso-analytics", plan_id="basic", name="Fabrikam")
    purchase = client.resolve(read_token(address))
    print(f"{purchase.subscription_name} bought {purchase.offer_id}, plan {purchase.plan_id}")

    # The account is ready: billing starts.
    client.activate(purchase.id, purchase.plan_id, purchase.quantity)

    # Once an hour: what was used beyond the plan.
    usage = UsageEvent(
        resource_id=purchase.id,
        plan_id=purchase.plan_id,
        dimension="reports",
        quantity=37,
        effective_start_time=datetime.now(UTC),
    )
    print("37 reports:", client.report_usage(usage).status)

    # The customer wants another plan, and leaves one day.
    print("Other plan:", client.change_plan_and_wait(purchase.id, "pro").status)
    print("The end:", client.cancel_and_wait(purchase.id).status)

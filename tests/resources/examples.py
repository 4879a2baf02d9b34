"""Offers and plans for other resources, and a stack's configuration."""

from __future__ import annotations

from provider.tools.emulators import TOKEN, RunningEmulator
from tests.resources.harness import Declaration, Program, Ref

from pulumi_partnercenter import Offer, Plan

TYPE = "AzureApplication"

OFFERS: Program = {
    "offer": Declaration(
        Offer, {"offer_id": "contoso-backup", "offer_type": TYPE, "alias": "Contoso Backup"}
    ),
}
OTHER_OFFER: Program = {
    "other_offer": Declaration(
        Offer, {"offer_id": "fabrikam-vault", "offer_type": TYPE, "alias": "Fabrikam Vault"}
    ),
}

MANAGED = "managed-application"
PLANS: Program = {
    "offer": OFFERS["offer"],
    "plan": Declaration(Plan, {"offer": Ref("offer"), "plan_id": "gold", "name": "Gold", "subtype": MANAGED}),
}
OTHER_PLAN: Program = {
    **PLANS,
    "other_plan": Declaration(
        Plan, {"offer": Ref("offer"), "plan_id": "silver", "name": "Silver", "subtype": MANAGED}
    ),
}


def emulator_config(emulator: RunningEmulator) -> dict[str, str]:
    return {"partnercenter:endpoint": emulator.url, "partnercenter:accessToken": TOKEN}

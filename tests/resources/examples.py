"""Offers and plans that other resources sit in, and a stack's configuration."""

from __future__ import annotations

from provider.tools.emulators import TOKEN, Serving
from tests.resources.harness import Declared, Program, Ref

from pulumi_partnercenter import Offer, Plan

TYPE = "AzureApplication"

OFFERS: Program = {
    "offer": Declared(Offer, {"offer_id": "contoso-backup", "offer_type": TYPE, "alias": "Contoso Backup"}),
}
OTHER_OFFER: Program = {
    "other_offer": Declared(
        Offer, {"offer_id": "fabrikam-vault", "offer_type": TYPE, "alias": "Fabrikam Vault"}
    ),
}

MANAGED = "managed-application"
PLANS: Program = {
    "offer": OFFERS["offer"],
    "plan": Declared(Plan, {"offer": Ref("offer"), "plan_id": "gold", "name": "Gold", "subtype": MANAGED}),
}
OTHER_PLAN: Program = {
    **PLANS,
    "other_plan": Declared(
        Plan, {"offer": Ref("offer"), "plan_id": "silver", "name": "Silver", "subtype": MANAGED}
    ),
}


def emulator_config(emulator: Serving) -> dict[str, str]:
    return {"partnercenter:endpoint": emulator.url, "partnercenter:accessToken": TOKEN}

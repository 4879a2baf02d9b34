"""Offers and plans that other resources sit in."""

from __future__ import annotations

from pulumi_partnercenter import Offer, Plan
from tests.resources.harness import Declared, Program, Ref

TYPE = "AzureApplication"

OFFERS: Program = {
    "offer": Declared(Offer, {"offer_id": "contoso-backup", "offer_type": TYPE, "alias": "Contoso Backup"}),
    "other_offer": Declared(
        Offer, {"offer_id": "fabrikam-vault", "offer_type": TYPE, "alias": "Fabrikam Vault"}
    ),
}

MANAGED = "managed-application"
PLANS: Program = {
    "offer": OFFERS["offer"],
    "plan": Declared(
        Plan, {"offer": Ref("offer"), "plan_id": "gold", "name": "Gold", "subtype": MANAGED}
    ),
    "other_plan": Declared(
        Plan, {"offer": Ref("offer"), "plan_id": "silver", "name": "Silver", "subtype": MANAGED}
    ),
}

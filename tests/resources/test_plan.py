from __future__ import annotations

from typing import Any, ClassVar

import pytest
from provider.tools.emulators import RunningEmulator
from tests.resources.card import SUBJECT, Card, assert_readable, write_requests
from tests.resources.examples import MANAGED, OFFERS, OTHER_OFFER
from tests.resources.harness import Declaration, Program, Ref, Stack

from pulumi_partnercenter import AdoptionRefused, Conflict, Plan

FEDRAMP = {"title": "FedRAMP", "uri": "https://contoso.example.com/fedramp"}
ITAR = {"title": "ITAR", "uri": ""}


class TestPlan(Card):
    kind = Plan
    parents: ClassVar[Program] = {
        **OFFERS,
        "silver": Declaration(
            Plan, {"offer": Ref("offer"), "plan_id": "silver", "name": "Silver", "subtype": MANAGED}
        ),
    }
    other_parents = OTHER_OFFER
    first: ClassVar[dict[str, Any]] = {
        "offer": Ref("offer"),
        "plan_id": "gold",
        "name": "Gold",
        "subtype": MANAGED,
        "clouds": ["public-azure", "azure-government"],
        "state": "Active",
        "conversion_paths": "silver,bronze",
        "lead_gen_id": "contoso.gold",
        "government_certifications": [FEDRAMP, ITAR],
    }
    second = {
        "name": "Golden",
        "clouds": ["public-azure"],
        "state": "Inactive",
        "conversion_paths": "*",
        "lead_gen_id": "",
        "government_certifications": [FEDRAMP | {"uri": "https://contoso.example.com/high"}],
        "offer_type": "AzureApplication",
    }
    immutable_changes = {
        "offer": Ref("other_offer"),
        "plan_id": "golden",
        "subtype": "solution-template",
        "reference_plan": Ref("silver"),
    }
    members = {
        "name": ("friendlyName", "Portal"),
        "clouds": ("cloudAvailabilities", ["azure-government"]),
        "state": ("state", "Inactive"),
        "conversion_paths": ("conversionPaths", "portal"),
        "lead_gen_id": ("leadGenID", None),
        "government_certifications": ("certificationsAzureGovernment", [ITAR]),
    }
    element_keys: ClassVar[dict[str, tuple[str, ...]]] = {"certificationsAzureGovernment": ("title",)}
    collection = "variants"

    def document(self, emulator: RunningEmulator, stack: Stack) -> dict[str, Any]:
        variant = stack.state[SUBJECT].id.split("/")[1]
        (row,) = [row for row in emulator.state()["variants"] if row["id"] == variant]
        return row

    def test_minimal_plan_arguments_keep_the_defaults_of_the_service(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        minimal_arguments = {key: self.first[key] for key in ("offer", "plan_id", "name")}
        program = {**self.parents, SUBJECT: type(self.program()[SUBJECT])(Plan, minimal_arguments)}
        stack.up(program)
        document = self.document(emulator, stack)
        assert document["subType"] == "solution-template"
        assert document["cloudAvailabilities"] == ["public-azure"]
        assert "leadGenID" not in document
        assert stack.refresh() == {}

    def test_a_plan_with_another_subtype_is_never_adopted(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.program())
        stack.forget()
        emulator.clear()
        with pytest.raises(AdoptionRefused, match="subtype cannot change in place") as refusal:
            stack.up(self.program(subtype="solution-template", adopt=True))
        assert_readable(refusal.value)
        assert write_requests(emulator) == []

    def test_unmodelled_members_of_a_certification_survive_its_update(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.program())
        certifications = [FEDRAMP | {"portal": 1}, ITAR | {"portal": 2}]
        emulator.portal(self.path(emulator, stack), certificationsAzureGovernment=certifications)
        stack.up(
            self.program(government_certifications=[ITAR | {"uri": "https://contoso.example.com"}, FEDRAMP])
        )
        changed_certifications = self.document(emulator, stack)["certificationsAzureGovernment"]
        assert [
            (certification["title"], certification["portal"]) for certification in changed_certifications
        ] == [("ITAR", 2), ("FedRAMP", 1)]

    def test_deleting_a_published_plan_is_refused_with_the_way_out(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.program())
        emulator.publish(stack.state["offer"].id)
        with pytest.raises(Conflict, match=r"(?s)was published.*\n  next: .*Stop distribution") as refusal:
            stack.up(self.parents)
        assert_readable(refusal.value)
        assert stack.refresh() == {}

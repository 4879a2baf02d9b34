from __future__ import annotations

from typing import Any, ClassVar

import pytest
from provider.tools.emulators import RunningEmulator
from tests.resources.card import MISSING_OFFER, SUBJECT, Card, write_requests
from tests.resources.examples import OFFERS, OTHER_OFFER
from tests.resources.harness import UNKNOWN, Declaration, Ref, Stack

from pulumi_partnercenter import PreviewAudience

CONTOSO = "11111111-2222-4333-8444-aaaaaaaaaaaa"
FABRIKAM = "22222222-3333-4444-8555-bbbbbbbbbbbb"


class TestPreviewAudience(Card):
    kind = PreviewAudience
    parents = OFFERS
    other_parents = OTHER_OFFER
    first: ClassVar[dict[str, Any]] = {
        "offer": Ref("offer"),
        "subscriptions": [FABRIKAM, CONTOSO],
        "emails": ["Ann@contoso.example.com", "bob@fabrikam.example.com"],
        "hide_key": "k3y-of-contoso",
    }
    second = {
        "subscriptions": [CONTOSO],
        "emails": [],
        "hide_key": "k3y-of-fabrikam",
        "offer_type": "AzureApplication",
    }
    immutable_changes = {"offer": Ref("other_offer")}
    members = {
        "subscriptions": ("audiences", []),
        "emails": ("emailAudiences", [{"ID": "eve@contoso.example.com"}]),
        "hide_key": ("hideKeyAudience", None),
    }
    element_keys: ClassVar[dict[str, tuple[str, ...]]] = {"emailAudiences": ("ID",)}
    fixed_members = ("type",)
    collection = "productAvailabilities"
    is_singleton = True

    def significant_value(self, member: str, value: Any) -> Any:
        """Drop groups of other types, which the resource does not manage, and the labels of e-mail addresses."""
        if member == "audiences":
            return [group["values"] for group in value if group["type"] == "PreviewMarketplaceGroup"]
        return [entry["ID"] for entry in value] if member == "emailAudiences" else value

    def test_a_fresh_preview_audience_is_adopted(self, stack: Stack, emulator: RunningEmulator) -> None:
        stack.up(self.parents)
        emulator.clear()
        assert stack.up(self.program())[SUBJECT] == "create"
        assert [request["method"] for request in write_requests(emulator)] == ["PUT"]

    def test_a_preview_audience_is_stored_as_declared(self, stack: Stack, emulator: RunningEmulator) -> None:
        stack.up(self.program())
        document = self.document(emulator, stack)
        assert document["audiences"] == [{"type": "PreviewMarketplaceGroup", "values": [CONTOSO, FABRIKAM]}]
        assert [entry["ID"] for entry in document["emailAudiences"]] == [
            "ann@contoso.example.com",
            "bob@fabrikam.example.com",
        ]
        assert document["visibility"] == "Public"

    @pytest.mark.parametrize(
        "members",
        [
            {"audiences": [{"type": "PreviewMarketplaceGroup", "values": [FABRIKAM.upper(), CONTOSO]}]},
            {
                "audiences": [
                    {"type": "PreviewMarketplaceGroup", "values": [FABRIKAM]},
                    {"type": "PreviewMarketplaceGroup", "values": [CONTOSO, FABRIKAM]},
                ]
            },
            {"emailAudiences": [{"ID": "BOB@fabrikam.example.com"}, {"ID": "ann@Contoso.example.com"}]},
            {"emailAudiences": [{"ID": name, "description": name} for name in reversed(first["emails"])]},
        ],
        ids=["other case and order", "two groups", "capitals", "labels"],
    )
    def test_an_equivalent_preview_audience_is_no_drift(
        self, members: dict[str, Any], stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.program())
        emulator.portal(self.path(emulator, stack), **members)
        assert stack.refresh() == {}
        assert stack.up(self.program()) == {}

    def test_labels_and_groups_of_the_portal_survive_an_update_of_the_audience(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.program())
        entries = [{"ID": email, "description": "tester"} for email in self.first["emails"]]
        group = {"type": "PreviewMarketplaceGroup", "values": [CONTOSO, FABRIKAM], "portal": "kept"}
        other_group = {"type": "Testers", "values": ["somebody"]}
        emulator.portal(self.path(emulator, stack), emailAudiences=entries, audiences=[other_group, group])
        assert stack.refresh() == {}
        stack.up(self.program(subscriptions=[CONTOSO], emails=["bob@fabrikam.example.com"]))
        document = self.document(emulator, stack)
        assert document["audiences"] == [group | {"values": [CONTOSO]}, other_group]
        assert document["emailAudiences"] == [{"ID": "bob@fabrikam.example.com", "description": "tester"}]


@pytest.mark.parametrize(
    ("members", "is_remarked"),
    [
        ({}, True),
        ({"emails": [], "hide_key": ""}, True),
        ({"hide_key": "contoso1"}, False),
        ({"emails": UNKNOWN}, False),
    ],
)
def test_a_preview_remarks_an_audience_without_members(
    members: dict[str, Any],
    is_remarked: bool,
    stack: Stack,
    offline: None,
    capsys: pytest.CaptureFixture[str],
) -> None:
    stack.preview({"subject": Declaration(PreviewAudience, {"offer": MISSING_OFFER, **members})})
    remark = "preview audience: has no member; subscriptions, emails or a hide_key are needed to publish"
    assert (remark in capsys.readouterr().out) == is_remarked

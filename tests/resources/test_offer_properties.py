from __future__ import annotations

from typing import Any, ClassVar

import pytest
from provider.tools.emulators import RunningEmulator
from tests.resources.card import SUBJECT, Card, assert_readable, write_requests
from tests.resources.examples import OFFERS, OTHER_OFFER
from tests.resources.harness import Ref, Stack

from pulumi_partnercenter import Invalid, OfferProperties

CONTOSO = "11111111-2222-4333-8444-aaaaaaaaaaaa"
FABRIKAM = "22222222-3333-4444-8555-bbbbbbbbbbbb"
THIRTY = {"name": "Thirty days", "terms": "Paid within thirty days.", "tenants": [{"id": CONTOSO}, FABRIKAM]}
LOCAL = {"name": "Local law", "terms": "The law of the customer's seat."}


class TestOfferProperties(Card):
    kind = OfferProperties
    parents = OFFERS
    other_parents = OTHER_OFFER
    first: ClassVar[dict[str, Any]] = {
        "offer": Ref("offer"),
        "categories": {"storage-azure-apps": ["backup-and-recovery", "data-management"], "security": []},
        "uses_standard_contract": True,
        "amendment": "Support in English.",
        "custom_amendments": [THIRTY, LOCAL],
        "app_version": "1.4.0",
        "marketing_only": True,
        "industries": ["retail", "health"],
        "leveled_industries": {"retail": ["grocery", "fashion"]},
        "appsource_categories": ["finance"],
        "additional_categories": ["sales"],
        "hide_keys": ["k3y-of-contoso"],
        "product_tags": ["one", "two"],
    }
    second = {
        "categories": {"networking": ["firewalls"]},
        "uses_standard_contract": False,
        "terms_of_use": "Own terms.",
        "amendment": "",
        "custom_amendments": [],
        "app_version": "",
        "marketing_only": False,
        "industries": [],
        "leveled_industries": {},
        "appsource_categories": ["sales"],
        "additional_categories": [],
        "hide_keys": ["k3y-of-fabrikam"],
        "product_tags": ["two"],
    }
    _own: ClassVar[dict[str, Any]] = {
        "uses_standard_contract": False,
        "amendment": "",
        "custom_amendments": [],
    }
    companions = {"uses_standard_contract": _own, "terms_of_use": _own}
    immutable_changes = {"offer": Ref("other_offer")}
    members = {
        "categories": ("leveledCategories", {"security": []}),
        "uses_standard_contract": ("useEnterpriseContract", False),
        "terms_of_use": ("termsOfUse", "Written by a person."),
        "amendment": ("globalAmendmentTerms", None),
        "custom_amendments": ("customAmendments", []),
        "app_version": ("appVersion", "9"),
        "marketing_only": ("marketingOnlyChange", False),
        "industries": ("industries", ["retail"]),
        "leveled_industries": ("leveledIndustries", {"retail": ["grocery"]}),
        "appsource_categories": ("categories", []),
        "additional_categories": ("additionalCategories", ["finance"]),
        "hide_keys": ("hideKeys", []),
        "product_tags": ("productTags", ["three"]),
    }
    element_keys: ClassVar[dict[str, tuple[str, ...]]] = {"customAmendments": ("name", "ID")}
    collection = "properties"
    is_singleton = True
    map_members = ("leveledCategories", "leveledIndustries")

    def test_fresh_offer_properties_are_adopted(self, stack: Stack, emulator: RunningEmulator) -> None:
        stack.up(self.parents)
        emulator.clear()
        assert stack.up(self.program())[SUBJECT] == "create"
        assert [request["method"] for request in write_requests(emulator)] == ["PUT"]

    def test_tenants_of_amendments_are_sent_and_the_submission_version_is_kept(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.parents)
        (fresh_document,) = emulator.state()["properties"]
        stack.up(self.program())
        document = self.document(emulator, stack)
        assert document["submissionVersion"] == fresh_document["submissionVersion"]
        first_amendment, second_amendment = document["customAmendments"]
        assert [tenant["ID"] for tenant in first_amendment["tenants"]] == [CONTOSO, FABRIKAM]
        assert second_amendment["tenants"] == []
        assert document["useEnterpriseContract"] is True
        assert document["globalAmendmentTerms"] == "Support in English."

    @pytest.mark.parametrize(
        "arguments",
        [
            {
                "categories": {
                    "security": [],
                    "storage-azure-apps": ["data-management", "backup-and-recovery"],
                }
            },
            {"custom_amendments": [LOCAL, THIRTY | {"tenants": [FABRIKAM.upper(), {"id": CONTOSO}]}]},
            {"industries": ["health", "retail"], "product_tags": ["two", "one"], "terms_of_use": ""},
            {"leveled_industries": {"retail": ["fashion", "grocery"]}},
        ],
        ids=lambda arguments: next(iter(arguments)),
    )
    def test_equivalent_offer_properties_are_no_change(
        self, arguments: dict[str, Any], stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.program(**arguments))
        emulator.clear()
        assert stack.up(self.program()) == {}
        assert emulator.requests() == []
        assert stack.refresh() == {}

    def test_an_empty_industry_counts_as_no_industry(self, stack: Stack, emulator: RunningEmulator) -> None:
        """The tool azpc writes it like this."""
        stack.up(self.program(industries=[]))
        emulator.portal(self.path(emulator, stack), industries=[""])
        assert stack.refresh() == {}

    def test_unmodelled_members_of_an_amendment_survive_its_update(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.program())
        amendments = self.document(emulator, stack)["customAmendments"]
        for part in [*amendments, *amendments[0]["tenants"]]:
            part["portal"] = "kept"
        emulator.portal(self.path(emulator, stack), customAmendments=amendments)
        stack.up(self.program(custom_amendments=[LOCAL, THIRTY | {"terms": "Within sixty days."}]))
        law, days = self.document(emulator, stack)["customAmendments"]
        assert days["terms"] == "Within sixty days."
        assert [part["portal"] for part in (law, days, *days["tenants"])] == ["kept"] * 4

    def test_a_refused_contract_change_mentions_the_publication(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.program())
        emulator.fault("PUT .*/properties", status=400, body={"message": "The contract cannot be changed."})
        with pytest.raises(Invalid, match=r"(?s)contract.*\n  next: .*published") as refusal:
            stack.up(self.program(**self.change("uses_standard_contract")))
        assert_readable(refusal.value)

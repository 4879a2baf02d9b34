from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from provider.tools.emulators import RunningEmulator
from tests.resources.card import SUBJECT, Card, assert_readable, write_requests
from tests.resources.examples import OFFERS, OTHER_OFFER
from tests.resources.harness import UNKNOWN, CheckFailed, Declaration, Plugin, Program, Ref, Stack
from tests.resources.mocked import register_program

from pulumi_partnercenter import AdoptionRefused, InputError, Invalid, Offer, OfferProperties

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
        "terms_of_use": "",
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
        "offer_type": "AzureApplication",
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


def test_a_preview_refuses_the_standard_contract_for_business_central(offline: None) -> None:
    def program() -> None:
        offer = Offer(
            "offer", offer_id="contoso-app", offer_type="AzureDynamics365BusinessCentral", alias="Contoso"
        )
        OfferProperties("properties", offer=offer.id, uses_standard_contract=True)

    properties = register_program(program, preview=True)["properties"]
    with pytest.raises(CheckFailed, match=r"uses_standard_contract: .* have own terms; give terms_of_use"):
        Plugin({}).check(OfferProperties, {}, properties.inputs)


class TestUnmanagedArguments:
    """What a program does not give stays as the offer has it."""

    PORTAL: ClassVar[dict[str, Any]] = {
        "useEnterpriseContract": True,
        "appVersion": "24.0.0.0",
        "leveledCategories": {"finance": [], "sales": [], "analytics": []},
        "industries": ["Retail"],
        "hideKeys": ["k3y-of-contoso"],
    }
    """More categories than the provider takes: a person wrote them."""

    @pytest.fixture
    def document(self, stack: Stack, emulator: RunningEmulator) -> Callable[[], dict[str, Any]]:
        """The properties of an offer that a person filled in, in a stack that has the offer alone."""
        stack.up(OFFERS)
        product = stack.state["offer"].id

        def read() -> dict[str, Any]:
            (row,) = [row for row in emulator.state()["properties"] if row["productID"] == product]
            return row

        self.path = f"/v1.0/ingestion/products/{product}/properties/{read()['id']}"
        emulator.portal(self.path, **self.PORTAL)
        return read

    def program(self, **arguments: Any) -> Program:
        return {**OFFERS, SUBJECT: Declaration(OfferProperties, {"offer": Ref("offer"), **arguments})}

    def members(self, document: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        return {name: document()[name] for name in self.PORTAL}

    def test_properties_without_arguments_are_adopted_without_a_write(self, document, stack, emulator):
        emulator.clear()
        stack.up(self.program())
        assert write_requests(emulator) == []
        assert self.members(document) == self.PORTAL

    @pytest.mark.parametrize("adopt", [False, True])
    def test_an_argument_that_is_the_same_is_adopted_without_a_write(self, adopt, document, stack, emulator):
        emulator.clear()
        stack.up(self.program(app_version="24.0.0.0", adopt=adopt))
        assert write_requests(emulator) == []

    def test_a_different_argument_is_refused_by_its_name_alone(self, document, stack):
        with pytest.raises(AdoptionRefused, match="app_version") as refusal:
            stack.up(self.program(app_version="25.0.0.0"))
        assert not any(name in str(refusal.value) for name in ("industries", "categories", "contract"))
        assert self.members(document) == self.PORTAL

    def test_adopt_writes_what_is_given_and_nothing_else(self, document, stack, emulator):
        stack.up(self.program(app_version="25.0.0.0", adopt=True))
        assert self.members(document) == self.PORTAL | {"appVersion": "25.0.0.0"}
        emulator.clear()
        assert stack.up(self.program(app_version="25.0.0.0", adopt=True)) == {}
        assert emulator.requests() == []

    def test_a_change_of_what_is_not_given_is_no_drift_and_stays(self, document, stack, emulator):
        stack.up(self.program(industries=["Retail"]))
        fingerprint = stack.state[SUBJECT].outputs["fingerprint"]
        emulator.portal(self.path, appVersion="26.0.0.0", useEnterpriseContract=False)
        assert stack.refresh() == {}
        assert stack.state[SUBJECT].outputs["fingerprint"] == fingerprint
        assert stack.up(self.program(industries=["Retail"])) == {}
        stack.up(self.program(industries=["Health"]))
        assert document()["appVersion"] == "26.0.0.0"
        assert document()["useEnterpriseContract"] is False

    @pytest.mark.parametrize(
        ("argument", "empty", "member"),
        [
            ("uses_standard_contract", False, "useEnterpriseContract"),
            ("app_version", "", "appVersion"),
            ("categories", {}, "leveledCategories"),
            ("industries", [], "industries"),
        ],
    )
    @pytest.mark.parametrize("is_adopted_first", [False, True])
    def test_an_empty_argument_is_given_and_clears(
        self, argument, empty, member, is_adopted_first, document, stack, emulator
    ):
        if is_adopted_first:
            stack.up(self.program())
        program = self.program(**{argument: empty}, adopt=True)
        assert list(stack.preview(program)) == [SUBJECT]
        stack.up(program)
        assert not document()[member]
        assert stack.up(program) == {}
        emulator.portal(self.path, **{member: self.PORTAL[member]})
        assert stack.refresh() == {SUBJECT: [argument]}
        assert stack.up(program) == {SUBJECT: "update"}
        assert not document()[member]

    @pytest.mark.parametrize("categories", [{}, {"finance": []}])
    def test_keys_of_a_map_are_removed_after_a_stale_etag_too(self, categories, document, stack, emulator):
        emulator.fault("PUT .*/properties", status=412, times=1)
        stack.up(self.program(categories=categories, adopt=True))
        assert document()["leveledCategories"] == categories

    def test_an_argument_that_is_no_longer_given_stays(self, document, stack, emulator, capsys):
        stack.up(self.program(app_version="24.0.0.0", industries=["Retail"]))
        assert stack.preview(self.program(industries=["Retail"])) == {SUBJECT: "update"}
        assert "app_version: no longer given, stays as the offer has it" in capsys.readouterr().out
        assert stack.up(self.program(industries=["Retail"])) == {SUBJECT: "update"}
        assert self.members(document) == self.PORTAL
        emulator.portal(self.path, appVersion="26.0.0.0")
        assert stack.refresh() == {}
        assert stack.up(self.program(industries=["Retail"])) == {}

    def test_an_unknown_argument_is_given(self, document, stack):
        assert stack.preview(self.program(app_version=UNKNOWN)) == {SUBJECT: "create"}
        stack.up(self.program())
        assert stack.preview(self.program(app_version=UNKNOWN)) == {SUBJECT: "update"}

    def test_own_terms_need_a_word_about_a_standard_contract_of_the_offer(self, document, stack):
        with pytest.raises(
            InputError, match=r"(?s)terms_of_use.*next: set uses_standard_contract=False"
        ) as error:
            stack.up(self.program(terms_of_use="Own terms.", adopt=True))
        assert_readable(error.value)
        stack.up(self.program(terms_of_use="Own terms.", uses_standard_contract=False, adopt=True))
        assert document()["termsOfUse"] == "Own terms."

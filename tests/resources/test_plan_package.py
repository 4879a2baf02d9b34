from __future__ import annotations

from typing import Any, ClassVar

import pytest
from provider.tools.emulators import Serving
from tests.resources import samples
from tests.resources.card import SUBJECT, Card, assert_readable, id_within_nobody, writes
from tests.resources.examples import MANAGED, OTHER_PLAN, PLANS
from tests.resources.harness import UNKNOWN, Declared, Plugin, Ref, Stack
from tests.resources.mocked import declared

from pulumi_partnercenter import InputError, Invalid, Offer, Package, Plan, PlanPackage

TENANT = "aaaaaaaa-0000-4000-8000-000000000001"
PRINCIPAL = "bbbbbbbb-0000-4000-8000-000000000002"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
TAGS = {
    "name": "tags",
    "definition": "/providers/contoso/tags",
    "parameters": {"tag": {"value": "cost"}, "count": 2},
    "sku": "Free",
}
PACKAGES = {
    "package": Declared(Package, {"offer": Ref("offer"), "source": samples.application("contoso")}),
    "next_package": Declared(
        Package, {"offer": Ref("offer"), "source": samples.application("next", outputs={})}
    ),
}

OFFER = "0b6b7f5c-0000-4000-8000-000000000000"
"""The id of an offer that is not there."""


class TestPlanPackage(Card):
    kind = PlanPackage
    parents: ClassVar[dict[str, Declared]] = {**PLANS, **PACKAGES}
    beside: ClassVar[dict[str, Declared]] = {**OTHER_PLAN, **PACKAGES}
    first: ClassVar[dict[str, Any]] = {
        "plan": Ref("plan"),
        "version": "1.0.0",
        "package": Ref("package"),
        "tenant": TENANT.upper(),
        "authorizations": [
            {"principal": PRINCIPAL, "role": "Owner"},
            {"principal": PRINCIPAL.upper(), "role": READER.upper()},
        ],
        "allowed_actions": ["Microsoft.Storage/*;Microsoft.Insights/*", "Microsoft.Compute/*"],
        "allowed_data_actions": ["Microsoft.Storage/read"],
        "deployment_mode": "Complete",
        "policies": [TAGS],
        "allows_jit_access": True,
        "allows_customer_actions": True,
        "publisher_management": "NotManaged",
        "customer_access": "Enabled",
        "government_tenant": TENANT,
        "government_authorizations": [{"principal": PRINCIPAL, "role": "Contributor"}],
        "subtype": MANAGED,
    }
    second: ClassVar[dict[str, Any]] = {
        "version": "1.0.1",
        "package": Ref("next_package"),
        "tenant": PRINCIPAL,
        "authorizations": [{"principal": TENANT, "role": "Owner"}],
        "allowed_actions": [],
        "allowed_data_actions": [],
        "deployment_mode": "Incremental",
        "policies": [],
        "allows_jit_access": False,
        "allows_customer_actions": False,
        "publisher_management": "Managed",
        "customer_access": "Disabled",
        "government_tenant": "",
        "government_authorizations": [],
        "subtype": "",
    }
    together: ClassVar[dict[str, dict[str, Any]]] = {
        "allows_customer_actions": {"allowed_actions": [], "allowed_data_actions": []}
    }
    others = {"plan": Ref("other_plan")}
    members: ClassVar[dict[str, tuple[str, Any]]] = {
        "version": ("version", "0.0.9"),
        "package": ("packageReferences", []),
        "tenant": ("publicAzureTenantID", PRINCIPAL),
        "authorizations": ("publicAzureAuthorizations", []),
        "allowed_actions": ("allowedCustomerActions", ["Microsoft.Compute/*;Microsoft.Web/*"]),
        "allowed_data_actions": ("allowedDataActions", []),
        "deployment_mode": ("deploymentMode", "Incremental"),
        "policies": ("policies", []),
        "allows_jit_access": ("allowJitAccess", False),
        "allows_customer_actions": ("canEnableCustomerActions", False),
        "publisher_management": ("publisherManagementMode", "Managed"),
        "customer_access": ("customerAccessEnableState", "Disabled"),
        "government_tenant": ("azureGovernmentTenantID", "string"),
        "government_authorizations": ("azureGovernmentAuthorizations", []),
    }
    keys: ClassVar[dict[str, tuple[str, ...]]] = {
        "publicAzureAuthorizations": ("principalID", "roleDefinitionID"),
        "azureGovernmentAuthorizations": ("principalID", "roleDefinitionID"),
        "policies": ("policyName",),
        "packageReferences": ("value",),
    }
    needed = ("tenant", "authorizations")
    collection = "packageConfigurations"
    is_singleton = True

    def document(self, emulator: Serving, stack: Stack) -> dict[str, Any]:
        variant = stack.state[SUBJECT].id.split("/")[1]
        (found,) = [each for each in emulator.state()[self.collection] if each.get("variantID") == variant]
        return found

    def meaning(self, member: str, value: Any) -> Any:
        """Of a reference the package; what the service calls its type is always the same."""
        return [each["value"] for each in value] if member == "packageReferences" else value

    def test_a_fresh_one_is_taken_over_unasked(self, stack: Stack, emulator: Serving) -> None:
        stack.up(self.parents)
        emulator.clear()
        assert stack.up(self.program())[SUBJECT] == "create"
        assert [each["method"] for each in writes(emulator)] == ["PUT"]

    def test_what_is_sent_is_what_was_said(self, stack: Stack, emulator: Serving) -> None:
        stack.up(self.program())
        document = self.document(emulator, stack)
        package = stack.state["package"].id.split("/")[1]
        assert document["packageReferences"] == [{"type": "AzureApplicationPackage", "value": package}]
        assert document["publicAzureTenantID"] == TENANT
        assert document["publicAzureAuthorizations"] == [
            {"principalID": PRINCIPAL, "roleDefinitionID": "Owner"},
            {"principalID": PRINCIPAL, "roleDefinitionID": READER},
        ]
        assert document["allowedCustomerActions"] == [
            "Microsoft.Compute/*",
            "Microsoft.Insights/*",
            "Microsoft.Storage/*",
        ]
        assert document["policies"] == [
            {
                "policyName": "tags",
                "policyDefinitionID": "/providers/contoso/tags",
                "policyParameters": '{"count":2,"tag":{"value":"cost"}}',
                "policySku": "Free",
            }
        ]

    @pytest.mark.parametrize(
        "same",
        [
            {"allowed_actions": ["Microsoft.Compute/* ; Microsoft.Storage/*;", "Microsoft.Insights/*"]},
            {"policies": [TAGS | {"parameters": '{"count": 2.0, "tag": {"value": "cost"}}'}]},
            {"tenant": TENANT},
        ],
        ids=["joined", "text", "case"],
    )
    def test_another_spelling_is_no_change(
        self, same: dict[str, Any], stack: Stack, emulator: Serving
    ) -> None:
        stack.up(self.program())
        assert stack.up(self.program(**same)) == {}

    def test_actions_that_the_portal_joined_stay_joined(self, stack: Stack, emulator: Serving) -> None:
        stack.up(self.program())
        joined = ["Microsoft.Storage/*;Microsoft.Insights/*;Microsoft.Compute/*"]
        emulator.portal(self.path(emulator, stack), allowedCustomerActions=joined)
        assert stack.refresh() == {}
        stack.up(self.program(version="1.0.1"))
        assert self.document(emulator, stack)["allowedCustomerActions"] == joined

    @pytest.mark.parametrize("part", ["authorizations", "policies"])
    def test_what_the_portal_keeps_in_an_element_survives_its_change(
        self, part: str, stack: Stack, emulator: Serving
    ) -> None:
        stack.up(self.program())
        member = self.members[part][0]
        marked = [{**each, "portal": "kept"} for each in self.document(emulator, stack)[member]]
        emulator.portal(self.path(emulator, stack), **{member: marked})
        changes = {
            "authorizations": self.first["authorizations"][1:],
            "policies": [TAGS | {"parameters": {}}],
        }
        stack.up(self.program(**{part: changes[part]}))
        after = self.document(emulator, stack)[member]
        assert after != marked
        assert all(each["portal"] == "kept" for each in after)

    def test_a_solution_template_sends_its_package_only(self, stack: Stack, emulator: Serving) -> None:
        template = Declared(Plan, {**PLANS["plan"].arguments, "subtype": "solution-template"})
        parents = {**self.parents, "plan": template}
        least = {"plan": Ref("plan"), "version": "1.0.0", "package": Ref("package")}
        stack.up({**parents, SUBJECT: Declared(PlanPackage, least)})
        document = self.document(emulator, stack)
        assert document["version"] == "1.0.0"
        assert not {"deploymentMode", "publisherManagementMode", "policies"} & document.keys()
        assert stack.refresh() == {}
        assert stack.up({**parents, SUBJECT: Declared(PlanPackage, least)}) == {}

    @pytest.mark.parametrize(
        ("subtype", "arguments", "words"),
        [
            ("solution-template", {"tenant": TENANT, "policies": [TAGS]}, "tenant, policies: only managed"),
            (MANAGED, {}, "needs a tenant"),
        ],
    )
    def test_the_drafts_type_decides_where_the_program_does_not_know(
        self, subtype: str, arguments: dict[str, Any], words: str, stack: Stack, emulator: Serving
    ) -> None:
        plan = Declared(Plan, {**PLANS["plan"].arguments, "subtype": subtype})
        least = {"plan": Ref("plan"), "version": "1.0.0", "package": Ref("package")}
        program = {**self.parents, "plan": plan, SUBJECT: Declared(PlanPackage, {**least, **arguments})}
        with pytest.raises(InputError, match=words) as wrong:
            stack.up(program)
        assert_readable(wrong.value)
        assert stack.state["plan"].id.split("/")[0] in str(wrong.value)

    def test_a_package_that_was_published_is_kept_in_words(
        self, stack: Stack, emulator: Serving, capsys: pytest.CaptureFixture[str]
    ) -> None:
        stack.up(self.program())
        first = stack.state["package"].id
        emulator.publish(stack.state["offer"].id)
        other = Declared(Package, {"offer": Ref("offer"), "source": samples.application("v2", variables={})})
        changed = {**self.program(version="1.0.1"), "package": other}
        assert stack.up(changed) == {"package": "replace", SUBJECT: "update"}
        assert f"kept: package {first}" in capsys.readouterr().out
        assert stack.refresh() == {}
        assert stack.up(changed) == {}

    def test_plans_without_packages_are_told_at_once(
        self, stack: Stack, emulator: Serving, pauses: list[float]
    ) -> None:
        machine = {"offer_id": "contoso-machine", "offer_type": "AzureThirdPartyVirtualMachine", "alias": "M"}
        stack.up(
            {
                "offer": Declared(Offer, machine),
                "plan": Declared(Plan, {"offer": Ref("offer"), "plan_id": "gold", "name": "Gold"}),
            }
        )
        plan = stack.state["plan"].id
        pauses.clear()
        with stack.operation() as plugin:
            arguments = {"plan": plan, "version": "1.0.0", "package": f"{plan.split('/')[0]}/p"}
            checked = plugin.check(PlanPackage, {}, arguments)
            with pytest.raises(InputError, match="AzureThirdPartyVirtualMachine") as wrong:
                plugin.create(PlanPackage, checked)
        assert_readable(wrong.value)
        assert pauses == []

    def test_a_refusal_says_what_to_look_at(self, stack: Stack, emulator: Serving) -> None:
        stack.up(self.program())
        emulator.fault("PUT .*packageConfigurations", status=400, body="ICH50400 - too old")
        with pytest.raises(Invalid, match=r"(?s)too old.*\n  next: the version has to grow") as refused:
            stack.up(self.program(version="0.9.0"))
        assert_readable(refused.value)

    @pytest.mark.parametrize(
        ("version", "package", "is_remarked"),
        [
            ("1.0.0", "other", True),
            ("0.10.9", UNKNOWN, True),
            ("1.0.1", "other", False),
            ("1.0.10", UNKNOWN, False),
            (UNKNOWN, "other", False),
            ("1.0.0", id_within_nobody("package").split("/")[1], False),
        ],
    )
    def test_a_version_that_does_not_grow_with_the_package_is_remarked(
        self, version: Any, package: Any, is_remarked: bool, capsys: pytest.CaptureFixture[str], offline: None
    ) -> None:
        plugin, known = Plugin({}), self.known()
        old = plugin.check(PlanPackage, {}, known)
        name = package if package is UNKNOWN else f"{OFFER}/{package}"
        new = plugin.check(PlanPackage, old, {**known, "version": version, "package": name})
        capsys.readouterr()
        plugin.provider(old["__provider"]).diff(f"{OFFER}/plan", {**old, "fingerprint": ""}, new)
        assert ("has to grow" in capsys.readouterr().out) == is_remarked

    @pytest.mark.parametrize(
        ("change", "is_remarked"),
        [
            ({"package": UNKNOWN, "package_digest": "sha256:one"}, False),
            ({"package": UNKNOWN, "package_digest": "sha256:two"}, True),
            (
                {"package": "0b6b7f5c-0000-4000-8000-000000000000/other", "package_digest": "sha256:one"},
                False,
            ),
            ({"package": "0b6b7f5c-0000-4000-8000-000000000000/other", "package_digest": UNKNOWN}, True),
            ({"package": UNKNOWN, "package_digest": UNKNOWN}, False),
            (
                {
                    "plan": id_within_nobody("another"),
                    "package": "0b6b7f5c-0000-4000-8000-000000000000/other",
                },
                False,
            ),
            ({"plan": UNKNOWN, "package": UNKNOWN, "package_digest": "sha256:two"}, False),
        ],
        ids=[
            "renamed",
            "new content",
            "same content",
            "another id",
            "unknown",
            "another plan",
            "replaced plan",
        ],
    )
    def test_a_version_has_to_grow_with_other_content_only_and_the_plan_is_named(
        self,
        change: dict[str, Any],
        is_remarked: bool,
        capsys: pytest.CaptureFixture[str],
        offline: None,
    ) -> None:
        plugin = Plugin({})
        known = {**self.known(), "plan_id": "gold", "package_digest": "sha256:one"}
        old = plugin.check(PlanPackage, {}, known)
        new = plugin.check(PlanPackage, old, {**known, **change})
        capsys.readouterr()
        plugin.provider(old["__provider"]).diff(
            "0b6b7f5c-0000-4000-8000-000000000000/plan", {**old, "fingerprint": ""}, new
        )
        assert ("plan package of plan gold: version" in capsys.readouterr().out) == is_remarked


def test_the_subtype_is_the_plans() -> None:
    def program() -> None:
        offer = Offer("offer", offer_id="contoso", offer_type="AzureApplication", alias="Contoso")
        plan = Plan("plan", offer=offer.id, plan_id="gold", name="Gold", subtype=MANAGED)
        package = Package("package", offer=offer.id, source=samples.application("contoso"))
        PlanPackage("made", plan=plan.id, version="1.0.0", package=package.id)

    inputs = declared(program)["made"].inputs
    assert inputs["subtype"] == MANAGED
    assert inputs["plan_id"] == "gold"
    assert inputs["package_digest"].startswith("sha256:")

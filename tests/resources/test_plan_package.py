from __future__ import annotations

from typing import Any, ClassVar

import pytest
from provider.tools.emulators import RunningEmulator
from tests.resources import samples
from tests.resources.card import SUBJECT, Card, assert_readable, missing_child_id, write_requests
from tests.resources.examples import MANAGED, OTHER_PLAN, PLANS
from tests.resources.harness import UNKNOWN, Declaration, Plugin, Ref, Stack
from tests.resources.mocked import register_program

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
    "package": Declaration(Package, {"offer": Ref("offer"), "source": samples.application("contoso")}),
    "next_package": Declaration(
        Package, {"offer": Ref("offer"), "source": samples.application("next", outputs={})}
    ),
}

OFFER = "0b6b7f5c-0000-4000-8000-000000000000"
"""Id of an offer that does not exist."""


class TestPlanPackage(Card):
    kind = PlanPackage
    parents: ClassVar[dict[str, Declaration]] = {**PLANS, **PACKAGES}
    other_parents: ClassVar[dict[str, Declaration]] = {**OTHER_PLAN, **PACKAGES}
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
    companions: ClassVar[dict[str, dict[str, Any]]] = {
        "allows_customer_actions": {"allowed_actions": [], "allowed_data_actions": []}
    }
    immutable_changes = {"plan": Ref("other_plan")}
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
    element_keys: ClassVar[dict[str, tuple[str, ...]]] = {
        "publicAzureAuthorizations": ("principalID", "roleDefinitionID"),
        "azureGovernmentAuthorizations": ("principalID", "roleDefinitionID"),
        "policies": ("policyName",),
        "packageReferences": ("value",),
    }
    required_arguments = ("tenant", "authorizations")
    collection = "packageConfigurations"
    is_singleton = True

    def document(self, emulator: RunningEmulator, stack: Stack) -> dict[str, Any]:
        variant = stack.state[SUBJECT].id.split("/")[1]
        (row,) = [row for row in emulator.state()[self.collection] if row.get("variantID") == variant]
        return row

    def significant_value(self, member: str, value: Any) -> Any:
        """Keep only the package of a reference: the service's type for it is always the same."""
        return [reference["value"] for reference in value] if member == "packageReferences" else value

    def test_a_fresh_plan_package_is_adopted(self, stack: Stack, emulator: RunningEmulator) -> None:
        stack.up(self.parents)
        emulator.clear()
        assert stack.up(self.program())[SUBJECT] == "create"
        assert [request["method"] for request in write_requests(emulator)] == ["PUT"]

    def test_a_plan_package_is_stored_in_canonical_form(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
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
        "arguments",
        [
            {"allowed_actions": ["Microsoft.Compute/* ; Microsoft.Storage/*;", "Microsoft.Insights/*"]},
            {"policies": [TAGS | {"parameters": '{"count": 2.0, "tag": {"value": "cost"}}'}]},
            {"tenant": TENANT},
        ],
        ids=["joined", "text", "case"],
    )
    def test_an_equivalent_plan_package_is_no_change(
        self, arguments: dict[str, Any], stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.program())
        assert stack.up(self.program(**arguments)) == {}

    def test_actions_joined_by_the_portal_stay_joined(self, stack: Stack, emulator: RunningEmulator) -> None:
        stack.up(self.program())
        joined_actions = ["Microsoft.Storage/*;Microsoft.Insights/*;Microsoft.Compute/*"]
        emulator.portal(self.path(emulator, stack), allowedCustomerActions=joined_actions)
        assert stack.refresh() == {}
        stack.up(self.program(version="1.0.1"))
        assert self.document(emulator, stack)["allowedCustomerActions"] == joined_actions

    @pytest.mark.parametrize("list_name", ["authorizations", "policies"])
    def test_unmodelled_members_of_a_list_element_survive_its_update(
        self, list_name: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.program())
        member = self.members[list_name][0]
        elements = [{**element, "portal": "kept"} for element in self.document(emulator, stack)[member]]
        emulator.portal(self.path(emulator, stack), **{member: elements})
        changes = {
            "authorizations": self.first["authorizations"][1:],
            "policies": [TAGS | {"parameters": {}}],
        }
        stack.up(self.program(**{list_name: changes[list_name]}))
        changed_elements = self.document(emulator, stack)[member]
        assert changed_elements != elements
        assert all(element["portal"] == "kept" for element in changed_elements)

    def test_a_solution_template_sends_only_its_package(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        template = Declaration(Plan, {**PLANS["plan"].arguments, "subtype": "solution-template"})
        parents = {**self.parents, "plan": template}
        minimal_arguments = {"plan": Ref("plan"), "version": "1.0.0", "package": Ref("package")}
        stack.up({**parents, SUBJECT: Declaration(PlanPackage, minimal_arguments)})
        document = self.document(emulator, stack)
        assert document["version"] == "1.0.0"
        assert not {"deploymentMode", "publisherManagementMode", "policies"} & document.keys()
        assert stack.refresh() == {}
        assert stack.up({**parents, SUBJECT: Declaration(PlanPackage, minimal_arguments)}) == {}

    @pytest.mark.parametrize(
        ("subtype", "arguments", "message"),
        [
            ("solution-template", {"tenant": TENANT, "policies": [TAGS]}, "tenant, policies: only managed"),
            (MANAGED, {}, "needs a tenant"),
        ],
    )
    def test_the_subtype_of_the_draft_decides_when_the_program_has_none(
        self, subtype: str, arguments: dict[str, Any], message: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        plan = Declaration(Plan, {**PLANS["plan"].arguments, "subtype": subtype})
        minimal_arguments = {"plan": Ref("plan"), "version": "1.0.0", "package": Ref("package")}
        program = {
            **self.parents,
            "plan": plan,
            SUBJECT: Declaration(PlanPackage, {**minimal_arguments, **arguments}),
        }
        with pytest.raises(InputError, match=message) as error:
            stack.up(program)
        assert_readable(error.value)
        assert stack.state["plan"].id.split("/")[0] in str(error.value)

    def test_a_published_package_is_kept_with_a_message(
        self, stack: Stack, emulator: RunningEmulator, capsys: pytest.CaptureFixture[str]
    ) -> None:
        stack.up(self.program())
        first_package = stack.state["package"].id
        emulator.publish(stack.state["offer"].id)
        second_package = Declaration(
            Package, {"offer": Ref("offer"), "source": samples.application("v2", variables={})}
        )
        changed_program = {**self.program(version="1.0.1"), "package": second_package}
        assert stack.up(changed_program) == {"package": "replace", SUBJECT: "update"}
        assert f"kept: package {first_package}" in capsys.readouterr().out
        assert stack.refresh() == {}
        assert stack.up(changed_program) == {}

    def test_an_offer_type_without_packages_is_refused_immediately(
        self, stack: Stack, emulator: RunningEmulator, pauses: list[float]
    ) -> None:
        offer = {"offer_id": "contoso-machine", "offer_type": "AzureThirdPartyVirtualMachine", "alias": "M"}
        stack.up(
            {
                "offer": Declaration(Offer, offer),
                "plan": Declaration(Plan, {"offer": Ref("offer"), "plan_id": "gold", "name": "Gold"}),
            }
        )
        plan = stack.state["plan"].id
        pauses.clear()
        with stack.operation() as plugin:
            arguments = {"plan": plan, "version": "1.0.0", "package": f"{plan.split('/')[0]}/p"}
            canonical = plugin.check(PlanPackage, {}, arguments)
            with pytest.raises(InputError, match="AzureThirdPartyVirtualMachine") as error:
                plugin.create(PlanPackage, canonical)
        assert_readable(error.value)
        assert pauses == []

    def test_a_refused_plan_package_advises_a_higher_version(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.program())
        emulator.fault("PUT .*packageConfigurations", status=400, body="ICH50400 - too old")
        with pytest.raises(Invalid, match=r"(?s)too old.*\n  next: the version has to grow") as refusal:
            stack.up(self.program(version="0.9.0"))
        assert_readable(refusal.value)

    @pytest.mark.parametrize(
        ("version", "package", "is_warning"),
        [
            ("1.0.0", "other", True),
            ("0.10.9", UNKNOWN, True),
            ("1.0.1", "other", False),
            ("1.0.10", UNKNOWN, False),
            (UNKNOWN, "other", False),
            ("1.0.0", missing_child_id("package").split("/")[1], False),
        ],
    )
    def test_a_new_package_without_a_higher_version_is_a_warning(
        self, version: Any, package: Any, is_warning: bool, capsys: pytest.CaptureFixture[str], offline: None
    ) -> None:
        plugin, arguments = Plugin({}), self.known_arguments()
        old = plugin.check(PlanPackage, {}, arguments)
        name = package if package is UNKNOWN else f"{OFFER}/{package}"
        new = plugin.check(PlanPackage, old, {**arguments, "version": version, "package": name})
        capsys.readouterr()
        plugin.provider(old["__provider"]).diff(f"{OFFER}/plan", {**old, "fingerprint": ""}, new)
        assert ("has to grow" in capsys.readouterr().out) == is_warning

    @pytest.mark.parametrize(
        ("change", "is_warning"),
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
                    "plan": missing_child_id("another"),
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
    def test_only_changed_package_content_needs_a_higher_version(
        self,
        change: dict[str, Any],
        is_warning: bool,
        capsys: pytest.CaptureFixture[str],
        offline: None,
    ) -> None:
        plugin = Plugin({})
        arguments = {**self.known_arguments(), "plan_id": "gold", "package_digest": "sha256:one"}
        old = plugin.check(PlanPackage, {}, arguments)
        new = plugin.check(PlanPackage, old, {**arguments, **change})
        capsys.readouterr()
        plugin.provider(old["__provider"]).diff(
            "0b6b7f5c-0000-4000-8000-000000000000/plan", {**old, "fingerprint": ""}, new
        )
        assert ("plan package of plan gold: version" in capsys.readouterr().out) == is_warning


def test_the_constructor_takes_the_subtype_from_the_plan() -> None:
    def program() -> None:
        offer = Offer("offer", offer_id="contoso", offer_type="AzureApplication", alias="Contoso")
        plan = Plan("plan", offer=offer.id, plan_id="gold", name="Gold", subtype=MANAGED)
        package = Package("package", offer=offer.id, source=samples.application("contoso"))
        PlanPackage("made", plan=plan.id, version="1.0.0", package=package.id)

    inputs = register_program(program)["made"].inputs
    assert inputs["subtype"] == MANAGED
    assert inputs["plan_id"] == "gold"
    assert inputs["package_digest"].startswith("sha256:")

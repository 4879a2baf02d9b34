"""What a plan of an Azure application deploys, and who manages it. Source: submission API 5.13, limits 9.1."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pulumi
from annotated_types import MaxLen, MinLen
from pulumi import Input

from .._carried import holds_unknown
from .._resource import (
    Derived,
    Immutable,
    Implied,
    Inputs,
    Local,
    Meaning,
    Outputs,
    Provider,
    Resource,
    Seen,
    Unordered,
    WriteOnly,
)
from ..errors import InputError, Stale
from ._drafts import Document, DraftKind
from ._identities import Actions, Authorization, Policy, actions_wanted, used_tenant
from ._packages import require_package, yield_to_equal
from ._rules import OptionalGuid, PackageReference, PlanReference, Word, advising, once_by
from ._variants import subtype_there
from ._vocabularies import CUSTOMER_ACCESS
from .package import Package
from .plan import Plan

if TYPE_CHECKING:
    from ..api.submission import SubmissionApi
    from ..api.submission.configuration_models import PackageConfiguration

__all__ = ["PlanPackage"]

MANAGED, TEMPLATE = "managed-application", "solution-template"
SUBTYPES = {
    "AzureManagedApplicationPackageConfiguration": MANAGED,
    "AzureSolutionTemplatePackageConfiguration": TEMPLATE,
}
VERSION = re.compile(r"(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*)){2}")


def _version(value: str) -> str:
    if not VERSION.fullmatch(value):
        raise ValueError("must be three numbers such as 1.0.0, without leading zeros")
    return value


def _managed_applications_are_managed(want: PlanPackageInputs) -> str | None:
    has_all = all(getattr(want, name, True) for name in ("tenant", "authorizations"))
    if want.subtype == MANAGED and not has_all:
        return "tenant, authorizations: a managed application needs a tenant and at least one authorization"
    return None


def _solution_templates_are_not(want: PlanPackageInputs) -> str | None:
    if want.subtype != TEMPLATE:
        return None
    given = PlanPackageInputs.said_beside(want, "plan", "version", "package", "subtype")
    return (
        f"{', '.join(given)}: only managed applications have it, not a solution template" if given else None
    )


def _require_customer_actions(want: PlanPackageInputs) -> str | None:
    names = [name for name in ("allowed_actions", "allowed_data_actions") if getattr(want, name, ())]
    if want.allows_customer_actions or not names:
        return None
    return f"{', '.join(names)}: customers may do nothing of it; set allows_customer_actions=True"


def _package_of_the_same_offer(want: PlanPackageInputs) -> str | None:
    if want.package.split("/")[0] != want.plan.split("/")[0]:
        return "package: is of another offer than the plan"
    return None


class PlanPackageInputs(Inputs):
    """What a program may set. Solution templates have `version` and `package` only."""

    rules = (
        _managed_applications_are_managed,
        _solution_templates_are_not,
        _require_customer_actions,
        _package_of_the_same_offer,
    )

    plan: Annotated[PlanReference, Immutable]
    """`.id` of the plan."""
    version: Annotated[str, Meaning(_version)]
    """Three numbers, `1.0.0`; has to grow with each new package."""
    package: PackageReference
    """`.id` of the package."""
    tenant: OptionalGuid = ""
    """The publisher's tenant, from which customers' deployments are managed."""
    authorizations: Annotated[list[Authorization], Unordered, MaxLen(100)] = []
    """`[{"principal": GUID, "role": GUID, "Owner" or "Contributor"}]`, at most 100."""
    allowed_actions: Actions = []
    """Control-plane actions that customers may do beside reading, `["Microsoft.Compute/*"]`. A set."""
    allowed_data_actions: Actions = []
    """Data-plane actions that customers may do. A set."""
    deployment_mode: Literal["Incremental", "Complete"] = "Incremental"
    """How an update is deployed; `Complete` deletes what the template does not name."""
    policies: Annotated[list[Policy], Unordered, once_by("name"), MaxLen(5)] = []
    """`[{"name": …, "definition": …, "parameters": {…}, "sku": …}]`, at most 5; parameters as JSON text or object."""
    allows_jit_access: bool = False
    """Access is asked for just in time."""
    allows_customer_actions: bool = False
    """Customers may do `allowed_actions`."""
    publisher_management: Annotated[Word, MinLen(1)] = "Managed"
    """Whether the publisher manages deployments."""
    customer_access: Annotated[str, CUSTOMER_ACCESS] = "Disabled"
    """`Enabled`: customers have full access to the managed resource group."""
    government_tenant: OptionalGuid = ""
    """The same as `tenant` in Azure Government."""
    government_authorizations: Annotated[list[Authorization], Unordered, MaxLen(100)] = []
    """The same as `authorizations` in Azure Government."""
    subtype: Annotated[Literal["managed-application", "solution-template", ""], WriteOnly, Implied] = ""
    """What the plan is; taken from the `Plan` whose `.id` is given. Empty: not judged before the service is asked."""
    plan_id: Annotated[str, Local, Derived] = ""
    """The plan's own id, for messages; from the constructor."""
    package_digest: Annotated[str, Local, Derived] = ""
    """Digest of the package's content; from the constructor."""


class PlanPackageOutputs(Outputs):
    """What the service decides: only the `id`."""


PlanPackageSeen = Seen[PlanPackageOutputs]


def _told(plan: str, draft: PackageConfiguration) -> dict[str, Any]:
    product, _, _ = plan.partition("/")
    return {
        "version": draft.version,
        "package": ", ".join(f"{product}/{each.value}" for each in draft.package_references),
        "tenant": draft.public_azure_tenant_id,
        "authorizations": [Authorization.seen(each) for each in draft.public_azure_authorizations],
        "allowed_actions": draft.allowed_customer_actions,
        "allowed_data_actions": draft.allowed_data_actions,
        "deployment_mode": draft.deployment_mode or "Incremental",
        "policies": [Policy.seen(each) for each in draft.policies],
        "allows_jit_access": draft.allow_jit_access,
        "allows_customer_actions": draft.can_enable_customer_actions,
        "publisher_management": draft.publisher_management_mode or "Managed",
        "customer_access": draft.customer_access_enable_state or "Disabled",
        "government_tenant": used_tenant(draft.azure_government_tenant_id),
        "government_authorizations": [
            Authorization.seen(each) for each in draft.azure_government_authorizations
        ],
    }


def _wanted(want: PlanPackageInputs, draft: PackageConfiguration) -> PackageConfiguration:
    from ..api.submission.configuration_models import PackageConfiguration
    from ..api.submission.models import TypeValue
    from ..api.wire import overlaid

    package = TypeValue(type="AzureApplicationPackage", value=want.package.split("/")[1])
    references = overlaid(draft.package_references, [package], key=lambda each: each.value)
    change = PackageConfiguration(version=want.version, package_references=references)
    if SUBTYPES.get(draft.resource_type) == TEMPLATE:
        return change
    return change.over(
        PackageConfiguration(
            public_azure_tenant_id=want.tenant,
            public_azure_authorizations=Authorization.wanted(
                want.authorizations, draft.public_azure_authorizations
            ),
            allowed_customer_actions=actions_wanted(want.allowed_actions, draft.allowed_customer_actions),
            allowed_data_actions=actions_wanted(want.allowed_data_actions, draft.allowed_data_actions),
            deployment_mode=want.deployment_mode,
            policies=Policy.wanted(want.policies, draft.policies),
            allow_jit_access=want.allows_jit_access,
            can_enable_customer_actions=want.allows_customer_actions,
            publisher_management_mode=want.publisher_management,
            customer_access_enable_state=want.customer_access,
            azure_government_tenant_id=want.government_tenant,
            azure_government_authorizations=Authorization.wanted(
                want.government_authorizations, draft.azure_government_authorizations
            ),
        )
    )


def _numbers(version: object) -> list[int]:
    """Of a version that is known and right; none of any other."""
    known = isinstance(version, str) and VERSION.fullmatch(version)
    return [int(each) for each in version.split(".")] if isinstance(version, str) and known else []


def _is_another_package(was: Mapping[str, Any], want: Mapping[str, Any], *, is_lower: bool) -> bool:
    """By content where both are known, else by `id`; with neither only a lower version tells."""
    digests = [was.get("package_digest"), want["package_digest"]]
    if all(isinstance(digest, str) and digest for digest in digests):
        return len(set(digests)) > 1
    if holds_unknown(want["package"]):
        return is_lower
    return bool(was.get("package") != want["package"])


class PlanPackageKind(DraftKind[PlanPackageInputs, PlanPackageOutputs, "PackageConfiguration"]):
    noun, id_form, parent = "plan package", "<product>/<variant>", "plan"
    inputs, outputs = PlanPackageInputs, PlanPackageOutputs

    def document(self, api: SubmissionApi) -> Document[PackageConfiguration]:
        return api.configurations

    def seen(self, id: str, draft: PackageConfiguration) -> PlanPackageSeen:
        return self.as_seen(id, _told(id, draft), {"plan": id, "version": "", "package": ""})

    def wanted(self, want: PlanPackageInputs, draft: PackageConfiguration) -> PackageConfiguration:
        """The draft's type decides what the plan is, whatever the program thinks."""
        known = want.but(subtype=SUBTYPES.get(draft.resource_type, ""))
        for rule in (_managed_applications_are_managed, _solution_templates_are_not):
            if sentence := rule(known):
                raise InputError(f"plan package {want.plan}: {sentence}")
        return _wanted(want, draft)

    def ids_in(self, api: SubmissionApi, offer: str) -> Iterable[str]:
        return super().ids_in(api, offer) if self._has_any(api, offer) else []

    def find(self, api: SubmissionApi, want: PlanPackageInputs) -> PlanPackageSeen | None:
        offer = want.plan.split("/")[0]
        if not self._has_any(api, offer):
            offer_type = api.offers.get(offer).resource_type
            raise InputError(
                f"plan package {want.plan}: plans of {offer_type} offers have no package in this API",
                next="configure them in Partner Center",
            )
        found = super().find(api, want)
        if found:
            references = [each.rpartition("/")[2] for each in found.inputs["package"].split(", ") if each]
            yield_to_equal(api, want.package, references, f"plan package {want.plan}: look-up")
        return found

    def require_free(self, api: SubmissionApi, want: PlanPackageInputs, draft: PackageConfiguration) -> None:
        references = [each.value for each in draft.package_references]
        yield_to_equal(api, want.package, references, f"plan package {want.plan}: write")

    def _has_any(self, api: SubmissionApi, offer: str) -> bool:
        """Of other types of offers nothing would ever appear where we look (5.13)."""
        return api.offers.get(offer).resource_type == "AzureApplication"

    def declared(self, api: SubmissionApi, seen: PlanPackageSeen) -> dict[str, Any]:
        return {**seen.inputs, "subtype": subtype_there(api, seen.id)}

    def update(self, api: SubmissionApi, id: str, want: PlanPackageInputs) -> PlanPackageSeen:
        with advising(
            "the version has to grow with each new package, and principals have to be in the tenant"
        ):
            seen = self._written(api, id, want)
        require_package(api, want.package, f"plan package {id}: write")
        return seen

    def _written(self, api: SubmissionApi, id: str, want: PlanPackageInputs) -> PlanPackageSeen:
        try:
            return super().update(api, id, want)
        except Stale:  # by somebody who uploaded the same, perhaps
            self.require_free(api, want, self.document(api).get(*id.split("/")))
            raise

    def remarks(self, was: Mapping[str, Any], want: Mapping[str, Any]) -> list[str]:
        """None for another plan, which begins anew, nor for a package of the same content under another `id`."""
        before, after = _numbers(was.get("version")), _numbers(want["version"])
        is_same_plan = not holds_unknown(want["plan"]) and was.get("plan") == want["plan"]
        if not is_same_plan or not (before and after) or after > before:
            return []
        if not _is_another_package(was, want, is_lower=after < before):
            return []
        plan = want["plan"] if holds_unknown(want["plan_id"]) or not want["plan_id"] else want["plan_id"]
        rule = f"version {want['version']} has to grow with the new package; it was {was['version']}"
        return [f"plan package of plan {plan}: {rule}"]


def _output_of(resource: type[Resource], name: str, reference: Input[str]) -> pulumi.Output[str]:
    """An output of the resource of this class whose `.id` is given; "" where the program has none."""

    async def find() -> pulumi.Output[str]:
        for origin in await pulumi.Output.from_input(reference).resources():
            if isinstance(origin, resource):
                output: pulumi.Output[str] = getattr(origin, name)
                return output
        return pulumi.Output.from_input("")

    awaited: Any = find()
    return pulumi.Output.from_input(awaited)


class PlanPackageProvider(Provider):
    kind, known_as = PlanPackageKind(), "PlanPackage"


class PlanPackage(Resource, module="partnercenter", name="PlanPackage"):
    """What a plan deploys and who manages it; its `id` is the plan's. Arguments: `PlanPackageInputs`."""

    provider = PlanPackageProvider

    def __init__(
        self,
        resource_name: str,
        *,
        plan: Input[str],
        version: Input[str],
        package: Input[str],
        tenant: Input[str] | None = None,
        authorizations: Input[Sequence[Input[Mapping[str, Any]]]] | None = None,
        allowed_actions: Input[Sequence[Input[str]]] | None = None,
        allowed_data_actions: Input[Sequence[Input[str]]] | None = None,
        deployment_mode: Input[str] | None = None,
        policies: Input[Sequence[Input[Mapping[str, Any]]]] | None = None,
        allows_jit_access: Input[bool] | None = None,
        allows_customer_actions: Input[bool] | None = None,
        publisher_management: Input[str] | None = None,
        customer_access: Input[str] | None = None,
        government_tenant: Input[str] | None = None,
        government_authorizations: Input[Sequence[Input[Mapping[str, Any]]]] | None = None,
        subtype: Input[str] | None = None,
        adopt: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        arguments = {
            "plan": plan,
            "version": version,
            "package": package,
            "tenant": tenant,
            "authorizations": authorizations,
            "allowed_actions": allowed_actions,
            "allowed_data_actions": allowed_data_actions,
            "deployment_mode": deployment_mode,
            "policies": policies,
            "allows_jit_access": allows_jit_access,
            "allows_customer_actions": allows_customer_actions,
            "publisher_management": publisher_management,
            "customer_access": customer_access,
            "government_tenant": government_tenant,
            "government_authorizations": government_authorizations,
            "subtype": Plan.subtype_of(plan) if subtype is None else subtype,
            "plan_id": _output_of(Plan, "plan_id", plan),
            "package_digest": _output_of(Package, "digest", package),
            "adopt": adopt,
        }
        super().__init__(resource_name, arguments, opts)

"""What a plan of an Azure application deploys, and who manages it. Source: Partner Center submission API."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from annotated_types import MaxLen, MinLen

from ..api.submission.configuration_models import PackageConfiguration
from ..api.submission.models import TypeValue
from ..errors import InputError, Stale
from ..kind import Current
from ..markers import Boolean, Derived, Immutable, Implied, Local, Meaning, Unordered, Wire, WriteOnly
from ..model import Arguments, Outputs
from ..values import holds_unknown
from ._drafts import Document, DraftKind, build_document, read_arguments
from ._identities import Actions, Authorization, Policy, actions_wanted, used_tenant
from ._packages import require_package, yield_to_equal
from ._rules import OptionalGuid, PackageReference, PlanReference, Word, once_by
from ._submission_api import SubmissionApi
from ._variants import plan_subtype
from ._vocabularies import CUSTOMER_ACCESS

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


def _managed_applications_are_managed(desired: PlanPackageArguments) -> str | None:
    has_all = all(getattr(desired, name, True) for name in ("tenant", "authorizations"))
    if desired.subtype == MANAGED and not has_all:
        return "tenant, authorizations: a managed application needs a tenant and at least one authorization"
    return None


def _solution_templates_are_not(desired: PlanPackageArguments) -> str | None:
    if desired.subtype != TEMPLATE:
        return None
    given = PlanPackageArguments.given_beside(desired, "plan", "version", "package", "subtype")
    return (
        f"{', '.join(given)}: only managed applications have it, not a solution template" if given else None
    )


def _require_customer_actions(desired: PlanPackageArguments) -> str | None:
    names = [name for name in ("allowed_actions", "allowed_data_actions") if getattr(desired, name, ())]
    if desired.allows_customer_actions or not names:
        return None
    return f"{', '.join(names)}: customers may do none of this; set allows_customer_actions=True"


def _package_of_the_same_offer(desired: PlanPackageArguments) -> str | None:
    if desired.package.split("/")[0] != desired.plan.split("/")[0]:
        return "package: belongs to another offer than the plan"
    return None


class PlanPackageArguments(Arguments):
    """Arguments of a plan's package. Solution templates take `version` and `package` only."""

    rules = (
        _managed_applications_are_managed,
        _solution_templates_are_not,
        _require_customer_actions,
        _package_of_the_same_offer,
    )

    plan: Annotated[PlanReference, Immutable]
    """`.id` of the plan."""
    version: Annotated[str, Meaning(_version), Wire("version")]
    """Three numbers, `1.0.0`. A new package needs a higher version."""
    package: PackageReference
    """`.id` of the package."""
    tenant: Annotated[OptionalGuid, Wire("public_azure_tenant_id")] = ""
    """The publisher's tenant, from which customers' deployments are managed."""
    authorizations: Annotated[
        list[Authorization], Unordered, MaxLen(100), Wire("public_azure_authorizations")
    ] = []
    """`[{"principal": GUID, "role": GUID, "Owner" or "Contributor"}]`, at most 100."""
    allowed_actions: Annotated[Actions, Wire("allowed_customer_actions")] = []
    """Control-plane actions that customers may run besides reading, `["Microsoft.Compute/*"]`. A set."""
    allowed_data_actions: Annotated[Actions, Wire("allowed_data_actions")] = []
    """Data-plane actions that customers may run. A set."""
    deployment_mode: Annotated[Literal["Incremental", "Complete"], Wire("deployment_mode")] = "Incremental"
    """Deployment mode of updates; `Complete` deletes resources that are not in the template."""
    policies: Annotated[list[Policy], Unordered, once_by("name"), MaxLen(5), Wire("policies")] = []
    """`[{"name": …, "definition": …, "parameters": {…}, "sku": …}]`, at most 5; parameters as JSON text or object."""
    allows_jit_access: Annotated[Boolean, Wire("allow_jit_access")] = False
    """Whether the publisher requests access just in time."""
    allows_customer_actions: Annotated[Boolean, Wire("can_enable_customer_actions")] = False
    """Whether customers may run `allowed_actions`."""
    publisher_management: Annotated[Word, MinLen(1), Wire("publisher_management_mode")] = "Managed"
    """Whether the publisher manages deployments."""
    customer_access: Annotated[str, CUSTOMER_ACCESS, Wire("customer_access_enable_state")] = "Disabled"
    """`Enabled`: customers have full access to the managed resource group."""
    government_tenant: Annotated[OptionalGuid, Wire("azure_government_tenant_id")] = ""
    """The same as `tenant` in Azure Government."""
    government_authorizations: Annotated[
        list[Authorization], Unordered, MaxLen(100), Wire("azure_government_authorizations")
    ] = []
    """The same as `authorizations` in Azure Government."""
    subtype: Annotated[Literal["managed-application", "solution-template", ""], WriteOnly, Implied] = ""
    """What the plan is; taken from the `Plan` whose `.id` is given. Empty: not judged before the service is asked."""
    plan_id: Annotated[str, Local, Derived] = ""
    """The plan's own id, for messages; from the constructor."""
    package_digest: Annotated[str, Local, Derived] = ""
    """Digest of the package's content; from the constructor."""


def _numbers(version: object) -> list[int]:
    """Return the three numbers of a version; none if it is unknown or invalid."""
    is_valid = isinstance(version, str) and VERSION.fullmatch(version)
    return [int(number) for number in version.split(".")] if isinstance(version, str) and is_valid else []


def _is_another_package(was: Mapping[str, Any], desired: Mapping[str, Any], *, is_lower: bool) -> bool:
    """Compare by content if both are known, otherwise by `id`. Without either, a lower version counts as another."""
    digests = [was.get("package_digest"), desired["package_digest"]]
    if all(isinstance(digest, str) and digest for digest in digests):
        return len(set(digests)) > 1
    if holds_unknown(desired["package"]):
        return is_lower
    return bool(was.get("package") != desired["package"])


class PlanPackageKind(DraftKind[PlanPackageArguments, PackageConfiguration]):
    """The package and the management of a plan; its `id` is the plan's."""

    noun, id_form, parent = "plan package", "<product>/<variant>", "plan"
    fresh = {"version": "", "package": ""}
    arguments = PlanPackageArguments
    refusal_advice = "the version has to grow with each new package, and principals have to be in the tenant"

    def document(self, api: SubmissionApi) -> Document[PackageConfiguration]:
        return api.configurations

    def read_arguments(self, id: str, draft: PackageConfiguration) -> dict[str, Any]:
        product = id.partition("/")[0]
        return {
            **read_arguments(self.arguments, draft),
            "package": ", ".join(f"{product}/{reference.value}" for reference in draft.package_references),
            "government_tenant": used_tenant(draft.azure_government_tenant_id),
        }

    def build_document(
        self, desired: PlanPackageArguments, draft: PackageConfiguration
    ) -> PackageConfiguration:
        """Build the document. The draft's type decides the kind of plan, whatever the program says."""
        subtype = SUBTYPES.get(draft.resource_type, "")
        for rule in (_managed_applications_are_managed, _solution_templates_are_not):
            if sentence := rule(desired.replace(subtype=subtype)):
                raise InputError(f"plan package {desired.plan}: {sentence}")
        package = TypeValue(type="AzureApplicationPackage", value=desired.package.split("/")[1])
        if subtype == TEMPLATE:
            document = PackageConfiguration(version=desired.version, package_references=[package])
            return draft.merge_members(document)
        return build_document(
            desired,
            draft,
            package_references=[package],
            allowed_customer_actions=actions_wanted(desired.allowed_actions, draft.allowed_customer_actions),
            allowed_data_actions=actions_wanted(desired.allowed_data_actions, draft.allowed_data_actions),
        )

    def list_ids(self, api: SubmissionApi, offer: str) -> Iterable[str]:
        return super().list_ids(api, offer) if self._has_any(api, offer) else []

    def find(self, api: SubmissionApi, desired: PlanPackageArguments) -> Current[Outputs] | None:
        offer = desired.plan.split("/")[0]
        if not self._has_any(api, offer):
            offer_type = api.offers.get(offer).resource_type
            raise InputError(
                f"plan package {desired.plan}: plans of {offer_type} offers have no package in this API",
                next="configure them in Partner Center",
            )
        current = super().find(api, desired)
        if current:
            packages = current.arguments["package"].split(", ")
            references = [package.rpartition("/")[2] for package in packages if package]
            yield_to_equal(api, desired.package, references, f"plan package {desired.plan}: look-up")
        return current

    def require_free(
        self, api: SubmissionApi, desired: PlanPackageArguments, draft: PackageConfiguration
    ) -> None:
        references = [reference.value for reference in draft.package_references]
        yield_to_equal(api, desired.package, references, f"plan package {desired.plan}: write")

    def _has_any(self, api: SubmissionApi, offer: str) -> bool:
        """Whether plans of the offer have packages: only Azure applications do in this API."""
        return api.offers.get(offer).resource_type == "AzureApplication"

    def program_arguments(self, api: SubmissionApi, current: Current[Outputs]) -> dict[str, Any]:
        return {**current.arguments, "subtype": plan_subtype(api, current.id)}

    def update(self, api: SubmissionApi, id: str, desired: PlanPackageArguments) -> Current[Outputs]:
        try:
            current = super().update(api, id, desired)
        except Stale:  # perhaps another run uploaded the same content
            self.require_free(api, desired, self.document(api).get(*id.split("/")))
            raise
        require_package(api, desired.package, f"plan package {id}: write")
        return current

    def describe_change(self, was: Mapping[str, Any], desired: Mapping[str, Any]) -> list[str]:
        """Return no remark for another plan, or for a package of the same content with another `id`."""
        before, after = _numbers(was.get("version")), _numbers(desired["version"])
        is_same_plan = not holds_unknown(desired["plan"]) and was.get("plan") == desired["plan"]
        if not is_same_plan or not (before and after) or after > before:
            return []
        if not _is_another_package(was, desired, is_lower=after < before):
            return []
        plan = (
            desired["plan"]
            if holds_unknown(desired["plan_id"]) or not desired["plan_id"]
            else desired["plan_id"]
        )
        rule = f"version {desired['version']} has to grow with the new package; it was {was['version']}"
        return [f"plan package of plan {plan}: {rule}"]

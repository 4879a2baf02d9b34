"""PlanPackage: see `kinds/plan_package.py`."""

# Made by `make generate` from kinds/plan_package.py; changes here are lost.
from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import pulumi
from pulumi import Input

from ._base import Resource, Schema, friendly_type_errors
from ._implied import imply_plan_package
from .types import AuthorizationArgsDict, PolicyArgsDict


class PlanPackage(Resource, module="partnercenter", name="PlanPackage"):
    """The package and the management of a plan; its `id` is the plan's."""

    schema = Schema(
        known_as="PlanPackage",
        arguments=(
            "adopt",
            "plan",
            "version",
            "package",
            "tenant",
            "authorizations",
            "allowed_actions",
            "allowed_data_actions",
            "deployment_mode",
            "policies",
            "allows_jit_access",
            "allows_customer_actions",
            "publisher_management",
            "customer_access",
            "government_tenant",
            "government_authorizations",
            "subtype",
            "plan_id",
            "package_digest",
        ),
        computed=("fingerprint",),
    )

    plan: pulumi.Output[str]
    """`.id` of the plan."""
    version: pulumi.Output[str]
    """Three numbers, `1.0.0`. A new package needs a higher version."""
    package: pulumi.Output[str]
    """`.id` of the package."""
    tenant: pulumi.Output[str]
    """The publisher's tenant, from which customers' deployments are managed."""
    authorizations: pulumi.Output[list[dict[str, Any]]]
    """`[{"principal": GUID, "role": GUID, "Owner" or "Contributor"}]`, at most 100."""
    allowed_actions: pulumi.Output[list[str]]
    """Control-plane actions that customers may run besides reading, `["Microsoft.Compute/*"]`. A set."""
    allowed_data_actions: pulumi.Output[list[str]]
    """Data-plane actions that customers may run. A set."""
    deployment_mode: pulumi.Output[str]
    """Deployment mode of updates; `Complete` deletes resources that are not in the template."""
    policies: pulumi.Output[list[dict[str, Any]]]
    """`[{"name": …, "definition": …, "parameters": {…}, "sku": …}]`, at most 5; parameters as JSON text or
    object."""
    allows_jit_access: pulumi.Output[bool]
    """Whether the publisher requests access just in time."""
    allows_customer_actions: pulumi.Output[bool]
    """Whether customers may run `allowed_actions`."""
    publisher_management: pulumi.Output[str]
    """Whether the publisher manages deployments."""
    customer_access: pulumi.Output[str]
    """`Enabled`: customers have full access to the managed resource group."""
    government_tenant: pulumi.Output[str]
    """The same as `tenant` in Azure Government."""
    government_authorizations: pulumi.Output[list[dict[str, Any]]]
    """The same as `authorizations` in Azure Government."""
    subtype: pulumi.Output[str]
    """What the plan is; taken from the `Plan` whose `.id` is given. Empty: not judged before the service
    is asked."""
    plan_id: pulumi.Output[str]
    """The plan's own id, for messages; from the constructor."""
    package_digest: pulumi.Output[str]
    """Digest of the package's content; from the constructor."""

    @friendly_type_errors
    def __init__(
        self,
        resource_name: str,
        *,
        plan: Input[str],
        version: Input[str],
        package: Input[str],
        tenant: Input[str] | None = None,
        authorizations: Input[Sequence[Input[AuthorizationArgsDict]]] | None = None,
        allowed_actions: Input[Sequence[Input[str]]] | None = None,
        allowed_data_actions: Input[Sequence[Input[str]]] | None = None,
        deployment_mode: Input[Literal["Incremental", "Complete"]] | None = None,
        policies: Input[Sequence[Input[PolicyArgsDict]]] | None = None,
        allows_jit_access: Input[bool] | None = None,
        allows_customer_actions: Input[bool] | None = None,
        publisher_management: Input[str] | None = None,
        customer_access: Input[str] | None = None,
        government_tenant: Input[str] | None = None,
        government_authorizations: Input[Sequence[Input[AuthorizationArgsDict]]] | None = None,
        subtype: Input[Literal["managed-application", "solution-template", ""]] | None = None,
        adopt: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare one. Every argument may be an output of another resource, but `adopt`.

        Args:
            resource_name: Name in the program, which the engine's URN is made of.
            plan: `.id` of the plan.
            version: Three numbers, `1.0.0`. A new package needs a higher version.
            package: `.id` of the package.
            tenant: The publisher's tenant, from which customers' deployments are managed.
            authorizations: `[{"principal": GUID, "role": GUID, "Owner" or "Contributor"}]`, at most 100.
            allowed_actions: Control-plane actions that customers may run besides reading,
                `["Microsoft.Compute/*"]`. A set.
            allowed_data_actions: Data-plane actions that customers may run. A set.
            deployment_mode: Deployment mode of updates; `Complete` deletes resources that are not in the
                template.
            policies: `[{"name": …, "definition": …, "parameters": {…}, "sku": …}]`, at most 5; parameters
                as JSON text or object.
            allows_jit_access: Whether the publisher requests access just in time.
            allows_customer_actions: Whether customers may run `allowed_actions`.
            publisher_management: Whether the publisher manages deployments.
            customer_access: `Enabled`: customers have full access to the managed resource group.
            government_tenant: The same as `tenant` in Azure Government.
            government_authorizations: The same as `authorizations` in Azure Government.
            subtype: What the plan is; taken from the `Plan` whose `.id` is given. Empty: not judged before
                the service is asked.
            adopt: Take over something different that exists under the same name, instead of refusing.
            opts: Options of the engine.

        """
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
            "subtype": subtype,
            "adopt": adopt,
        }
        super().__init__(resource_name, imply_plan_package(resource_name, arguments), opts)

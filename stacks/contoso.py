"""What Contoso's offers have in common: who answers, where to read more, the logos, who operates."""

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass, fields
from operator import itemgetter
from typing import Any

import pulumi

import pulumi_partnercenter as partnercenter
from pulumi_partnercenter import components

CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
"""Azure's built-in role, without a look into the files: what operators have in customers' deployments."""

CONTACTS: list[partnercenter.ContactArgsDict] = [
    {
        "type": "CustomerSupport",
        "name": "Contoso Support",
        "email": "support@contoso.example.com",
        "phone": "+1 555 0100",
        "uri": "https://contoso.example.com/support",
    },
    {
        "type": "Engineering",
        "name": "Contoso Archive Team",
        "email": "archive@contoso.example.com",
        "phone": "+1 555 0101",
    },
]
LINKS: list[partnercenter.LinkArgsDict] = [
    {"type": "PrivacyUri", "text": "Privacy", "uri": "https://contoso.example.com/privacy"},
    {"type": "PublicCloudSupport", "text": "Help", "uri": "https://contoso.example.com/help"},
]
LOGOS: components.LogosArgs = {
    "small": "assets/logos/small.png",
    "medium": "assets/logos/medium.png",
    "large": "assets/logos/large.png",
    "wide": "assets/logos/wide.png",
}


@dataclass(frozen=True)
class Operations:
    """Who operates what customers deploy. The defaults are for stacks that have nothing in Azure."""

    tenant: pulumi.Input[str] = "66666666-6666-4666-8666-666666666666"
    """Contoso's own tenant."""
    metering_application: pulumi.Input[str] = "77777777-7777-4777-8777-777777777777"
    """The application in it that reports what customers used."""
    operators: pulumi.Input[str] = "88888888-8888-4888-8888-888888888888"
    """The group in it that operates what customers deployed."""
    notification_endpoint: pulumi.Input[str] = ""
    """Where Azure tells of customers' deployments."""
    trial: Sequence[pulumi.Resource] = ()
    """What has to work before anything goes to Partner Center."""


def operations() -> Operations:
    """From Azure resources of this stack (`infrastructure:own`), or of another one (`infrastructure:stack`)."""
    config = pulumi.Config("infrastructure")
    if other := config.get("stack"):
        reference = pulumi.StackReference(other)
        return Operations(
            tenant=reference.require_output("tenant"),
            metering_application=reference.require_output("metering_application"),
            operators=reference.require_output("operators"),
            notification_endpoint=reference.require_output("notification_endpoint"),
        )
    if not has_azure():
        return Operations()
    from infrastructure import archive

    declared = archive.declare()
    return Operations(
        tenant=declared.tenant,
        metering_application=declared.metering_application,
        operators=declared.operators,
        notification_endpoint=declared.notification_endpoint,
        trial=declared.trial,
    )


@dataclass(frozen=True)
class SaasService:
    """Addresses and identity of the SaaS service that Contoso runs."""

    tenant: pulumi.Input[str]
    application: pulumi.Input[str]
    """Client id of the application that calls the fulfillment API."""
    landing_page_url: pulumi.Input[str]
    webhook_url: pulumi.Input[str]


def saas_service() -> SaasService:
    """From Azure resources of this stack (`infrastructure:own`), or of another one (`infrastructure:stack`)."""
    if other := pulumi.Config("infrastructure").get("stack"):
        # `operations` refers to the same stack by its own name: a stack can have both programs.
        outputs = pulumi.StackReference("service", stack_name=other).require_output("service")
        return SaasService(
            **{field.name: outputs.apply(itemgetter(field.name)) for field in fields(SaasService)}
        )
    if not has_azure():
        stack = pulumi.get_stack()
        raise pulumi.RunError(
            f"stack {stack!r} sells a service and has none: set infrastructure:own, or infrastructure:stack"
        )
    from infrastructure import service

    declared = service.declare()
    return SaasService(declared.tenant, declared.application, declared.landing_page_url, declared.webhook_url)


def has_azure() -> bool:
    """Whether this stack has Azure resources of its own; their SDKs are only where such a stack runs."""
    if not pulumi.Config("infrastructure").get_bool("own"):
        return False
    if not importlib.util.find_spec("pulumi_azure_native"):
        stack = pulumi.get_stack()
        raise pulumi.RunError(
            f"stack {stack!r} has Azure resources, and this environment lacks their SDKs:"
            f" run `make preview STACK={stack}`, or .infrastructure/bin/pulumi, which that makes"
        )
    return True


def retention(config: pulumi.Config) -> str:
    """What `pulumi destroy` does with offers, plans and packages: deletes drafts, else lets go of them.

    The service deletes none of them once it was in a preview: it would refuse, and fail the whole destroy. What is live
    stays on sale until somebody stops its distribution in Partner Center; the next `up` takes over what is still there.
    With `protect`, a destroy is refused before it begins.
    """
    if config.get_bool("protect"):
        return "protect"
    return "delete" if config.require("target") == "draft" else "retain"


def outputs(offer: components.OfferComponent) -> dict[str, Any]:
    """What a stack exports of an offer; links and submission once it is published."""
    exported: dict[str, Any] = {
        "offer_id": offer.offer_id,
        "offer": offer.offer.id,
        "plans": offer.plan_ids,
        "state": offer.state,
    }
    if offer.submission:
        exported |= {"submission": offer.submission.submission, "preview_links": offer.preview_links}
    return exported

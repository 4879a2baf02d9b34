"""What Contoso's offers have in common: who answers, where to read more, the logos, the tenant that operates."""

from collections.abc import Sequence
from typing import Any

import pulumi

import pulumi_partnercenter as partnercenter

TENANT = "66666666-6666-4666-8666-666666666666"
"""Contoso's own tenant."""
METERING_APPLICATION = "77777777-7777-4777-8777-777777777777"
"""The application in it that reports what customers used."""
OPERATORS = "88888888-8888-4888-8888-888888888888"
"""The group in it that operates what customers deployed."""

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
LOGOS = {
    "AzureLogoSmall": "assets/logos/small.png",
    "AzureLogoMedium": "assets/logos/medium.png",
    "AzureLogoLarge": "assets/logos/large.png",
    "AzureLogoWide": "assets/logos/wide.png",
}


def logos(name: str, offer: pulumi.Input[str]) -> list[partnercenter.Resource]:
    """The four of an offer, `<name>-small` to `<name>-wide`."""
    return [
        partnercenter.ListingImage(
            f"{name}-{kind.removeprefix('AzureLogo').lower()}", offer=offer, kind=kind, source=source
        )
        for kind, source in LOGOS.items()
    ]


def undeletable_once_published(target: str) -> pulumi.ResourceOptions:
    """For offers, plans and packages: `pulumi destroy` deletes them where they stay drafts, else lets go of them.

    The service deletes none of them once it was in a preview: it would refuse, and fail the whole destroy. What is live
    stays on sale until somebody stops its distribution in Partner Center; the next `up` takes over what is still there.
    """
    return pulumi.ResourceOptions(retain_on_delete=target != "draft")


def publish(
    name: str, offer: pulumi.Input[str], parts: Sequence[partnercenter.Resource], target: str
) -> dict[str, Any]:
    """Sends the parts to `preview` or `live`, as `target` says; a `draft` stays at home. Returns what to export."""
    if target == "draft":
        return {"state": target}
    submission = partnercenter.Submission(name, offer=offer, publishes=parts, target=target)
    return {
        "state": submission.state,
        "submission": submission.submission,
        "preview_links": submission.preview_links,
    }

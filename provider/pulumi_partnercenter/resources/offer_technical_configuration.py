"""OfferTechnicalConfiguration: see `kinds/offer_technical_configuration.py`."""

# Made by `make generate` from kinds/offer_technical_configuration.py; changes here are lost.
from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import pulumi
from pulumi import Input

from ._base import Resource, Schema, friendly_type_errors
from ._implied import imply_offer_technical_configuration
from .types import PackageOfOfferArgsDict, RegionArgsDict


class OfferTechnicalConfiguration(Resource, module="partnercenter", name="OfferTechnicalConfiguration"):
    """Technical configuration of an offer: sign-in, addresses, packages; its `id` is the offer's."""

    schema = Schema(
        known_as="OfferTechnicalConfiguration",
        arguments=(
            "adopt",
            "offer",
            "tenant",
            "application",
            "landing_page_url",
            "webhook_url",
            "package_type",
            "installation_url",
            "packages",
            "base_license_model",
            "requires_s2s_and_secure_store",
            "configuration_url",
            "package_url",
            "regions",
            "multiple_packages",
            "release_version",
            "solution_identifier",
            "offer_type",
        ),
        computed=("fingerprint",),
        secrets=("package_url",),
    )

    offer: pulumi.Output[str]
    """`.id` of the offer."""
    tenant: pulumi.Output[str]
    """Tenant of the application that calls the metering or fulfillment API (Azure applications, SaaS)."""
    application: pulumi.Output[str]
    """Application (client) id in that tenant (Azure applications, SaaS)."""
    landing_page_url: pulumi.Output[str]
    """Address of the landing page for new customers (SaaS)."""
    webhook_url: pulumi.Output[str]
    """Address for notifications of changed subscriptions (SaaS)."""
    package_type: pulumi.Output[str]
    """Type of the product (Business Central). Not given: as it is in the service."""
    installation_url: pulumi.Output[str]
    """Address for the installation (Business Central, `Connect`)."""
    packages: pulumi.Output[list[dict[str, Any]]]
    """`.id` of each package, or `{"package": …, "kind": …}` (Business Central). The kind is that of the
    `Package` whose `.id` is given; of any other id, the default is the main app's. Not given: as they
    are in the service, which is right beside an `AppRelease`."""
    base_license_model: pulumi.Output[str]
    """Subject of a licence (Customer Engagement)."""
    requires_s2s_and_secure_store: pulumi.Output[bool]
    """Whether it needs outbound server-to-server calls and the CRM secure store (Customer Engagement)."""
    configuration_url: pulumi.Output[str]
    """Address for its configuration (Customer Engagement)."""
    package_url: pulumi.Output[str]
    """Address of the package, with a signature that reads it (Customer Engagement, required). `""` keeps
    the address in Partner Center."""
    regions: pulumi.Output[list[dict[str, Any]]]
    """Regions, or `{"region": …, "is_available": …, "configuration_url": …}` (Customer Engagement)."""
    multiple_packages: pulumi.Output[bool]
    """Whether the package file holds several packages (Customer Engagement)."""
    release_version: pulumi.Output[str]
    """Release (Finance and Operations)."""
    solution_identifier: pulumi.Output[str]
    """GUID of the solution in Lifecycle Services (Finance and Operations, required)."""
    offer_type: pulumi.Output[str]
    """What the offer sells; taken from the `Offer` whose `.id` is given. Empty: judged once the service is
    asked."""

    @friendly_type_errors
    def __init__(
        self,
        resource_name: str,
        *,
        offer: Input[str],
        tenant: Input[str] | None = None,
        application: Input[str] | None = None,
        landing_page_url: Input[str] | None = None,
        webhook_url: Input[str] | None = None,
        package_type: Input[Literal["AddOn", "Connect", ""]] | None = None,
        installation_url: Input[str] | None = None,
        packages: Input[Sequence[Input[PackageOfOfferArgsDict | str]]] | None = None,
        base_license_model: Input[Literal["Resource", "User", ""]] | None = None,
        requires_s2s_and_secure_store: Input[bool] | None = None,
        configuration_url: Input[str] | None = None,
        package_url: Input[str] | None = None,
        regions: Input[Sequence[Input[RegionArgsDict | str]]] | None = None,
        multiple_packages: Input[bool] | None = None,
        release_version: Input[str] | None = None,
        solution_identifier: Input[str] | None = None,
        offer_type: Input[str] | None = None,
        adopt: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare one. Every argument may be an output of another resource, but `adopt`.

        Args:
            resource_name: Name in the program, which the engine's URN is made of.
            offer: `.id` of the offer.
            tenant: Tenant of the application that calls the metering or fulfillment API (Azure
                applications, SaaS).
            application: Application (client) id in that tenant (Azure applications, SaaS).
            landing_page_url: Address of the landing page for new customers (SaaS).
            webhook_url: Address for notifications of changed subscriptions (SaaS).
            package_type: Type of the product (Business Central). Not given: as it is in the service.
            installation_url: Address for the installation (Business Central, `Connect`).
            packages: `.id` of each package, or `{"package": …, "kind": …}` (Business Central). The kind is
                that of the `Package` whose `.id` is given; of any other id, the default is the main app's.
                Not given: as they are in the service, which is right beside an `AppRelease`.
            base_license_model: Subject of a licence (Customer Engagement).
            requires_s2s_and_secure_store: Whether it needs outbound server-to-server calls and the CRM
                secure store (Customer Engagement).
            configuration_url: Address for its configuration (Customer Engagement).
            package_url: Address of the package, with a signature that reads it (Customer Engagement,
                required). `""` keeps the address in Partner Center.
            regions: Regions, or `{"region": …, "is_available": …, "configuration_url": …}` (Customer
                Engagement).
            multiple_packages: Whether the package file holds several packages (Customer Engagement).
            release_version: Release (Finance and Operations).
            solution_identifier: GUID of the solution in Lifecycle Services (Finance and Operations,
                required).
            offer_type: What the offer sells; taken from the `Offer` whose `.id` is given. Empty: judged
                once the service is asked.
            adopt: Take over something different that exists under the same name, instead of refusing.
            opts: Options of the engine.

        """
        arguments = {
            "offer": offer,
            "tenant": tenant,
            "application": application,
            "landing_page_url": landing_page_url,
            "webhook_url": webhook_url,
            "package_type": package_type,
            "installation_url": installation_url,
            "packages": packages,
            "base_license_model": base_license_model,
            "requires_s2s_and_secure_store": requires_s2s_and_secure_store,
            "configuration_url": configuration_url,
            "package_url": package_url,
            "regions": regions,
            "multiple_packages": multiple_packages,
            "release_version": release_version,
            "solution_identifier": solution_identifier,
            "offer_type": offer_type,
            "adopt": adopt,
        }
        super().__init__(resource_name, imply_offer_technical_configuration(resource_name, arguments), opts)

"""Arguments of each resource in a component, without those that follow from its place there."""

# Made by `make generate` from kinds/; changes here are lost.
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NotRequired, TypedDict

import pulumi
from pulumi import Input

from ..resources.types import (
    AreaArgsDict,
    AudienceMemberArgsDict,
    AuthorizationArgsDict,
    AzureBlobArgsDict,
    AzureTableArgsDict,
    CarriedArgsDict,
    CertificationArgsDict,
    ContactArgsDict,
    CustomAmendmentArgsDict,
    DynamicsArgsDict,
    HttpsArgsDict,
    LinkArgsDict,
    MarketoArgsDict,
    MeterArgsDict,
    PackageOfOfferArgsDict,
    PolicyArgsDict,
    PriceArgsDict,
    RegionArgsDict,
    SalesforceArgsDict,
    SellerContactArgsDict,
    TrialArgsDict,
)

__all__ = [
    "CosellListingArgsDict",
    "LeadDestinationArgsDict",
    "ListingDocumentArgsDict",
    "ListingImageArgsDict",
    "ListingVideoArgsDict",
    "OfferArgsDict",
    "OfferListingArgsDict",
    "OfferPropertiesArgsDict",
    "OfferSetupArgsDict",
    "OfferTechnicalConfigurationArgsDict",
    "PackageArgsDict",
    "PlanArgsDict",
    "PlanListingArgsDict",
    "PlanPackageArgsDict",
    "PlanPricingArgsDict",
    "PreviewAudienceArgsDict",
    "ResellerChannelArgsDict",
    "SubmissionArgsDict",
    "SupplementalContentArgsDict",
    "TestDriveArgsDict",
]


class OfferArgsDict(TypedDict):
    """Arguments of `Offer`."""

    offer_id: Input[str]
    """The id in the offer's public address, e.g. `contoso-backup`: 3 to 50 of a-z, 0-9, `-`, `_` for a new
    offer; what exists under another, `CentOS-HPC`, is adopted. Never changes."""
    alias: Input[str]
    """Name inside Partner Center, at most 50 characters; customers do not see it. The service cannot
    change it."""
    adopt: NotRequired[bool]
    """Take over something different that exists under the same name, instead of refusing."""


class OfferSetupArgsDict(TypedDict):
    """Arguments of `OfferSetup`."""

    sells_through_microsoft: NotRequired[Input[bool]]
    """Microsoft sells and bills; False lists only. Fixed once published."""
    call_to_action: NotRequired[Input[Literal["", "free", "free-trial", "contact-me"]]]
    """What customers are offered when it is listed only."""
    trial_url: NotRequired[Input[str]]
    """Where the free trial begins; needed with `free-trial`."""
    adopt: NotRequired[bool]
    """Take over something different that exists under the same name, instead of refusing."""


class OfferPropertiesArgsDict(TypedDict):
    """Arguments of `OfferProperties`."""

    categories: NotRequired[Input[Mapping[str, Input[Sequence[Input[str]]]]]]
    """`{"storage-azure-apps": ["backup-and-recovery"]}`: to publish 1 or 2, each with at most 2
    subcategories."""
    uses_standard_contract: NotRequired[Input[bool]]
    """Microsoft's Standard Contract instead of own terms; no way back once published."""
    terms_of_use: NotRequired[Input[str]]
    """Own terms, at most 10,000 characters (an address, for some types of offers)."""
    amendment: NotRequired[Input[str]]
    """What amends the standard contract for everybody, at most 10,000 characters."""
    custom_amendments: NotRequired[Input[Sequence[Input[CustomAmendmentArgsDict]]]]
    """For some tenants, at most 10: `[{"name": …, "terms": …, "tenants": [{"id": …, "description": …}]}]`."""
    app_version: NotRequired[Input[str]]
    """The version that customers see (AppSource offers)."""
    marketing_only: NotRequired[Input[bool]]
    """The next publication changes marketing only (Dynamics 365 offers)."""
    industries: NotRequired[Input[Sequence[Input[str]]]]
    """Industries (AppSource offers)."""
    leveled_industries: NotRequired[Input[Mapping[str, Input[Sequence[Input[str]]]]]]
    """Industries and their verticals, as the portal writes them (AppSource offers)."""
    appsource_categories: NotRequired[Input[Sequence[Input[str]]]]
    """Categories without subcategories (AppSource offers)."""
    additional_categories: NotRequired[Input[Sequence[Input[str]]]]
    """Further ones of these."""
    hide_keys: NotRequired[Input[Sequence[Input[str]]]]
    """Keys that open the preview (AppSource offers)."""
    product_tags: NotRequired[Input[Sequence[Input[str]]]]
    """Tags, opaque."""
    adopt: NotRequired[bool]
    """Take over something different that exists under the same name, instead of refusing."""


class OfferListingArgsDict(TypedDict):
    """Arguments of `OfferListing`."""

    title: Input[str]
    """Public name, at most 200 characters."""
    summary: NotRequired[Input[str]]
    """Search results summary, at most 100 characters."""
    short_description: NotRequired[Input[str]]
    """Short description, at most 256 characters."""
    description: NotRequired[Input[str]]
    """HTML with basic formatting, at most 5,000 characters with its tags."""
    keywords: NotRequired[Input[Sequence[Input[str]]]]
    """Search keywords, at most 3."""
    contacts: NotRequired[Input[Sequence[Input[ContactArgsDict]]]]
    """`[{"type": "CustomerSupport", "name": …, "email": …, "phone": …, "uri": …}]`."""
    links: NotRequired[Input[Sequence[Input[LinkArgsDict]]]]
    """`[{"type": "PrivacyUri", "uri": "https://…", "text": …}]`; texts at most 255 characters."""
    getting_started: NotRequired[Input[str]]
    """Instructions that customers see after they bought."""
    publisher_name: NotRequired[Input[str]]
    """Publisher name of the draft; customers see the account's."""
    display_name: NotRequired[Input[str]]
    """Product display name (Dynamics 365 offers)."""
    access_information: NotRequired[Input[str]]
    """How to get at the product (Dynamics 365 offers)."""
    allows_only_managed_disks: NotRequired[Input[bool]]
    """Deploy with managed disks only (virtual machine offers)."""
    compatible_products: NotRequired[Input[Sequence[Input[str]]]]
    """Products that it works with (Dynamics 365 offers)."""
    adopt: NotRequired[bool]
    """Take over something different that exists under the same name, instead of refusing."""


class ListingImageArgsDict(TypedDict):
    """Arguments of `ListingImage`."""

    kind: Input[str]
    """`AzureLogoSmall`, `AzureLogoMedium`, `AzureLogoLarge`, `AzureLogoWide`, `AzureLogoScreenshot` …"""
    source: Input[str | pulumi.Asset | pulumi.Archive]
    """Path of the picture, or an asset."""
    file_name: NotRequired[Input[str]]
    """Its name in the service, one for each screenshot. Else logos are called by their kind, others by
    their source."""
    order: NotRequired[Input[int]]
    """Position of a screenshot."""
    description: NotRequired[Input[str]]
    """Caption."""
    adopt: NotRequired[bool]
    """Take over something different that exists under the same name, instead of refusing."""


class ListingVideoArgsDict(TypedDict):
    """Arguments of `ListingVideo`."""

    url: Input[str]
    """Where it is streamed from: YouTube or Vimeo."""
    title: NotRequired[Input[str]]
    """What customers read below the picture."""
    source: NotRequired[Input[str | pulumi.Asset | pulumi.Archive]]
    """Path of its picture, a PNG of 1280×720, or an asset."""
    adopt: NotRequired[bool]
    """Take over something different that exists under the same name, instead of refusing."""


class ListingDocumentArgsDict(TypedDict):
    """Arguments of `ListingDocument`."""

    title: Input[str]
    """What customers read in place of the file's name."""
    source: Input[str | pulumi.Asset | pulumi.Archive]
    """Path of the PDF, or an asset."""
    kind: NotRequired[Input[str]]
    """What it is, in the service's words; the spelling is inferred, another can be given."""
    file_name: NotRequired[Input[str]]
    """Its name in the service; else that of its source when it was made."""
    description: NotRequired[Input[str]]
    """What it is about."""
    adopt: NotRequired[bool]
    """Take over something different that exists under the same name, instead of refusing."""


class PreviewAudienceArgsDict(TypedDict):
    """Arguments of `PreviewAudience`."""

    subscriptions: NotRequired[Input[Sequence[Input[str]]]]
    """Azure subscriptions, GUIDs, at most 100; an Azure application needs one to be published. A set."""
    emails: NotRequired[Input[Sequence[Input[str]]]]
    """E-mail addresses of Microsoft accounts (SaaS and AppSource offers). A set; upper and lower case are
    one."""
    hide_key: NotRequired[Input[str]]
    """The key in links to the preview (AppSource offers)."""
    adopt: NotRequired[bool]
    """Take over something different that exists under the same name, instead of refusing."""


class ResellerChannelArgsDict(TypedDict):
    """Arguments of `ResellerChannel`."""

    state: Input[str]
    """Any partner may resell, none, or those of `tenants`. To publish, one has to be chosen, `Disabled`
    too."""
    tenants: NotRequired[Input[Sequence[Input[str]]]]
    """Tenants of partners, GUIDs, with `PartialOptIn`. A set."""
    adopt: NotRequired[bool]
    """Take over something different that exists under the same name, instead of refusing."""


class LeadDestinationArgsDict(TypedDict):
    """Arguments of `LeadDestination`."""

    azure_table: NotRequired[Input[AzureTableArgsDict]]
    """`{"connection_string": …}`; needed where leads do not go there yet, as is that of `azure_blob`."""
    azure_blob: NotRequired[Input[AzureBlobArgsDict]]
    """`{"connection_string": …, "container": …}`."""
    dynamics: NotRequired[Input[DynamicsArgsDict]]
    """`{"url": …, "authentication": …}` with `user_name` and `password`, or with `application_id`,
    `application_key` and `directory_id`."""
    https: NotRequired[Input[HttpsArgsDict]]
    """`{"url": "https://…"}`; the address may hold a signature, and is needed where leads do not go there
    yet."""
    marketo: NotRequired[Input[MarketoArgsDict]]
    """`{"server_id": …, "munchkin_account_id": …, "form_id": …}`."""
    salesforce: NotRequired[Input[SalesforceArgsDict]]
    """`{"object_identifier": …}`."""
    contact_email: NotRequired[Input[str]]
    """Who is told about leads."""
    daily_digest: NotRequired[Input[Sequence[Input[str]]]]
    """Who gets a daily digest of them (consulting services)."""
    adopt: NotRequired[bool]
    """Take over something different that exists under the same name, instead of refusing."""


class OfferTechnicalConfigurationArgsDict(TypedDict):
    """Arguments of `OfferTechnicalConfiguration`."""

    tenant: NotRequired[Input[str]]
    """Tenant of the application that calls the metering or fulfillment API (Azure applications, SaaS)."""
    application: NotRequired[Input[str]]
    """Its application (client) id in that tenant (Azure applications, SaaS)."""
    landing_page_url: NotRequired[Input[str]]
    """Where customers come to after they bought (SaaS)."""
    webhook_url: NotRequired[Input[str]]
    """Where the service tells of changed subscriptions (SaaS)."""
    package_type: NotRequired[Input[Literal["AddOn", "Connect", ""]]]
    """What is sold (Business Central)."""
    installation_url: NotRequired[Input[str]]
    """Where it is installed from (Business Central, `Connect`)."""
    packages: NotRequired[Input[Sequence[Input[PackageOfOfferArgsDict | str]]]]
    """`.id` of each package, or `{"package": …, "kind": …}` (Business Central). The kind is that of the
    `Package` whose `.id` is given; of any other id it is the main app's, unless it is said."""
    base_license_model: NotRequired[Input[Literal["Resource", "User", ""]]]
    """What a licence is for (Customer Engagement)."""
    requires_s2s_and_secure_store: NotRequired[Input[bool]]
    """Needs outbound server-to-server calls and the CRM secure store (Customer Engagement)."""
    configuration_url: NotRequired[Input[str]]
    """Where it is configured (Customer Engagement)."""
    package_url: NotRequired[Input[str]]
    """Where the package lies, with the signature that opens it (Customer Engagement)."""
    regions: NotRequired[Input[Sequence[Input[RegionArgsDict | str]]]]
    """Regions, or `{"region": …, "is_available": …, "configuration_url": …}` (Customer Engagement)."""
    multiple_packages: NotRequired[Input[bool]]
    """Its file holds several packages (Customer Engagement)."""
    release_version: NotRequired[Input[str]]
    """Release (Finance and Operations)."""
    solution_identifier: NotRequired[Input[str]]
    """Solution in Lifecycle Services (Finance and Operations)."""
    adopt: NotRequired[bool]
    """Take over something different that exists under the same name, instead of refusing."""


class CosellListingArgsDict(TypedDict):
    """Arguments of `CosellListing`."""

    platforms: NotRequired[Input[Sequence[Input[str]]]]
    """Platforms that it runs on. A set, as are the segments."""
    segments: NotRequired[Input[Sequence[Input[str]]]]
    """Segments of end customers."""
    offer_type: NotRequired[Input[str]]
    """What kind of solution it is."""
    solution_areas: NotRequired[Input[Sequence[Input[AreaArgsDict]]]]
    """`[{"area": "Infrastructure", "sub_areas": ["Backup"]}]`."""
    contacts: NotRequired[Input[Sequence[Input[SellerContactArgsDict]]]]
    """`[{"type": …, "name": …, "email": …, "job_title": …, "role": …, "regions": […], "sub_regions":
    […]}]`."""
    documents: NotRequired[Input[Sequence[Input[CarriedArgsDict]]]]
    """`[{"kind": "PitchDeck", "source": "pitch.pdf"}]`; only the content of a source counts, and its name."""
    adopt: NotRequired[bool]
    """Take over something different that exists under the same name, instead of refusing."""


class SupplementalContentArgsDict(TypedDict):
    """Arguments of `SupplementalContent`."""

    target_release: NotRequired[Input[str]]
    """The release of Dynamics 365 that it is made for."""
    supported_editions: NotRequired[Input[Sequence[Input[str]]]]
    """Editions that it runs on. A set."""
    documents: NotRequired[Input[Sequence[Input[CarriedArgsDict]]]]
    """`[{"kind": "FunctionalTest", "source": "script.docx"}]`; only the content of a source counts, and
    its name."""
    adopt: NotRequired[bool]
    """Take over something different that exists under the same name, instead of refusing."""


class TestDriveArgsDict(TypedDict):
    """Arguments of `TestDrive`."""

    subscription: NotRequired[Input[str]]
    """Azure subscription, a GUID, that test drives are deployed to."""
    tenant: NotRequired[Input[str]]
    """Tenant, a GUID, of the application that deploys them."""
    application: NotRequired[Input[str]]
    """That application, a GUID."""
    application_key: NotRequired[Input[str]]
    """Its key."""
    duration_hours: NotRequired[Input[int]]
    """How long a customer may try it."""
    regions: NotRequired[Input[Sequence[Input[str]]]]
    """Azure regions that it is deployed to."""
    hot_instances: NotRequired[Input[int]]
    """Running ones, ready at once, in each region."""
    warm_instances: NotRequired[Input[int]]
    """Deployed ones that are stopped, in each region."""
    cold_instances: NotRequired[Input[int]]
    """Ones that are deployed when a customer asks, in each region."""
    adopt: NotRequired[bool]
    """Take over something different that exists under the same name, instead of refusing."""


class PackageArgsDict(TypedDict):
    """Arguments of `Package`."""

    source: Input[str | pulumi.Asset | pulumi.Archive]
    """A folder, a zip, a Pulumi asset or archive; only its content counts. Business Central takes a file
    as it is."""
    kind: NotRequired[
        Input[
            Literal[
                "AzureApplicationPackage",
                "Dynamics365BusinessCentralAddOnExtensionPackage",
                "Dynamics365BusinessCentralAddOnLibraryExtensionPackage",
                "Dynamics365BusinessCentralAddOnDependencyPackage",
            ]
        ]
    ]
    """What is in it, in the service's words."""
    adopt: NotRequired[bool]
    """Take over something different that exists under the same name, instead of refusing."""


class PlanArgsDict(TypedDict):
    """Arguments of `Plan`."""

    name: Input[str]
    """Name inside Partner Center, at most 50 characters; customers see the title of the plan's listing."""
    clouds: NotRequired[Input[Sequence[Input[str]]]]
    """Clouds that may deploy it: `public-azure`, `azure-government`."""
    state: NotRequired[Input[str]]
    """Inactive plans are left out of submissions."""
    conversion_paths: NotRequired[Input[str]]
    """Which plans a customer may change to; `*` means any."""
    lead_gen_id: NotRequired[Input[str]]
    """Label that leads of this plan carry, by custom `<publisher>.<plan>`."""
    reference_plan: NotRequired[Input[str]]
    """`.id` of a plan whose technical configuration it uses (virtual machines, containers). Never changes."""
    government_certifications: NotRequired[Input[Sequence[Input[CertificationArgsDict]]]]
    """Certifications shown to government customers, at most 100: `[{"title": …, "uri": …}]`."""
    adopt: NotRequired[bool]
    """Take over something different that exists under the same name, instead of refusing."""


class PlanListingArgsDict(TypedDict):
    """Arguments of `PlanListing`."""

    title: Input[str]
    """Public name of the plan, at most 100 characters."""
    summary: NotRequired[Input[str]]
    """Short summary, at most 100 characters."""
    description: NotRequired[Input[str]]
    """HTML with basic formatting, at most 2,000 characters with its tags."""
    adopt: NotRequired[bool]
    """Take over something different that exists under the same name, instead of refusing."""


class PlanPricingArgsDict(TypedDict):
    """Arguments of `PlanPricing`."""

    visibility: NotRequired[Input[str]]
    """Private plans are seen by `subscriptions` and `tenants` only."""
    is_hidden: NotRequired[Input[bool]]
    """Not in search and shop; deployed only through another offer."""
    markets: NotRequired[Input[Sequence[Input[str]] | str]]
    """Market codes that it is sold in, `["US", "CA"]`, or `"all"` of the 141. A set."""
    prices: NotRequired[Input[Sequence[Input[PriceArgsDict]]]]
    """`[{"amount": 49.0, "currency": "USD", "per": "month"}]`; with `markets`, all prices of these
    markets, instead of the base prices. Amount 0 is free. Solution templates carry none."""
    trial: NotRequired[Input[TrialArgsDict]]
    """`{"type": "TimedAccess", "duration": 1, "unit": "Months"}`."""
    meters: NotRequired[Input[Sequence[Input[MeterArgsDict]]]]
    """Custom meters, at most 18: `[{"id": "gb", "name": …, "unit": …, "price_in_usd": 0.1, "included":
    […]}]`."""
    subscriptions: NotRequired[Input[Sequence[Input[AudienceMemberArgsDict | str]]]]
    """Azure subscriptions of a private plan: GUIDs, or `{"id": …, "description": …}`."""
    tenants: NotRequired[Input[Sequence[Input[AudienceMemberArgsDict | str]]]]
    """Tenants of a private plan: GUIDs, or `{"id": …, "description": …}`."""
    adopt: NotRequired[bool]
    """Take over something different that exists under the same name, instead of refusing."""


class PlanPackageArgsDict(TypedDict):
    """Arguments of `PlanPackage`."""

    version: Input[str]
    """Three numbers, `1.0.0`; has to grow with each new package."""
    tenant: NotRequired[Input[str]]
    """The publisher's tenant, from which customers' deployments are managed."""
    authorizations: NotRequired[Input[Sequence[Input[AuthorizationArgsDict]]]]
    """`[{"principal": GUID, "role": GUID, "Owner" or "Contributor"}]`, at most 100."""
    allowed_actions: NotRequired[Input[Sequence[Input[str]]]]
    """Control-plane actions that customers may do beside reading, `["Microsoft.Compute/*"]`. A set."""
    allowed_data_actions: NotRequired[Input[Sequence[Input[str]]]]
    """Data-plane actions that customers may do. A set."""
    deployment_mode: NotRequired[Input[Literal["Incremental", "Complete"]]]
    """How an update is deployed; `Complete` deletes what the template does not name."""
    policies: NotRequired[Input[Sequence[Input[PolicyArgsDict]]]]
    """`[{"name": …, "definition": …, "parameters": {…}, "sku": …}]`, at most 5; parameters as JSON text or
    object."""
    allows_jit_access: NotRequired[Input[bool]]
    """Access is asked for just in time."""
    allows_customer_actions: NotRequired[Input[bool]]
    """Customers may do `allowed_actions`."""
    publisher_management: NotRequired[Input[str]]
    """Whether the publisher manages deployments."""
    customer_access: NotRequired[Input[str]]
    """`Enabled`: customers have full access to the managed resource group."""
    government_tenant: NotRequired[Input[str]]
    """The same as `tenant` in Azure Government."""
    government_authorizations: NotRequired[Input[Sequence[Input[AuthorizationArgsDict]]]]
    """The same as `authorizations` in Azure Government."""
    adopt: NotRequired[bool]
    """Take over something different that exists under the same name, instead of refusing."""


class SubmissionArgsDict(TypedDict):
    """Arguments of `Submission`."""

    wait_minutes: NotRequired[Input[float]]
    """How long an `up` waits for the preview, or for something else that is being published. 0 looks once.
    Nobody waits for certification, which takes days: a later `up` finds it done."""
    undeclared: NotRequired[Input[str]]
    """What to do when a submission would send more than `publishes` names: plans of no program, a
    colleague's drafts, resources of the program that were left out. `warn` names them; `refuse` names
    them and submits nothing."""
    notes: NotRequired[Input[str]]
    """Notes for the certification team. After a failure other notes submit unchanged content again."""

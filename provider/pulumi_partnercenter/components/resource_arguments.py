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
    "OfferMarketsArgsDict",
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
    """Whether Microsoft sells and bills. False: the offer is listed only, as all of Business Central and
    Operations are. Cannot change once published."""
    call_to_action: NotRequired[Input[Literal["", "free", "free-trial", "contact-me"]]]
    """Action for customers of an offer that is listed only."""
    trial_url: NotRequired[Input[str]]
    """Address of the free trial; required with `free-trial`."""
    package_type: NotRequired[Input[Literal["AddOn", "Connect", ""]]]
    """Type of the product (Business Central): an app, or a service that connects. Not given: as it is in
    the service."""
    adopt: NotRequired[bool]
    """Take over something different that exists under the same name, instead of refusing."""


class OfferPropertiesArgsDict(TypedDict):
    """Arguments of `OfferProperties`."""

    categories: NotRequired[Input[Mapping[str, Input[Sequence[Input[str]]]]]]
    """`{"storage-azure-apps": ["backup-and-recovery"]}`: to publish 1 or 2, each with at most 2
    subcategories."""
    uses_standard_contract: NotRequired[Input[bool]]
    """Whether Microsoft's Standard Contract replaces own terms. Cannot be undone once published."""
    terms_of_use: NotRequired[Input[str]]
    """Own terms, at most 10,000 characters (an address, for some types of offers)."""
    amendment: NotRequired[Input[str]]
    """Amendment of the standard contract for all customers, at most 10,000 characters."""
    custom_amendments: NotRequired[Input[Sequence[Input[CustomAmendmentArgsDict]]]]
    """Amendments for tenants, at most 10: `[{"name": …, "terms": …, "tenants": [{"id": …, "description":
    …}]}]`."""
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
    """Further categories without subcategories (AppSource offers)."""
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
    """How customers get started with the product (Dynamics 365 offers)."""
    allows_only_managed_disks: NotRequired[Input[bool]]
    """Deploy with managed disks only (virtual machine offers)."""
    compatible_products: NotRequired[Input[Sequence[Input[str]]]]
    """Compatible products (Dynamics 365 offers)."""
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
    """Title that customers see in place of the file's name."""
    source: Input[str | pulumi.Asset | pulumi.Archive]
    """Path of the PDF, or an asset."""
    kind: NotRequired[Input[str]]
    """Type of the document in the service's vocabulary. The default is inferred; other values are
    accepted."""
    file_name: NotRequired[Input[str]]
    """File name in the service; by default the name of the source at creation."""
    description: NotRequired[Input[str]]
    """Description of the document."""
    adopt: NotRequired[bool]
    """Take over something different that exists under the same name, instead of refusing."""


class PreviewAudienceArgsDict(TypedDict):
    """Arguments of `PreviewAudience`."""

    subscriptions: NotRequired[Input[Sequence[Input[str]]]]
    """Azure subscriptions, GUIDs, at most 100; required to publish an Azure application. A set."""
    emails: NotRequired[Input[Sequence[Input[str]]]]
    """E-mail addresses of Microsoft accounts (SaaS and AppSource offers). A set, compared without case."""
    hide_key: NotRequired[Input[str]]
    """The key in links to the preview (AppSource offers); lowercase letters and digits in Business Central
    offers."""
    adopt: NotRequired[bool]
    """Take over something different that exists under the same name, instead of refusing."""


class OfferMarketsArgsDict(TypedDict):
    """Arguments of `OfferMarkets`."""

    markets: Input[Sequence[Input[str]] | str]
    """Codes of the markets, `["US", "CA"]`, or `"all"` for all 141. A set."""
    adopt: NotRequired[bool]
    """Take over something different that exists under the same name, instead of refusing."""


class ResellerChannelArgsDict(TypedDict):
    """Arguments of `ResellerChannel`."""

    state: Input[str]
    """Any partner may resell, none, or those of `tenants`. Required to publish, `Disabled` too."""
    tenants: NotRequired[Input[Sequence[Input[str]]]]
    """Tenants of partners, GUIDs, with `PartialOptIn`. A set."""
    adopt: NotRequired[bool]
    """Take over something different that exists under the same name, instead of refusing."""


class LeadDestinationArgsDict(TypedDict):
    """Arguments of `LeadDestination`."""

    azure_table: NotRequired[Input[AzureTableArgsDict]]
    """`{"connection_string": …}`; required unless this is the current destination. So is the string of
    `azure_blob`."""
    azure_blob: NotRequired[Input[AzureBlobArgsDict]]
    """`{"connection_string": …, "container": …}`."""
    dynamics: NotRequired[Input[DynamicsArgsDict]]
    """`{"url": …, "authentication": …}` with `user_name` and `password`, or with `application_id`,
    `application_key` and `directory_id`."""
    https: NotRequired[Input[HttpsArgsDict]]
    """`{"url": "https://…"}`; the address may hold a signature. Required unless this is the current
    destination."""
    marketo: NotRequired[Input[MarketoArgsDict]]
    """`{"server_id": …, "munchkin_account_id": …, "form_id": …}`."""
    salesforce: NotRequired[Input[SalesforceArgsDict]]
    """`{"object_identifier": …}`."""
    contact_email: NotRequired[Input[str]]
    """E-mail address for notifications about leads."""
    daily_digest: NotRequired[Input[Sequence[Input[str]]]]
    """E-mail addresses for a daily digest of leads (consulting services)."""
    adopt: NotRequired[bool]
    """Take over something different that exists under the same name, instead of refusing."""


class OfferTechnicalConfigurationArgsDict(TypedDict):
    """Arguments of `OfferTechnicalConfiguration`."""

    tenant: NotRequired[Input[str]]
    """Tenant of the application that calls the metering or fulfillment API (Azure applications, SaaS)."""
    application: NotRequired[Input[str]]
    """Application (client) id in that tenant (Azure applications, SaaS)."""
    landing_page_url: NotRequired[Input[str]]
    """Address of the landing page for new customers (SaaS)."""
    webhook_url: NotRequired[Input[str]]
    """Address for notifications of changed subscriptions (SaaS)."""
    package_type: NotRequired[Input[Literal["AddOn", "Connect", ""]]]
    """Type of the product (Business Central). Not given: as it is in the service."""
    installation_url: NotRequired[Input[str]]
    """Address for the installation (Business Central, `Connect`)."""
    packages: NotRequired[Input[Sequence[Input[PackageOfOfferArgsDict | str]]]]
    """`.id` of each package, or `{"package": …, "kind": …}` (Business Central). The kind is that of the
    `Package` whose `.id` is given; of any other id, the default is the main app's. Not given: as they
    are in the service, which is right beside an `AppRelease`."""
    base_license_model: NotRequired[Input[Literal["Resource", "User", ""]]]
    """Subject of a licence (Customer Engagement)."""
    requires_s2s_and_secure_store: NotRequired[Input[bool]]
    """Whether it needs outbound server-to-server calls and the CRM secure store (Customer Engagement)."""
    configuration_url: NotRequired[Input[str]]
    """Address for its configuration (Customer Engagement)."""
    package_url: NotRequired[Input[str]]
    """Address of the package, with a signature that reads it (Customer Engagement, required). `""` keeps
    the address in Partner Center."""
    regions: NotRequired[Input[Sequence[Input[RegionArgsDict | str]]]]
    """Regions, or `{"region": …, "is_available": …, "configuration_url": …}` (Customer Engagement)."""
    multiple_packages: NotRequired[Input[bool]]
    """Whether the package file holds several packages (Customer Engagement)."""
    release_version: NotRequired[Input[str]]
    """Release (Finance and Operations)."""
    solution_identifier: NotRequired[Input[str]]
    """GUID of the solution in Lifecycle Services (Finance and Operations, required)."""
    adopt: NotRequired[bool]
    """Take over something different that exists under the same name, instead of refusing."""


class CosellListingArgsDict(TypedDict):
    """Arguments of `CosellListing`."""

    platforms: NotRequired[Input[Sequence[Input[str]]]]
    """Platforms of the solution. A set, as are the segments."""
    segments: NotRequired[Input[Sequence[Input[str]]]]
    """Segments of end customers."""
    solution_areas: NotRequired[Input[Sequence[Input[AreaArgsDict]]]]
    """`[{"area": "Infrastructure", "sub_areas": ["Backup"]}]`."""
    contacts: NotRequired[Input[Sequence[Input[SellerContactArgsDict]]]]
    """`[{"type": …, "name": …, "email": …, "job_title": …, "role": …, "regions": […], "sub_regions":
    […]}]`."""
    documents: NotRequired[Input[Sequence[Input[CarriedArgsDict]]]]
    """`[{"kind": "PitchDeck", "source": "pitch.pdf"}]`; sources are compared by content and name."""
    adopt: NotRequired[bool]
    """Take over something different that exists under the same name, instead of refusing."""


class SupplementalContentArgsDict(TypedDict):
    """Arguments of `SupplementalContent`."""

    target_release: NotRequired[Input[str]]
    """The targeted release of Dynamics 365."""
    supported_editions: NotRequired[Input[Sequence[Input[str]]]]
    """Supported editions. A set."""
    documents: NotRequired[Input[Sequence[Input[CarriedArgsDict]]]]
    """`[{"kind": "FunctionalTest", "source": "script.docx"}]`; sources are compared by content and name."""
    adopt: NotRequired[bool]
    """Take over something different that exists under the same name, instead of refusing."""


class TestDriveArgsDict(TypedDict):
    """Arguments of `TestDrive`."""

    subscription: NotRequired[Input[str]]
    """Azure subscription for the deployments, a GUID."""
    tenant: NotRequired[Input[str]]
    """Tenant of the deploying application, a GUID."""
    application: NotRequired[Input[str]]
    """Id of the deploying application, a GUID."""
    application_key: NotRequired[Input[str]]
    """Key of the deploying application."""
    duration_hours: NotRequired[Input[int]]
    """Duration of a test drive, in hours."""
    regions: NotRequired[Input[Sequence[Input[str]]]]
    """Azure regions of the deployments."""
    hot_instances: NotRequired[Input[int]]
    """Number of running test drives in every region, ready at once."""
    warm_instances: NotRequired[Input[int]]
    """Number of deployed and stopped test drives in every region."""
    cold_instances: NotRequired[Input[int]]
    """Number of test drives that are deployed on demand, in every region."""
    adopt: NotRequired[bool]
    """Take over something different that exists under the same name, instead of refusing."""


class PackageArgsDict(TypedDict):
    """Arguments of `Package`."""

    source: Input[str | pulumi.Asset | pulumi.Archive]
    """A folder, a zip, a Pulumi asset or archive, compared by content. Files for Business Central stay
    unchanged."""
    kind: NotRequired[
        Input[
            Literal[
                "app",
                "library",
                "AzureApplicationPackage",
                "Dynamics365BusinessCentralAddOnExtensionPackage",
                "Dynamics365BusinessCentralAddOnLibraryExtensionPackage",
                "Dynamics365BusinessCentralAddOnDependencyPackage",
            ]
        ]
    ]
    """Type of the content in the service's vocabulary. Of Business Central offers, `app` is the main app,
    and `library` one or several apps that it needs; state has the service's word."""
    adopt: NotRequired[bool]
    """Take over something different that exists under the same name, instead of refusing."""


class PlanArgsDict(TypedDict):
    """Arguments of `Plan`."""

    name: Input[str]
    """Name inside Partner Center, at most 50 characters; customers see the title of the plan's listing."""
    clouds: NotRequired[Input[Sequence[Input[str]]]]
    """Clouds that may deploy it: `public-azure`, `azure-government`."""
    state: NotRequired[Input[str]]
    """State of the plan. Inactive plans are not submitted."""
    conversion_paths: NotRequired[Input[str]]
    """Plans to which a customer may change; `*` means any."""
    lead_gen_id: NotRequired[Input[str]]
    """Label of leads from this plan, usually `<publisher>.<plan>`."""
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
    """Visibility of the plan. A private plan is visible to `subscriptions` and `tenants` only."""
    is_hidden: NotRequired[Input[bool]]
    """Whether the plan is hidden in search and shop, and deployed through another offer only."""
    markets: NotRequired[Input[Sequence[Input[str]] | str]]
    """Codes of the markets, `["US", "CA"]`, or `"all"` for all 141. A set."""
    prices: NotRequired[Input[Sequence[Input[PriceArgsDict]]]]
    """`[{"amount": 49.0, "currency": "USD", "per": "month"}]`; with `markets`, all prices of these
    markets, instead of the base prices. Amount 0 is free. Solution templates have no prices."""
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
    """Three numbers, `1.0.0`. A new package needs a higher version."""
    tenant: NotRequired[Input[str]]
    """The publisher's tenant, from which customers' deployments are managed."""
    authorizations: NotRequired[Input[Sequence[Input[AuthorizationArgsDict]]]]
    """`[{"principal": GUID, "role": GUID, "Owner" or "Contributor"}]`, at most 100."""
    allowed_actions: NotRequired[Input[Sequence[Input[str]]]]
    """Control-plane actions that customers may run besides reading, `["Microsoft.Compute/*"]`. A set."""
    allowed_data_actions: NotRequired[Input[Sequence[Input[str]]]]
    """Data-plane actions that customers may run. A set."""
    deployment_mode: NotRequired[Input[Literal["Incremental", "Complete"]]]
    """Deployment mode of updates; `Complete` deletes resources that are not in the template."""
    policies: NotRequired[Input[Sequence[Input[PolicyArgsDict]]]]
    """`[{"name": …, "definition": …, "parameters": {…}, "sku": …}]`, at most 5; parameters as JSON text or
    object."""
    allows_jit_access: NotRequired[Input[bool]]
    """Whether the publisher requests access just in time."""
    allows_customer_actions: NotRequired[Input[bool]]
    """Whether customers may run `allowed_actions`."""
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
    """Maximum wait of an `up` for the preview, or for another publication of the offer. 0: no wait. No
    `up` waits for certification, which takes days: a later `up` reports its result."""
    undeclared: NotRequired[Input[str]]
    """Policy for drafts that are not in `publishes`: plans of no program, work of colleagues, other
    resources of the program. `leave` names them and, once the offer is live, sends only the modules of
    `publishes`, so that what is in other modules stays a draft. `warn` names them and sends everything;
    `refuse` names them and submits nothing."""
    replaces_running: NotRequired[Input[bool]]
    """Whether a submission of this stack that is on the way to preview is cancelled when newer content is
    submitted. Otherwise `up` waits until it has ended."""
    notes: NotRequired[Input[str]]
    """Notes for the certification team. After a failure, a change of the notes submits unchanged content
    again."""

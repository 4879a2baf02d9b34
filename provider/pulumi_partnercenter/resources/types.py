"""Objects that constructors take, as typed dictionaries."""

# Made by `make generate` from kinds/; changes here are lost.
from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal, NotRequired, TypedDict

import pulumi
from pulumi import Input


class AreaArgsDict(TypedDict):
    """A solution area and its sub-areas, a set."""

    area: Input[str]
    sub_areas: NotRequired[Input[Sequence[Input[str]]]]


class AudienceMemberArgsDict(TypedDict):
    """A subscription or tenant: its GUID and a description."""

    id: Input[str]
    description: NotRequired[Input[str]]


class AuthorizationArgsDict(TypedDict):
    """A principal of the publisher's tenant and its role."""

    principal: Input[str]
    """Object id of a user, group or application in the tenant."""
    role: Input[str]
    """GUID of an Azure built-in role, or `Owner` or `Contributor`."""


class AzureBlobArgsDict(TypedDict):
    """Blobs in a container of an Azure storage account."""

    connection_string: NotRequired[Input[str]]
    container: Input[str]


class AzureTableArgsDict(TypedDict):
    """A table of an Azure storage account."""

    connection_string: NotRequired[Input[str]]


class CarriedArgsDict(TypedDict):
    """A document: its kind in the service's words, and a path or asset. A text asset needs a `file_name`."""

    kind: Input[str]
    source: Input[str | pulumi.Asset | pulumi.Archive]
    file_name: NotRequired[Input[str]]


class CertificationArgsDict(TypedDict):
    """A certification for the government cloud."""

    title: Input[str]
    uri: NotRequired[Input[str]]


class ContactArgsDict(TypedDict):
    """Whom customers or Microsoft reach. To publish, `CustomerSupport` and `Engineering` are needed."""

    type: Input[Literal["CustomerSupport", "Engineering", "ChannelManager"]]
    name: NotRequired[Input[str]]
    email: NotRequired[Input[str]]
    phone: NotRequired[Input[str]]
    uri: NotRequired[Input[str]]


class CustomAmendmentArgsDict(TypedDict):
    """Terms for at most 20 tenants, a set: GUIDs, or `{"id": …, "description": …}`."""

    name: Input[str]
    terms: Input[str]
    tenants: NotRequired[Input[Sequence[Input[AudienceMemberArgsDict | str]]]]


class DynamicsArgsDict(TypedDict):
    """Dynamics 365 customer engagement; either a user or an application signs in."""

    url: Input[str]
    authentication: NotRequired[Input[str]]
    user_name: NotRequired[Input[str]]
    password: NotRequired[Input[str]]
    application_id: NotRequired[Input[str]]
    application_key: NotRequired[Input[str]]
    directory_id: NotRequired[Input[str]]


class HttpsArgsDict(TypedDict):
    """An address for POST requests with leads. It is a credential: its holder may post leads."""

    url: NotRequired[Input[str]]


class IncludedArgsDict(TypedDict):
    """Quantity of a meter in the base price of a month or year."""

    per: Input[Literal["month", "year"]]
    quantity: NotRequired[Input[float | str | Decimal]]
    """Number of units; 0 if infinite."""
    is_infinite: NotRequired[Input[bool]]


class LinkArgsDict(TypedDict):
    """A link of the listing: `PrivacyUri` (needed to publish), `PublicCloudSupport`, or what the portal
    offers.
    """

    type: Input[str]
    uri: Input[str]
    text: NotRequired[Input[str]]
    subtype: NotRequired[Input[str]]


class MarketoArgsDict(TypedDict):
    """A form of a Marketo account."""

    server_id: Input[str]
    munchkin_account_id: Input[str]
    form_id: Input[str]


class MeterArgsDict(TypedDict):
    """A custom meter: usage beyond the included quantities is billed per unit, in US dollars."""

    id: Input[str]
    name: Input[str]
    unit: Input[str]
    price_in_usd: Input[float | str | Decimal]
    included: NotRequired[Input[Sequence[Input[IncludedArgsDict]]]]
    is_enabled: NotRequired[Input[bool]]


class PackageOfOfferArgsDict(TypedDict):
    """A package of a Business Central offer, by its `.id`. Its kind is that of the `Package`."""

    package: Input[str]
    kind: NotRequired[Input[str]]
    """Type in the service's vocabulary, `app` or `library`."""


class PolicyArgsDict(TypedDict):
    """An Azure policy that is assigned to the managed resource group."""

    name: Input[str]
    definition: Input[str]
    """Id of the policy definition."""
    parameters: NotRequired[Input[str | Mapping[str, Any]]]
    """An object, or its JSON text."""
    sku: NotRequired[Input[str]]


class PriceArgsDict(TypedDict):
    """A price; without `markets` it is the base price."""

    amount: Input[float | str | Decimal]
    currency: NotRequired[Input[str]]
    per: NotRequired[Input[Literal["month", "year", "once", "use"]]]
    """The paid period or event: a month, a year, the purchase, or each use."""
    every: NotRequired[Input[int]]
    """Length of a period, in months or years."""
    markets: NotRequired[Input[Sequence[Input[str]] | str]]
    """Markets in which it replaces the base prices. A set."""
    units: NotRequired[Input[Sequence[Input[UnitArgsDict]]]]
    starts_at: NotRequired[Input[str]]
    """A time without a zone is in UTC."""
    ends_at: NotRequired[Input[str]]
    """Later than its start."""


class RegionArgsDict(TypedDict):
    """Whether a Customer Engagement package is for a region, `NorthAmerica` for one."""

    region: Input[str]
    is_available: NotRequired[Input[bool]]
    configuration_url: NotRequired[Input[str]]


class SalesforceArgsDict(TypedDict):
    """A Salesforce organisation; it turns them into leads of its own."""

    object_identifier: Input[str]


class SellerContactArgsDict(TypedDict):
    """A contact for Microsoft's sellers; `type`, `role` and regions in the service's words."""

    type: Input[str]
    name: NotRequired[Input[str]]
    email: NotRequired[Input[str]]
    job_title: NotRequired[Input[str]]
    role: NotRequired[Input[str]]
    regions: NotRequired[Input[Sequence[Input[str]]]]
    sub_regions: NotRequired[Input[Sequence[Input[str]]]]


class TrialArgsDict(TypedDict):
    """A free period before the first payment."""

    type: NotRequired[Input[Literal["NoTrial", "TimedAccess", "TimedUsage", "Unlimited"]]]
    duration: NotRequired[Input[int]]
    """In units; required with `TimedAccess` and `TimedUsage`."""
    unit: NotRequired[Input[Literal["Minute", "Days", "Months", ""]]]


class UnitArgsDict(TypedDict):
    """Counted unit of a price, such as cores."""

    name: Input[str]
    """`sharedcore` or `transactions`. Whether a plan per user has a unit, and its word for users, is not
    public: export a plan that was made in Partner Center, and take what it has."""
    unit_type: NotRequired[Input[str]]
    """Type of the unit, in the service's words."""
    is_unlimited: NotRequired[Input[bool]]
    lower: NotRequired[Input[int]]
    """Lowest number of units at this price."""
    upper: NotRequired[Input[int]]
    """Highest number of units at this price, unless unlimited."""

"""Objects that constructors take, as typed dictionaries."""

# Made by `make generate` from kinds/portal/; changes here are lost.
from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Literal, NotRequired, TypedDict

from pulumi import Input

from ..types import (
    AudienceMemberArgsDict,
    AzureBlobArgsDict,
    AzureTableArgsDict,
    DynamicsArgsDict,
    HttpsArgsDict,
    SalesforceArgsDict,
)


class ContactArgsDict(TypedDict):
    """Whom customers or Microsoft reach. To publish, `CustomerSupport` and `Engineering` are needed."""

    type: Input[Literal["CustomerSupport", "Engineering", "ChannelManager"]]
    name: NotRequired[Input[str]]
    email: NotRequired[Input[str]]
    phone: NotRequired[Input[str]]


class ImageArgsDict(TypedDict):
    """Disks of an image version. Addresses are compared by file and permissions; signature and times do
    not matter.
    """

    os_disk: Input[str]
    """Address of the operating system's disk (VHD), with a signature for reading and listing."""
    data_disks: NotRequired[Input[Sequence[Input[str]]]]
    """Addresses of data disks, in the order of their LUN. Their number is fixed once the plan is live."""
    label: NotRequired[Input[str]]
    """Label (core virtual machines)."""
    description: NotRequired[Input[str]]
    """Description (core virtual machines)."""
    media_name: NotRequired[Input[str]]
    """Name that is unique among all images (core virtual machines)."""


class LeadDestinationArgsDict(TypedDict):
    """Where leads go: exactly one of six destinations. The service returns no secret; each write sends
    them again.
    """

    azure_table: NotRequired[Input[AzureTableArgsDict]]
    """`{"connection_string": …}`."""
    azure_blob: NotRequired[Input[AzureBlobArgsDict]]
    """`{"connection_string": …, "container": …}`."""
    dynamics: NotRequired[Input[DynamicsArgsDict]]
    """`{"url": …, "authentication": …}` with `user_name` and `password`, or with `application_id`,
    `application_key` and `directory_id`."""
    https: NotRequired[Input[HttpsArgsDict]]
    """`{"url": "https://…"}`; the address may hold a signature."""
    marketo: NotRequired[Input[MarketoArgsDict]]
    """`{"client_id": …, "client_secret": …, "munchkin_account_id": …, "form_id": …}`."""
    salesforce: NotRequired[Input[SalesforceArgsDict]]
    """`{"object_identifier": …}`."""
    contact_email: NotRequired[Input[str]]
    """E-mail address for notifications about leads."""


class LinkArgsDict(TypedDict):
    """A link of the listing."""

    uri: Input[str]
    text: Input[str]


class ListingArgsDict(TypedDict):
    """What customers read. The default is empty: text that was written in the portal is cleared. Videos
    stay.
    """

    title: NotRequired[Input[str]]
    """Public name, at most 200 characters (in the former portal 50)."""
    summary: NotRequired[Input[str]]
    """Search results summary, at most 100 characters."""
    short_description: NotRequired[Input[str]]
    """Short description, at most 256 characters."""
    description: NotRequired[Input[str]]
    """HTML with basic formatting, at most 5,000 characters (in the former portal 3,000)."""
    categories: NotRequired[Input[Mapping[str, Input[Sequence[Input[str]]]]]]
    """`{"networking": ["firewalls"]}`: to publish 1 or 2."""
    contacts: NotRequired[Input[Sequence[Input[ContactArgsDict]]]]
    """`[{"type": "CustomerSupport", "name": …, "email": …, "phone": …}]`."""
    links: NotRequired[Input[Sequence[Input[LinkArgsDict]]]]
    """`[{"uri": "https://…", "text": …}]`."""
    privacy_policy_url: NotRequired[Input[str]]
    """Address of the privacy policy; needed to publish."""
    support_url: NotRequired[Input[str]]
    """Address of support for customers."""
    government_support_url: NotRequired[Input[str]]
    """Address of support for customers of Azure Government."""
    marketing_id: NotRequired[Input[str]]
    """Last part of the listing's public address, at most 50 characters."""
    logos: NotRequired[Input[LogosArgsDict]]
    """Addresses of logos: `{"small": …, "medium": …, "large": …, "wide": …}`."""
    screenshots: NotRequired[Input[Sequence[Input[str]]]]
    """Addresses of pictures of 533×324, at most 5."""


class LogosArgsDict(TypedDict):
    """Addresses of PNG pictures. The service downloads a picture when its address changes."""

    small: NotRequired[Input[str]]
    """48×48."""
    medium: NotRequired[Input[str]]
    """90×90."""
    large: NotRequired[Input[str]]
    """216×216."""
    wide: NotRequired[Input[str]]
    """255×115."""
    hero: NotRequired[Input[str]]
    """815×290; cannot be removed, and is not returned for migrated offers."""


class MarketoArgsDict(TypedDict):
    """A form of a Marketo account, and the application that signs in."""

    client_id: Input[str]
    client_secret: NotRequired[Input[str]]
    munchkin_account_id: Input[str]
    form_id: Input[str]


class OperatingSystemArgsDict(TypedDict):
    """Operating system of a plan's images."""

    family: NotRequired[Input[Literal["Windows", "Linux", ""]]]
    type: NotRequired[Input[str]]
    """Kind in the service's words, such as `Ubuntu` or `Other`."""
    name: NotRequired[Input[str]]
    """Name and version for customers, such as `Ubuntu 22.04`."""


class PlanArgsDict(TypedDict):
    """A plan, also called SKU. `pricing`, `images`, `generations`, `features` and `operating_system` stay
    as they are if not given.
    """

    plan_id: Input[str]
    """Its id in the offer: at most 50 of a-z, 0-9, `-`, `_` for a new plan. Fixed once the plan is live."""
    title: NotRequired[Input[str]]
    summary: NotRequired[Input[str]]
    description: NotRequired[Input[str]]
    """HTML with basic formatting."""
    is_hidden: NotRequired[Input[bool]]
    """Whether the plan is not listed, and deployed by solution templates only."""
    clouds: NotRequired[Input[Sequence[Input[str]]]]
    """Clouds that may deploy it: `public-azure`, `azure-government`, `azure-china`, `azure-germany`."""
    markets: NotRequired[Input[Sequence[Input[str]] | str]]
    """Codes of the markets, `["US", "CA"]`, or `"all"` for all 142. A set."""
    subscriptions: NotRequired[Input[Sequence[Input[AudienceMemberArgsDict | str]]]]
    """Azure subscriptions of a private plan: GUIDs, or `{"id": …, "description": …}`. A live public plan
    stays public."""
    subscriptions_file: NotRequired[Input[str]]
    """Instead: address of a CSV file with the header `type,id,description`, which the service downloads
    once."""
    operating_system: NotRequired[Input[OperatingSystemArgsDict]]
    """`{"family": "Linux", "type": "Ubuntu", "name": "Ubuntu 22.04"}`."""
    recommended_sizes: NotRequired[Input[Sequence[Input[str]]]]
    """Sizes of virtual machines, such as `d2s-standard-v3`; the first is the default."""
    open_ports: NotRequired[Input[Sequence[Input[Mapping[str, Input[str]]]]]]
    """Open ports beside the default ones, in the service's words, which it does not document."""
    features: NotRequired[Input[Mapping[str, Input[bool]]]]
    """`{"accelerated_networking": True}`. What is not named stays as it is."""
    pricing: NotRequired[Input[PricingArgsDict]]
    """`{"per_core": 0.12}`: one of `free`, `byol`, `per_core`, `per_size`, `per_market`, `spreadsheet`. A
    live price may fall, and not rise."""
    images: NotRequired[Input[Mapping[str, Input[ImageArgsDict]]]]
    """Image versions: `{"1.0.1": {"os_disk": address}}`. The address of a live version is fixed."""
    generations: NotRequired[Input[Mapping[str, Input[Mapping[str, Input[ImageArgsDict]]]]]]
    """Image versions of the plan's generations, by the plan id of a generation that exists (core virtual
    machines): `{"standard-gen2": {"1.0.1": {"os_disk": address}}}`. What is not named stays as it is."""


class PricingArgsDict(TypedDict):
    """Prices per hour: exactly one of `free`, `byol`, `per_core`, `per_size`, `per_market`, `spreadsheet`."""

    free: NotRequired[Input[bool]]
    byol: NotRequired[Input[bool]]
    """Bring your own licence. Fixed once the plan is live."""
    per_core: NotRequired[Input[float | str | Decimal]]
    """Price of a core in US dollars, above 0; the service derives the prices of all sizes and markets."""
    per_size: NotRequired[Input[Mapping[str, Input[float | str | Decimal]]]]
    """Prices by size in US dollars: `{"1core": 0.05, "2core": 0.1}`. Other sizes that the service has
    stay."""
    per_market: NotRequired[Input[Mapping[str, Input[Mapping[str, Input[float | str | Decimal]]]]]]
    """Prices by market and size, in the market's currency: `{"DE": {"1core": 0.05}}`."""
    currencies: NotRequired[Input[Mapping[str, Input[str]]]]
    """Currencies of markets in `per_market`: required for the 54 markets without one in the service's
    table."""
    spreadsheet: NotRequired[Input[str]]
    """Address of a spreadsheet in the portal's form, which the service downloads once."""
    trial_months: NotRequired[Input[int]]
    """Free months before the first payment."""


class TestDriveArgsDict(TypedDict):
    """A test drive. Its deployment, and its videos, stay as they are."""

    enabled: NotRequired[Input[bool]]
    description: NotRequired[Input[str]]
    access_information: NotRequired[Input[str]]
    """How customers get into it."""
    user_manual: NotRequired[Input[str]]
    """Address of its manual."""

"""Documents of the submission API, as typed views. Section numbers are those of its reference."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Self

from pydantic import AliasChoices, Field

from ..wire import Etag, Id, Wire

__all__ = [
    "Amendment",
    "AudienceMember",
    "Branch",
    "Certification",
    "CosellAsset",
    "Entity",
    "File",
    "Finding",
    "LeadConfiguration",
    "Listing",
    "ListingAsset",
    "ListingContact",
    "ListingImage",
    "ListingUri",
    "ListingVideo",
    "Package",
    "PreviewGroup",
    "Product",
    "ProductAvailability",
    "Property",
    "ResellerConfiguration",
    "Setup",
    "Thumbnail",
    "TypeValue",
    "Variant",
]


class Entity(Wire):
    """A draft document: it has an etag, which includes its quotes (submission API 2.4)."""

    needed: ClassVar[tuple[str, ...]] = ("id",)
    id: Id = Field("", validation_alias=AliasChoices("id", "ID"))
    etag: Etag = Field("", alias="@odata.etag")
    resource_type: str = ""


class TypeValue(Wire):
    type: str
    value: str


class Product(Wire):
    """An offer (submission API 5.1). It has no etag and cannot be changed."""

    needed: ClassVar[tuple[str, ...]] = ("id", "resource_type", "name")
    id: Id = Field("", validation_alias=AliasChoices("id", "ID"))
    resource_type: str
    name: str
    external_ids: list[TypeValue] = Field(
        default=[],
        validation_alias=AliasChoices("externalIDs", "externalIds"),
        serialization_alias="externalIDs",
    )
    is_modular_publishing: bool = True

    @property
    def offer_id(self) -> str:
        """The publisher's id: selected by type, because there may be other external ids (oddity 51)."""
        return next((each.value for each in self.external_ids if each.type.casefold() == "azureofferid"), "")

    def lacking(self) -> Iterator[str]:
        yield from super().lacking()
        if not self.offer_id:
            yield "an AzureOfferId in externalIDs"


class Branch(Wire):
    """Where the draft of a module is (5.3). The offer's own branch is the one without `variantID`."""

    needed: ClassVar[tuple[str, ...]] = ("current_draft_instance_id",)
    current_draft_instance_id: Id = Field(alias="currentDraftInstanceID")
    variant_id: Id = Field("", alias="variantID")
    type: str = "Main"
    """`Private` ones belong to store products (3.2)."""


class Certification(Wire):
    """A government-cloud certification of a plan (5.10)."""

    title: str = ""
    uri: str = ""


class Variant(Entity):
    """A plan (5.10)."""

    needed: ClassVar[tuple[str, ...]] = ("id", "resource_type")
    external_id: str = Field("", alias="externalID")
    friendly_name: str = ""
    sub_type: str = ""
    state: str = ""
    cloud_availabilities: list[str] = []
    conversion_paths: str = ""
    lead_gen_id: str = Field("", alias="leadGenID")
    reference_variant_id: str = Field("", alias="referenceVariantID")
    certifications: list[Certification] = Field(
        default=[],
        validation_alias=AliasChoices("certificationsAzureGovernment", "azureGovernmentCertifications"),
        serialization_alias="certificationsAzureGovernment",
    )
    extended_properties: list[TypeValue] = []

    @property
    def is_plan(self) -> bool:
        """The historic test-drive pseudo plan is none (oddity 25)."""
        return self.resource_type == "AzureSkuVariant"

    def lacking(self) -> Iterator[str]:
        yield from super().lacking()
        if self.is_plan and not self.external_id:
            yield "externalID"
        if self.is_plan and not self.state:
            yield "state"


class ListingContact(Wire):
    type: str = ""
    email: str = ""
    name: str = ""
    phone: str = ""
    uri: str = ""


class ListingUri(Wire):
    type: str = ""
    subtype: str = ""
    display_text: str = ""
    uri: str = ""


class Listing(Entity):
    """An offer's or a plan's listing in one language (5.6)."""

    needed: ClassVar[tuple[str, ...]] = ("id", "language_code")
    language_code: str = ""
    title: str = ""
    summary: str = ""
    short_description: str = ""
    description: str = ""
    keywords: list[str] = []
    listing_uris: list[ListingUri] = []
    listing_contacts: list[ListingContact] = []
    getting_started_instructions: str = ""
    publisher_name: str = ""
    product_display_name: str = ""
    access_information: str = ""
    allow_only_managed_disk_deployments: bool | None = None
    compatible_products: list[str] = []


class AudienceMember(Wire):
    id: str = Field("", alias="ID", validation_alias=AliasChoices("ID", "id"))
    description: str = ""


class Setup(Wire):
    """How an offer is sold (5.2). No id, no etag."""

    needed: ClassVar[tuple[str, ...]] = ("resource_type",)
    resource_type: str = ""
    selling_option: str = ""
    call_to_action: str = ""
    trial_uri: str = ""


class PreviewGroup(Wire):
    type: str = "PreviewMarketplaceGroup"
    values: list[str] = []


class ProductAvailability(Entity):
    """Who may see the preview (5.4)."""

    visibility: str = ""
    audiences: list[PreviewGroup] = []
    email_audiences: list[AudienceMember] = []
    subscription_audiences: list[AudienceMember] = []
    hide_key_audience: str = ""


class Amendment(Wire):
    """Terms for some customers (5.5)."""

    name: str = ""
    terms: str = ""
    tenants: list[AudienceMember] = []


class Property(Entity):
    """Categories, legal terms and version of an offer (5.5)."""

    leveled_categories: dict[str, list[str]] = {}
    leveled_industries: dict[str, list[str]] = {}
    industries: list[str] = []
    categories: list[str] = []
    additional_categories: list[str] = []
    hide_keys: list[str] = []
    product_tags: list[str] = []
    app_version: str = ""
    use_enterprise_contract: bool = False
    terms_of_use: str = ""
    global_amendment_terms: str = ""
    custom_amendments: list[Amendment] = []
    marketing_only_change: bool = False


class ResellerConfiguration(Wire):
    """Which cloud solution providers may resell (5.15). No id, no etag."""

    needed: ClassVar[tuple[str, ...]] = ("resource_type",)
    resource_type: str = ""
    reseller_channel_state: str = ""
    tenant_ids: list[str] = []


class LeadConfiguration(Wire):
    """Where leads go (5.16): the members of all six kinds; `resourceType` says which one it is."""

    resource_type: str = ""
    contact_email: str = ""
    daily_digest_email_contacts: list[str] = []
    connection_string: str = ""
    container_name: str = ""
    uri: str = ""
    authentication: str = ""
    user_name: str = ""
    password: str = ""
    application_id: str = Field("", alias="applicationID")
    application_key: str = ""
    directory_id: str = Field("", alias="directoryID")
    https_endpoint_uri: str = ""
    server_id: str = Field("", alias="serverID")
    munchkin_account_id: str = Field("", alias="munchkinAccountID")
    form_id: str = Field("", alias="formID")
    object_identifier: str = ""

    def lacking(self) -> Iterator[str]:
        """Where there is none yet, nothing is said; how the service answers then is open (question 7)."""
        yield from super().lacking()
        if not self.resource_type and self.filled():
            yield "resourceType"


class Finding(Wire):
    """A `ValidationItem`: what is wrong with a package or a submission (5.19)."""

    error_code: str = ""
    severity: str = ""
    message: str = ""
    resource: str = ""


class File(Entity):
    """What is uploaded (7): its row in the service, and where its bytes go to or come from."""

    needed: ClassVar[tuple[str, ...]] = ("id", "file_name", "state")
    file_name: str = ""
    type: str = ""
    state: str = ""
    file_sas_uri: str = ""

    @property
    def address(self) -> str:
        """Signed: whoever has it may write or read the file. Opaque, used as it is (oddity 49)."""
        return self.file_sas_uri

    @property
    def key(self) -> tuple[str, ...]:
        """What makes two rows the same thing, uploaded twice."""
        return (self.type, self.file_name)

    @property
    def has_bytes(self) -> bool:
        """Whether anything is uploaded for it at all."""
        return True

    @property
    def is_pending(self) -> bool:
        """Its bytes never came: a run was cut off, or is at it."""
        return self.state == "PendingUpload"

    def uploaded(self) -> Self:
        """What to write once the bytes are there."""
        return type(self)(state="Uploaded")


class ListingImage(File):
    """A logo or screenshot (5.7)."""

    needed: ClassVar[tuple[str, ...]] = ("id", "type", "file_name", "state")
    order: int = 0
    description: str = ""


class Thumbnail(Wire):
    file_name: str = ""
    title: str = ""
    description: str = ""
    file_sas_uri: str = ""
    state: str = ""


class ListingVideo(File):
    """A video of a listing and its picture (5.8)."""

    needed: ClassVar[tuple[str, ...]] = ("id", "streaming_uri")
    streaming_uri: str = ""
    thumbnail: Thumbnail = Thumbnail()

    @property
    def address(self) -> str:
        """The picture's: videos themselves are streamed from elsewhere."""
        return self.thumbnail.file_sas_uri

    @property
    def has_bytes(self) -> bool:
        return bool(self.thumbnail.file_name)

    @property
    def key(self) -> tuple[str, ...]:
        return (self.streaming_uri,)

    @property
    def is_pending(self) -> bool:
        return "PendingUpload" in (self.state, self.thumbnail.state)

    def uploaded(self) -> Self:
        if not self.thumbnail.file_name:
            return super().uploaded()
        thumbnail = self.thumbnail.over(Thumbnail(state="Uploaded"))
        return type(self)(state="Uploaded", thumbnail=thumbnail)


class ListingAsset(File):
    """A document of a listing (5.9)."""

    friendly_name: str = ""
    description: str = ""


class CosellAsset(File):
    """A document for Microsoft's sellers (5.17)."""


class Package(File):
    """What a plan deploys (5.12). `state` goes on to `Processed` or `ProcessFailed`."""

    validation_items: list[Finding] = []

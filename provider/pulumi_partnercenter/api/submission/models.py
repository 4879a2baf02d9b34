"""Documents of the submission API, as typed views."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Self

from pydantic import AliasChoices, Field

from ..wire import Etag, Id, WireModel

__all__ = [
    "PRODUCT_TYPES",
    "Amendment",
    "AudienceMember",
    "Branch",
    "Certification",
    "CosellAsset",
    "Document",
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


class Document(WireModel):
    """A JSON object of the submission API, which treats null and absent alike."""

    @classmethod
    def from_json(cls, answer: Any, action: str, *, id: str = "") -> Self:
        return super().from_json(_remove_nulls(answer), action, id=id)


def _remove_nulls(answer: Any) -> Any:
    if isinstance(answer, dict):
        return {name: _remove_nulls(value) for name, value in answer.items() if value is not None}
    return [_remove_nulls(item) for item in answer] if isinstance(answer, list) else answer


class Entity(Document):
    """A draft document. Its etag includes the quotes."""

    required_members: ClassVar[tuple[str, ...]] = ("id",)
    id: Id = Field("", validation_alias=AliasChoices("id", "ID"))
    etag: Etag = Field("", alias="@odata.etag")
    resource_type: str = ""


class TypeValue(Document):
    merge_key: ClassVar[tuple[str, ...]] = ("value",)
    type: str
    value: str


PRODUCT_TYPES = (
    "AzureApplication",
    "AzureConsultingService",
    "AzureContainer",
    "AzureDeveloperService",
    "AzureDynamics365BusinessCentral",
    "AzureDynamics365ForCustomerEngagement",
    "AzureDynamics365ForOperations",
    "AzureIoTEdgeModule",
    "AzureManagedService",
    "AzurePowerBIApp",
    "AzurePowerBIVisual",
    "AzureThirdPartyVirtualMachine",
    "AzureVisualStudioExtension",
    "SoftwareAsAService",
)
"""Product types of the commercial marketplace."""


class Product(Document):
    """An offer. It has no etag and cannot be changed."""

    required_members: ClassVar[tuple[str, ...]] = ("id", "resource_type", "name")
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
        """The publisher's id: selected by type, because there may be other external ids."""
        return next((item.value for item in self.external_ids if item.type.casefold() == "azureofferid"), "")

    def missing_members(self) -> Iterator[str]:
        yield from super().missing_members()
        if not self.offer_id:
            yield "an AzureOfferId in externalIDs"


class Branch(Document):
    """Place of a module's draft. The offer's own branch has no `variantID`."""

    required_members: ClassVar[tuple[str, ...]] = ("current_draft_instance_id",)
    current_draft_instance_id: Id = Field(alias="currentDraftInstanceID")
    variant_id: Id = Field("", alias="variantID")
    type: str = "Main"
    """Branches of type `Private` belong to store products."""


class Certification(Document):
    """A government-cloud certification of a plan."""

    merge_key: ClassVar[tuple[str, ...]] = ("title",)
    title: str = ""
    uri: str = ""


class Variant(Entity):
    """A plan."""

    required_members: ClassVar[tuple[str, ...]] = ("id", "resource_type")
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
        """False for the historic pseudo plan of a test drive."""
        return self.resource_type == "AzureSkuVariant"

    def missing_members(self) -> Iterator[str]:
        yield from super().missing_members()
        if self.is_plan and not self.external_id:
            yield "externalID"
        if self.is_plan and not self.state:
            yield "state"


class ListingContact(Document):
    merge_key: ClassVar[tuple[str, ...]] = ("type",)
    type: str = ""
    email: str = ""
    name: str = ""
    phone: str = ""
    uri: str = ""


class ListingUri(Document):
    merge_key: ClassVar[tuple[str, ...]] = ("type", "subtype", "uri")
    type: str = ""
    subtype: str = ""
    display_text: str = ""
    uri: str = ""


class Listing(Entity):
    """Listing of an offer or plan in a language."""

    required_members: ClassVar[tuple[str, ...]] = ("id", "language_code")
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
    allow_only_managed_disk_deployments: bool = False
    compatible_products: list[str] = []


class AudienceMember(Document):
    merge_key: ClassVar[tuple[str, ...]] = ("id",)
    id: str = Field("", alias="ID", validation_alias=AliasChoices("ID", "id"))
    description: str = ""


class Setup(Document):
    """How an offer is sold. No id, no etag."""

    required_members: ClassVar[tuple[str, ...]] = ("resource_type",)
    resource_type: str = ""
    selling_option: str = ""
    call_to_action: str = ""
    trial_uri: str = ""
    package_type: str = ""
    """Only of Business Central offers."""


class PreviewGroup(Document):
    type: str = "PreviewMarketplaceGroup"
    values: list[str] = []


class ProductAvailability(Entity):
    """Who may see the preview."""

    visibility: str = ""
    audiences: list[PreviewGroup] = []
    email_audiences: list[AudienceMember] = []
    subscription_audiences: list[AudienceMember] = []
    hide_key_audience: str = ""


class Amendment(Document):
    """Terms for some customers."""

    merge_key: ClassVar[tuple[str, ...]] = ("name",)
    name: str = ""
    terms: str = ""
    tenants: list[AudienceMember] = []


class Property(Entity):
    """Categories, legal terms and version of an offer."""

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


class ResellerConfiguration(Document):
    """Cloud solution providers that may resell. No id, no etag."""

    required_members: ClassVar[tuple[str, ...]] = ("resource_type",)
    resource_type: str = ""
    reseller_channel_state: str = ""
    tenant_ids: list[str] = []


class LeadConfiguration(Document):
    """Destination of leads, with the members of all six kinds; `resourceType` names the kind."""

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

    def missing_members(self) -> Iterator[str]:
        """Yield a missing kind only if a destination was set: an offer may have none yet."""
        yield from super().missing_members()
        if not self.resource_type and self.to_creation_json():
            yield "resourceType"


class Finding(Document):
    """A `ValidationItem`: a problem of a package or a submission."""

    error_code: str = ""
    severity: str = ""
    message: str = ""
    resource: str = ""


class File(Entity):
    """An uploaded file: its row in the service, and the address of its bytes."""

    required_members: ClassVar[tuple[str, ...]] = ("id", "file_name", "state")
    file_name: str = ""
    type: str = ""
    state: str = ""
    file_sas_uri: str = ""

    @property
    def address(self) -> str:
        """Signed and opaque: it grants access to the file by itself, and is used unchanged."""
        return self.file_sas_uri

    @property
    def key(self) -> tuple[str, ...]:
        """Natural key: two rows with the same key are the same file, uploaded twice."""
        return (self.type, self.file_name)

    @property
    def has_bytes(self) -> bool:
        """Whether it can have bytes."""
        return True

    @property
    def is_pending(self) -> bool:
        """Whether its bytes are missing: a run was interrupted, or is still uploading."""
        return self.state == "PendingUpload"

    def after_upload(self) -> Self:
        """Members to write after the upload."""
        return type(self)(state="Uploaded")


class ListingImage(File):
    """A logo or screenshot."""

    required_members: ClassVar[tuple[str, ...]] = ("id", "type", "file_name", "state")
    order: int = 0
    description: str = ""


class Thumbnail(Document):
    file_name: str = ""
    title: str = ""
    description: str = ""
    file_sas_uri: str = ""
    state: str = ""


class ListingVideo(File):
    """A video of a listing, and its picture."""

    required_members: ClassVar[tuple[str, ...]] = ("id", "streaming_uri")
    streaming_uri: str = ""
    thumbnail: Thumbnail = Thumbnail()

    @property
    def address(self) -> str:
        """Address of the picture; the service does not store the video."""
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

    def after_upload(self) -> Self:
        if not self.thumbnail.file_name:
            return super().after_upload()
        thumbnail = self.thumbnail.merge(Thumbnail(state="Uploaded"))
        return type(self)(state="Uploaded", thumbnail=thumbnail)


class ListingAsset(File):
    """A document of a listing."""

    friendly_name: str = ""
    description: str = ""


class CosellAsset(File):
    """A document for Microsoft's sellers."""


class Package(File):
    """Content that a plan deploys. The last value of `state` is `Processed` or `ProcessFailed`."""

    validation_items: list[Finding] = []

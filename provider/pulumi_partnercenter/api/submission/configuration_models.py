"""Technical configurations and co-sell documents of the submission API, as typed views."""

from __future__ import annotations

from typing import ClassVar

from pydantic import AliasChoices, Field

from .models import Document, Entity, TypeValue

__all__ = [
    "Authorization",
    "CosellContact",
    "CosellListing",
    "PackageConfiguration",
    "Policy",
    "RegionAvailability",
    "SolutionArea",
    "SupplementalAsset",
    "SupplementalContent",
]


class Authorization(Document):
    """Principal that manages a customer's deployment."""

    merge_key: ClassVar[tuple[str, ...]] = ("principal_id", "role_definition_id")
    principal_id: str = Field("", alias="principalID")
    role_definition_id: str = Field("", alias="roleDefinitionID")


class Policy(Document):
    merge_key: ClassVar[tuple[str, ...]] = ("policy_name",)
    policy_name: str = ""
    policy_definition_id: str = Field("", alias="policyDefinitionID")
    policy_parameters: str = ""
    policy_sku: str = ""


class RegionAvailability(Document):
    merge_key: ClassVar[tuple[str, ...]] = ("region",)
    region: str = ""
    is_available: bool = False
    application_configuration_uri: str = ""


class PackageConfiguration(Entity):
    """Technical configuration of a plan or an offer: the members of all kinds; `resourceType` names the kind."""

    required_members: ClassVar[tuple[str, ...]] = ("id", "resource_type")
    version: str = ""
    package_references: list[TypeValue] = []
    allow_jit_access: bool = False
    can_enable_customer_actions: bool = False
    allowed_customer_actions: list[str] = []
    allowed_data_actions: list[str] = []
    deployment_mode: str = ""
    publisher_management_mode: str = ""
    customer_access_enable_state: str = ""
    public_azure_tenant_id: str = Field("", alias="publicAzureTenantID")
    public_azure_authorizations: list[Authorization] = []
    azure_government_tenant_id: str = Field("", alias="azureGovernmentTenantID")
    azure_government_authorizations: list[Authorization] = []
    policies: list[Policy] = []
    tenant_id: str = Field("", alias="azureActiveDirectoryTenantID")
    application_id: str = Field("", alias="azureActiveDirectoryApplicationID")
    application_key: str = Field("", alias="azureActiveDirectoryApplicationKey")
    landing_page_uri: str = ""
    connection_webhook: str = ""
    package_type: str = ""
    application_installation_uri: str = ""
    base_license_model: str = Field("", validation_alias=AliasChoices("baseLicenseModel", "baseLicenceModel"))
    require_s2s_outbound_and_crm_secure_store_access: bool = Field(
        default=False, alias="requireS2SOutboundAndCrmSecureStoreAccess"
    )
    application_configuration_uri: str = ""
    package_location_uri: str = ""
    package_region_availabilities: list[RegionAvailability] = []
    multiple_packages_in_package_file: bool = False
    release_version: str = ""
    solution_identifier: str = ""
    test_drive_duration: int = 0
    regions: list[str] = []
    hot_instances: int = 0
    warm_instances: int = 0
    cold_instances: int = 0
    azure_subscription_id: str = Field("", alias="azureSubscriptionID")


class CosellContact(Document):
    merge_key: ClassVar[tuple[str, ...]] = ("type", "email", "name")
    type: str = ""
    email: str = ""
    name: str = ""
    job_title: str = ""
    role: str = ""
    regions: list[str] = []
    sub_regions: list[str] = []


class SolutionArea(Document):
    merge_key: ClassVar[tuple[str, ...]] = ("area",)
    area: str = ""
    sub_areas: list[str] = []


class CosellListing(Entity):
    """Listing for Microsoft's sellers."""

    offer_platforms: list[str] = []
    end_customer_segments: list[str] = []
    offer_type: str = ""
    solution_areas: list[SolutionArea] = []
    contacts: list[CosellContact] = []
    asset_references: list[TypeValue] = []


class SupplementalAsset(Document):
    required_members: ClassVar[tuple[str, ...]] = ("file_name", "type")
    asset_id: str = Field("", alias="assetID")
    file_name: str = ""
    type: str = ""
    file_sas_uri: str = ""


class SupplementalContent(Entity):
    """Certification documents of a Dynamics 365 offer."""

    target_release: str = ""
    supported_editions: list[str] = []
    assets: list[SupplementalAsset] = []

"""What the service has to know of an offer's own software. Source: Partner Center submission API.

Each type of offer has its own arguments; machines and containers have none of it in this API.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from annotated_types import MinLen

from ..api.submission.configuration_models import PackageConfiguration
from ..api.submission.models import TypeValue
from ..api.submission.offer_types import BUSINESS_CENTRAL, CUSTOMER_ENGAGEMENT, OPERATIONS, SAAS
from ..errors import InputError
from ..kind import Current
from ..markers import (
    Accepts,
    Boolean,
    Immutable,
    Implied,
    Meaning,
    Retained,
    Secret,
    Unordered,
    Wire,
    WriteOnly,
)
from ..model import Arguments, Outputs, Part
from ._drafts import Document, DraftKind, build_document, read_arguments
from ._packages import APPLICATION, LIBRARY, MAIN_APP, full_kind, require_package
from ._rules import OfferReference, OptionalGuid, PackageReference, WebAddress
from ._signed_addresses import find_expiry, list_permissions, missing_permissions
from ._submission_api import SubmissionApi
from ._vocabularies import REGIONS, SOVEREIGN_REGIONS

KINDS = {
    "AzureApplication": ("AzureApplicationPackageConfiguration", ["tenant", "application"]),
    SAAS: (
        "AzureSoftwareAsAServicePackageConfiguration",
        ["tenant", "application", "landing_page_url", "webhook_url"],
    ),
    BUSINESS_CENTRAL: (
        "Dynamics365BusinessCentralPackageConfiguration",
        ["package_type", "installation_url", "packages"],
    ),
    CUSTOMER_ENGAGEMENT: (
        "Dynamics365CustomerEngagementPackageConfiguration",
        [
            "base_license_model",
            "requires_s2s_and_secure_store",
            "configuration_url",
            "package_url",
            "regions",
            "multiple_packages",
        ],
    ),
    OPERATIONS: (
        "Dynamics365OperationsPackageConfiguration",
        ["release_version", "solution_identifier"],
    ),
}
"""By type of offer: the type of its document, and its arguments."""
NEEDED = {
    CUSTOMER_ENGAGEMENT: (
        "package_url",
        'the address of the package, with a signature that reads it; "" keeps the address in Partner Center',
    ),
    OPERATIONS: ("solution_identifier", 'the GUID of the solution in Lifecycle Services; "" for a draft'),
}
"""By type of offer: the argument without which it cannot be published, and what it holds."""
NEEDED_TOGETHER = {"AzureApplication": "metered usage", SAAS: "an offer that Microsoft sells"}
"""By type of offer whose arguments are needed all or none: what needs them."""
ONE_OF_EACH = {
    MAIN_APP: 'one main app; give a library kind="library", at its Package or beside its id',
    LIBRARY: "one package of libraries; give one Package a folder or a zip with all of them",
}
"""By kind of package: that an offer has one, and what to do with several."""
LONGEST_CERTIFICATION = timedelta(days=30)
"""Lifetime that Microsoft recommends for the signature of a Customer Engagement package."""


def _arguments_of_its_type(desired: OfferTechnicalConfigurationArguments) -> str | None:
    if not desired.offer_type:
        return None
    if desired.offer_type not in KINDS:
        return f"offer: {desired.offer_type} offers have no technical configuration of their own in this API"
    allowed = KINDS[desired.offer_type][1]
    given = OfferTechnicalConfigurationArguments.given_beside(desired, "offer", "offer_type", *allowed)
    return (
        f"{', '.join(given)}: {desired.offer_type} offers have {', '.join(allowed)} only" if given else None
    )


def _packages_of_the_offer(desired: OfferTechnicalConfigurationArguments) -> str | None:
    ids = [package.package for package in desired.packages if hasattr(package, "package")]
    foreign = [package for package in ids if package.split("/")[0] != desired.offer]
    return f"packages: {', '.join(foreign)} belongs to another offer" if foreign else None


def _of_kind(desired: OfferTechnicalConfigurationArguments, kind: str) -> list[str]:
    """Return the ids of the packages of this kind; for an unknown id, its position."""
    return [
        getattr(package, "package", f"[{number}]")
        for number, package in enumerate(desired.packages)
        if getattr(package, "kind", "") == kind
    ]


def _one_package_of_each_kind(desired: OfferTechnicalConfigurationArguments) -> str | None:
    for kind, rule in ONE_OF_EACH.items():
        if len(packages := _of_kind(desired, kind)) > 1:
            return f"packages: {', '.join(packages)}: an offer has {rule}"
    return None


def _packages_of_business_central(desired: OfferTechnicalConfigurationArguments) -> str | None:
    applications = _of_kind(desired, APPLICATION)
    if not applications:
        return None
    return (
        f"packages: {', '.join(applications)}: is an {APPLICATION}; give its Package the kind of an extension"
    )


def _package_url(value: str) -> str:
    if missing_permissions(value, "r"):
        raise ValueError("its signature lacks the permission to read (r): a blob's signature with sp=r")
    return value


class PackageOfOffer(Part):
    """A package of a Business Central offer, by its `.id`. Its kind is that of the `Package`."""

    package: PackageReference
    kind: Annotated[str, Meaning(accept=full_kind), MinLen(1)] = MAIN_APP
    """Type in the service's vocabulary, `app` or `library`."""


class Region(Part):
    """Whether a Customer Engagement package is for a region, `NorthAmerica` for one."""

    region: Annotated[str, REGIONS]
    is_available: Boolean = True
    configuration_url: Annotated[WebAddress, Wire("application_configuration_uri")] = ""


def _short_for(member: str) -> Meaning:
    """Accept a text in place of an object with only this member."""
    return Meaning(accept=lambda value: {member: value} if isinstance(value, str) else value)


class OfferTechnicalConfigurationArguments(Arguments):
    """Arguments of a technical configuration. The type of the offer decides which of them it takes."""

    rules = (
        _arguments_of_its_type,
        _packages_of_the_offer,
        _one_package_of_each_kind,
        _packages_of_business_central,
    )

    offer: Annotated[OfferReference, Immutable]
    """`.id` of the offer."""
    tenant: Annotated[OptionalGuid, Wire("tenant_id")] = ""
    """Tenant of the application that calls the metering or fulfillment API (Azure applications, SaaS)."""
    application: Annotated[OptionalGuid, Wire("application_id")] = ""
    """Application (client) id in that tenant (Azure applications, SaaS)."""
    landing_page_url: Annotated[WebAddress, Wire("landing_page_uri")] = ""
    """Address of the landing page for new customers (SaaS)."""
    webhook_url: Annotated[WebAddress, Wire("connection_webhook")] = ""
    """Address for notifications of changed subscriptions (SaaS)."""
    package_type: Annotated[Literal["AddOn", "Connect", ""], Retained, Wire("package_type")] = ""
    """Type of the product (Business Central). Not given: as it is in the service."""
    installation_url: Annotated[WebAddress, Wire("application_installation_uri")] = ""
    """Address for the installation (Business Central, `Connect`)."""
    packages: Annotated[
        list[Annotated[PackageOfOffer, _short_for("package"), Accepts("str")]], Unordered, Retained
    ] = []
    """`.id` of each package, or `{"package": …, "kind": …}` (Business Central). The kind is that of the `Package` whose
    `.id` is given; of any other id, the default is the main app's. Not given: as they are in the service, which is
    right beside an `AppRelease`."""
    base_license_model: Annotated[Literal["Resource", "User", ""], Wire("base_license_model")] = ""
    """Subject of a licence (Customer Engagement)."""
    requires_s2s_and_secure_store: Annotated[
        Boolean, Wire("require_s2s_outbound_and_crm_secure_store_access")
    ] = False
    """Whether it needs outbound server-to-server calls and the CRM secure store (Customer Engagement)."""
    configuration_url: Annotated[WebAddress, Wire("application_configuration_uri")] = ""
    """Address for its configuration (Customer Engagement)."""
    package_url: Annotated[
        WebAddress, Meaning(_package_url), Secret, Retained, Wire("package_location_uri")
    ] = ""
    """Address of the package, with a signature that reads it (Customer Engagement, required). `""` keeps the address
    in Partner Center."""
    regions: Annotated[
        list[Annotated[Region, _short_for("region"), Accepts("str")]],
        Unordered,
        Wire("package_region_availabilities"),
    ] = []
    """Regions, or `{"region": …, "is_available": …, "configuration_url": …}` (Customer Engagement)."""
    multiple_packages: Annotated[Boolean, Wire("multiple_packages_in_package_file")] = False
    """Whether the package file holds several packages (Customer Engagement)."""
    release_version: Annotated[str, Wire("release_version")] = ""
    """Release (Finance and Operations)."""
    solution_identifier: Annotated[OptionalGuid, Wire("solution_identifier")] = ""
    """GUID of the solution in Lifecycle Services (Finance and Operations, required)."""
    offer_type: Annotated[str, WriteOnly, Implied] = ""
    """What the offer sells; taken from the `Offer` whose `.id` is given. Empty: judged once the service is asked."""

    @classmethod
    def completed(cls, props: Mapping[str, Any], olds: Mapping[str, Any]) -> dict[str, Any]:
        name, meaning = NEEDED.get(str(props.get("offer_type", "")), ("", ""))
        if name and name not in props and not olds:
            raise ValueError(f"{name}: is required for {props['offer_type']} offers: {meaning}")
        return dict(props)


def _incomplete_arguments(desired: Mapping[str, Any]) -> Iterator[str]:
    """Yield a remark if some arguments are given, and others that are needed with them are not."""
    if desired["package_type"] == "Connect" and desired["installation_url"] == "":
        yield "installation_url: not given; a product of the type Connect needs it"
    if (subject := NEEDED_TOGETHER.get(str(desired["offer_type"]))) is None:
        return
    names = KINDS[desired["offer_type"]][1]
    missing = [name for name in names if desired[name] == ""]
    if missing and len(missing) < len(names):
        yield f"{', '.join(missing)}: not given; {subject} needs {', '.join(names)}"


def _package_remarks(address: str) -> Iterator[str]:
    """Yield remarks about a signature, without any part that is secret."""
    end, now = find_expiry(address), datetime.now(UTC)
    if end and end <= now:
        yield f"package_url: its signature expired at {end:%Y-%m-%dT%H:%MZ}, so the package cannot be certified"
    elif end and end < now + LONGEST_CERTIFICATION:
        yield (
            f"package_url: its signature ends at {end:%Y-%m-%dT%H:%MZ}, perhaps before certification does;"
            " Microsoft recommends at least a month"
        )
    if list_permissions(address).strip("r"):
        yield "package_url: its signature allows more than to read; Microsoft asks for a read-only one (sp=r)"


def _sovereign_regions(regions: object) -> set[str]:
    """Return the sovereign ones among canonical regions that the package is for; unknowns are skipped."""
    parts = [
        region for region in (regions if isinstance(regions, list) else []) if isinstance(region, Mapping)
    ]
    names = {
        str(region.get("region")).casefold() for region in parts if region.get("is_available") is not False
    }
    return {name for name in SOVEREIGN_REGIONS if name.casefold() in names}


class OfferTechnicalConfigurationKind(DraftKind[OfferTechnicalConfigurationArguments, PackageConfiguration]):
    """Technical configuration of an offer: sign-in, addresses, packages; its `id` is the offer's."""

    noun, id_form, parent = "offer technical configuration", "<product>", "offer"
    arguments, outputs = OfferTechnicalConfigurationArguments, Outputs

    def document(self, api: SubmissionApi) -> Document[PackageConfiguration]:
        return api.configurations

    def read_arguments(self, id: str, draft: PackageConfiguration) -> dict[str, Any]:
        packages = [
            {"package": f"{id}/{reference.value}", "kind": reference.type}
            for reference in draft.package_references
        ]
        return {**read_arguments(self.arguments, draft), "packages": packages}

    def current(self, id: str, draft: PackageConfiguration) -> Current[Outputs]:
        """A new configuration of a Business Central offer has the type of an app (reported)."""
        untyped = draft.model_copy(update={"package_type": ""})
        is_fresh = draft.package_type in ("", "AddOn") and super().current(id, untyped).is_fresh
        return replace(super().current(id, draft), is_fresh=is_fresh)

    def build_document(
        self, desired: OfferTechnicalConfigurationArguments, draft: PackageConfiguration
    ) -> PackageConfiguration:
        """Build the document. The draft's type decides which members the offer has, whatever the program says."""
        types = {document: offer_type for offer_type, (document, _) in KINDS.items()}
        self._judge(desired, types.get(draft.resource_type, ""))
        references = [
            TypeValue(type=package.kind, value=package.package.split("/")[1]) for package in desired.packages
        ]
        return build_document(desired, draft, package_references=references or draft.package_references)

    def list_ids(self, api: SubmissionApi, offer: str) -> Iterable[str]:
        return super().list_ids(api, offer) if api.offers.get(offer).resource_type in KINDS else []

    def program_arguments(self, api: SubmissionApi, current: Current[Outputs]) -> dict[str, Any]:
        """Leave out a needed argument that the draft lacks, so that the export reports it."""
        offer_type = api.offers.get(current.id).resource_type
        needed, _ = NEEDED.get(offer_type, ("", ""))
        given = {name: value for name, value in current.arguments.items() if name != needed or value}
        return {**given, "offer_type": offer_type}

    def describe_change(self, was: Mapping[str, Any], desired: Mapping[str, Any]) -> list[str]:
        """Return remarks about what a validation or certification refuses."""
        remarks = [*_incomplete_arguments(desired)]
        if isinstance(address := desired["package_url"], str) and address != was.get("package_url"):
            remarks += _package_remarks(address)
        if isinstance(url := desired["configuration_url"], str) and url not in (
            "",
            was.get("configuration_url"),
        ):
            remarks.append(
                "configuration_url: is for future use; Microsoft asks publishers to leave it empty"
            )
        if names := _sovereign_regions(desired["regions"]) - _sovereign_regions(was.get("regions")):
            listed = ", ".join(sorted(names))
            remarks.append(f"regions: {listed}: Microsoft asks publishers not to select sovereign regions")
        if was.get("packages") and desired["packages"] == []:
            remarks.append("packages: no longer given, stay as the offer has them")
        return [f"{self.noun}: {remark}" for remark in remarks]

    def find(
        self, api: SubmissionApi, desired: OfferTechnicalConfigurationArguments
    ) -> Current[Outputs] | None:
        # Without this check, `up` would wait for a document that never appears.
        self._judge(desired, api.offers.get(desired.offer).resource_type)
        self._judge_packages(api, desired)
        return super().find(api, desired)

    def update(
        self, api: SubmissionApi, id: str, desired: OfferTechnicalConfigurationArguments
    ) -> Current[Outputs]:
        self._judge_packages(api, desired)
        current = super().update(api, id, desired)
        for package in desired.packages:
            require_package(api, package.package, f"offer technical configuration {id}: write")
        return current

    def _judge(self, desired: OfferTechnicalConfigurationArguments, offer_type: str) -> None:
        if sentence := _arguments_of_its_type(desired.replace(offer_type=offer_type)):
            raise InputError(f"offer technical configuration {desired.offer}: {sentence}")

    def _judge_packages(self, api: SubmissionApi, desired: OfferTechnicalConfigurationArguments) -> None:
        """Raise InputError for a package that the program gives only by id, if it is no main app."""
        rows = (
            {f"{desired.offer}/{row.id}": row for row in api.packages.all(desired.offer)}
            if desired.packages
            else {}
        )
        for package in desired.packages:
            if package.kind != MAIN_APP or package.package not in rows:
                continue
            kind = rows[package.package].resource_type or MAIN_APP
            if kind != MAIN_APP:
                raise InputError(
                    f"offer technical configuration {desired.offer}: packages: {package.package} is a {kind}",
                    next=f'give its Package object\'s `.id`, or say {{"package": …, "kind": "{kind}"}}',
                )

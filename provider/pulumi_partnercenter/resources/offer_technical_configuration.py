"""What the service has to know of an offer's own software. Source: submission API 5.13, 8.

Each type of offer has its own arguments; machines and containers have none of it in this API.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pulumi
from annotated_types import MinLen
from pulumi import Input

from .._resource import (
    Immutable,
    Implied,
    Inputs,
    Meaning,
    Outputs,
    Part,
    Provider,
    Resource,
    Retained,
    Secret,
    Seen,
    Unordered,
    WriteOnly,
)
from ..errors import InputError
from ._drafts import Document, DraftKind
from ._packages import APPLICATION, require_package
from ._rules import OfferReference, OptionalGuid, PackageReference, WebAddress, Word, advising
from .offer import Offer
from .package import Package

if TYPE_CHECKING:
    from ..api.submission import SubmissionApi
    from ..api.submission.configuration_models import PackageConfiguration

__all__ = ["OfferTechnicalConfiguration"]

KINDS = {
    "AzureApplication": ("AzureApplicationPackageConfiguration", ["tenant", "application"]),
    "SoftwareAsAService": (
        "AzureSoftwareAsAServicePackageConfiguration",
        ["tenant", "application", "landing_page_url", "webhook_url"],
    ),
    "AzureDynamics365BusinessCentral": (
        "Dynamics365BusinessCentralPackageConfiguration",
        ["package_type", "installation_url", "packages"],
    ),
    "AzureDynamics365ForCustomerEngagement": (
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
    "AzureDynamics365ForOperations": (
        "Dynamics365OperationsPackageConfiguration",
        ["release_version", "solution_identifier"],
    ),
}
"""By type of offer: the type of its document, and its arguments."""
BUSINESS_CENTRAL = "Dynamics365BusinessCentralAddOnExtensionPackage"
LIBRARY = "Dynamics365BusinessCentralAddOnLibraryExtensionPackage"


def _arguments_of_its_type(want: OfferTechnicalConfigurationInputs) -> str | None:
    if not want.offer_type:
        return None
    if want.offer_type not in KINDS:
        return f"{want.offer_type} offers have no technical configuration of their own in this API"
    allowed = KINDS[want.offer_type][1]
    given = OfferTechnicalConfigurationInputs.said_beside(want, "offer", "offer_type", *allowed)
    return f"{', '.join(given)}: {want.offer_type} offers have {', '.join(allowed)} only" if given else None


def _packages_of_the_offer(want: OfferTechnicalConfigurationInputs) -> str | None:
    known = [each.package for each in want.packages if hasattr(each, "package")]
    foreign = [package for package in known if package.split("/")[0] != want.offer]
    return f"packages: {', '.join(foreign)} is of another offer" if foreign else None


def _of_kind(want: OfferTechnicalConfigurationInputs, kind: str) -> list[str]:
    """The packages of this kind; of one whose id is not known yet, the place."""
    return [
        getattr(package, "package", f"[{number}]")
        for number, package in enumerate(want.packages)
        if getattr(package, "kind", "") == kind
    ]


def _one_main_app(want: OfferTechnicalConfigurationInputs) -> str | None:
    main_apps = _of_kind(want, BUSINESS_CENTRAL)
    if len(main_apps) < 2:
        return None
    return (
        f"packages: {', '.join(main_apps)}: an offer has one main app; the kind of a library is {LIBRARY},"
        " at its Package or beside its id"
    )


def _packages_of_business_central(want: OfferTechnicalConfigurationInputs) -> str | None:
    applications = _of_kind(want, APPLICATION)
    if not applications:
        return None
    return (
        f"packages: {', '.join(applications)}: is an {APPLICATION}; give its Package the kind of an extension"
    )


class PackageOfOffer(Part):
    """A package of a Business Central offer, by its `.id`. Its kind is that of the `Package`."""

    package: PackageReference
    kind: Annotated[str, MinLen(1)] = BUSINESS_CENTRAL


class Region(Part):
    """Whether a Customer Engagement package is for a region, `NorthAmerica` for one."""

    region: Annotated[Word, MinLen(1)]
    is_available: bool = True
    configuration_url: WebAddress = ""


def _short_for(member: str) -> Meaning:
    """A text alone stands for this member."""
    return Meaning(accept=lambda value: {member: value} if isinstance(value, str) else value)


class OfferTechnicalConfigurationInputs(Inputs):
    """What a program may set. Which arguments an offer has follows from its type."""

    rules = (
        _arguments_of_its_type,
        _packages_of_the_offer,
        _one_main_app,
        _packages_of_business_central,
    )

    offer: Annotated[OfferReference, Immutable]
    """`.id` of the offer."""
    tenant: OptionalGuid = ""
    """Tenant of the application that calls the metering or fulfillment API (Azure applications, SaaS)."""
    application: OptionalGuid = ""
    """Its application (client) id in that tenant (Azure applications, SaaS)."""
    landing_page_url: WebAddress = ""
    """Where customers come to after they bought (SaaS)."""
    webhook_url: WebAddress = ""
    """Where the service tells of changed subscriptions (SaaS)."""
    package_type: Literal["AddOn", "Connect", ""] = ""
    """What is sold (Business Central)."""
    installation_url: WebAddress = ""
    """Where it is installed from (Business Central, `Connect`)."""
    packages: Annotated[list[Annotated[PackageOfOffer, _short_for("package")]], Unordered] = []
    """`.id` of each package, or `{"package": …, "kind": …}` (Business Central). The kind is that of the `Package` whose
    `.id` is given; of any other id it is the main app's, unless it is said."""
    base_license_model: Literal["Resource", "User", ""] = ""
    """What a licence is for (Customer Engagement)."""
    requires_s2s_and_secure_store: bool = False
    """Needs outbound server-to-server calls and the CRM secure store (Customer Engagement)."""
    configuration_url: WebAddress = ""
    """Where it is configured (Customer Engagement)."""
    package_url: Annotated[WebAddress, Secret, Retained] = ""
    """Where the package lies, with the signature that opens it (Customer Engagement)."""
    regions: Annotated[list[Annotated[Region, _short_for("region")]], Unordered] = []
    """Regions, or `{"region": …, "is_available": …, "configuration_url": …}` (Customer Engagement)."""
    multiple_packages: bool = False
    """Its file holds several packages (Customer Engagement)."""
    release_version: str = ""
    """Release (Finance and Operations)."""
    solution_identifier: str = ""
    """Solution in Lifecycle Services (Finance and Operations)."""
    offer_type: Annotated[str, WriteOnly, Implied] = ""
    """What the offer sells; taken from the `Offer` whose `.id` is given. Empty: judged once the service is asked."""


class OfferTechnicalConfigurationOutputs(Outputs):
    """What the service decides: only the `id`."""


ConfigurationSeen = Seen[OfferTechnicalConfigurationOutputs]


def _told(offer: str, draft: PackageConfiguration) -> dict[str, Any]:
    return {
        "tenant": draft.tenant_id,
        "application": draft.application_id,
        "landing_page_url": draft.landing_page_uri,
        "webhook_url": draft.connection_webhook,
        "package_type": draft.package_type,
        "installation_url": draft.application_installation_uri,
        "packages": [
            {"package": f"{offer}/{each.value}", "kind": each.type} for each in draft.package_references
        ],
        "base_license_model": draft.base_license_model,
        "requires_s2s_and_secure_store": draft.require_s2s_outbound_and_crm_secure_store_access,
        "configuration_url": draft.application_configuration_uri,
        "package_url": draft.package_location_uri,
        "regions": [
            {
                "region": each.region,
                "is_available": each.is_available,
                "configuration_url": each.application_configuration_uri,
            }
            for each in draft.package_region_availabilities
        ],
        "multiple_packages": draft.multiple_packages_in_package_file,
        "release_version": draft.release_version,
        "solution_identifier": draft.solution_identifier,
    }


def _wanted(want: OfferTechnicalConfigurationInputs, draft: PackageConfiguration) -> PackageConfiguration:
    """Empty members are not sent where the draft has none, so that every type gets its own only."""
    from ..api.submission.configuration_models import PackageConfiguration, RegionAvailability
    from ..api.submission.models import TypeValue
    from ..api.wire import overlaid

    packages = [TypeValue(type=each.kind, value=each.package.split("/")[1]) for each in want.packages]
    regions = [
        RegionAvailability(
            region=each.region,
            is_available=each.is_available,
            application_configuration_uri=each.configuration_url,
        )
        for each in want.regions
    ]
    return PackageConfiguration(
        tenant_id=want.tenant,
        application_id=want.application,
        landing_page_uri=want.landing_page_url,
        connection_webhook=want.webhook_url,
        package_type=want.package_type,
        application_installation_uri=want.installation_url,
        package_references=overlaid(draft.package_references, packages, key=lambda each: each.value),
        base_license_model=want.base_license_model,
        require_s2s_outbound_and_crm_secure_store_access=want.requires_s2s_and_secure_store,
        application_configuration_uri=want.configuration_url,
        package_location_uri=want.package_url or draft.package_location_uri,
        package_region_availabilities=overlaid(
            draft.package_region_availabilities, regions, key=lambda each: each.region
        ),
        multiple_packages_in_package_file=want.multiple_packages,
        release_version=want.release_version,
        solution_identifier=want.solution_identifier,
    )


class OfferTechnicalConfigurationKind(
    DraftKind[OfferTechnicalConfigurationInputs, OfferTechnicalConfigurationOutputs, "PackageConfiguration"]
):
    noun, id_form, parent = "offer technical configuration", "<product>", "offer"
    inputs, outputs = OfferTechnicalConfigurationInputs, OfferTechnicalConfigurationOutputs

    def document(self, api: SubmissionApi) -> Document[PackageConfiguration]:
        return api.configurations

    def seen(self, id: str, draft: PackageConfiguration) -> ConfigurationSeen:
        return self.as_seen(id, _told(id, draft), {"offer": id})

    def wanted(
        self, want: OfferTechnicalConfigurationInputs, draft: PackageConfiguration
    ) -> PackageConfiguration:
        """The draft's type decides what the offer has, whatever the program thinks."""
        types = {document: offer_type for offer_type, (document, _) in KINDS.items()}
        self._judge(want, types.get(draft.resource_type, ""))
        return _wanted(want, draft)

    def ids_in(self, api: SubmissionApi, offer: str) -> Iterable[str]:
        return super().ids_in(api, offer) if api.offers.get(offer).resource_type in KINDS else []

    def declared(self, api: SubmissionApi, seen: ConfigurationSeen) -> dict[str, Any]:
        return {**seen.inputs, "offer_type": api.offers.get(seen.id).resource_type}

    def find(self, api: SubmissionApi, want: OfferTechnicalConfigurationInputs) -> ConfigurationSeen | None:
        self._judge(want, api.offers.get(want.offer).resource_type)  # else nothing would ever appear
        self._judge_packages(api, want)
        return super().find(api, want)

    def update(
        self, api: SubmissionApi, id: str, want: OfferTechnicalConfigurationInputs
    ) -> ConfigurationSeen:
        self._judge_packages(api, want)
        with advising("check that the application and its tenant exist, and that addresses can be reached"):
            seen = super().update(api, id, want)
        for each in want.packages:
            require_package(api, each.package, f"offer technical configuration {id}: write")
        return seen

    def _judge(self, want: OfferTechnicalConfigurationInputs, offer_type: str) -> None:
        if sentence := _arguments_of_its_type(want.but(offer_type=offer_type)):
            raise InputError(f"offer technical configuration {want.offer}: {sentence}")

    def _judge_packages(self, api: SubmissionApi, want: OfferTechnicalConfigurationInputs) -> None:
        """A package that is known to be no main app is not sent as one, where the program gives its id alone."""
        rows = (
            {f"{want.offer}/{row.id}": row for row in api.packages.all(want.offer)} if want.packages else {}
        )
        for package in want.packages:
            if package.kind != BUSINESS_CENTRAL or package.package not in rows:
                continue
            kind = rows[package.package].resource_type or BUSINESS_CENTRAL
            if kind != BUSINESS_CENTRAL:
                raise InputError(
                    f"offer technical configuration {want.offer}: packages: {package.package} is a {kind}",
                    next=f'give its Package object\'s `.id`, or say {{"package": …, "kind": "{kind}"}}',
                )


def _with_kinds(packages: Input[Any]) -> Any:
    """The packages with the kind of each, from its Package where the program has it."""
    if isinstance(packages, Sequence) and not isinstance(packages, str):
        return [
            pulumi.Output.all(package, Package.kinds_of(package)).apply(
                lambda values: _with_kind(values[0], values[1])
            )
            if _holds_output(package)
            else package
            for package in packages
        ]

    def complete(values: Sequence[Any]) -> Any:
        elements, kinds = values
        return (
            [_with_kind(element, kinds) for element in elements] if isinstance(elements, list) else elements
        )

    return pulumi.Output.all(packages, Package.kinds_of(packages)).apply(complete)


def _holds_output(element: Any) -> bool:
    values = element.values() if isinstance(element, Mapping) else [element]
    return any(isinstance(value, pulumi.Output | Awaitable) for value in values)


def _with_kind(element: Any, kinds: Mapping[str, str]) -> Any:
    """An element whose kind is not said, and whose Package the program has, gets its kind."""
    package = element.get("package") if isinstance(element, Mapping) else element
    is_said = isinstance(element, Mapping) and element.get("kind") is not None
    if is_said or not isinstance(package, str) or package not in kinds:
        return element
    members = element if isinstance(element, Mapping) else {"package": package}
    return {**members, "kind": kinds[package]}


class OfferTechnicalConfigurationProvider(Provider):
    kind, known_as = OfferTechnicalConfigurationKind(), "OfferTechnicalConfiguration"


class OfferTechnicalConfiguration(Resource, module="partnercenter", name="OfferTechnicalConfiguration"):
    """How an offer's software is reached; its `id` is the offer's. Arguments: `OfferTechnicalConfigurationInputs`."""

    provider = OfferTechnicalConfigurationProvider

    def __init__(
        self,
        resource_name: str,
        *,
        offer: Input[str],
        tenant: Input[str] | None = None,
        application: Input[str] | None = None,
        landing_page_url: Input[str] | None = None,
        webhook_url: Input[str] | None = None,
        package_type: Input[str] | None = None,
        installation_url: Input[str] | None = None,
        packages: Input[Sequence[Input[str | Mapping[str, Any]]]] | None = None,
        base_license_model: Input[str] | None = None,
        requires_s2s_and_secure_store: Input[bool] | None = None,
        configuration_url: Input[str] | None = None,
        package_url: Input[str] | None = None,
        regions: Input[Sequence[Input[str | Mapping[str, Any]]]] | None = None,
        multiple_packages: Input[bool] | None = None,
        release_version: Input[str] | None = None,
        solution_identifier: Input[str] | None = None,
        offer_type: Input[str] | None = None,
        adopt: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        arguments = {
            "offer": offer,
            "tenant": tenant,
            "application": application,
            "landing_page_url": landing_page_url,
            "webhook_url": webhook_url,
            "package_type": package_type,
            "installation_url": installation_url,
            "packages": None if packages is None else _with_kinds(packages),
            "base_license_model": base_license_model,
            "requires_s2s_and_secure_store": requires_s2s_and_secure_store,
            "configuration_url": configuration_url,
            "package_url": package_url,
            "regions": regions,
            "multiple_packages": multiple_packages,
            "release_version": release_version,
            "solution_identifier": solution_identifier,
            "offer_type": Offer.type_of(offer) if offer_type is None else offer_type,
            "adopt": adopt,
        }
        super().__init__(resource_name, arguments, opts)

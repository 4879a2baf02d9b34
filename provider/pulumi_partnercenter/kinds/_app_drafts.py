"""Drafts of a Business Central offer for a release: its packages and its version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..api.submission.configuration_models import PackageConfiguration
from ..api.submission.models import Property, TypeValue
from ..api.submission.offer_types import BUSINESS_CENTRAL
from ..api.submission.submission_models import Submission as Run
from ..content.apps import version_of
from ..errors import InputError, NotFound, Stale
from ._packages import LIBRARY, is_of
from ._submission_api import SubmissionApi
from .package import PackageArguments, PackageKind

__all__ = [
    "AppContent",
    "draft_instances",
    "find_packages",
    "has_other_packages",
    "require_own_packages",
    "write_drafts",
]

CONFIGURATION = "Dynamics365BusinessCentralPackageConfiguration"
AGAIN = "another run or person releases this offer too: once that has ended, run the same command again"
HOTFIX = "to publish a hotfix of an older release, set keeps_version=True; customers keep seeing the higher version"


@dataclass(frozen=True)
class AppContent:
    """Content of a release: packages to upload and to refer to, and the version that customers see.

    `version` is "" if the version stays. `removes_libraries`: the offer has none any more.
    """

    packages: Sequence[PackageArguments]
    version: str
    removes_libraries: bool


def draft_instances(api: SubmissionApi, product: str) -> list[str]:
    """Return the ids of the drafts of packages and version, which change with every submission."""
    action = f"app release {product}: drafts"
    return [api.configurations.instance(product, "", action), api.properties.instance(product, "", action)]


def write_drafts(api: SubmissionApi, product: str, content: AppContent) -> tuple[dict[str, list[str]], bool]:
    """Bring the drafts of packages and version to the release. Refuses a lower version before it writes.

    Return the packages as `find_packages` does, and whether one is new to the service.
    """
    _require_offer_of_apps(api, product)
    unpublished = _unpublished_version(api, product, content.version) if content.version else ""

    def raise_version(draft: Property) -> Property:
        if draft.app_version != unpublished:
            _require_no_lower(product, content.version, draft.app_version)
        return draft.merge_members(Property(app_version=content.version))

    references, is_new = _upload(api, content)

    def refer(draft: PackageConfiguration) -> PackageConfiguration:
        others = [other for other in draft.package_references if other.type not in references]
        chosen = [TypeValue(type=kind, value=package) for kind, package in references.items() if package]
        return draft.merge_members(PackageConfiguration(package_references=[*others, *chosen]))

    try:
        api.configurations.write(refer, product)
        if content.version:
            api.properties.write(raise_version, product)
    except Stale as error:
        raise error.advise(AGAIN) from None
    return {kind: [package] for kind, package in references.items()}, is_new


def _upload(api: SubmissionApi, content: AppContent) -> tuple[dict[str, str], bool]:
    """Upload what the service does not have.

    Return the package by its kind, "" for libraries to remove, and whether one was uploaded.
    """
    packages, kind, is_new = {}, PackageKind(), False
    for package in content.packages:
        earlier = kind.find(api, package)
        is_new = is_new or earlier is None
        packages[package.kind] = (earlier or kind.create(api, package)).id.split("/")[1]
    return packages | ({LIBRARY: ""} if content.removes_libraries else {}), is_new


def _unpublished_version(api: SubmissionApi, product: str, version: str) -> str:
    """Return the draft's version if it is higher and was never published, as after a failed release; "" otherwise.

    Raises InputError for a version below the published one, or below one that is on its way.
    """
    draft = api.properties.get(product).app_version
    if version_of(version) >= version_of(draft):
        return ""
    lasting = [run for run in api.submissions.all(product) if not run.standing.has_ended]
    if lasting:
        published = api.submission_view(product, lasting[-1]).properties.get(product).app_version
        _require_no_lower(product, version, published)
    return draft


def _require_no_lower(product: str, version: str, present: str) -> None:
    if version_of(version) < version_of(present):
        raise InputError(
            f"app release {product}: version: {version} is below {present}, which customers see", next=HOTFIX
        )


def _require_offer_of_apps(api: SubmissionApi, product: str) -> None:
    """Raise InputError for an offer without apps. The technical configuration, which is read anyway, has its type."""
    if api.configurations.exists(product):
        configuration = api.configurations.get(product)
        offer_type, package_type = configuration.resource_type, configuration.package_type
    else:  # a new offer gets it after seconds
        offer_type, package_type = api.offers.get(product).resource_type, ""
    if offer_type not in (BUSINESS_CENTRAL, CONFIGURATION):
        raise InputError(f"app release {product}: offer: is no {BUSINESS_CENTRAL}")
    if package_type == "Connect":
        raise InputError(
            f"app release {product}: offer: is of the type Connect, which has no app",
            next="publish it with a Submission",
        )


def find_packages(api: SubmissionApi, product: str, content: AppContent) -> dict[str, list[str]]:
    """Return the ids of the packages of a release by their kind; [""] for libraries to remove."""
    rows, packages = api.packages.all(product), {}
    for package in content.packages:
        ids = [row.id for row in rows if is_of(row, package)]
        if ids:  # the name of an upload by hand says nothing
            packages[package.kind] = ids
    return packages | ({LIBRARY: [""]} if content.removes_libraries else {})


def has_other_packages(
    api: SubmissionApi, product: str, run: Run, packages: Mapping[str, Sequence[str]]
) -> bool:
    """Whether a submission with the digest of a release lacks its packages, which `packages` has by kind.

    A second run may write the drafts right before they are submitted. A single odd answer proves nothing.
    """

    def is_other() -> bool:
        documents = _read_configurations(api, product, run)
        references = {
            reference.type: reference.value
            for document in documents
            for reference in document.package_references
        }
        return bool(documents) and any(references.get(kind, "") not in ids for kind, ids in packages.items())

    return is_other() and is_other()


def _read_configurations(api: SubmissionApi, product: str, run: Run) -> list[PackageConfiguration]:
    """Return the submitted technical configuration; an empty list if the service does not show it."""
    instance = next((resource.value for resource in run.resources if resource.type == "Package"), None)
    if instance is None:
        return []
    try:
        return api.configurations.in_instance(product, instance, f"submission {run.id}: packages")
    except NotFound:
        return []


def require_own_packages(
    api: SubmissionApi, product: str, run: Run, packages: Mapping[str, Sequence[str]]
) -> None:
    """Cancel a new submission with packages of another release, and raise Stale."""
    if not has_other_packages(api, product, run, packages):
        return
    api.submissions.cancel(product, run.id)
    raise Stale(
        f"app release {product}: another release wrote its packages while this one was submitted; submission"
        f" {run.id} was cancelled",
        next=AGAIN,
        status=412,
    )

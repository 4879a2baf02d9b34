"""A package: what plans of Azure applications and Business Central offers deploy.

Source: Partner Center submission API.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated, Any, Literal

from ..api.submission.models import Package as Row
from ..api.submission.offer_types import BUSINESS_CENTRAL, CUSTOMER_ENGAGEMENT, OPERATIONS, SAAS
from ..content import archives, templates
from ..kind import Current, StoredFile
from ..markers import Derived, Immutable, Local, Meaning, WriteOnly
from ..model import Arguments, Outputs
from ..values import UNKNOWN, holds_unknown
from ._apps import AppInPackage, compare_libraries, compare_main_apps, describe_app, parse_app, record_app
from ._files import Source, about_source
from ._packages import (
    APPLICATION,
    DEPENDENCY,
    MAIN_APP,
    checked_content,
    downloaded_digest,
    full_kind,
    is_of,
    is_unmarked,
    is_usable,
    package_type,
    referred,
    unmarked_name,
    upload_package,
)
from ._rules import ImpliedOfferType, OfferReference
from ._submission_api import SubmissionApi, SubmissionApiKind

HOTFIX = (
    ": for a hotfix of an older release, leave app_version of the OfferProperties; it must never become lower"
)

NO_LONGER_USED = (
    f"warning: kind: Microsoft no longer uses {DEPENDENCY}; an app that others need is of kind library, or has an"
    " offer of its own"
)
WITHOUT_PACKAGES = {
    SAAS: "customers use them where they run",
    CUSTOMER_ENGAGEMENT: "the address of theirs is package_url of OfferTechnicalConfiguration",
    OPERATIONS: "theirs is in Lifecycle Services, solution_identifier of OfferTechnicalConfiguration",
}


def _some_types_upload_no_packages(desired: PackageArguments) -> str | None:
    if desired.offer_type in WITHOUT_PACKAGES:
        return (
            f"offer: {desired.offer_type} offers upload no packages; {WITHOUT_PACKAGES[desired.offer_type]}"
        )
    return None


def _the_kind_is_one_of_the_offers_type(desired: PackageArguments) -> str | None:
    is_application = desired.kind == APPLICATION
    if desired.offer_type == BUSINESS_CENTRAL and is_application:
        return f"kind: {desired.offer_type} offers have packages of the kinds app and library"
    if desired.offer_type == "AzureApplication" and not is_application:
        return f"kind: {desired.kind!r} — is for Business Central; AzureApplication offers have {APPLICATION}"
    return None


class PackageArguments(Arguments):
    """Arguments of a package. A change of content creates a new package before the old one is deleted."""

    rules = (_some_types_upload_no_packages, _the_kind_is_one_of_the_offers_type)

    offer: Annotated[OfferReference, Immutable]
    """`.id` of the offer."""
    source: Annotated[Source, Local]
    """A folder, a zip, a Pulumi asset or archive, compared by content. Files for Business Central stay unchanged."""
    kind: Annotated[
        Literal[
            "app",
            "library",
            "AzureApplicationPackage",
            "Dynamics365BusinessCentralAddOnExtensionPackage",
            "Dynamics365BusinessCentralAddOnLibraryExtensionPackage",
            "Dynamics365BusinessCentralAddOnDependencyPackage",
        ],
        Meaning(accept=full_kind),
        Immutable,
        WriteOnly,
    ] = "AzureApplicationPackage"
    """Type of the content in the service's vocabulary. Of Business Central offers, `app` is the main app, and `library`
    one or several apps that it needs; state has the service's word."""
    digest: Annotated[str, Derived, Immutable, WriteOnly] = ""
    """Digest of the content, derived from `source`."""
    apps: Annotated[list[AppInPackage], Derived, Local] = []
    """`{"id", "name", "publisher", "version", "dependencies"}` of each Business Central app in it, derived from
    `source`; a dependency is `{"id", "name", "publisher", "min_version"}`. A runtime package does not show its app."""
    app_version: Annotated[str, Derived, Local] = ""
    """Version of the app, if there is one. For `app_version` of the `OfferProperties`."""
    offer_type: ImpliedOfferType = ""
    """Type of the offer; taken from the `Offer` whose `.id` is given. Empty: judged by the service."""

    @classmethod
    def completed(cls, props: Mapping[str, Any], olds: Mapping[str, Any]) -> dict[str, Any]:
        if holds_unknown(props["source"], props.get("kind")):
            return {**props, "digest": UNKNOWN, "apps": UNKNOWN, "app_version": UNKNOWN}
        kind = full_kind(props.get("kind", APPLICATION))
        with about_source():
            digest, apps = checked_content(props["source"], kind, [olds.get("digest")])
        version = apps[0].version if len(apps) == 1 else ""
        return {**props, "digest": digest, "apps": [record_app(app) for app in apps], "app_version": version}


def _read_current(offer: str, row: Row, kind: str) -> Current[Outputs]:
    arguments = {"offer": offer, "source": "", "kind": row.resource_type or kind}
    return Current[Outputs](f"{offer}/{row.id}", PackageArguments.canonical(arguments), Outputs())


def _processed(api: SubmissionApi, offer: str, row: Row) -> Row:
    """Wait until a package is processed. Warnings of one that was processed before were reported then."""
    package = api.packages.wait_processed(offer, row)
    if row.state != package.state:
        _report_warnings(api, package)
    return package


def _report_warnings(api: SubmissionApi, package: Row) -> None:
    """Report warnings: processing may accept a package and still find something."""
    for finding in package.validation_items:
        code = f"{finding.error_code}: " if finding.error_code else ""
        api.host.message(f"package {package.file_name}: Partner Center warns: {code}{finding.message}")


class PackageKind(SubmissionApiKind[PackageArguments, Outputs]):
    """An uploaded package, which plans deploy; its `id` is `<product>/<package>`."""

    noun, id_form, arguments, outputs = "package", "<product>/<package>", PackageArguments, Outputs
    is_keyed_by_content = stays_once_published = True

    def list_ids(self, api: SubmissionApi, offer: str) -> list[str]:
        return [f"{offer}/{row.id}" for row in api.packages.all(offer) if is_usable(row)]

    def program_arguments(self, api: SubmissionApi, current: Current[Outputs]) -> dict[str, Any]:
        row = api.packages.get(*current.id.split("/"))
        save = (lambda target: api.packages.save(row, target)) if row.address else None
        return {**current.arguments, "source": StoredFile(unmarked_name(row), save)}

    def find(self, api: SubmissionApi, desired: PackageArguments) -> Current[Outputs] | None:
        """Found by its content: an interrupted run or another client may have uploaded it already."""
        rows = [row for row in api.packages.all(desired.offer) if is_usable(row)]
        if equal := [row for row in rows if is_of(row, desired)]:
            row = referred(api, desired.offer, equal) or equal[-1]
            return _read_current(desired.offer, _processed(api, desired.offer, row), desired.kind)
        # What is in use, or was uploaded last, may have been uploaded by hand; what came before is never downloaded.
        unmarked = [row for row in rows if row.address and is_unmarked(row, desired)]
        in_use = api.packages.referenced(desired.offer) if len(unmarked) > 1 else ()
        for row in [row for row in unmarked if row.id.lower() in in_use] or unmarked[-1:]:
            if downloaded_digest(api, row, desired.kind) == desired.digest:
                return _read_current(desired.offer, _processed(api, desired.offer, row), desired.kind)
        return None

    def create(self, api: SubmissionApi, desired: PackageArguments) -> Current[Outputs]:
        def upload() -> Row:
            row = upload_package(api, desired)
            _report_warnings(api, row)
            return row

        row = api.packages.upload_once(desired.offer, (desired.kind, desired.digest), upload)
        return _read_current(desired.offer, row, desired.kind)

    def read(self, api: SubmissionApi, id: str) -> Current[Outputs]:
        offer, package = id.split("/")
        row = api.packages.get(offer, package)
        return _read_current(offer, row, package_type(api, offer, row))

    def update(self, api: SubmissionApi, id: str, desired: PackageArguments) -> Current[Outputs]:  # noqa: ARG002
        """Read the package: nothing can change in place, because other content is another package."""
        return self.read(api, id)

    def delete(self, api: SubmissionApi, id: str) -> None:
        """The package is deleted. The service keeps one that a draft or published content refers to."""
        if not api.packages.remove(*id.split("/")):
            api.host.message(f"kept: package {id}, because a technical configuration refers to it")

    def describe_change(self, was: Mapping[str, Any], desired: Mapping[str, Any]) -> list[str]:
        new = was.get("digest") != desired["digest"]
        if not new or holds_unknown(desired["source"], desired["kind"]):
            return []
        source = desired["source"] if isinstance(desired["source"], str) else "of assets"
        if desired["kind"] != APPLICATION:
            apps = [parse_app(app) for app in desired["apps"]]
            former = [parse_app(app) for app in was.get("apps") or []]
            is_main = desired["kind"] == MAIN_APP
            warnings = compare_main_apps(former, apps, HOTFIX) if is_main else compare_libraries(former, apps)
            remarks = [
                *map(describe_app, apps),
                *warnings,
                *([NO_LONGER_USED] if desired["kind"] == DEPENDENCY else []),
            ]
            return [f"package {source}: {remark}" for remark in remarks]
        with suppress(ValueError):  # `check` reports sources that break a rule
            remarks = templates.remarks(archives.package(desired["source"]))
            return [f"package {source}: {remark}" for remark in remarks]
        return []

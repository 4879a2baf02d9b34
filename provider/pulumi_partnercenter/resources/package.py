"""A package: what plans of Azure applications and Business Central offers deploy. Source: submission API 5.12, 9.1."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pulumi
from pulumi import Input

from .._resource import (
    Derived,
    Immutable,
    Inputs,
    Kind,
    Local,
    Outputs,
    Provider,
    Resource,
    Seen,
    Stored,
    WriteOnly,
)
from .._shown import shown
from ._files import UNKNOWN, Given, Source, about_source, unknown
from ._packages import (
    APPLICATION,
    digest_there,
    is_of,
    is_unmarked,
    is_usable,
    judged_digest,
    package_type,
    referred,
    unmarked_name,
    uploaded,
)
from ._rules import OfferReference

if TYPE_CHECKING:
    from ..api.submission import SubmissionApi
    from ..api.submission.models import Package as Row

__all__ = ["Package"]


class PackageInputs(Inputs):
    """What a program may set. Other content is another package, which is made before the old one goes."""

    offer: Annotated[OfferReference, Immutable]
    """`.id` of the offer."""
    source: Annotated[Source, Local]
    """A folder, a zip, a Pulumi asset or archive; only its content counts. Business Central takes a file as it is."""
    kind: Annotated[
        Literal[
            "AzureApplicationPackage",
            "Dynamics365BusinessCentralAddOnExtensionPackage",
            "Dynamics365BusinessCentralAddOnLibraryExtensionPackage",
            "Dynamics365BusinessCentralAddOnDependencyPackage",
        ],
        Immutable,
        WriteOnly,
    ] = "AzureApplicationPackage"
    """What is in it, in the service's words."""
    digest: Annotated[str, Derived, Immutable, WriteOnly] = ""
    """Digest of the content; follows from `source`."""

    @classmethod
    def completed(cls, props: Mapping[str, Any], olds: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG003
        if unknown(props["source"], props.get("kind")):
            return {**props, "digest": UNKNOWN}
        with about_source():
            return {**props, "digest": judged_digest(props["source"], props.get("kind", APPLICATION))}


class PackageOutputs(Outputs):
    """What the service decides: only the `id`."""


PackageSeen = Seen[PackageOutputs]


def _seen(offer: str, row: Row, kind: str) -> PackageSeen:
    told = {"offer": offer, "source": "", "kind": row.resource_type or kind}
    return PackageSeen(f"{offer}/{row.id}", PackageInputs.canonical(told), PackageOutputs())


def _processed(api: SubmissionApi, offer: str, row: Row) -> Row:
    """A package once its processing has ended; warnings of one that ended earlier were reported then."""
    package = api.packages.processed(offer, row)
    if row.state != package.state:
        _report_warnings(package)
    return package


def _report_warnings(package: Row) -> None:
    """Processing may find something and take the package all the same."""
    for finding in package.validation_items:
        code = f"{finding.error_code}: " if finding.error_code else ""
        words = f"package {package.file_name}: Partner Center warns: {code}{finding.message}"
        print(shown(words), flush=True)


class PackageKind(Kind[PackageInputs, PackageOutputs]):
    noun, id_form, inputs, outputs = "package", "<product>/<package>", PackageInputs, PackageOutputs
    is_keyed_by_content = stays_once_published = True

    def ids_in(self, api: SubmissionApi, offer: str) -> list[str]:
        return [f"{offer}/{row.id}" for row in api.packages.all(offer) if is_usable(row)]

    def declared(self, api: SubmissionApi, seen: PackageSeen) -> dict[str, Any]:
        row = api.packages.get(*seen.id.split("/"))
        save = (lambda target: api.packages.save(row, target)) if row.address else None
        return {**seen.inputs, "source": Stored(unmarked_name(row), save)}

    def find(self, api: SubmissionApi, want: PackageInputs) -> PackageSeen | None:
        """By content: a run that was cut off may have uploaded it already, or somebody else did."""
        rows = [row for row in api.packages.all(want.offer) if is_usable(row)]
        if equal := [row for row in rows if is_of(row, want)]:
            row = referred(api, want.offer, equal) or equal[-1]
            return _seen(want.offer, _processed(api, want.offer, row), want.kind)
        for row in reversed(rows):  # where one was uploaded again, the newest is in use
            if is_unmarked(row, want) and digest_there(api, row, want.kind) == want.digest:
                return _seen(want.offer, _processed(api, want.offer, row), want.kind)
        return None

    def create(self, api: SubmissionApi, want: PackageInputs) -> PackageSeen:
        def uploaded_and_told() -> Row:
            row = uploaded(api, want)
            _report_warnings(row)
            return row

        made = api.packages.once(want.offer, (want.kind, want.digest), uploaded_and_told)
        return _seen(want.offer, made, want.kind)

    def read(self, api: SubmissionApi, id: str) -> PackageSeen:
        offer, package = id.split("/")
        row = api.packages.get(offer, package)
        return _seen(offer, row, package_type(api, offer, row))

    def update(self, api: SubmissionApi, id: str, want: PackageInputs) -> PackageSeen:  # noqa: ARG002
        """Nothing can change in place: other content is another package."""
        return self.read(api, id)

    def delete(self, api: SubmissionApi, id: str) -> None:
        """The service keeps what a draft or something published refers to; what nothing refers to does no harm."""
        if not api.packages.remove(*id.split("/")):
            print(f"kept: package {id}, because a technical configuration refers to it", flush=True)

    def remarks(self, was: Mapping[str, Any], want: Mapping[str, Any]) -> list[str]:
        from ..content import archives, templates

        new = was.get("digest") != want["digest"]
        if not new or want["kind"] != APPLICATION or unknown(want["source"], want["kind"]):
            return []
        source = want["source"] if isinstance(want["source"], str) else "of assets"
        with suppress(ValueError):  # a source that breaks a rule is `check`'s to tell
            remarks = templates.remarks(archives.package(want["source"]))
            return [f"package {source}: {each}" for each in remarks]
        return []


class PackageProvider(Provider):
    kind, known_as = PackageKind(), "Package"


class Package(Resource, module="partnercenter", name="Package"):
    """What a plan deploys, uploaded; its `id` is `<product>/<package>`. Arguments: `PackageInputs`."""

    provider = PackageProvider

    @staticmethod
    def kinds_of(value: Input[Any]) -> pulumi.Output[dict[str, str]]:
        """The kinds of the packages of this program whose `.id` a value is made of, by that `.id`."""

        async def find_kinds() -> pulumi.Output[dict[str, str]]:
            resources = await pulumi.Output.from_input(value).resources()
            packages = [resource for resource in resources if isinstance(resource, Package)]
            pairs = [pulumi.Output.all(package.id, package.kind) for package in packages]
            return pulumi.Output.all(*pairs).apply(
                lambda known: {id: kind for id, kind in known if isinstance(kind, str)}
            )

        awaited: Any = find_kinds()
        return pulumi.Output.from_input(awaited)

    def __init__(
        self,
        resource_name: str,
        *,
        offer: Input[str],
        source: Input[Given],
        kind: Input[str] | None = None,
        adopt: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        arguments = {"offer": offer, "source": source, "kind": kind, "adopt": adopt}
        super().__init__(resource_name, arguments, opts)

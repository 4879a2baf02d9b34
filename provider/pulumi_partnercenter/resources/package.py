"""A package: what plans of Azure applications and Business Central offers deploy. Source: submission API 5.12, 9.1."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import PurePath
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pulumi
from pulumi import Input

from .._resource import Derived, Immutable, Inputs, Kind, Local, Outputs, Provider, Resource, Seen, WriteOnly
from ._files import UNKNOWN, Given, Source, about_source, unchanged, unknown
from ._rules import OfferReference

if TYPE_CHECKING:
    from ..api.submission import SubmissionApi
    from ..api.submission.documents import Package as Row
    from ..content.sources import Content

__all__ = ["Package"]

APPLICATION = "AzureApplicationPackage"


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
            return {**props, "digest": _judged(props["source"], props.get("kind", APPLICATION))}


class PackageOutputs(Outputs):
    """What the service decides: only the `id`."""


PackageSeen = Seen[PackageOutputs]


def _judged(source: object, kind: str) -> str:
    """The digest of a source that the service would take. Raises ValueError with every broken rule."""
    from ..content import archives, sources, templates

    if kind != APPLICATION:
        return sources.file_content(sources.plain(source)).digest
    archive = archives.package(sources.plain(source))
    if problems := templates.problems(archive):
        raise ValueError("; ".join(problems))
    return archive.digest


@contextmanager
def _content(want: PackageInputs) -> Iterator[Content]:
    """The file to upload, once its content is known to be the one that was planned."""
    from ..content import archives, sources

    if want.kind != APPLICATION:
        content = sources.file_content(want.source)
        unchanged(f"package {content.name}", content.digest, want.digest)
        yield content
        return
    archive = archives.package(want.source)
    with archive.zipped() as content:
        unchanged(f"package {content.name}", archive.digest, want.digest)
        yield content


def _mark(digest: str) -> str:
    """What a file's name in the service ends with, so that the same content is found again."""
    return "-" + digest.removeprefix("sha256:")[:12]


def _file_name(content: Content, want: PackageInputs) -> str:
    path = PurePath(content.name or "package")
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", path.stem)[:80]
    return f"{stem}{_mark(want.digest)}{path.suffix or '.zip'}"


def _is_of(row: Row, want: PackageInputs) -> bool:
    """Whether it was uploaded with this content; the service may leave its type empty (5.12)."""
    same = row.resource_type in ("", want.kind)
    return same and PurePath(row.file_name).stem.endswith(_mark(want.digest))


def _seen(offer: str, row: Row, kind: str = APPLICATION) -> PackageSeen:
    told = {"offer": offer, "source": "", "kind": row.resource_type or kind}
    return PackageSeen(f"{offer}/{row.id}", PackageInputs.canonical(told), PackageOutputs())


class PackageKind(Kind[PackageInputs, PackageOutputs]):
    noun, id_form, inputs, outputs = "package", "<product>/<package>", PackageInputs, PackageOutputs
    is_keyed_by_content = True

    def find(self, api: SubmissionApi, want: PackageInputs) -> PackageSeen | None:
        """By content: a run that was cut off may have uploaded it already."""
        for row in api.packages.all(want.offer):
            if _is_of(row, want) and not row.is_pending and row.state != "ProcessFailed":
                return _seen(want.offer, api.packages.processed(want.offer, row), want.kind)
        return None

    def create(self, api: SubmissionApi, want: PackageInputs) -> PackageSeen:
        from ..api.submission.documents import Package as Row

        def uploaded() -> Row:
            with _content(want) as content:
                for row in api.packages.all(want.offer):
                    if _is_of(row, want):  # its bytes never came, or the service rejected it
                        api.packages.remove(want.offer, row.id)
                new = Row(resource_type=want.kind, file_name=_file_name(content, want), state="PendingUpload")
                return api.packages.add(want.offer, new, content)

        made = api.packages.once(want.offer, (want.kind, want.digest), uploaded)
        return _seen(want.offer, made, want.kind)

    def read(self, api: SubmissionApi, id: str) -> PackageSeen:
        offer, package = id.split("/")
        return _seen(offer, api.packages.get(offer, package))

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

"""A PDF in an offer's listing. Source: Partner Center submission API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from annotated_types import MinLen

from ..api.submission.models import ListingAsset as Row
from ..content import listing_documents
from ..content.sources import Content
from ..markers import Derived, Immutable, Local, Wire
from ._files import FileArguments, FileKind, FileName, Source
from ._rules import DEFAULT_LANGUAGE, Language, OfferReference, Text, Word, trimmed
from ._submission_api import ListingFiles, SubmissionApi

PDF = "PdfDocument"
"""Inferred from `pdfDocument` of the product ingestion API; the spelling of this API is unverified."""


class ListingDocumentArguments(FileArguments):
    """Arguments of a document. A listing has at most three documents, PDF only."""

    offer: Annotated[OfferReference, Immutable]
    """`.id` of the offer."""
    title: Annotated[str, MinLen(1), trimmed, Wire("friendly_name")]
    """Title that customers see in place of the file's name."""
    source: Annotated[Source, Local]
    """Path of the PDF, or an asset."""
    kind: Annotated[Word, MinLen(1), Wire("type")] = PDF
    """Type of the document in the service's vocabulary. The default is inferred; other values are accepted."""
    language: Annotated[Language, Immutable] = DEFAULT_LANGUAGE
    """Language of the listing."""
    file_name: Annotated[FileName, Immutable] = ""
    """File name in the service; by default the name of the source at creation."""
    description: Annotated[Text, Wire("description")] = ""
    """Description of the document."""
    digest: Annotated[str, Derived] = ""
    """Digest of the document, derived from `source`."""

    @classmethod
    def problem(cls, content: Content, props: Mapping[str, Any]) -> str | None:  # noqa: ARG003
        return listing_documents.problem(content)


class ListingDocumentKind(FileKind[ListingDocumentArguments, Row]):
    """A PDF for customers; its `id` is `<product>/<language>/<file name>`."""

    noun, id_form = "listing document", "<product>/<language>/<file name>"
    arguments = ListingDocumentArguments
    key = ("offer", "language", "file_name")

    def files(self, api: SubmissionApi) -> ListingFiles[Row]:
        return api.documents

    def is_of(self, row: Row, key: Mapping[str, str]) -> bool:
        return row.file_name == key["file_name"]

    def key_in(self, row: Row) -> dict[str, str]:
        return {"file_name": row.file_name}

    def new(self, desired: ListingDocumentArguments, name: str) -> Row:  # noqa: ARG002
        row = Row(resource_type="ListingAsset", file_name=desired.file_name, state="PendingUpload")
        return row.merge(self.build_row(desired, row))

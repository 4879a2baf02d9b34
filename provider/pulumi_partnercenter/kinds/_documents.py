"""Documents attached to a resource: `documents` as the program gives them, and `attached`, derived from their bytes.

Only `attached` is compared. The place of a source does not matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from annotated_types import MinLen

from ..content.sources import Content, file_content, plain
from ..kind import StoredFile
from ..markers import Derived, Local, Unordered
from ..model import Arguments, Part
from ..values import UNKNOWN, holds_unknown
from ._files import FileName, Source, require_unchanged
from ._rules import Word

__all__ = ["MISSING", "Attached", "Carried", "Carries", "Documents", "read_content", "with_documents"]

MISSING = "missing"
"""Digest of a document without bytes in the service. No file has this digest."""


class Carried(Part):
    """A document: its kind in the service's words, and a path or asset. A text asset needs a `file_name`."""

    kind: Annotated[Word, MinLen(1)]
    source: Source
    file_name: FileName = ""


class Attached(Part):
    """A document in the service."""

    kind: str
    file_name: str
    digest: str

    def named(self) -> tuple[str, str]:
        """Key of a document: its kind and file name."""
        return self.kind, self.file_name


Documents = Annotated[list[Carried], Local]
DerivedDocuments = Annotated[list[Attached], Unordered, Derived]


class Carries(Arguments):
    """Arguments with `documents` and, derived from them, `attached`."""

    @classmethod
    def completed(cls, props: Mapping[str, Any], olds: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG003
        documents = props.get("documents") or []
        attached = _attached(documents) if isinstance(documents, list) else []
        return {**props, "attached": UNKNOWN if holds_unknown(documents) else attached}


def _attached(documents: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Derive `attached`, without documents that have unknown members. Raises ValueError with the broken rule."""
    attached: list[dict[str, str]] = []
    for number, document in enumerate(documents):
        if holds_unknown(document):
            continue
        try:
            content = _content(document["source"])
        except ValueError as error:
            raise ValueError(f"documents[{number}].source: {error}") from None
        kind, name = document["kind"], document.get("file_name") or content.name
        if not name:
            raise ValueError(f"documents[{number}].file_name: is required, because the source has no name")
        if any((kind, name) == (other["kind"], other["file_name"]) for other in attached):
            raise ValueError(f"documents: {kind} {name} is there twice")
        attached.append({"kind": kind, "file_name": name, "digest": content.digest})
    return attached


def _content(source: object) -> Content:
    return file_content(plain(source))


def with_documents(
    arguments: Mapping[str, Any], save: Callable[[tuple[str, str], Path], None]
) -> dict[str, Any]:
    """Add `documents` to current arguments, made from `attached`. `save` downloads by kind and file name."""
    documents = [
        {
            "kind": document["kind"],
            "file_name": document["file_name"],
            "source": StoredFile(
                document["file_name"], partial(save, (document["kind"], document["file_name"]))
            ),
        }
        for document in arguments["attached"]
        if document["digest"] != MISSING
    ]
    return {**arguments, "documents": documents}


def read_content(documents: list[Carried], attached: Attached) -> Content:
    """Return the file to upload. Raises InputError if its content changed since the plan."""
    for document in documents:
        content = _content(document.source)
        if (document.kind, document.file_name or content.name) == attached.named():
            require_unchanged(f"document {attached.file_name}", content.digest, attached.digest)
            return content
    raise LookupError(attached.file_name)  # cannot happen: `attached` was derived from these documents

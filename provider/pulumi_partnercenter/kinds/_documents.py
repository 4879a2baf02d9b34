"""Documents that a resource carries along: what the program says of them, and what follows from their bytes.

Compared is what follows, `attached`; where a source lies does not matter. Source: submission API 5.17, 5.18, 7.
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
from ..values import UNKNOWN, Unknown, holds_unknown
from ._files import FileName, Source, unchanged
from ._rules import Word

__all__ = ["MISSING", "Attached", "Carried", "Carries", "Documents", "content_of", "with_documents"]

MISSING = "missing"
"""The digest of a document whose bytes are not there; no file has it."""


class Carried(Part):
    """A document: what it is in the service's words, and a path or asset. A text needs a `file_name`."""

    kind: Annotated[Word, MinLen(1)]
    source: Source
    file_name: FileName = ""


class Attached(Part):
    """What is there of a document."""

    kind: str
    file_name: str
    digest: str

    def named(self) -> tuple[str, str]:
        """What tells documents from each other."""
        return self.kind, self.file_name


Documents = Annotated[list[Carried], Local]
DerivedDocuments = Annotated[list[Attached], Unordered, Derived]


class Carries(Arguments):
    """Arguments with `documents` and, derived from them, `attached`."""

    @classmethod
    def completed(cls, props: Mapping[str, Any], olds: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG003
        said = props.get("documents") or []
        attached = [] if isinstance(said, Unknown) else _attached(said)
        return {**props, "attached": UNKNOWN if holds_unknown(said) else attached}


def _attached(said: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Raises ValueError, a rule in words. Those that are not known yet are left out."""
    found: list[dict[str, str]] = []
    for number, each in enumerate(said):
        if holds_unknown(each):
            continue
        try:
            content = _content(each["source"])
        except ValueError as error:
            raise ValueError(f"documents[{number}].source: {error}") from None
        name = each.get("file_name") or content.name
        if not name:
            raise ValueError(f"documents[{number}].file_name: is required, because the source has no name")
        if any((each["kind"], name) == (other["kind"], other["file_name"]) for other in found):
            raise ValueError(f"documents: {each['kind']} {name} is there twice")
        found.append({"kind": each["kind"], "file_name": name, "digest": content.digest})
    return found


def _content(source: object) -> Content:
    return file_content(plain(source))


def with_documents(seen: Mapping[str, Any], save: Callable[[tuple[str, str], Path], None]) -> dict[str, Any]:
    """The arguments that were seen, with a document for each that is there; `save` knows them by kind and name."""
    documents = [
        {
            "kind": each["kind"],
            "file_name": each["file_name"],
            "source": StoredFile(each["file_name"], partial(save, (each["kind"], each["file_name"]))),
        }
        for each in seen["attached"]
        if each["digest"] != MISSING
    ]
    return {**seen, "documents": documents}


def content_of(documents: list[Carried], wanted: Attached) -> Content:
    """The file to upload. Raises InputError when it is not what it was when the change was planned."""
    for each in documents:
        content = _content(each.source)
        if (each.kind, each.file_name or content.name) == wanted.named():
            unchanged(f"document {wanted.file_name}", content.digest, wanted.digest)
            return content
    raise LookupError(wanted.file_name)  # `attached` was derived from these documents

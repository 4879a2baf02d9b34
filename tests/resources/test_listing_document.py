from __future__ import annotations

from typing import Any, ClassVar

from provider.tools.emulators import RunningEmulator
from tests.resources import samples
from tests.resources.card import SUBJECT
from tests.resources.file_card import FileCard
from tests.resources.harness import Ref, Stack

from pulumi_partnercenter import ListingDocument


class TestListingDocument(FileCard):
    kind = ListingDocument
    collection, segment = "listingAssets", "assets"
    derived: ClassVar[dict[str, list[str]]] = {"source": ["file_name"]}
    first: ClassVar[dict[str, Any]] = {
        "offer": Ref("offer"),
        "title": "Datasheet",
        "source": samples.pdf("data sheet.pdf", "Contoso"),
        "description": "All the numbers",
    }
    second = {"title": "Numbers", "kind": "pdfDocument", "description": ""}
    other_source = samples.pdf("other.pdf", "Fabrikam")
    immutable_changes: ClassVar[dict[str, Any]] = {
        "offer": Ref("other_offer"),
        "language": "de-de",
        "file_name": "other.pdf",
    }
    members: ClassVar[dict[str, tuple[str, Any]]] = {
        "title": ("friendlyName", "Portal"),
        "kind": ("type", "Portal"),
        "description": ("description", None),
    }

    def file_name_argument(self) -> dict[str, str]:
        return {"file_name": "data sheet.pdf"}

    def test_the_id_of_a_listing_document_contains_its_file_name(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.program())
        assert stack.state[SUBJECT].id == f"{stack.state['offer'].id}/en-us/data%20sheet.pdf"
        assert self.document(emulator, stack)["fileName"] == "data sheet.pdf"

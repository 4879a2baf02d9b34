from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pytest
from provider.tools.emulators import Serving
from tests.resources.card import SUBJECT, Card, Operation, writes
from tests.resources.examples import OFFERS, OTHER_OFFER
from tests.resources.harness import Ref, Stack

from pulumi_partnercenter import CosellListing

SELLER = {
    "type": "Sales",
    "name": "Ann",
    "email": "Ann@contoso.example.com",
    "job_title": "Seller",
    "role": "Lead",
    "regions": ["Europe", "Asia"],
    "sub_regions": ["Western Europe"],
}
PITCH = {"kind": "PitchDeck", "source": {"text": "Backup sells."}, "file_name": "pitch.pdf"}
SHEET = {"kind": "OnePager", "source": {"text": "Backup."}, "file_name": "sheet.pdf"}


class TestCosellListing(Card):
    kind = CosellListing
    parents = OFFERS
    beside = OTHER_OFFER
    first: ClassVar[dict[str, Any]] = {
        "offer": Ref("offer"),
        "platforms": ["Azure", "Windows"],
        "segments": ["Enterprise"],
        "offer_type": "Application",
        "solution_areas": [{"area": "Infrastructure", "sub_areas": ["Backup", "Storage"]}, {"area": "Data"}],
        "contacts": [SELLER, {"type": "Marketing", "name": "Bob"}],
        "documents": [PITCH, SHEET],
    }
    second = {
        "platforms": ["Azure"],
        "segments": [],
        "offer_type": "Service",
        "solution_areas": [{"area": "Infrastructure", "sub_areas": ["Backup"]}],
        "contacts": [SELLER | {"job_title": "Head"}],
    }
    others = {"offer": Ref("other_offer")}
    members = {
        "platforms": ("offerPlatforms", []),
        "segments": ("endCustomerSegments", ["Public"]),
        "offer_type": ("offerType", ""),
        "solution_areas": ("solutionAreas", [{"area": "Data"}]),
        "contacts": ("contacts", []),
        "attached": ("assetReferences", []),
    }
    keys: ClassVar[dict[str, tuple[str, ...]]] = {
        "solutionAreas": ("area",),
        "contacts": ("type", "email", "name"),
        "assetReferences": ("value",),
    }
    collection = "cosellListings"
    is_singleton = True

    def operations(self) -> dict[str, Operation]:
        """Also other documents."""
        documents = [SHEET, PITCH | {"source": {"text": "It sells."}}]
        exchange = Operation.between(self.program(), self.program(documents=documents))
        return {**super().operations(), "exchange": exchange}

    def assets(self, emulator: Serving) -> list[tuple[str, str, str]]:
        """Type, name and state of the documents that are there."""
        return sorted(
            (each["type"], each["fileName"], each["state"]) for each in emulator.state()["cosellAssets"]
        )

    def test_a_change_in_the_portal_is_shown_by_name_and_repaired(
        self, stored: str, stack: Stack, emulator: Serving
    ) -> None:
        if stored == "attached":
            stack.up(self.program())
            emulator.portal(self.path(emulator, stack), assetReferences=[])
            assert stack.refresh() == {SUBJECT: ["attached"]}
            emulator.clear()
            assert stack.up(self.program()) == {SUBJECT: "update"}
            assert [each["method"] for each in writes(emulator)] == ["PUT"], "bytes that are there stay"
            assert stack.refresh() == {}
            return
        super().test_a_change_in_the_portal_is_shown_by_name_and_repaired(stored, stack, emulator)

    def test_documents_are_uploaded_and_referred_to(self, stack: Stack, emulator: Serving) -> None:
        stack.up(self.program())
        assets = {each["id"]: each["type"] for each in emulator.state()["cosellAssets"]}
        references = self.document(emulator, stack)["assetReferences"]
        assert {each["value"]: each["type"] for each in references} == assets
        assert self.assets(emulator) == [
            ("OnePager", "sheet.pdf", "Uploaded"),
            ("PitchDeck", "pitch.pdf", "Uploaded"),
        ]

    @pytest.mark.parametrize(
        ("documents", "uploads"),
        [
            ([SHEET, PITCH], 0),
            ([PITCH], 0),
            ([], 0),
            ([SHEET, PITCH | {"source": {"text": "It sells."}}], 1),
            ([SHEET, PITCH | {"file_name": "deck.pdf"}], 1),
            ([PITCH, SHEET, SHEET | {"file_name": "other.pdf"}], 1),
        ],
        ids=["other order", "one less", "none", "other bytes", "other name", "one more"],
    )
    def test_only_new_bytes_are_uploaded_and_nothing_is_left_behind(
        self, documents: list[dict[str, Any]], uploads: int, stack: Stack, emulator: Serving
    ) -> None:
        stack.up(self.program())
        emulator.clear()
        changed = self.program(documents=documents)
        stack.up(changed)
        assert len([each for each in writes(emulator) if each["method"] == "POST"]) == uploads
        assert self.assets(emulator) == sorted((e["kind"], e["file_name"], "Uploaded") for e in documents)
        assert stack.refresh() == {}
        assert stack.up(changed) == {}

    def test_a_file_that_moved_is_no_change(self, stack: Stack, emulator: Serving, tmp_path: Path) -> None:
        for name in ("here", "there"):
            (tmp_path / name).mkdir()
            (tmp_path / name / "pitch.pdf").write_text("Backup sells.")

        def at(name: str) -> dict[str, Any]:
            source = str(tmp_path / name / "pitch.pdf")
            return self.program(documents=[{"kind": "PitchDeck", "source": source}])

        stack.up(at("here"))
        emulator.clear()
        assert stack.up(at("there")) == {}
        assert emulator.requests() == []

    def test_drafts_that_a_publication_renamed_are_no_drift(self, stack: Stack, emulator: Serving) -> None:
        stack.up(self.program())
        emulator.publish(stack.state["offer"].id)
        assert stack.refresh() == {}
        assert stack.up(self.program(documents=[SHEET])) == {SUBJECT: "update"}
        assert stack.refresh() == {}

    def test_an_upload_that_somebody_else_has_under_way_stays(self, stack: Stack, emulator: Serving) -> None:
        stack.up(self.program())
        product = stack.state["offer"].id
        theirs = {
            "resourceType": "CosellAsset",
            "type": "Video",
            "fileName": "eve.mp4",
            "state": "PendingUpload",
        }
        path = f"/v1.0/ingestion/products/{product}/cosellAssets"
        emulator.client.post(path, json=theirs).raise_for_status()
        stack.up(self.program(documents=[SHEET]))
        assert self.assets(emulator) == [
            ("OnePager", "sheet.pdf", "Uploaded"),
            ("Video", "eve.mp4", "PendingUpload"),
        ]

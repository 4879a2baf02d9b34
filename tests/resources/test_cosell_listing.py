from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pytest
from provider.tools.emulators import RunningEmulator
from tests.resources.card import SUBJECT, Card, Operation, write_requests
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
    other_parents = OTHER_OFFER
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
    immutable_changes = {"offer": Ref("other_offer")}
    members = {
        "platforms": ("offerPlatforms", []),
        "segments": ("endCustomerSegments", ["Public"]),
        "offer_type": ("offerType", ""),
        "solution_areas": ("solutionAreas", [{"area": "Data"}]),
        "contacts": ("contacts", []),
        "attached": ("assetReferences", []),
    }
    element_keys: ClassVar[dict[str, tuple[str, ...]]] = {
        "solutionAreas": ("area",),
        "contacts": ("type", "email", "name"),
        "assetReferences": ("value",),
    }
    collection = "cosellListings"
    is_singleton = True

    def operations(self) -> dict[str, Operation]:
        """Adds the exchange of documents."""
        documents = [SHEET, PITCH | {"source": {"text": "It sells."}}]
        exchange = Operation.between(self.program(), self.program(documents=documents))
        return {**super().operations(), "exchange": exchange}

    def assets(self, emulator: RunningEmulator) -> list[tuple[str, str, str]]:
        """Return type, name and state of the stored documents."""
        return sorted(
            (asset["type"], asset["fileName"], asset["state"]) for asset in emulator.state()["cosellAssets"]
        )

    def test_a_change_in_the_portal_is_drift_by_name_and_repaired(
        self, stored_argument: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        if stored_argument == "attached":
            stack.up(self.program())
            emulator.portal(self.path(emulator, stack), assetReferences=[])
            assert stack.refresh() == {SUBJECT: ["attached"]}
            emulator.clear()
            assert stack.up(self.program()) == {SUBJECT: "update"}
            assert [request["method"] for request in write_requests(emulator)] == ["PUT"], (
                "bytes that are there stay"
            )
            assert stack.refresh() == {}
            return
        super().test_a_change_in_the_portal_is_drift_by_name_and_repaired(stored_argument, stack, emulator)

    def test_cosell_documents_are_uploaded_and_referenced(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.program())
        assets = {asset["id"]: asset["type"] for asset in emulator.state()["cosellAssets"]}
        references = self.document(emulator, stack)["assetReferences"]
        assert {reference["value"]: reference["type"] for reference in references} == assets
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
    def test_only_changed_cosell_documents_are_uploaded_and_removed_ones_are_deleted(
        self, documents: list[dict[str, Any]], uploads: int, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.program())
        emulator.clear()
        changed_program = self.program(documents=documents)
        stack.up(changed_program)
        assert (
            len([request for request in write_requests(emulator) if request["method"] == "POST"]) == uploads
        )
        assert self.assets(emulator) == sorted(
            (document["kind"], document["file_name"], "Uploaded") for document in documents
        )
        assert stack.refresh() == {}
        assert stack.up(changed_program) == {}

    def test_moving_the_source_of_a_cosell_document_is_no_change(
        self, stack: Stack, emulator: RunningEmulator, tmp_path: Path
    ) -> None:
        for name in ("here", "there"):
            (tmp_path / name).mkdir()
            (tmp_path / name / "pitch.pdf").write_text("Backup sells.")

        def program_with_pitch(name: str) -> dict[str, Any]:
            source = str(tmp_path / name / "pitch.pdf")
            return self.program(documents=[{"kind": "PitchDeck", "source": source}])

        stack.up(program_with_pitch("here"))
        emulator.clear()
        assert stack.up(program_with_pitch("there")) == {}
        assert emulator.requests() == []

    def test_new_draft_ids_after_a_publication_are_no_drift_of_a_cosell_listing(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.program())
        emulator.publish(stack.state["offer"].id)
        assert stack.refresh() == {}
        assert stack.up(self.program(documents=[SHEET])) == {SUBJECT: "update"}
        assert stack.refresh() == {}

    def test_a_foreign_upload_in_progress_is_not_deleted(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.program())
        product = stack.state["offer"].id
        foreign_upload = {
            "resourceType": "CosellAsset",
            "type": "Video",
            "fileName": "eve.mp4",
            "state": "PendingUpload",
        }
        path = f"/v1.0/ingestion/products/{product}/cosellAssets"
        emulator.client.post(path, json=foreign_upload).raise_for_status()
        stack.up(self.program(documents=[SHEET]))
        assert self.assets(emulator) == [
            ("OnePager", "sheet.pdf", "Uploaded"),
            ("Video", "eve.mp4", "PendingUpload"),
        ]

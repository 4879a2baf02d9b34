from __future__ import annotations

from typing import Any, ClassVar

import pytest
from provider.tools.emulators import RunningEmulator
from tests.resources.card import SUBJECT, Card, Operation, assert_readable, write_requests
from tests.resources.examples import OFFERS
from tests.resources.harness import Declaration, Program, Ref, Stack

from pulumi_partnercenter import (
    AdoptionRefused,
    InputError,
    Offer,
    SupplementalContent,
)

TYPE = "AzureDynamics365BusinessCentral"
CENTRAL: Program = {
    "offer": Declaration(
        Offer, {"offer_id": "contoso-central", "offer_type": TYPE, "alias": "Contoso Central"}
    )
}
OTHER: Program = {
    "other_offer": Declaration(
        Offer, {"offer_id": "fabrikam-central", "offer_type": TYPE, "alias": "Fabrikam Central"}
    )
}
SCRIPT = {"kind": "FunctionalTest", "source": {"text": "Click here."}, "file_name": "script.docx"}
GUIDE = {"kind": "UserGuide", "source": {"text": "Read this."}, "file_name": "guide.pdf"}
CHANGED_SCRIPT = SCRIPT | {"source": {"text": "Click there."}}


class TestSupplementalContent(Card):
    kind = SupplementalContent
    parents = CENTRAL
    other_parents = OTHER
    first: ClassVar[dict[str, Any]] = {
        "offer": Ref("offer"),
        "target_release": "2026 wave 2",
        "supported_editions": ["Essentials", "Premium"],
    }
    second = {"target_release": "2027 wave 1", "supported_editions": ["Premium"]}
    immutable_changes = {"offer": Ref("other_offer")}
    members = {
        "target_release": ("targetRelease", None),
        "supported_editions": ("supportedEditions", ["Team"]),
    }
    drift_tests = {"attached": "test_documents_removed_in_the_portal_are_drift_and_repaired"}
    collection = "supplementalContents"
    is_singleton = True

    def operations(self) -> dict[str, Operation]:
        """Adds documents: the first documents, and their exchange."""
        return {
            **super().operations(),
            "attach": Operation.between(CENTRAL, program(CHANGED_SCRIPT, GUIDE)),
            "exchange": Operation.between(program(SCRIPT), program(CHANGED_SCRIPT, GUIDE)),
        }


def program(*documents: dict[str, Any], **other_arguments: Any) -> Program:
    arguments = {**TestSupplementalContent.first, "documents": list(documents), **other_arguments}
    return {**CENTRAL, SUBJECT: Declaration(SupplementalContent, arguments)}


def list_documents(emulator: RunningEmulator) -> list[tuple[str, bool]]:
    """Return the name of each stored document, and whether its upload is complete."""
    (document,) = emulator.state()["supplementalContents"]
    return sorted(
        (asset["fileName"], bool(asset["@file"].get("committed"))) for asset in document.get("assets", [])
    )


class TestDocuments:
    def test_supplemental_documents_are_uploaded_and_committed(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(program(SCRIPT, GUIDE))
        assert list_documents(emulator) == [("guide.pdf", True), ("script.docx", True)]
        assert stack.refresh() == {}
        emulator.clear()
        assert stack.up(program(GUIDE, SCRIPT)) == {}
        assert emulator.requests() == []

    @pytest.mark.parametrize(
        ("documents", "uploads"),
        [
            ([SCRIPT], 0),
            ([], 0),
            ([CHANGED_SCRIPT, GUIDE], 1),
            ([SCRIPT, GUIDE | {"file_name": "manual.pdf"}], 1),
        ],
        ids=["one less", "none", "other bytes", "other name"],
    )
    def test_only_changed_supplemental_documents_are_uploaded(
        self, documents: list[dict[str, Any]], uploads: int, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(program(SCRIPT, GUIDE))
        emulator.clear()
        assert stack.up(program(*documents)) == {SUBJECT: "update"}
        methods = [
            request["method"]
            for request in write_requests(emulator)
            if "/v1.0/ingestion" not in request["path"]
        ]
        assert methods == ["PUT"] * uploads
        assert list_documents(emulator) == sorted((document["file_name"], True) for document in documents)
        assert stack.refresh() == {}
        assert stack.up(program(*documents)) == {}

    def test_foreign_supplemental_documents_are_overwritten_only_with_adopt(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(program(SCRIPT))
        stack.forget()
        with pytest.raises(AdoptionRefused, match="attached"):
            stack.up(program(CHANGED_SCRIPT))
        assert stack.up(program(CHANGED_SCRIPT, adopt=True))[SUBJECT] == "create"
        assert list_documents(emulator) == [("script.docx", True)]

    def test_documents_removed_in_the_portal_are_drift_and_repaired(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(program(SCRIPT))
        (document,) = emulator.state()["supplementalContents"]
        path = f"/v1.0/ingestion/products/{document['productID']}/supplementalContents/{document['id']}"
        emulator.portal(path, assets=[])
        assert stack.refresh() == {SUBJECT: ["attached"]}
        assert stack.up(program(SCRIPT)) == {SUBJECT: "update"}
        assert list_documents(emulator) == [("script.docx", True)]
        assert stack.refresh() == {}

    def test_supplemental_content_of_another_offer_type_is_refused(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        program = {
            **OFFERS,
            SUBJECT: Declaration(
                SupplementalContent, {"offer": Ref("offer"), "target_release": "2026 wave 2"}
            ),
        }
        with pytest.raises(InputError, match="AzureApplication") as refusal:
            stack.up(program)
        assert_readable(refusal.value)
        assert list(stack.state) == ["offer"]

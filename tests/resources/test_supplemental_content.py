from __future__ import annotations

from typing import Any, ClassVar

import pytest
from provider.tools.emulators import Serving
from tests.resources.card import SUBJECT, Card, Operation, assert_readable, writes
from tests.resources.examples import OFFERS
from tests.resources.harness import Declared, Program, Ref, Stack

from pulumi_partnercenter import (
    AdoptionRefused,
    InputError,
    Offer,
    SupplementalContent,
)

TYPE = "AzureDynamics365BusinessCentral"
CENTRAL: Program = {
    "offer": Declared(Offer, {"offer_id": "contoso-central", "offer_type": TYPE, "alias": "Contoso Central"})
}
OTHER: Program = {
    "other_offer": Declared(
        Offer, {"offer_id": "fabrikam-central", "offer_type": TYPE, "alias": "Fabrikam Central"}
    )
}
SCRIPT = {"kind": "FunctionalTest", "source": {"text": "Click here."}, "file_name": "script.docx"}
GUIDE = {"kind": "UserGuide", "source": {"text": "Read this."}, "file_name": "guide.pdf"}
BETTER = SCRIPT | {"source": {"text": "Click there."}}


class TestSupplementalContent(Card):
    kind = SupplementalContent
    parents = CENTRAL
    beside = OTHER
    first: ClassVar[dict[str, Any]] = {
        "offer": Ref("offer"),
        "target_release": "2026 wave 2",
        "supported_editions": ["Essentials", "Premium"],
    }
    second = {"target_release": "2027 wave 1", "supported_editions": ["Premium"]}
    others = {"offer": Ref("other_offer")}
    members = {
        "target_release": ("targetRelease", None),
        "supported_editions": ("supportedEditions", ["Team"]),
    }
    shown_by = {"attached": "test_what_the_portal_does_with_documents_is_drift_and_repaired"}
    collection = "supplementalContents"
    is_singleton = True

    def operations(self) -> dict[str, Operation]:
        """Also documents: the first ones, and others in their place."""
        return {
            **super().operations(),
            "attach": Operation.between(CENTRAL, program(BETTER, GUIDE)),
            "exchange": Operation.between(program(SCRIPT), program(BETTER, GUIDE)),
        }


def program(*documents: dict[str, Any], **more: Any) -> Program:
    arguments = {**TestSupplementalContent.first, "documents": list(documents), **more}
    return {**CENTRAL, SUBJECT: Declared(SupplementalContent, arguments)}


def committed(emulator: Serving) -> list[tuple[str, bool]]:
    """Name of each document that is there, and whether its bytes are final."""
    (content,) = emulator.state()["supplementalContents"]
    return sorted(
        (each["fileName"], bool(each["@file"].get("committed"))) for each in content.get("assets", [])
    )


class TestDocuments:
    def test_they_are_uploaded_and_committed(self, stack: Stack, emulator: Serving) -> None:
        stack.up(program(SCRIPT, GUIDE))
        assert committed(emulator) == [("guide.pdf", True), ("script.docx", True)]
        assert stack.refresh() == {}
        emulator.clear()
        assert stack.up(program(GUIDE, SCRIPT)) == {}
        assert emulator.requests() == []

    @pytest.mark.parametrize(
        ("documents", "uploads"),
        [([SCRIPT], 0), ([], 0), ([BETTER, GUIDE], 1), ([SCRIPT, GUIDE | {"file_name": "manual.pdf"}], 1)],
        ids=["one less", "none", "other bytes", "other name"],
    )
    def test_only_new_bytes_are_uploaded(
        self, documents: list[dict[str, Any]], uploads: int, stack: Stack, emulator: Serving
    ) -> None:
        stack.up(program(SCRIPT, GUIDE))
        emulator.clear()
        assert stack.up(program(*documents)) == {SUBJECT: "update"}
        methods = [each["method"] for each in writes(emulator) if "/v1.0/ingestion" not in each["path"]]
        assert methods == ["PUT"] * uploads
        assert committed(emulator) == sorted((each["file_name"], True) for each in documents)
        assert stack.refresh() == {}
        assert stack.up(program(*documents)) == {}

    def test_documents_of_somebody_else_are_not_overwritten(self, stack: Stack, emulator: Serving) -> None:
        stack.up(program(SCRIPT))
        stack.forget()
        with pytest.raises(AdoptionRefused, match="attached"):
            stack.up(program(BETTER))
        assert stack.up(program(BETTER, adopt=True))[SUBJECT] == "create"
        assert committed(emulator) == [("script.docx", True)]

    def test_what_the_portal_does_with_documents_is_drift_and_repaired(
        self, stack: Stack, emulator: Serving
    ) -> None:
        stack.up(program(SCRIPT))
        (content,) = emulator.state()["supplementalContents"]
        path = f"/v1.0/ingestion/products/{content['productID']}/supplementalContents/{content['id']}"
        emulator.portal(path, assets=[])
        assert stack.refresh() == {SUBJECT: ["attached"]}
        assert stack.up(program(SCRIPT)) == {SUBJECT: "update"}
        assert committed(emulator) == [("script.docx", True)]
        assert stack.refresh() == {}

    def test_an_offer_of_another_type_has_none(self, stack: Stack, emulator: Serving) -> None:
        wrong = {
            **OFFERS,
            SUBJECT: Declared(SupplementalContent, {"offer": Ref("offer"), "target_release": "2026 wave 2"}),
        }
        with pytest.raises(InputError, match="AzureApplication") as refused:
            stack.up(wrong)
        assert_readable(refused.value)
        assert list(stack.state) == ["offer"]

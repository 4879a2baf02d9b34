from __future__ import annotations

import shutil
from typing import Any, ClassVar

import pytest
from provider.tools.emulators import RunningEmulator
from tests.resources import samples
from tests.resources.card import SUBJECT, write_requests
from tests.resources.file_card import FileCard
from tests.resources.harness import UNKNOWN, Declaration, Plugin, Ref, Stack

from pulumi_partnercenter import ListingImage
from pulumi_partnercenter.api.submission.client import shared_client
from pulumi_partnercenter.api.submission.models import ListingImage as Row
from pulumi_partnercenter.content.sources import file_on_disk
from pulumi_partnercenter.settings import Settings

LARGE = samples.picture("large.png", 216, 216)
SCREEN = samples.picture("screen.png", 1280, 720)


class ImageCard(FileCard):
    kind = ListingImage
    collection, segment = "listingImages", "images"
    derived: ClassVar[dict[str, list[str]]] = {"source": ["file_name"], "kind": ["file_name"]}
    second = {"order": 2, "description": "Backups at a glance"}
    members: ClassVar[dict[str, tuple[str, Any]]] = {
        "order": ("order", 7),
        "description": ("description", "Portal"),
    }


class TestLogo(ImageCard):
    first: ClassVar[dict[str, Any]] = {
        "offer": Ref("offer"),
        "kind": "AzureLogoLarge",
        "source": LARGE,
        "order": 1,
        "description": "Contoso",
    }
    other_source = samples.picture("larger.png", 350, 350, "gold")
    immutable_changes: ClassVar[dict[str, Any]] = {
        "offer": Ref("other_offer"),
        "kind": "AzureLogoHero2",
        "language": "de-de",
        "file_name": "logo.png",
    }

    def test_a_logo_is_uploaded_under_the_name_of_its_kind(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.program())
        assert self.document(emulator, stack)["fileName"] == "AzureLogoLarge.png"
        offer = stack.state["offer"].id
        assert stack.state[SUBJECT].id == f"{offer}/en-us/AzureLogoLarge/AzureLogoLarge.png"

    def test_a_logo_renamed_in_the_portal_is_the_same_logo(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.program())
        emulator.portal(self.path(emulator, stack), fileName="portal.png", type="azurelogolarge")
        stack.forget()
        emulator.clear()
        stack.up(self.program())
        assert write_requests(emulator) == []
        assert stack.refresh() == {}

    def test_a_second_logo_of_a_kind_is_drift_and_deleted(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.program())
        path = self.path(emulator, stack).rpartition("/")[0]
        row = {"resourceType": "ListingImage", "fileName": "second.png", "type": "AzureLogoLarge"}
        assert emulator.client.post(path, json=row).status_code == 201
        assert stack.refresh() == {SUBJECT: ["digest"]}
        assert stack.up(self.program()) == {SUBJECT: "update"}
        assert self.document(emulator, stack)["fileName"] == "AzureLogoLarge.png"

    def test_the_newest_of_equal_logos_stays(self, stack: Stack, emulator: RunningEmulator) -> None:
        """Two runs at the same time upload the same logo twice, and both keep the same row."""
        stack.up(self.program())
        row = Row(
            resource_type="ListingImage",
            file_name="AzureLogoLarge.png",
            type="AzureLogoLarge",
            state="PendingUpload",
        )
        with stack.operation():
            api = shared_client(Settings.load(stack.config))
            second = api.images.add(stack.state["offer"].id, "en-us", row, file_on_disk(self.first["source"]))
        assert stack.refresh() == {SUBJECT: ["digest"]}
        assert stack.up(self.program()) == {SUBJECT: "update"}
        assert self.document(emulator, stack)["id"] == second.id
        assert stack.refresh() == {}


class TestScreenshot(ImageCard):
    first: ClassVar[dict[str, Any]] = {
        "offer": Ref("offer"),
        "kind": "AzureLogoScreenshot",
        "source": SCREEN,
        "order": 1,
        "description": "Contoso",
    }
    other_source = samples.picture("other-screen.png", 1280, 720, "gold")
    immutable_changes: ClassVar[dict[str, Any]] = {
        "offer": Ref("other_offer"),
        "kind": "Screenshot",
        "language": "de-de",
        "file_name": "other.png",
    }

    def file_name_argument(self) -> dict[str, str]:
        return {"file_name": "screen.png"}

    def test_several_screenshots_exist_side_by_side(self, stack: Stack, emulator: RunningEmulator) -> None:
        second_screenshot = Declaration(ListingImage, {**self.first, "source": self.other_source, "order": 2})
        program = {**self.program(), "second": second_screenshot}
        stack.up(program)
        order_by_name = {image["fileName"]: image["order"] for image in emulator.state()["listingImages"]}
        assert order_by_name == {"screen.png": 1, "other-screen.png": 2}
        assert stack.refresh() == {}
        assert stack.up(program) == {}
        assert stack.up(self.program()) == {"second": "delete"}
        assert [image["fileName"] for image in emulator.state()["listingImages"]] == ["screen.png"]

    def test_other_bytes_under_another_name_are_another_screenshot(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.program())
        changed_program = self.program(source=self.other_source)
        assert stack.up(changed_program) == {SUBJECT: "replace"}
        assert self.document(emulator, stack)["fileName"] == "other-screen.png"
        assert stack.up(changed_program) == {}

    def test_other_bytes_under_the_same_name_are_uploaded(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        path = samples.picture("edited/screen.png", 1280, 720, "red")
        stack.up(self.program(source=path))
        shutil.copy(self.other_source, path)
        assert stack.up(self.program(source=path)) == {SUBJECT: "update"}
        assert stack.refresh() == {}


@pytest.mark.parametrize(
    ("unknown", "file_name"), [("offer", "AzureLogoLarge.png"), ("language", "AzureLogoLarge.png")]
)
def test_file_name_and_digest_are_checked_beside_an_unknown_argument(
    unknown: str, file_name: str, offline: None
) -> None:
    arguments = {"offer": "0b6b7f5c-0000-4000-8000-000000000000", "kind": "AzureLogoLarge", "source": LARGE}
    canonical = Plugin({}).check(ListingImage, {}, {**arguments, unknown: UNKNOWN})
    assert canonical["file_name"] == file_name
    assert canonical["digest"].startswith("sha256:")

from __future__ import annotations

from typing import Any, ClassVar

from provider.tools.emulators import RunningEmulator
from tests.resources import samples
from tests.resources.card import SUBJECT
from tests.resources.file_card import FileCard, count_uploads
from tests.resources.harness import Declaration, Ref, Stack

from pulumi_partnercenter import ListingVideo

URL = "https://video.example.com/watch?v=1&t=5s"


class TestListingVideo(FileCard):
    kind = ListingVideo
    collection, segment = "listingVideos", "videos"
    first: ClassVar[dict[str, Any]] = {
        "offer": Ref("offer"),
        "url": URL,
        "title": "Tour",
        "source": samples.picture("tour.png", 1280, 720),
    }
    second = {"title": "Grand tour"}
    other_source = samples.picture("other-tour.png", 1280, 720, "gold")
    immutable_changes: ClassVar[dict[str, Any]] = {
        "offer": Ref("other_offer"),
        "language": "de-de",
        "url": "https://video.example.com/2",
    }
    fixed_members = ("fileName", "fileSasUri", "state", "@file")
    members: ClassVar[dict[str, tuple[str, Any]]] = {"title": ("thumbnail", None)}

    def significant_value(self, member: str, value: Any) -> Any:
        return value["title"] if isinstance(value, dict) else value

    def test_a_change_in_the_portal_is_drift_by_name_and_repaired(
        self, stored_argument: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        """The service stores the video's title in its thumbnail, which must stay."""
        stack.up(self.program())
        picture = self.document(emulator, stack)["thumbnail"]
        emulator.portal(self.path(emulator, stack), thumbnail={**picture, "title": "Portal"})
        assert stack.refresh() == {SUBJECT: [stored_argument]}
        assert stack.up(self.program()) == {SUBJECT: "update"}
        assert self.document(emulator, stack)["thumbnail"]["title"] == "Tour"
        assert stack.refresh() == {}

    def test_the_id_of_a_video_contains_its_quoted_address(self, stack: Stack) -> None:
        stack.up(self.program())
        quoted_url = "https%3A%2F%2Fvideo.example.com%2Fwatch%3Fv%3D1%26t%3D5s"
        assert stack.state[SUBJECT].id == f"{stack.state['offer'].id}/en-us/{quoted_url}"

    def test_a_video_needs_no_thumbnail(self, stack: Stack, emulator: RunningEmulator) -> None:
        program = {**self.parents, SUBJECT: Declaration(ListingVideo, {"offer": Ref("offer"), "url": URL})}
        stack.up(program)
        assert count_uploads(emulator) == 0
        assert self.document(emulator, stack)["state"] == "Uploaded"
        assert stack.refresh() == {}
        assert stack.up(program) == {}
        assert stack.up(self.program()) == {SUBJECT: "update"}
        assert stack.up(program) == {SUBJECT: "update"}
        assert "thumbnail" not in self.document(emulator, stack)
        assert stack.refresh() == {}

"""Publishing a portal's offer: each `up` goes as far as the service allows, and only changed content is published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from provider.tools.emulators import RunningEmulator
from tests.resources.card import Operation, Subject
from tests.resources.harness import CheckFailed, Declaration, Program, Record, Stack, payload_of

from pulumi_partnercenter import JobTimeout, PartnerCenterError, Rejected
from pulumi_partnercenter.api.portal.system import PORTAL
from pulumi_partnercenter.portal import Publication

PUBLISHER, OFFER_ID = "fabrikam-labs", "old-router-vm"
OFFER = f"{PUBLISHER}/{OFFER_ID}"
PATH = f"/api/publishers/{PUBLISHER}/offers/{OFFER_ID}"
TITLE = "microsoft-azure-marketplace.title"
LEADS = {
    "microsoft-azure-marketplace.leadDestination": "Table",
    "microsoft-azure-marketplace.tableLeadConfiguration": {"storageAccountConnectionString": "secret"},
}
"""A destination of leads, of which no answer has the secret."""


def make_offers(emulator: RunningEmulator, *, is_migrated: bool = False) -> None:
    """Make two publishable offers: `OFFER`, never published, and `fabrikam-labs/edge-gateway-vm`, live."""
    control(emulator, "sample")
    if is_migrated:
        source = emulator.client.get(f"/api/publishers/{PUBLISHER}/offers/{OFFER_ID}?api-version=2017-10-31")
        body = {"publisher": PUBLISHER, "offer_id": "moved-router-vm", "is_migrated": True}
        control(emulator, "offers", **body, definition=source.json()["definition"])


def control(emulator: RunningEmulator, name: str, **body: Any) -> Any:
    response = emulator.client.post(f"/_emulator/portal/{name}", json=body)
    assert response.is_success, response.text
    return response.json()


def edit(emulator: RunningEmulator, id: str = OFFER, **members: Any) -> None:
    """Change members of the draft's offer, as the program's portal.Offer does."""
    emulator.advance(60)
    publisher, offer_id = id.split("/")
    control(emulator, "edit", publisher=publisher, offer_id=offer_id, offer=members)


def retitle(emulator: RunningEmulator, title: str, offer: str = OFFER) -> None:
    edit(emulator, offer, **{TITLE: title})


def program(content: str = "a", target: str = "preview", offer: str = OFFER, **arguments: Any) -> Program:
    """A publication of an offer whose fingerprint is `content`."""
    published = [{"kind": "portal.Offer", "name": "router", "id": offer}]
    given = {"offer": offer, "publishes": [content], "sends": ["portal.Offer router"], "published": published}
    return {"publication": Declaration(Publication, {**given, "target": target, **arguments})}


def outputs(stack: Stack) -> Mapping[str, Any]:
    return stack.state["publication"].outputs


def posts(emulator: RunningEmulator) -> list[str]:
    """The verbs that were sent: `publish`, `golive`, `cancel`."""
    paths = [request["path"].split("?")[0] for request in emulator.requests() if request["method"] == "POST"]
    return [path.rpartition("/")[2] for path in paths]


def live_title(emulator: RunningEmulator, offer: str = OFFER, slot: str = "production") -> str:
    publisher, offer_id = offer.split("/")
    path = f"/api/publishers/{publisher}/offers/{offer_id}/slot/{slot}?api-version=2017-10-31"
    title: str = emulator.client.get(path).json()["definition"]["offer"][TITLE]
    return title


@pytest.fixture(params=[False, True], ids=["legacy", "migrated"])
def offer(request: pytest.FixtureRequest, emulator: RunningEmulator) -> str:
    """An offer that was never published, with operations in either form of a location."""
    make_offers(emulator, is_migrated=request.param)
    emulator.clear()
    return f"{PUBLISHER}/moved-router-vm" if request.param else OFFER


@pytest.fixture
def router(emulator: RunningEmulator) -> str:
    make_offers(emulator)
    emulator.clear()
    return OFFER


class TestAdvancing:
    def test_nothing_goes_to_preview_then_live_and_a_repetition_sends_nothing(
        self, offer: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        assert stack.up(program(offer=offer)) == {"publication": "create"}
        assert outputs(stack)["state"] == "preview"
        assert posts(emulator) == ["publish"]
        assert stack.up(program(target="live", offer=offer)) == {"publication": "update"}
        while stack.up(program(target="live", offer=offer)):
            pass
        assert outputs(stack)["state"] == "live"
        assert posts(emulator) == ["publish", "golive"]
        emulator.clear()
        assert stack.preview(program(target="live", offer=offer)) == {}
        assert stack.up(program(target="live", offer=offer)) == {}
        assert emulator.requests() == []
        assert stack.refresh() == {}
        assert [request["method"] for request in emulator.requests()] == ["GET"]

    def test_one_run_goes_live_where_the_service_is_quick(
        self, offer: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(program(target="live", offer=offer))
        assert posts(emulator) == ["publish", "golive"]
        while stack.up(program(target="live", offer=offer)):
            pass
        assert outputs(stack)["state"] == "live"

    def test_a_creation_needs_at_most_five_requests(
        self, offer: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(program(offer=offer))
        assert len(emulator.requests()) <= 4  # status, publish, operation, status
        emulator.clear()
        stack.up(program(target="live", offer=offer))
        assert len(emulator.requests()) <= 3  # status, go live, status

    def test_a_preview_opens_no_connection(self, stack: Stack, offline: None) -> None:
        assert stack.preview(program()) == {"publication": "create"}

    def test_a_run_without_its_state_publishes_nothing_again(
        self, offer: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        for target in ("preview", "live"):
            while stack.up(program(target=target, offer=offer)):
                pass
            before = posts(emulator)
            stack.forget()
            stack.up(program(target=target, offer=offer))
            assert posts(emulator) == before
            assert outputs(stack)["state"] == target
            assert stack.up(program(target=target, offer=offer)) == {}

    def test_changed_content_is_published_and_a_renamed_resource_is_not(
        self, router: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        while stack.up(program(target="live")):
            pass
        emulator.clear()
        renamed = program(target="live")["publication"].arguments | {"sends": ["portal.Offer renamed"]}
        assert stack.up({"publication": Declaration(Publication, renamed)}) == {}
        retitle(emulator, "Quick Router")
        while stack.up(program("b", target="live")):
            pass
        assert posts(emulator) == ["publish", "golive"]
        assert live_title(emulator) == "Quick Router"

    def test_other_arguments_that_leave_the_offer_as_it_is_publish_nothing(
        self, offer: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        for target in ("preview", "live"):
            while stack.up(program(target=target, offer=offer)):
                pass
            emulator.clear()
            while stack.up(program("b", target=target, offer=offer)):
                pass
            assert posts(emulator) == []
            assert outputs(stack)["state"] == target
            while stack.up(program(target=target, offer=offer)):
                pass
            assert posts(emulator) == []

    def test_other_arguments_of_an_offer_with_leads_are_published_because_a_secret_cannot_be_compared(
        self, offer: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        edit(emulator, offer, **LEADS)
        while stack.up(program(target="live", offer=offer)):
            pass
        emulator.clear()
        while stack.up(program("b", target="live", offer=offer)):
            pass
        assert posts(emulator) == ["publish", "golive"]

    def test_a_run_that_ends_after_it_published_another_secret_publishes_once(
        self, offer: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        edit(emulator, offer, **LEADS)
        stack.up(program(offer=offer))
        emulator.advance(60)  # publications of one second look alike
        emulator.clear()
        emulator.fault("/operations/", status=412, times=1)
        with pytest.raises(PartnerCenterError):
            stack.up(program("b", offer=offer))
        stack.up(program("b", offer=offer))
        assert posts(emulator) == ["cancel", "publish"]
        assert stack.up(program("b", offer=offer)) == {}

    def test_a_failed_publication_of_another_secret_is_not_taken_for_the_live_one(
        self, offer: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        edit(emulator, offer, **LEADS)
        while stack.up(program(target="live", offer=offer)):
            pass
        emulator.decide("portal_packaging", "fail", messages=["Leads do not arrive."])
        for _ in range(2):
            with pytest.raises(Rejected, match="Leads do not arrive"):
                stack.up(program("b", target="live", offer=offer))
        emulator.clear()
        stack.up(program(target="live", offer=offer))
        assert (posts(emulator), outputs(stack)["state"]) == ([], "live")

    def test_a_preview_of_other_content_is_cancelled_and_never_sent_live(
        self, router: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        control(emulator, "publish", publisher=PUBLISHER, offer_id=OFFER_ID, target="preview")
        retitle(emulator, "Quick Router")
        emulator.clear()
        stack.up(program(target="live"))
        assert posts(emulator) == ["cancel", "publish", "golive"]
        while stack.up(program(target="live")):
            pass
        assert live_title(emulator) == "Quick Router"

    def test_a_preview_of_the_same_content_is_taken_over(
        self, router: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        control(emulator, "publish", publisher=PUBLISHER, offer_id=OFFER_ID, target="preview")
        emulator.clear()
        stack.up(program())
        assert posts(emulator) == []
        assert outputs(stack)["state"] == "preview"

    def test_what_somebody_else_publishes_meanwhile_is_noticed_and_replaced(
        self, router: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        while stack.up(program(target="live")):
            pass
        retitle(emulator, "Foreign")
        control(emulator, "publish", publisher=PUBLISHER, offer_id=OFFER_ID)
        retitle(emulator, "Old Router")
        stack.refresh()
        assert outputs(stack)["content"] == ""
        assert stack.preview(program(target="live")) == {"publication": "update"}
        while stack.up(program(target="live")):
            pass
        assert live_title(emulator) == "Old Router"


BEHAVIOURS: dict[str, dict[str, Any]] = {
    "operations as the documentation prints them": {"operation_as_array": True},
    "cancellation at once": {"async_cancel": False, "idle_cancel_status": 400},
    "refusals are 400": {"busy_status": 400, "errors_as_text": True},
    "steps have ids as names": {"step_name_equals_id": True},
}


@pytest.mark.sample(2)
@pytest.mark.parametrize("behaviour", BEHAVIOURS.values(), ids=BEHAVIOURS)
def test_the_way_to_live_is_the_same_where_sources_contradict_each_other(
    behaviour: dict[str, Any], router: str, stack: Stack, emulator: RunningEmulator
) -> None:
    control(emulator, "behaviour", **behaviour)
    control(emulator, "publish", publisher=PUBLISHER, offer_id=OFFER_ID, target="preview")
    retitle(emulator, "Quick Router")
    emulator.clear()
    while stack.up(program(target="live")):
        pass
    assert posts(emulator) == ["cancel", "publish", "golive"]
    assert live_title(emulator) == "Quick Router"
    assert stack.refresh() == {}


class TestWaiting:
    def test_a_timeout_finds_the_running_operation(
        self, offer: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        emulator.decide("portal_certification", "hold")
        stack.up(program(offer=offer))
        assert outputs(stack)["state"] == "on the way to preview"
        assert stack.preview(program(offer=offer)) == {"publication": "update"}
        stack.up(program(offer=offer))
        emulator.decide("portal_certification", "pass")
        stack.up(program(offer=offer))
        assert outputs(stack)["state"] == "preview"
        assert posts(emulator) == ["publish"]

    def test_a_refresh_follows_the_service(
        self, offer: str, stack: Stack, emulator: RunningEmulator, capsys: Any
    ) -> None:
        emulator.decide("portal_certification", "hold")
        stack.up(program(offer=offer))
        emulator.decide("portal_certification", "pass")
        capsys.readouterr()
        stack.refresh()
        assert capsys.readouterr().out == f"offer {offer}: preview\n"
        assert outputs(stack)["state"] == "preview"
        assert stack.up(program(offer=offer)) == {}

    def test_a_run_without_its_state_waits_for_the_running_operation(
        self, router: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        emulator.decide("portal_certification", "hold")
        stack.up(program())
        stack.forget()
        stack.up(program(wait_minutes=0))
        emulator.decide("portal_certification", "pass")
        stack.up(program())
        assert outputs(stack)["state"] == "preview"
        assert posts(emulator) == ["publish"]

    def test_changed_content_waits_for_the_running_operation(
        self, router: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        emulator.decide("portal_certification", "hold")
        stack.up(program())
        retitle(emulator, "Quick Router")
        with pytest.raises(JobTimeout, match="on the way to preview"):
            stack.up(program("b"))
        emulator.decide("portal_certification", "pass")
        stack.up(program("b"))
        assert posts(emulator) == ["publish", "cancel", "publish"]
        assert live_title(emulator, slot="preview") == "Quick Router"

    def test_newer_content_replaces_a_publication_of_this_stack_where_the_program_says_so(
        self, offer: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        emulator.decide("portal_certification", "hold")
        stack.up(program(offer=offer, wait_minutes=0))
        retitle(emulator, "Quick Router", offer)
        desired = program("b", offer=offer, wait_minutes=0, replaces_running=True)
        stack.up(desired)
        assert posts(emulator) == ["publish", "cancel", "publish"]
        assert outputs(stack)["state"] == "preview"
        assert live_title(emulator, offer, "preview") == "Quick Router"

    def test_content_that_is_live_replaces_a_publication_of_this_stack_without_another_one(
        self, router: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        while stack.up(program(target="live")):
            pass
        title = live_title(emulator)
        retitle(emulator, "Quick Router")
        emulator.decide("portal_certification", "hold")
        stack.up(program("b", target="live", wait_minutes=0))
        retitle(emulator, title)
        emulator.clear()
        stack.up(program(target="live", replaces_running=True))
        assert posts(emulator) == ["cancel"]
        assert outputs(stack)["state"] == "live"
        assert stack.up(program(target="live", replaces_running=True)) == {}

    @pytest.mark.parametrize("is_forgotten", [False, True])
    def test_a_publication_of_somebody_else_is_not_replaced(
        self, is_forgotten: bool, router: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        if not is_forgotten:
            stack.up(program())
            retitle(emulator, "Other Router")
            emulator.client.post(f"{PATH}/cancel?api-version=2017-10-31").raise_for_status()
        emulator.decide("portal_certification", "hold")
        emulator.client.post(f"{PATH}/publish?api-version=2017-10-31").raise_for_status()
        retitle(emulator, "Quick Router")
        emulator.clear()
        stack.up(program("b", wait_minutes=0, replaces_running=True))
        assert posts(emulator) == []
        assert outputs(stack)["state"] == "on the way to preview"

    def test_no_run_waits_for_the_way_to_live(
        self, router: str, stack: Stack, emulator: RunningEmulator, pauses: list[float]
    ) -> None:
        emulator.decide("portal_live", "hold")
        stack.up(program(target="live"))
        assert outputs(stack)["state"] == "in certification"
        assert sum(pauses) == 0
        retitle(emulator, "Quick Router")
        with pytest.raises(JobTimeout, match="in certification"):
            stack.up(program("b", target="live"))
        emulator.decide("portal_live", "pass")
        while stack.up(program("b", target="live")):
            pass
        assert live_title(emulator) == "Quick Router"

    def test_a_publication_cancelled_in_the_portal_is_published_again(
        self, router: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        emulator.decide("portal_certification", "hold")
        stack.up(program())
        path = f"/api/publishers/{PUBLISHER}/offers/{OFFER_ID}/cancel?api-version=2017-10-31"
        emulator.client.post(path).raise_for_status()
        stack.up(program())
        assert outputs(stack)["state"] == "preview"
        assert posts(emulator).count("publish") == 2


class TestLookUp:
    """Reading by `opts.id`, without a state."""

    @pytest.mark.parametrize("target", ["preview", "live"])
    def test_a_look_up_reads_how_far_the_offer_is(
        self, target: str, router: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        control(emulator, "publish", publisher=PUBLISHER, offer_id=OFFER_ID, target=target)
        with stack.operation() as plugin:
            record = plugin.read(Record(Publication, OFFER, {}, {"__provider": payload_of(Publication)}))
        assert record is not None
        assert (record.outputs["state"], record.inputs["target"], record.outputs["is_own"]) == (
            target,
            target,
            False,
        )
        assert None not in record.outputs.values()

    @pytest.mark.parametrize(
        ("id", "words"), [(OFFER, "nothing was ever published"), ("a/b", "404"), ("a", "form")]
    )
    def test_a_look_up_of_what_was_never_published_is_an_error(
        self, id: str, words: str, router: str, stack: Stack
    ) -> None:
        record = Record(Publication, id, {}, {"__provider": payload_of(Publication)})
        with stack.operation() as plugin, pytest.raises(PartnerCenterError, match=words):
            plugin.read(record)


class TestEnding:
    def test_destroy_cancels_what_this_resource_started(
        self, offer: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        emulator.decide("portal_certification", "hold")
        stack.up(program(offer=offer))
        stack.destroy()
        assert posts(emulator) == ["publish", "cancel"]

    def test_destroy_leaves_what_somebody_else_started(
        self, router: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        emulator.decide("portal_certification", "hold")
        path = f"/api/publishers/{PUBLISHER}/offers/{OFFER_ID}/publish?api-version=2017-10-31"
        emulator.client.post(path).raise_for_status()
        stack.up(program(wait_minutes=0))
        emulator.clear()
        stack.destroy()
        assert posts(emulator) == []

    def test_a_publication_removed_from_the_program_leaves_preview_and_live(
        self, router: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        for target in ("preview", "live"):
            while stack.up(program(target=target)):
                pass
            emulator.clear()
            assert stack.up({}) == {"publication": "delete"}
            assert posts(emulator) == []
            assert live_title(emulator, slot="production" if target == "live" else "preview")


class TestFailing:
    def test_a_failed_step_is_named_with_its_messages_and_mended_by_the_next_run(
        self, offer: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        emulator.decide(
            "portal_certification", "fail", messages=["<p>No image in plan <b>router-std</b>.</p>"]
        )
        with pytest.raises(Rejected) as rejection:
            stack.up(program(offer=offer))
        (finding,) = rejection.value.findings
        assert finding.endswith(": No image in plan router-std.")
        retitle(emulator, "Quick Router", offer)
        stack.up(program("b", offer=offer))
        assert outputs(stack)["state"] == "preview"
        assert posts(emulator) == ["publish", "publish"]

    def test_unchanged_content_is_not_published_again_after_a_failure(
        self, router: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        while stack.up(program(target="live")):
            pass
        retitle(emulator, "Quick Router")
        emulator.advance(60)
        emulator.clear()
        emulator.decide("portal_validation", "fail", messages=["Too quick."])
        for _ in range(3):
            with pytest.raises(Rejected, match="Too quick"):
                stack.up(program("b", target="live"))
        assert posts(emulator) == ["publish"]
        emails = {"notification_emails": ["ops@contoso.example.com"]}
        while stack.up(program("b", target="live", **emails)):
            pass
        assert live_title(emulator) == "Quick Router"

    def test_a_first_run_that_failed_is_reported_again_until_the_draft_changes(
        self, offer: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        emulator.advance(60)
        emulator.decide("portal_validation", "fail", messages=["Too slow."])
        for emails in ([], ["ops@contoso.example.com"], []):
            with pytest.raises(Rejected, match="Too slow"):
                stack.up(program(offer=offer, notification_emails=emails))
        assert stack.state == {}
        assert posts(emulator) == ["publish"]
        retitle(emulator, "Quick Router", offer)
        stack.up(program("b", offer=offer))
        assert outputs(stack)["state"] == "preview"
        assert posts(emulator) == ["publish", "publish"]

    def test_without_a_state_a_failed_publication_of_what_is_live_is_no_failure(
        self, router: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        while stack.up(program(target="live")):
            pass
        emulator.advance(60)
        emulator.decide("portal_validation", "fail", messages=["Too quick."])
        path = f"/api/publishers/{PUBLISHER}/offers/{OFFER_ID}/publish?api-version=2017-10-31"
        emulator.client.post(path).raise_for_status()
        stack.forget()
        emulator.clear()
        stack.up(program(target="live"))
        assert outputs(stack)["state"] == "live"
        assert posts(emulator) == []

    def test_a_draft_that_the_service_refuses_starts_nothing(
        self, router: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        edit(emulator, **{"microsoft-azure-marketplace.privacyURL": None})
        with pytest.raises(Rejected) as rejection:
            stack.up(program())
        assert "nothing was started" in str(rejection.value)
        assert "privacyURL" in " ".join(rejection.value.findings)

    def test_a_blocked_step_of_a_running_operation_fails_at_once_and_is_cancelled_for_the_next(
        self, router: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        emulator.decide("portal_certification", "block", messages=["No image."])
        with pytest.raises(Rejected, match="No image"):
            stack.up(program())
        retitle(emulator, "Quick Router")
        stack.up(program("b"))
        assert posts(emulator) == ["publish", "cancel", "publish"]
        assert outputs(stack)["state"] == "preview"

    def test_content_that_is_live_is_not_published_again_after_another_failed(
        self, router: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        while stack.up(program(target="live")):
            pass
        retitle(emulator, "Quick Router")
        emulator.decide("portal_validation", "fail", messages=["Too quick."])
        with pytest.raises(Rejected):
            stack.up(program("b", target="live"))
        retitle(emulator, "Old Router")
        emulator.clear()
        stack.forget()
        stack.up(program(target="live"))
        assert posts(emulator) == []
        assert outputs(stack)["state"] == "live"
        assert stack.refresh() == {}
        assert stack.up(program(target="live")) == {}


class TestPreviewMessages:
    """Messages of a preview; a provider's output goes to stdout."""

    def test_a_preview_says_how_far_what_goes(
        self, router: str, stack: Stack, emulator: RunningEmulator, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def preview(content: str = "a", target: str = "live") -> str:
            capsys.readouterr()
            stack.preview(program(content, target))
            return capsys.readouterr().out

        assert f"offer {OFFER}: will be published to preview, then live, unless" in preview()
        stack.up(program())
        assert f"offer {OFFER}: its preview goes live" in preview()
        assert f"offer {OFFER}: it changed: what differs from its publication goes to preview" in preview(
            "b", "preview"
        )
        emulator.decide("portal_live", "hold")
        stack.up(program(target="live"))
        assert f"offer {OFFER}: it is in certification: continues to live" in preview()
        assert f"offer {OFFER}: it is in certification: nothing is published" in preview(target="preview")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"offer": "router"}, ["offer", "'router'", "<publisher>/<offer_id>"]),
        ({"offer": "a/b/c"}, ["offer", "pass `.id` of a portal.Offer"]),
        ({"target": "production"}, ["target", "'preview' or 'live'"]),
        ({"publishes": []}, ["publishes", "[]"]),
        (
            {"published": [{"kind": "Offer", "name": "x", "id": OFFER}]},
            ["publishes", "Offer x", "portal.Offer"],
        ),
        ({"published": [{"kind": "portal.Offer", "name": "x", "id": "a/b"}]}, ["publishes", "a/b", OFFER]),
        ({"notification_emails": ["nobody"]}, ["notification_emails", "'nobody'"]),
        ({"wait_minutes": -1}, ["wait_minutes", "-1"]),
    ],
)
def test_bad_arguments_are_refused_in_a_preview(
    arguments: dict[str, Any], words: list[str], stack: Stack, offline: None
) -> None:
    declaration = program()["publication"]
    with pytest.raises(CheckFailed) as failure:
        stack.preview({"publication": Declaration(Publication, {**declaration.arguments, **arguments})})
    assert all(word in str(failure.value) for word in words), failure.value


def test_a_target_is_never_implied(stack: Stack, offline: None) -> None:
    given = {name: value for name, value in program()["publication"].arguments.items() if name != "target"}
    with pytest.raises(CheckFailed, match="target: is required"):
        stack.preview({"publication": Declaration(Publication, given)})


class PortalPublishing(Subject):
    """Subject of fault injection. Publishing takes several runs, so operations repeat runs until nothing changes.

    The offer has leads, so that other arguments are published without a change of the draft.
    """

    kind, system = Publication, PORTAL

    def prepare_emulator(self, emulator: RunningEmulator) -> None:
        make_offers(emulator)
        edit(emulator, **LEADS)

    def operations(self) -> dict[str, Operation]:
        return {
            "create": self.between({}, program()),
            "live": self.between(program(), program(target="live")),
            "other content": self.between(program(), program("b")),
            "read": Operation(lambda stack: stack.up(program()), Stack.refresh),
            "delete": self.between(program(), {}),
        }

    def between(self, before: Program, after: Program) -> Operation:
        def run_until_settled(stack: Stack) -> None:
            while stack.up(after):
                pass

        return Operation(lambda stack: stack.up(before), run_until_settled)

"""Invariants of publication in the portal, for any order of edits, publications, decisions, cancellations and waits."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from provider.tools.emulators import in_process
from tests.contract.portal.cpp import DAY, PUBLISHER, STEPS, CppApi, definition, envelope

OFFER = "gateway-vm"
STAGES = (
    "portal_validation",
    "portal_certification",
    "portal_provisioning",
    "portal_packaging",
    "portal_live",
)
STATUSES = {
    ("publish", "failed"): ("failed",),
    ("publish", "canceled"): ("canceled",),
    ("publish", "running"): ("running", "waitingForPublisherReview"),
    ("goLive", "running"): ("running",),
    ("goLive", "failed"): ("failed",),
    ("goLive", "canceled"): ("canceled",),
    ("goLive", "completed"): ("succeeded",),
}
"""Statuses of an offer by type and state of its newest operation. A completed publication is never the newest."""


class Publication(RuleBasedStateMachine):
    """An offer. Models its draft's title, and the titles that its publications took, by their version."""

    def __init__(self) -> None:
        super().__init__()
        self._context = in_process(pace="real", now=lambda: 1_800_000_000.0)
        self.cpp = CppApi(self._context.__enter__())
        self.draft, self.titles = "Gateway", dict[int, str]()
        self.production, self.locations = 0, set[str]()

    def teardown(self) -> None:
        self._context.__exit__(None, None, None)

    @initialize(is_migrated=st.booleans(), is_async=st.booleans())
    def offer(self, is_migrated: bool, is_async: bool) -> None:
        self.cpp.set(async_cancel=is_async, idle_cancel_status=202 if is_async else 400)
        self.cpp.make(OFFER, is_migrated=is_migrated, definition=definition(self.draft))

    def submissions(self) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = self.cpp.read(OFFER, "/submissions/")
        return listed

    def is_running(self) -> bool:
        return any(submission["submissionState"] == "running" for submission in self.submissions())

    @rule(title=st.sampled_from(["Gateway", "Router", "Switch"]))
    def edit(self, title: str) -> None:
        answer = self.cpp.put(OFFER, envelope(OFFER, definition(title)), "*")
        assert answer.status_code == 200
        self.draft = title

    @rule()
    def publish(self) -> None:
        is_running = self.is_running()
        answer = self.cpp.offer("POST", OFFER, "/publish")
        assert answer.status_code == (409 if is_running else 202)
        if not is_running:
            self.titles[len(self.titles) + 1] = self.draft
            self.add_location(answer.headers["location"])

    @rule()
    def go_live(self) -> None:
        status = self.cpp.status(OFFER)
        answer = self.cpp.offer("POST", OFFER, "/golive")
        if status != "waitingForPublisherReview":
            assert answer.status_code == 400
        elif answer.status_code == 202:
            self.add_location(answer.headers["location"])
        else:
            assert answer.status_code == 400
            self.cpp.emulator.advance(120)
            assert self.cpp.status(OFFER) == "canceled", (
                "only a preview that is being cancelled cannot go live"
            )

    def add_location(self, location: str) -> None:
        assert location not in self.locations
        self.locations.add(location)
        assert self.cpp.follow(location)["status"] in ("running", "failed")

    @rule()
    def cancel(self) -> None:
        is_running, is_async = self.is_running(), self.cpp.control("behaviour", method="GET")["async_cancel"]
        answer = self.cpp.offer("POST", OFFER, "/cancel")
        assert answer.status_code == (202 if is_async else 200 if is_running else 400)
        if is_running and not is_async:
            assert self.submissions()[0]["submissionState"] == "canceled"

    @rule(stage=st.sampled_from(STAGES), outcome=st.sampled_from(["pass", "fail", "reject", "hold", "block"]))
    def decide(self, stage: str, outcome: str) -> None:
        self.cpp.emulator.decide(stage, outcome, offer=f"{PUBLISHER}/{OFFER}")

    @rule()
    def delete_decisions(self) -> None:
        self.cpp.emulator.client.delete("/_emulator/decide")

    @rule(seconds=st.sampled_from([0, 60, 120, 600, DAY, 3 * DAY]))
    def wait(self, seconds: float) -> None:
        self.cpp.emulator.advance(seconds)

    @rule()
    def reach_production(self) -> None:
        """End what runs, and publish the draft without decisions."""
        self.delete_decisions()
        self.cpp.offer("POST", OFFER, "/cancel")
        self.wait(120)
        self.publish()
        self.wait(30 * DAY)
        self.go_live()
        self.wait(30 * DAY)
        assert self.cpp.status(OFFER) == "succeeded"
        assert self.titles[self.live_version()] == self.draft

    def live_version(self) -> int:
        """Return the version of the newest completed go-live, 0 if there is none."""
        return max(
            (
                submission["publishingVersion"]
                for submission in self.submissions()
                if (submission["submissionType"], submission["submissionState"]) == ("goLive", "completed")
            ),
            default=0,
        )

    @invariant()
    def only_the_newest_operation_runs_and_the_status_follows_it(self) -> None:
        listed, status = self.submissions(), self.cpp.status(OFFER)
        assert status == self.cpp.read(OFFER)["status"]
        if not listed:
            assert status == "neverPublished"
            return
        assert all(submission["submissionState"] != "running" for submission in listed[1:])
        newest = listed[0]
        assert status in STATUSES[newest["submissionType"], newest["submissionState"]]

    @invariant()
    def versions_are_consecutive_and_keep_their_content(self) -> None:
        published = [item for item in self.submissions() if item["submissionType"] == "publish"]
        assert [item["publishingVersion"] for item in published] == [*self.titles][::-1]
        assert self.cpp.read(OFFER)["version"] == len(self.titles)
        for version, title in self.titles.items():
            assert self.cpp.read(OFFER, f"/versions/{version}")["definition"]["displayText"] == title

    @invariant()
    def the_draft_keeps_its_title(self) -> None:
        assert self.cpp.read(OFFER)["definition"]["displayText"] == self.draft

    @invariant()
    def production_is_the_last_publication_that_went_live(self) -> None:
        version = self.live_version()
        assert version >= self.production
        self.production = version
        answer = self.cpp.offer("GET", OFFER, "/slot/production")
        assert answer.status_code == (200 if version else 404)
        if version:
            assert answer.json()["version"] == version
            assert answer.json()["definition"]["displayText"] == self.titles[version]

    @invariant()
    def steps_are_done_in_their_order(self) -> None:
        statuses = [*self.cpp.steps(OFFER).values()]
        assert len(statuses) == len(STEPS)
        done = [status == "complete" for status in statuses]
        assert done == sorted(done, reverse=True)
        assert set(statuses[sum(done) + 1 :]) <= {"notStarted"}


TestPublication = Publication.TestCase
TestPublication.settings = settings(
    max_examples=settings().max_examples // 4,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)

"""Invariants of publishing, for any order of edits, submissions, decisions, cancellations, promotions and waits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from provider.tools.emulators import in_process
from tests.contract.publisher import MODULES, PLAN_MODULES, Publisher

START = 1_800_000_000.0
FAILED_SUBSTATES = ("Failed", "FailedInCertification")
ENDED_STATES = ("Archived", "Cancelled")
LIVE, READY = ("Published", "InStore"), ("Published", "ReadyToPublish")
CANCELLABLE = ("InProgress", "Submitted")
CERTIFICATION_RESULTS = {
    "pass": LIVE,
    "fail": ("Published", "FailedInCertification"),
    "hold": ("Published", "Publishing"),
}
STAGES = st.sampled_from(["validation", "certification"])


def state_pair(submission: Mapping[str, Any]) -> tuple[str, str]:
    return submission["state"], submission["substate"]


def is_busy(submission: Mapping[str, Any]) -> bool:
    """Whether a submission blocks another one of its product."""
    state, substate = state_pair(submission)
    return not (state in ENDED_STATES or substate in FAILED_SUBSTATES or (state, substate) in (LIVE, READY))


class Publishing(RuleBasedStateMachine):
    """An offer with a plan. Models the draft's title, the titles of its submissions, and the live submission."""

    def __init__(self) -> None:
        super().__init__()
        self._context = in_process(pace="real", now=lambda: START)
        self.api = Publisher(self._context.__enter__())
        self.product, self.plan = "", ""
        self.draft, self.live = "Contoso Archive", ""
        self.sent_titles: dict[str, str] = {}
        self.former_instances: set[str] = set()
        self.count = 0

    def teardown(self) -> None:
        self._context.__exit__(None, None, None)

    @initialize()
    def offer(self) -> None:
        self.product = self.api.create_complete_offer()
        self.plan = self.api.get(f"{self.product}/variants")["value"][0]["id"]
        self.former_instances |= self.draft_ids()

    def draft_ids(self) -> set[str]:
        """Ids of the present drafts, and of documents in them that have their own ids."""
        api, product = self.api, self.product
        ids = {api.read_instance_id(product, module) for module in MODULES}
        ids |= {api.read_instance_id(product, module, self.plan) for module in PLAN_MODULES}
        return ids | {api.read_listing(product)["id"], api.read_availability(product, self.plan)["id"]}

    def submissions(self) -> list[dict[str, Any]]:
        submissions: list[dict[str, Any]] = self.api.get(f"{self.product}/submissions")["value"]
        return submissions

    @rule(title=st.sampled_from(["", "Archive", "Ledger", "Vault"]))
    def edit(self, title: str) -> None:
        """Change the title; validation refuses an empty title."""
        listing = self.api.read_listing(self.product)
        path = f"{self.product}/listings/{listing['id']}"
        answer = self.api.put(path, listing | {"title": title}, listing["@odata.etag"])
        assert answer.status_code == 200
        self.draft = title

    @rule(only=st.sampled_from([MODULES, ["Listing"], ["Property", "Package"]]))
    def submit(self, only: list[str]) -> None:
        busy_submissions = [submission for submission in self.submissions() if is_busy(submission)]
        answer = self.api.send(self.product, self.api.build_request(self.product, only))
        if busy_submissions:
            assert answer.status_code == 409
            return
        assert answer.status_code == 201
        new_ids = self.draft_ids()
        assert not new_ids & self.former_instances
        self.former_instances |= new_ids
        self.count += 1
        self.sent_titles[answer.json()["id"]] = self.draft if "Listing" in only else "carried over"

    @rule(stage=STAGES, outcome=st.sampled_from(["pass", "fail", "hold"]))
    def decide(self, stage: str, outcome: str) -> None:
        self.api.emulator.decide(stage, outcome)

    @rule()
    def delete_decisions(self) -> None:
        self.api.emulator.client.delete("/_emulator/decide")

    @rule(seconds=st.sampled_from([0, 100, 240, 600, 840, 10800]))
    def wait(self, seconds: int) -> None:
        self.api.emulator.advance(seconds)

    @precondition(lambda self: self.count)
    @rule(index=st.integers(0, 9))
    def promote(self, index: int) -> None:
        submission = self.submissions()[-1 - index % self.count]
        answer = self.api.promote(f"{self.product}/submissions/{submission['id']}")
        assert answer.status_code == (200 if state_pair(submission) == READY else 409)

    @precondition(lambda self: self.count)
    @rule(index=st.integers(0, 9))
    def cancel(self, index: int) -> None:
        submission = self.submissions()[-1 - index % self.count]
        answer = self.api.call("DELETE", f"{self.product}/submissions/{submission['id']}")
        assert answer.status_code == (204 if state_pair(submission) == CANCELLABLE else 409)

    @rule(outcome=st.sampled_from(list(CERTIFICATION_RESULTS)))
    def certify(self, outcome: str) -> None:
        """Promote a preview and decide its certification."""
        if READY not in [state_pair(submission) for submission in self.submissions()]:
            self.reach_a_preview()
        self.delete_decisions()
        (ready,) = [submission for submission in self.submissions() if state_pair(submission) == READY]
        path = f"{self.product}/submissions/{ready['id']}"
        assert self.api.promote(path).status_code == 200
        self.api.emulator.decide("certification", outcome)
        self.wait(10800)
        assert self.api.read_state(path) == CERTIFICATION_RESULTS[outcome]

    @rule()
    def reach_a_preview(self) -> None:
        """Reach a preview: end the running stages, and submit a valid title."""
        self.delete_decisions()
        for stage in ("validation", "certification"):
            if any(is_busy(submission) for submission in self.submissions()):
                self.api.emulator.decide(stage, "pass")
            self.delete_decisions()
        self.wait(10800)
        self.edit("Vault")
        self.submit(list(MODULES))
        self.wait(840)
        assert state_pair(self.submissions()[-1]) == READY

    @invariant()
    def only_the_newest_submission_is_busy(self) -> None:
        """A cancelled submission leaves the one before as the newest."""
        if self.product:
            lasting = [submission for submission in self.submissions() if submission["state"] != "Cancelled"]
            assert not any(is_busy(submission) for submission in lasting[:-1])

    @invariant()
    def release_numbers_are_consecutive(self) -> None:
        if self.product:
            submissions = self.submissions()
            assert [submission["releaseNumber"] for submission in submissions] == list(
                range(1, self.count + 1)
            )
            assert [int(submission["id"]) for submission in submissions] == sorted(
                {int(submission["id"]) for submission in submissions}
            )

    @invariant()
    def the_draft_keeps_its_title(self) -> None:
        if self.product:
            assert self.api.read_listing(self.product)["title"] == self.draft

    @invariant()
    def the_live_submission_changes_only_to_a_newer_one(self) -> None:
        if not self.product:
            return
        live = [submission for submission in self.submissions() if state_pair(submission) == LIVE]
        assert len(live) <= 1
        if not live:
            assert not self.live, "no submission is live any more"
            return
        if live[0]["id"] != self.live:
            assert int(live[0]["id"]) > int(self.live or 0)
            self.live = live[0]["id"]
        listings = [submission for submission in live[0]["resources"] if submission["type"] == "Listing"]
        for resource in listings:
            path = f"{self.product}/listings/getByInstanceID(instanceID={resource['value']})"
            (listing,) = self.api.get(path)["value"]
            assert listing["title"] == self.sent_titles[self.live]
            assert self.api.put(f"{self.product}/listings/{listing['id']}", listing).status_code == 409


TestPublishing = Publishing.TestCase
TestPublishing.settings = settings(
    max_examples=settings().max_examples // 4,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)

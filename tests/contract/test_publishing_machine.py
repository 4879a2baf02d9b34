"""Publishing in any order: what holds whatever is edited, submitted, decided, cancelled, promoted or waited for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from provider.tools.emulators import in_process
from tests.contract.complete import MODULES, PLAN_MODULES, Publisher

STARTS = 1_800_000_000.0
FAILED = ("Failed", "FailedInCertification")
OVER = ("Archived", "Cancelled")
LIVE, READY = ("Published", "InStore"), ("Published", "ReadyToPublish")
CANCELLABLE = ("InProgress", "Submitted")
CERTIFIED = {
    "pass": LIVE,
    "fail": ("Published", "FailedInCertification"),
    "hold": ("Published", "Publishing"),
}
STAGES = st.sampled_from(["validation", "certification"])


def pair(submission: Mapping[str, Any]) -> tuple[str, str]:
    return submission["state"], submission["substate"]


def is_busy(submission: Mapping[str, Any]) -> bool:
    """The clients' predicate (reference 6.1), for any of a product's submissions."""
    state, substate = pair(submission)
    return not (state in OVER or substate in FAILED or (state, substate) in (LIVE, READY))


class Publishing(RuleBasedStateMachine):
    """One offer with one plan: the title of its draft, the titles that were sent, the submission that is live."""

    def __init__(self) -> None:
        super().__init__()
        self._context = in_process(pace="real", now=lambda: STARTS)
        self.api = Publisher(self._context.__enter__())
        self.product, self.plan = "", ""
        self.draft, self.live = "Contoso Archive", ""
        self.sent: dict[str, str] = {}
        self.seen: set[str] = set()
        self.count = 0

    def teardown(self) -> None:
        self._context.__exit__(None, None, None)

    @initialize()
    def offer(self) -> None:
        self.product = self.api.complete()
        self.plan = self.api.get(f"{self.product}/variants")["value"][0]["id"]
        self.seen |= self.instances()

    def instances(self) -> set[str]:
        """Ids of the present drafts, with those of what is in them that has an id of its own."""
        api, product = self.api, self.product
        found = {api.instance(product, module) for module in MODULES}
        found |= {api.instance(product, module, self.plan) for module in PLAN_MODULES}
        return found | {api.listing(product)["id"], api.availability(product, self.plan)["id"]}

    def submissions(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.api.get(f"{self.product}/submissions")["value"]
        return found

    @rule(title=st.sampled_from(["", "Archive", "Ledger", "Vault"]))
    def edit(self, title: str) -> None:
        """An empty title is what validation refuses."""
        listing = self.api.listing(self.product)
        path = f"{self.product}/listings/{listing['id']}"
        answer = self.api.put(path, listing | {"title": title}, listing["@odata.etag"])
        assert answer.status_code == 200
        self.draft = title

    @rule(only=st.sampled_from([MODULES, ["Listing"], ["Property", "Package"]]))
    def submit(self, only: list[str]) -> None:
        busy = [one for one in self.submissions() if is_busy(one)]
        answer = self.api.send(self.product, self.api.request(self.product, only))
        if busy:
            assert answer.status_code == 409
            return
        assert answer.status_code == 201
        rotated = self.instances()
        assert not rotated & self.seen
        self.seen |= rotated
        self.count += 1
        self.sent[answer.json()["id"]] = self.draft if "Listing" in only else "carried over"

    @rule(stage=STAGES, outcome=st.sampled_from(["pass", "fail", "hold"]))
    def decide(self, stage: str, outcome: str) -> None:
        self.api.emulator.decide(stage, outcome)

    @rule()
    def forget(self) -> None:
        self.api.emulator.client.delete("/_emulator/decide")

    @rule(seconds=st.sampled_from([0, 100, 240, 600, 840, 10800]))
    def wait(self, seconds: int) -> None:
        self.api.emulator.advance(seconds)

    @precondition(lambda self: self.count)
    @rule(pick=st.integers(0, 9))
    def promote(self, pick: int) -> None:
        submission = self.submissions()[-1 - pick % self.count]
        answer = self.api.promote(f"{self.product}/submissions/{submission['id']}")
        assert answer.status_code == (200 if pair(submission) == READY else 409)

    @precondition(lambda self: self.count)
    @rule(pick=st.integers(0, 9))
    def cancel(self, pick: int) -> None:
        submission = self.submissions()[-1 - pick % self.count]
        answer = self.api.call("DELETE", f"{self.product}/submissions/{submission['id']}")
        assert answer.status_code == (204 if pair(submission) == CANCELLABLE else 409)

    @rule(outcome=st.sampled_from(list(CERTIFIED)))
    def certify(self, outcome: str) -> None:
        """From a preview as far as the outcome lets it."""
        if READY not in [pair(one) for one in self.submissions()]:
            self.reach_a_preview()
        self.forget()
        path = self.api.newest(self.product)
        assert self.api.promote(path).status_code == 200
        self.api.emulator.decide("certification", outcome)
        self.wait(10800)
        assert self.api.stands(path) == CERTIFIED[outcome]

    @rule()
    def reach_a_preview(self) -> None:
        """With nothing held and the title mended, the way is always open."""
        self.forget()
        for stage in ("validation", "certification"):
            if any(is_busy(one) for one in self.submissions()):
                self.api.emulator.decide(stage, "pass")
            self.forget()
        self.wait(10800)
        self.edit("Vault")
        self.submit(list(MODULES))
        self.wait(840)
        assert pair(self.submissions()[-1]) == READY

    @invariant()
    def at_most_the_newest_is_busy(self) -> None:
        if self.product:
            busy = [one["releaseNumber"] for one in self.submissions() if is_busy(one)]
            assert busy in ([], [self.count])

    @invariant()
    def releases_are_counted(self) -> None:
        if self.product:
            found = self.submissions()
            assert [one["releaseNumber"] for one in found] == list(range(1, self.count + 1))
            assert [int(one["id"]) for one in found] == sorted({int(one["id"]) for one in found})

    @invariant()
    def the_draft_survives(self) -> None:
        if self.product:
            assert self.api.listing(self.product)["title"] == self.draft

    @invariant()
    def what_is_live_changes_only_when_another_goes_live(self) -> None:
        if not self.product:
            return
        live = [one for one in self.submissions() if pair(one) == LIVE]
        assert len(live) <= 1
        if not live:
            assert not self.live, "what was live is lost"
            return
        if live[0]["id"] != self.live:
            assert int(live[0]["id"]) > int(self.live or 0)
            self.live = live[0]["id"]
        held = [one for one in live[0]["resources"] if one["type"] == "Listing"]
        for resource in held:
            path = f"{self.product}/listings/getByInstanceID(instanceID={resource['value']})"
            (listing,) = self.api.get(path)["value"]
            assert listing["title"] == self.sent[self.live]
            assert self.api.put(f"{self.product}/listings/{listing['id']}", listing).status_code == 409


TestPublishing = Publishing.TestCase
TestPublishing.settings = settings(
    max_examples=20,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)

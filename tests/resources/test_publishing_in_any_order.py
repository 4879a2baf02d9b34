"""Invariants of publishing with the provider, for any order of edits, runs, faults, decisions and waits."""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from provider.tools.emulators import serve
from tests.resources.examples import emulator_config
from tests.resources.harness import Program, Stack, kind_of
from tests.resources.publications import (
    EDITS,
    Choice,
    ContentStore,
    PublishedContent,
    changed,
    is_active,
    is_busy,
    is_failed,
    is_live,
    is_over,
    was_promoted,
)

from pulumi_partnercenter import JobTimeout, PartnerCenterError, Rejected
from pulumi_partnercenter.api.http.blobs import Blobs
from pulumi_partnercenter.api.http.client import ApiClient
from pulumi_partnercenter.api.submission import client

FAULTS: Mapping[str, list[dict[str, Any]]] = {
    "cut once before the work": [{"drop": "before"}],
    "cut once after the work": [{"drop": "after"}],
    "500": [{"status": 500}],
    "412": [{"status": 412}],
    "killed": [{"drop": "before", "times": 0}],
    "killed after the work": [{"drop": "after"}, {"drop": "before", "times": 0}],
}
STAGES = st.sampled_from(["validation", "certification"])
FAULT_LOCATIONS = st.one_of(
    st.tuples(st.just("."), st.integers(0, 30)),
    st.tuples(st.sampled_from(["_blob", "/submissions", "POST", "PUT", "DELETE"]), st.integers(0, 3)),
)
EDIT = st.sampled_from(sorted(EDITS))
TARGETS = st.sampled_from(["preview", "live"])
DAY = 86_400
PORTAL_MEMBER = "writtenByThePortal"


@pytest.fixture
def shop(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[ContentStore]:
    """Files and programs for an emulator at real pace; a pause of the client advances its clock."""
    with serve(seed=3, pace="real") as emulator:
        for client_class in (ApiClient, Blobs):
            monkeypatch.setattr(
                client, client_class.__name__, functools.partial(client_class, sleep=emulator.advance)
            )
        yield ContentStore(tmp_path_factory.mktemp("publishing") / "assets", emulator)


class Publishing(RuleBasedStateMachine):
    """A program with one plan, and its stack. Models each submission's content, and the live submission."""

    def __init__(self, shop: ContentStore) -> None:
        super().__init__()
        self.shop, self.emulator = shop, shop.emulator
        self.emulator.reset()
        self.stack = Stack(emulator_config(self.emulator))
        self.chosen, self.renames, self.notes, self.portal = Choice(), 0, "", ""
        self.content_by_id: dict[str, PublishedContent] = {}
        self.notes_by_id: dict[str, tuple[str, str]] = {}
        self.promoted_ids: set[str] = set()
        self.by_portal: dict[str, str] = {}
        self.live = ""

    @initialize()
    def first_run(self) -> None:
        program_without_submission = {
            name: declaration for name, declaration in self.program().items() if name != "submission"
        }
        assert set(self.stack.up(program_without_submission).values()) == {"create"}

    # ---- actions on the program

    @rule(edit=EDIT)
    def edit(self, edit: str) -> None:
        self.chosen = EDITS[edit](self.chosen)

    @precondition(lambda self: not self.submissions())
    @rule(amount=st.sampled_from([49, 59]))
    def edit_the_price(self, amount: int) -> None:
        """The service locks published prices."""
        self.chosen = replace(self.chosen, amount=amount)

    @rule()
    def rename(self) -> None:
        """Give the resources other names, in another order."""
        self.renames += 1

    @rule(notes=st.sampled_from(["", "Please.", "[content 0123456789abcdef]"]))
    def write_notes(self, notes: str) -> None:
        self.notes = notes

    @rule(goal=TARGETS, minutes=st.sampled_from([0, 60]))
    def up(self, goal: str, minutes: int) -> None:
        self.run(self.program(target=goal, wait_minutes=minutes))

    @rule(
        goal=TARGETS,
        edit=EDIT,
        fault_name=st.sampled_from(sorted(FAULTS)),
        location=FAULT_LOCATIONS,
        is_taken_back=st.booleans(),
    )
    def up_with_faults(
        self, goal: str, edit: str, fault_name: str, location: tuple[str, int], is_taken_back: bool
    ) -> None:
        """A run recovers from one cut connection. After other faults, run again, with or without the edit."""
        content_before = self.chosen
        self.edit(edit)
        program = self.program(target=goal)
        match, after = location
        for fault in FAULTS[fault_name]:
            self.emulator.fault(match, after=after, **fault)
        expected_errors = (Rejected, JobTimeout) if "once" in fault_name else PartnerCenterError
        try:
            self.stack.up(program)
        except expected_errors as error:
            assert_readable(error)
        self.emulator.unfault()
        self.record_submissions(program)
        if is_taken_back and edit != "package":  # without the edit, the row of the unused package would stay
            self.chosen = content_before
            self.stack.refresh()
        self.run(self.program(target=goal))

    @rule(goal=TARGETS, edit=EDIT)
    def up_to_a_failure(self, goal: str, edit: str) -> None:
        """Make validation refuse the submission of this run, if there is one."""
        self.edit(edit)
        self.emulator.decide("validation", "fail")
        self.run(self.program(target=goal, wait_minutes=60))
        self.emulator.client.delete("/_emulator/decide")

    @rule(minutes=st.sampled_from([0, 60]))
    def lose_the_state(self, minutes: int) -> None:
        self.stack.forget()
        program = self.program(wait_minutes=minutes)
        for name in program:
            program = changed(program, name, adopt=True)
        self.run(program)

    @rule()
    def refresh(self) -> None:
        names_in_state = set(self.stack.state)
        expected_drift = (
            {"submission": ["gone"]} if "submission" in names_in_state and not self.submissions() else {}
        )
        assert self.stack.refresh() == expected_drift

    @precondition(lambda self: "submission" in self.stack.state)
    @rule()
    def take_out_the_submission(self) -> None:
        """A running submission is cancelled if possible; a submission in preview or live stays."""
        submissions_before = self.submissions()
        program_without_submission = {
            name: declaration for name, declaration in self.program().items() if name in self.stack.state
        }
        del program_without_submission["submission"]
        assert self.stack.up(program_without_submission)["submission"] == "delete"
        submissions_after = self.submissions()
        assert [submission["id"] for submission in submissions_after] == [
            submission["id"] for submission in submissions_before
        ]
        assert not [
            submission
            for submission in submissions_after
            if submission["state"] == "InProgress" and is_busy(submission)
        ]

    # ---- actions of the service and the portal, and time

    @rule(stage=STAGES, outcome=st.sampled_from(["pass", "fail", "hold"]))
    def decide(self, stage: str, outcome: str) -> None:
        self.emulator.decide(stage, outcome)

    @rule(seconds=st.sampled_from([100, 240, 840, 10_800]))
    def wait(self, seconds: int) -> None:
        self.emulator.advance(seconds)

    @precondition(lambda self: any(submission["state"] == "InProgress" for submission in self.running()))
    @rule()
    def cancel_in_the_portal(self) -> None:
        (submission,) = self.running()
        path = f"/v1.0/ingestion/products/{self.product}/submissions/{submission['id']}"
        assert self.emulator.client.delete(path).status_code == 204

    @precondition(lambda self: not self.running())
    @rule()
    def publish_in_the_portal(self) -> None:
        """The published price stays: a program with another one has to take it over."""
        drafts = self.shop.drafts()
        self.chosen = replace(self.chosen, amount=int(drafts.amount))
        self.emulator.publish(self.product)
        newest_submission = self.submissions()[-1]
        self.content_by_id[newest_submission["id"]], self.by_portal[newest_submission["id"]] = (
            drafts,
            self.portal,
        )
        self.promoted_ids.add(newest_submission["id"])

    @rule(text=st.sampled_from(["a", "b"]))
    def edit_in_the_portal(self, text: str) -> None:
        """Set a member that no resource manages."""
        self.portal = text
        (listing,) = self.draft_listing()
        self.emulator.portal(
            f"/v1.0/ingestion/products/{self.product}/listings/{listing['id']}", **{PORTAL_MEMBER: text}
        )

    @rule()
    def go_live(self) -> None:
        """Without holds, runs come to an end: the program's content is live, and a further run changes nothing."""
        self.emulator.client.delete("/_emulator/decide")
        for stage in ("validation", "certification"):
            if self.running():
                self.emulator.decide(stage, "pass")
            self.emulator.client.delete("/_emulator/decide")
        self.emulator.advance(DAY)
        self.stack.refresh()
        program = self.program(target="live", wait_minutes=60, notes=f"attempt {len(self.submissions())}")
        for _ in range(5):
            self.stack.up(program)
            self.record_submissions(program)
            self.emulator.advance(DAY)
        assert self.stack.state["submission"].outputs["state"] == "live"
        self.live_submission_is_kept()
        assert self.content_by_id[self.live] == self.desired_content(program)
        self.assert_no_requests(program)

    def teardown(self) -> None:
        if sys.exc_info()[0] is None and self.stack.state:
            self.go_live()

    # ---- runs

    def program(self, **submission: Any) -> Program:
        program = self.shop.program(self.chosen, **{"notes": self.notes, **submission})
        arguments = program["submission"].arguments
        order = slice(None, None, -1 if self.renames % 2 else 1)
        sends = [f"{label}-{self.renames}" for label in arguments["sends"]]
        publishes = list(arguments["publishes"])
        return changed(program, "submission", sends=sends[order], publishes=publishes[order])

    def run(self, program: Program) -> None:
        """Run `up` without faults: it succeeds, or fails with the service's decision."""
        submissions_before = self.submissions()
        last_submission = submissions_before[-1] if submissions_before else None
        changes: dict[str, str] = {}
        is_successful = True
        try:
            changes = self.stack.up(program)
        except (Rejected, JobTimeout) as error:
            assert_readable(error)
            is_successful = False
        self.record_submissions(program)
        desired, submissions_after = self.desired_content(program), self.submissions()
        assert len(submissions_after) - len(submissions_before) <= 1
        if (
            last_submission
            and self.holds(last_submission, desired)
            and (not is_over(last_submission) or self.has_failed_like_this(last_submission, program))
        ):
            assert len(submissions_after) == len(submissions_before), "unchanged content was submitted again"
        assert self.shop.drafts() == desired
        images = self.shop.draft_images()
        assert sorted(image["type"] for image in images) == sorted({image["type"] for image in images})
        packages = self.emulator.state()["packages"]
        assert {row["state"] for row in [*images, *packages]} <= {"Uploaded", "Processed"}
        if not is_successful:
            return
        if "submission" in changes:
            assert self.holds(submissions_after[-1], desired)
            assert not is_over(submissions_after[-1])
        outputs = self.stack.state["submission"].outputs
        if kind_of(program["submission"].kind).is_settled(outputs):
            self.assert_no_requests(program)

    def assert_no_requests(self, program: Program) -> None:
        self.emulator.clear()
        assert self.stack.preview(program) == {}
        assert self.stack.up(program) == {}
        assert self.emulator.requests() == []

    def desired_content(self, program: Program) -> PublishedContent:
        return self.shop.desired_content(self.chosen, self.stack.state["package"].outputs["digest"])

    def holds(self, submission: Mapping[str, Any], desired: PublishedContent) -> bool:
        """Return whether the submission has this content and, if the portal published it, the present portal member."""
        id = submission["id"]
        return self.content_by_id[id] == desired and self.by_portal.get(id, self.portal) == self.portal

    def has_failed_like_this(self, submission: Mapping[str, Any], program: Program) -> bool:
        """Return whether content with the same notes has failed, and nobody changed the drafts since in the portal.

        A run then fails without a new submission.
        """
        notes_and_portal = self.notes_by_id.get(submission["id"])
        return is_failed(submission) and notes_and_portal == (notes_of(program), self.portal)

    def record_submissions(self, program: Program) -> None:
        """Record new submissions: each has exactly the program's content, and goes live only if the program says so."""
        promoted_ids = {submission["id"] for submission in self.submissions() if was_promoted(submission)}
        if program["submission"].arguments.get("target") == "live":
            self.promoted_ids |= promoted_ids
        assert promoted_ids <= self.promoted_ids
        for submission in self.submissions():
            if submission["id"] not in self.content_by_id:
                self.content_by_id[submission["id"]], self.notes_by_id[submission["id"]] = (
                    self.desired_content(program),
                    (notes_of(program), self.portal),
                )

    # ---- state and invariants

    @property
    def product(self) -> str:
        return self.stack.state["offer"].id

    def submissions(self) -> list[dict[str, Any]]:
        """Return all submissions, oldest first."""
        return self.emulator.state()["submissions"]

    def running(self) -> list[dict[str, Any]]:
        return [submission for submission in self.submissions() if is_busy(submission)]

    def draft_listing(self) -> list[dict[str, Any]]:
        return [
            listing
            for listing in self.emulator.state()["listings"]
            if listing["stage"] in ("draft", "unsent") and "variantID" not in listing
        ]

    @invariant()
    def at_most_the_newest_is_busy(self) -> None:
        submissions = self.submissions()
        assert [submission for submission in submissions if is_busy(submission)] in ([], submissions[-1:])

    @invariant()
    def releases_are_counted(self) -> None:
        submissions = self.submissions()
        assert [submission["releaseNumber"] for submission in submissions] == list(
            range(1, len(submissions) + 1)
        )
        assert {submission["id"] for submission in submissions} == set(self.content_by_id)

    @invariant()
    def active_submissions_hold_their_content(self) -> None:
        """Holds for submissions in progress, in preview or live: packages of other submissions can be deleted."""
        for submission in self.submissions():
            if is_active(submission):
                assert self.shop.published_content(submission) == self.content_by_id[submission["id"]]

    @invariant()
    def live_submission_is_kept(self) -> None:
        """The live submission is not lost; only a newer submission replaces it."""
        live_ids = [submission["id"] for submission in self.submissions() if is_live(submission)]
        assert len(live_ids) <= 1
        if self.live:
            assert live_ids
            assert int(live_ids[0]) >= int(self.live)
        self.live = live_ids[0] if live_ids else ""

    @invariant()
    def portal_member_survives(self) -> None:
        for listing in self.draft_listing():
            assert listing.get(PORTAL_MEMBER, "") == self.portal


def notes_of(program: Program) -> str:
    notes: str = program["submission"].arguments["notes"]
    return notes


def assert_readable(error: PartnerCenterError) -> None:
    """Assert at most three lines; for findings, a line each."""
    findings = len(error.findings) - 1 if isinstance(error, Rejected) else 0
    assert len(str(error).splitlines()) <= 3 + max(findings, 0)


@pytest.mark.sample(1)
@pytest.mark.parametrize(("examples", "steps"), [(1, 12), (50, 20)])
def test_publishing_steps_in_any_order_keep_the_live_content_and_end(
    shop: ContentStore, examples: int, steps: int
) -> None:
    run_state_machine_as_test(
        lambda: Publishing(shop),
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )

"""Publishing in any order, over the provider: what holds whatever is edited, run, cut off, decided or waited for."""

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
from tests.resources.examples import configured
from tests.resources.harness import Program, Stack, kind_of
from tests.resources.publications import (
    EDITS,
    Chosen,
    Held,
    Shop,
    changed,
    counts,
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

TROUBLE: Mapping[str, list[dict[str, Any]]] = {
    "cut once before the work": [{"drop": "before"}],
    "cut once after the work": [{"drop": "after"}],
    "500": [{"status": 500}],
    "412": [{"status": 412}],
    "killed": [{"drop": "before", "times": 0}],
    "killed after the work": [{"drop": "after"}, {"drop": "before", "times": 0}],
}
STAGES = st.sampled_from(["validation", "certification"])
WHERE = st.one_of(
    st.tuples(st.just("."), st.integers(0, 30)),
    st.tuples(st.sampled_from(["_blob", "/submissions", "POST", "PUT", "DELETE"]), st.integers(0, 3)),
)
EDIT = st.sampled_from(sorted(EDITS))
FAR = st.sampled_from(["preview", "live"])
DAY = 86_400
OURS = "writtenByThePortal"


@pytest.fixture
def shop(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """Over an emulator at the real pace; a pause of the client moves its clock."""
    with serve(seed=3, pace="real") as emulator:
        for each in (ApiClient, Blobs):
            monkeypatch.setattr(client, each.__name__, functools.partial(each, sleep=emulator.advance))
        yield Shop(tmp_path_factory.mktemp("publishing") / "assets", emulator)


class Publishing(RuleBasedStateMachine):
    """One program with one plan, its stack; for each submission what it was to hold, and the one that is live."""

    def __init__(self, shop: Shop) -> None:
        super().__init__()
        self.shop, self.emulator = shop, shop.emulator
        self.emulator.reset()
        self.stack = Stack(configured(self.emulator))
        self.chosen, self.renames, self.notes, self.portal = Chosen(), 0, "", ""
        self.sent: dict[str, Held] = {}
        self.noted: dict[str, str] = {}
        self.promoted: set[str] = set()
        self.by_portal: dict[str, str] = {}
        self.live = ""

    @initialize()
    def first_run(self) -> None:
        rest = {name: each for name, each in self.program().items() if name != "submission"}
        assert set(self.stack.up(rest).values()) == {"create"}

    # ---- what a person does with the program

    @rule(edit=EDIT)
    def edit(self, edit: str) -> None:
        self.chosen = EDITS[edit](self.chosen)

    @precondition(lambda self: not self.submissions())
    @rule(amount=st.sampled_from([49, 59]))
    def edit_the_price(self, amount: int) -> None:
        """What was shown once is locked (reference 9.2)."""
        self.chosen = replace(self.chosen, amount=amount)

    @rule()
    def rename(self) -> None:
        """Other names in the program, in another order."""
        self.renames += 1

    @rule(notes=st.sampled_from(["", "Please.", "[content 0123456789abcdef]"]))
    def write_notes(self, notes: str) -> None:
        self.notes = notes

    @rule(far=FAR, minutes=st.sampled_from([0, 60]))
    def up(self, far: str, minutes: int) -> None:
        self.run(self.program(target=far, wait_minutes=minutes))

    @rule(
        far=FAR, edit=EDIT, trouble=st.sampled_from(sorted(TROUBLE)), where=WHERE, is_taken_back=st.booleans()
    )
    def up_with_trouble(
        self, far: str, edit: str, trouble: str, where: tuple[str, int], is_taken_back: bool
    ) -> None:
        """A run survives a connection that is cut once. Else it is run again, or taken back."""
        before = self.chosen
        self.edit(edit)
        program = self.program(target=far)
        match, after = where
        for fault in TROUBLE[trouble]:
            self.emulator.fault(match, after=after, **fault)
        ends = (Rejected, JobTimeout) if "once" in trouble else PartnerCenterError
        try:
            self.stack.up(program)
        except ends as error:
            assert_readable(error)
        self.emulator.unfault()
        self.expect_what_came(program)
        if is_taken_back and edit != "package":  # the row of a package that nobody wants any more would stay
            self.chosen = before
            self.stack.refresh()
        self.run(self.program(target=far))

    @rule(far=FAR, edit=EDIT)
    def up_to_a_failure(self, far: str, edit: str) -> None:
        """Validation refuses what this run submits, if it submits."""
        self.edit(edit)
        self.emulator.decide("validation", "fail")
        self.run(self.program(target=far, wait_minutes=60))
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
        there = set(self.stack.state)
        gone = {"submission": ["gone"]} if "submission" in there and not self.submissions() else {}
        assert self.stack.refresh() == gone

    @precondition(lambda self: "submission" in self.stack.state)
    @rule()
    def take_out_the_submission(self) -> None:
        """What runs is cancelled as long as it can be; what is shown stays."""
        before = self.submissions()
        rest = {name: each for name, each in self.program().items() if name in self.stack.state}
        del rest["submission"]
        assert self.stack.up(rest)["submission"] == "delete"
        after = self.submissions()
        assert [each["id"] for each in after] == [each["id"] for each in before]
        assert not [each for each in after if each["state"] == "InProgress" and is_busy(each)]

    # ---- what the service, its people and time do

    @rule(stage=STAGES, outcome=st.sampled_from(["pass", "fail", "hold"]))
    def decide(self, stage: str, outcome: str) -> None:
        self.emulator.decide(stage, outcome)

    @rule(seconds=st.sampled_from([100, 240, 840, 10_800]))
    def wait(self, seconds: int) -> None:
        self.emulator.advance(seconds)

    @precondition(lambda self: any(each["state"] == "InProgress" for each in self.running()))
    @rule()
    def cancel_in_the_portal(self) -> None:
        (running,) = self.running()
        path = f"/v1.0/ingestion/products/{self.product}/submissions/{running['id']}"
        assert self.emulator.client.delete(path).status_code == 204

    @precondition(lambda self: not self.running())
    @rule()
    def publish_in_the_portal(self) -> None:
        drafts = self.shop.drafts()
        self.emulator.publish(self.product)
        newest = self.submissions()[-1]
        self.sent[newest["id"]], self.by_portal[newest["id"]] = drafts, self.portal
        self.promoted.add(newest["id"])

    @rule(text=st.sampled_from(["a", "b"]))
    def edit_in_the_portal(self, text: str) -> None:
        """A member that no resource knows."""
        self.portal = text
        (listing,) = self.draft_listing()
        self.emulator.portal(
            f"/v1.0/ingestion/products/{self.product}/listings/{listing['id']}", **{OURS: text}
        )

    @rule()
    def go_live(self) -> None:
        """With nothing held any more, runs come to an end: live, with what the program says, and nothing to do."""
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
            self.expect_what_came(program)
            self.emulator.advance(DAY)
        assert self.stack.state["submission"].outputs["state"] == "live"
        self.live_is_what_was_sent()
        assert self.sent[self.live] == self.wanted(program)
        self.asks_nothing(program)

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
        """An `up` without faults: well, or with the service's own words."""
        runs = self.submissions()
        was = runs[-1] if runs else None
        done: dict[str, str] = {}
        is_good = True
        try:
            done = self.stack.up(program)
        except (Rejected, JobTimeout) as error:
            assert_readable(error)
            is_good = False
        self.expect_what_came(program)
        wanted, after = self.wanted(program), self.submissions()
        assert len(after) - len(runs) <= 1
        if was and self.holds(was, wanted) and (not is_over(was) or self.has_failed_like_this(was, program)):
            assert len(after) == len(runs), "unchanged content was submitted again"
        assert self.shop.drafts() == wanted
        images = self.shop.draft_images()
        assert sorted(each["type"] for each in images) == sorted({each["type"] for each in images})
        packages = self.emulator.state()["packages"]
        assert {each["state"] for each in [*images, *packages]} <= {"Uploaded", "Processed"}
        if not is_good:
            return
        if "submission" in done:
            assert self.holds(after[-1], wanted)
            assert not is_over(after[-1])
        outputs = self.stack.state["submission"].outputs
        if kind_of(program["submission"].kind).is_settled(outputs):
            self.asks_nothing(program)

    def asks_nothing(self, program: Program) -> None:
        self.emulator.clear()
        assert self.stack.preview(program) == {}
        assert self.stack.up(program) == {}
        assert self.emulator.requests() == []

    def wanted(self, program: Program) -> Held:
        return self.shop.wanted(self.chosen, self.stack.state["package"].outputs["digest"])

    def holds(self, submission: Mapping[str, Any], wanted: Held) -> bool:
        """What the portal published holds the portal's own member as well."""
        id = submission["id"]
        return self.sent[id] == wanted and self.by_portal.get(id, self.portal) == self.portal

    def has_failed_like_this(self, submission: Mapping[str, Any], program: Program) -> bool:
        """With these very notes: then it is refused again, unseen."""
        return is_failed(submission) and self.noted.get(submission["id"]) == notes_of(program)

    def expect_what_came(self, program: Program) -> None:
        """A submission goes out with exactly the program's content, and no further than told."""
        promoted = {each["id"] for each in self.submissions() if was_promoted(each)}
        if program["submission"].arguments.get("target") == "live":
            self.promoted |= promoted
        assert promoted <= self.promoted
        for each in self.submissions():
            if each["id"] not in self.sent:
                self.sent[each["id"]], self.noted[each["id"]] = self.wanted(program), notes_of(program)

    # ---- what there is

    @property
    def product(self) -> str:
        return self.stack.state["offer"].id

    def submissions(self) -> list[dict[str, Any]]:
        """Oldest first."""
        return self.emulator.state()["submissions"]

    def running(self) -> list[dict[str, Any]]:
        return [each for each in self.submissions() if is_busy(each)]

    def draft_listing(self) -> list[dict[str, Any]]:
        return [
            each
            for each in self.emulator.state()["listings"]
            if each["stage"] in ("draft", "unsent") and "variantID" not in each
        ]

    @invariant()
    def at_most_the_newest_is_busy(self) -> None:
        found = self.submissions()
        assert [each for each in found if is_busy(each)] in ([], found[-1:])

    @invariant()
    def releases_are_counted(self) -> None:
        found = self.submissions()
        assert [each["releaseNumber"] for each in found] == list(range(1, len(found) + 1))
        assert {each["id"] for each in found} == set(self.sent)

    @invariant()
    def what_counts_holds_what_was_sent(self) -> None:
        """On its way, in preview or live; the service lets packages of the others be deleted."""
        for each in self.submissions():
            if counts(each):
                assert self.shop.held(each) == self.sent[each["id"]]

    @invariant()
    def live_is_what_was_sent(self) -> None:
        """What is live is not lost, and only something newer takes its place."""
        live = [each["id"] for each in self.submissions() if is_live(each)]
        assert len(live) <= 1
        if self.live:
            assert live
            assert int(live[0]) >= int(self.live)
        self.live = live[0] if live else ""

    @invariant()
    def what_the_portal_wrote_survives(self) -> None:
        for listing in self.draft_listing():
            assert listing.get(OURS, "") == self.portal


def notes_of(program: Program) -> str:
    notes: str = program["submission"].arguments["notes"]
    return notes


def assert_readable(error: PartnerCenterError) -> None:
    """At most three lines; with findings a line for each of them."""
    findings = len(error.findings) - 1 if isinstance(error, Rejected) else 0
    assert len(str(error).splitlines()) <= 3 + max(findings, 0)


def test_any_order_keeps_what_is_live_and_comes_to_an_end(shop: Shop) -> None:
    run_state_machine_as_test(
        lambda: Publishing(shop),
        settings=settings(
            max_examples=20,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )

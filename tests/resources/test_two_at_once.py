"""Two runs on one offer at the same time, from two states: each ends well or says why, and nothing is there twice.

Their requests meet in an order that a seed decides: whoever has a request waits until the other has one too (or has
ended), and one of them goes.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from tests.resources import samples
from tests.resources.card import assert_readable
from tests.resources.complete import complete, files
from tests.resources.examples import configured
from tests.resources.harness import Plugin, Program, Stack
from tests.resources.publications import is_live
from tests.resources.test_publication import changed, live
from tests.serving import Serving

from pulumi_partnercenter import AdoptionRefused, Conflict, JobTimeout, PartnerCenterError, Stale
from pulumi_partnercenter.api.submission.client import SubmissionApi, connected
from pulumi_partnercenter.settings import Settings

SEEDS = range(4)
SAYS_WHY = (AdoptionRefused, Conflict, JobTimeout, Stale)


@dataclass
class OwnPlugin(Plugin):
    """A plugin process with a client of its own."""

    api: SubmissionApi | None = None

    def provider(self, payload: str) -> Any:
        provider = super().provider(payload)
        provider.__dict__["_api"] = self.api
        return provider


class Apart(Stack):
    """A stack whose operations share nothing with others of this process."""

    @contextmanager
    def operation(self) -> Iterator[Plugin]:
        with connected(Settings.load(self.config)) as api:
            yield OwnPlugin(self.config, api=api)


@dataclass
class Turns:
    """Who sends the next request."""

    chance: random.Random
    running: set[str] = field(default_factory=set)
    waiting: set[str] = field(default_factory=set)
    turn: str = ""
    changed: threading.Condition = field(default_factory=threading.Condition)

    @contextmanager
    def one(self) -> Iterator[None]:
        me = threading.current_thread().name
        with self.changed:
            self.waiting.add(me)
            self._choose()
            assert self.changed.wait_for(lambda: self.turn == me, 60)
        try:
            yield
        finally:
            with self.changed:
                self.waiting.discard(me)
                self.turn = ""

    def ended(self) -> None:
        with self.changed:
            self.running.discard(threading.current_thread().name)
            self._choose()

    def _choose(self) -> None:
        if not self.turn and self.running and self.waiting == self.running:
            self.turn = self.chance.choice(sorted(self.waiting))
            self.changed.notify_all()


Both = Callable[[Program, Program], list[PartnerCenterError | None]]


@pytest.fixture
def stacks(emulator: Serving) -> list[Stack]:
    return [Apart(configured(emulator)), Apart(configured(emulator))]


@pytest.fixture
def program() -> Program:
    folder = samples.FOLDER / "two at once"
    return complete(folder if folder.exists() else files(folder))


@pytest.fixture(params=SEEDS)
def both(request: pytest.FixtureRequest, stacks: list[Stack], monkeypatch: pytest.MonkeyPatch) -> Both:
    """`up` of both; what each ended with, None for well."""
    send = httpx.HTTPTransport.handle_request

    def run(*programs: Program) -> list[PartnerCenterError | None]:
        names = [f"run-{number}" for number in range(len(programs))]
        turns = Turns(random.Random(request.param), set(names))

        def in_turn(wire: httpx.HTTPTransport, sent: httpx.Request) -> httpx.Response:
            if threading.current_thread().name not in names:
                return send(wire, sent)
            with turns.one():
                return send(wire, sent)

        def up(name: str, stack: Stack, program: Program) -> PartnerCenterError | None:
            threading.current_thread().name = name
            try:
                stack.up(program)
            except PartnerCenterError as error:
                return error
            finally:
                turns.ended()
            return None

        with monkeypatch.context() as patch, ThreadPoolExecutor(len(programs)) as pool:
            patch.setattr(httpx.HTTPTransport, "handle_request", in_turn)
            ended = list(pool.map(up, names, stacks, programs))
        for each in ended:
            assert each is None or isinstance(each, SAYS_WHY) or "somebody else" in each.next, repr(each)
            assert each is None or assert_readable(each) is None
        return ended

    return run


def test_identical_programs_make_one_offer(
    both: Both, program: Program, stacks: list[Stack], emulator: Serving
) -> None:
    """But for a package, which each may upload: then the plan refers to one, and the other run is refused for it."""
    drafts = {
        name: each for name, each in program.items() if name not in ("package", "gold-package", "submission")
    }
    both(drafts, drafts)
    assert_settled(stacks, [drafts] * 2)
    assert_nothing_twice(emulator)


def test_where_programs_differ_one_makes_it_and_the_other_is_told(
    both: Both, program: Program, stacks: list[Stack], emulator: Serving
) -> None:
    drafts = {name: each for name, each in program.items() if name != "submission"}
    other = changed(drafts, "listing", title="Contoso Vault")
    told = both(drafts, other)
    assert [each for each in told if each is not None], "somebody's title was lost, and nobody knows"
    assert_nothing_twice(emulator)
    titles = {each["title"] for each in emulator.state()["listings"] if "variantID" not in each}
    assert len(titles) == 1
    for stack, wanted, error in zip(stacks, (drafts, other), told, strict=True):
        if error is None:
            assert stack.refresh() == {}
            assert stack.up(wanted) == {}


def test_changes_of_different_arguments_are_both_kept(
    both: Both, program: Program, stacks: list[Stack], emulator: Serving
) -> None:
    drafts = {name: each for name, each in program.items() if name != "submission"}
    for stack in stacks:
        stack.up(drafts)
    title, summary = {"title": "Contoso Vault"}, {"summary": "Keeps what nobody reads"}
    told = both(changed(drafts, "listing", **title), changed(drafts, "listing", **summary))
    (listing,) = [each for each in emulator.state()["listings"] if "variantID" not in each]
    for each, error in zip((title, summary), told, strict=True):
        if error is None:
            ((member, value),) = each.items()
            assert listing[member] == value or "listing" in stacks[0].refresh() | stacks[1].refresh()


def test_one_publishes_while_the_other_edits(
    both: Both, program: Program, stacks: list[Stack], emulator: Serving
) -> None:
    drafts = {name: each for name, each in program.items() if name != "submission"}
    for stack in stacks:
        stack.up(drafts)
    edited = changed(drafts, "listing", title="Contoso Vault")
    both(program, edited)
    assert_settled(stacks[1:], [edited])
    assert_nothing_twice(emulator)
    assert len(emulator.state()["submissions"]) <= 1


def test_both_publish(both: Both, program: Program, stacks: list[Stack], emulator: Serving) -> None:
    for stack in stacks:
        stack.up({name: each for name, each in live(program).items() if name != "submission"})
    both(live(program), live(program))
    assert_settled(stacks, [live(program)] * 2)
    assert_nothing_twice(emulator)
    assert len([each for each in emulator.state()["submissions"] if is_live(each)]) == 1


def assert_settled(stacks: list[Stack], programs: list[Program]) -> None:
    """Refresh and up, in turn: each sees what the other left, also a picture that both uploaded."""
    for _ in range(4):
        for stack, program in zip(stacks, programs, strict=True):
            stack.refresh()
            stack.up(program)
    for stack, program in zip(stacks, programs, strict=True):
        assert stack.refresh() == {}
        assert stack.up(program) == {}


def assert_nothing_twice(emulator: Serving) -> None:
    """No offer, plan, listing or picture of one name among the drafts."""
    state = emulator.state()
    names = {
        "products": lambda each: each["externalIDs"][0]["value"],
        "variants": lambda each: each["externalID"],
        "listings": lambda each: (each.get("variantID"), each["instanceID"], each["languageCode"]),
        "listingImages": lambda each: (each["instanceID"], each["type"], each["fileName"]),
    }
    for collection, name in names.items():
        drafts = [each for each in state[collection] if each.get("stage") == "draft"]
        counts = Counter(map(name, drafts))
        assert max(counts.values()) == 1, (collection, counts)

"""Two runs on one offer at the same time, their requests in an order that a seed decides, over files and packages.

    python -m tests.resources.interleavings [--seeds 200] [--only SCENARIO …]

Afterwards what people read is done: the command that a failed run names. Then nothing is there twice, nothing waits for
bytes, every plan refers to a package that is there, and a refresh and another run of each agree with the service.
`test_interleavings.py` asserts some of the same cases.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import functools
import io
import random
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from unittest import mock

import httpx
from provider.tools.emulators import Serving, serve
from tests.resources import samples
from tests.resources.card import assert_readable
from tests.resources.examples import MANAGED, PLANS, emulator_config
from tests.resources.harness import Declared, Plugin, Program, Record, Ref, Stack

from pulumi_partnercenter import (
    AdoptionRefused,
    ListingDocument,
    ListingImage,
    OfferListing,
    Package,
    PartnerCenterError,
    PlanPackage,
)
from pulumi_partnercenter.api.http.blobs import Blobs
from pulumi_partnercenter.api.http.client import ApiClient
from pulumi_partnercenter.api.submission import client
from pulumi_partnercenter.api.submission.client import SubmissionApi, open_client
from pulumi_partnercenter.emulator.state import Snapshot
from pulumi_partnercenter.settings import Settings

__all__ = ["SCENARIOS", "Apart", "Interleaving", "together", "unhurried"]

TENANT = "11111111-2222-4333-8444-555555555555"
COMMANDS = 2
"""How many commands a failed run may need: after the other has changed it, to see the change is one of its own."""


@dataclass
class OwnPlugin(Plugin):
    """A plugin process with a client of its own."""

    api: SubmissionApi | None = None

    def provider(self, payload: str) -> Any:
        provider = super().provider(payload)
        provider.lifecycle._client = self.api
        return provider


class Apart(Stack):
    """A stack whose operations share nothing with others of this process."""

    @contextmanager
    def operation(self) -> Iterator[Plugin]:
        with open_client(Settings.load(self.config)) as api:
            yield OwnPlugin(self.config, api=api)


@dataclass
class Turns:
    """Who sends the next request: whoever has one waits until the others have one too, or have ended."""

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


def together(
    seed: int, stacks: Sequence[Stack], programs: Sequence[Program]
) -> list[PartnerCenterError | None]:
    """`up` of all; what each ended with, None for well."""
    names = [f"run-{number}" for number in range(len(programs))]
    turns, send = Turns(random.Random(seed), set(names)), httpx.HTTPTransport.handle_request

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

    patch = mock.patch.object(httpx.HTTPTransport, "handle_request", in_turn)
    with patch, ThreadPoolExecutor(len(programs)) as pool:
        return list(pool.map(up, names, stacks, programs))


def program(content: str = "one", version: str = "1.0.0") -> dict[str, Declared]:
    """An offer with everything that is uploaded; `content` is what the files are about."""
    in_offer = {"offer": Ref("offer")}
    colour = {"one": "navy", "other": "maroon"}.get(content, "green")
    logo = samples.picture(f"{content}/logo.png", 216, 216, colour)
    leaflet = samples.pdf(f"{content}/leaflet.pdf", content)
    source = samples.application(f"{content}/app", outputs={"content": {"type": "string", "value": content}})
    listing = {**in_offer, "title": "Contoso Backup", "summary": "Keeps files"}
    document = {**in_offer, "title": "Leaflet", "source": leaflet, "file_name": "leaflet.pdf"}
    deployed = {
        "plan": Ref("plan"),
        "version": version,
        "package": Ref("package"),
        "subtype": MANAGED,
        "tenant": TENANT,
        "authorizations": [{"principal": TENANT, "role": "Owner"}],
    }
    return {
        **PLANS,
        "listing": Declared(OfferListing, listing),
        "logo": Declared(ListingImage, {**in_offer, "kind": "AzureLogoLarge", "source": logo}),
        "leaflet": Declared(ListingDocument, document),
        "package": Declared(Package, {**in_offer, "source": source}),
        "plan-package": Declared(PlanPackage, deployed),
    }


def adopting(program: Program) -> Program:
    return {
        name: replace(each, arguments={**each.arguments, "adopt": True}) for name, each in program.items()
    }


@dataclass(frozen=True)
class Scenario:
    """What both start from, and what each wants."""

    programs: tuple[Program, Program]
    before: tuple[Program | None, Program | None] = (None, None)
    cut: bool = False
    """A run was killed in the middle of each upload: its rows wait for bytes that never come."""

    @property
    def is_agreed(self) -> bool:
        """Whether both want the same."""
        return self.programs[0] == self.programs[1]


@functools.cache
def scenarios() -> Mapping[str, Scenario]:
    one, newer, other = program(), program("newer", "1.1.0"), program("other", "1.2.0")
    return {
        "both make the same": Scenario((one, one)),
        "both make the same, which a killed run began": Scenario((one, one), cut=True),
        "both exchange the same": Scenario((newer, newer), (one, one)),
        "both exchange it for different things": Scenario((newer, other), (one, one)),
        "one exchanges what the other finds": Scenario((newer, one), (one, None)),
        "both make different things": Scenario((one, other)),
    }


SCENARIOS = list(scenarios())


@dataclass(frozen=True)
class Outcome:
    """How a case ended. `why` it does not hold; empty: it does."""

    scenario: str
    seed: int
    failed: tuple[str, ...]
    why: str = ""


class Interleaving:
    """Cases on one emulator."""

    def __init__(self, emulator: Serving) -> None:
        self.emulator = emulator
        self._begun: dict[str, tuple[Snapshot, list[dict[str, Record]]]] = {}

    def outcome(self, scenario: str, seed: int) -> Outcome:
        case = scenarios()[scenario]
        stacks = self._started(scenario, case)
        ended = together(seed, stacks, case.programs)
        failed = tuple(str(error) for error in ended if error)
        try:
            self._judge(case, stacks, ended)
        except (AssertionError, PartnerCenterError) as error:
            return Outcome(scenario, seed, failed, f"{type(error).__name__}: {error}")
        return Outcome(scenario, seed, failed)

    def _started(self, scenario: str, case: Scenario) -> list[Stack]:
        stacks: list[Stack] = [Apart(emulator_config(self.emulator)) for _ in case.programs]
        if scenario not in self._begun:
            self.emulator.reset()
            for stack, before in zip(stacks, case.before, strict=True):
                if before:
                    stack.up(before)
            if case.cut:
                self._cut(case.programs[0])
            states = [copy.deepcopy(stack.state) for stack in stacks]
            self._begun[scenario] = self.emulator.snapshot(), states
        snapshot, states = self._begun[scenario]
        self.emulator.restore(snapshot)
        for stack, state in zip(stacks, states, strict=True):
            stack.state = copy.deepcopy(state)
        return stacks

    def _cut(self, wanted: Program) -> None:
        """Each upload in turn ends before its bytes come."""
        stack = Apart(emulator_config(self.emulator))
        for name in ("logo", "leaflet", "package"):
            self.emulator.fault("PUT /_blob", status=403, times=1)
            with contextlib.suppress(PartnerCenterError):
                stack.up({key: each for key, each in wanted.items() if key not in ("plan-package", name)})
            self.emulator.unfault()
            with contextlib.suppress(PartnerCenterError):
                self.emulator.fault("PUT /_blob", status=403, times=0)
                stack.up(wanted)
            self.emulator.unfault()

    def _judge(
        self, case: Scenario, stacks: Sequence[Stack], ended: Sequence[PartnerCenterError | None]
    ) -> None:
        runs = list(zip(stacks, case.programs, ended, strict=True))
        for _, _, error in runs:
            if error:
                assert_readable(error)
                assert error.next, f"says not what to type: {error}"
        if not any(ended):
            self._require_whole()
        if case.is_agreed:
            self._require_agreement([(stack, wanted) for stack, wanted, error in runs if not error])
        for stack, wanted, error in runs:
            if error:
                self._follow(error, stack, wanted, COMMANDS)
        self._require_whole()
        if case.is_agreed:
            self._require_agreement([(stack, wanted) for stack, wanted, _ in runs])
        elif any(ended):
            stack, wanted, _ = [run for run in runs if run[2]][-1]
            self._require_agreement([(stack, wanted)])
        else:  # one came after the other, and has the last word in everything
            drifts = [stack.refresh() for stack in stacks]
            assert not all(drifts), f"what is there is nobody's: {drifts}"

    def _follow(self, error: PartnerCenterError, stack: Stack, wanted: Program, left: int) -> None:
        """What the message says is typed."""
        try:
            if isinstance(error, AdoptionRefused):
                wanted = adopting(wanted)
            if "refresh" in error.next:
                stack.refresh()
            stack.up(wanted)
        except PartnerCenterError as again:
            if left == 1:
                raise AssertionError(f"after `{error.next}`: {again}") from None
            self._follow(again, stack, wanted, left - 1)

    def _require_agreement(self, runs: Sequence[tuple[Stack, Program]]) -> None:
        for stack, wanted in runs:
            assert (drift := stack.refresh()) == {}, f"a refresh finds {drift}"
            assert (done := stack.up(wanted)) == {}, f"a further run does {done}"

    def _require_whole(self) -> None:
        held = self.emulator.state()
        keys: Mapping[str, Callable[[dict[str, Any]], object]] = {
            "products": lambda each: each["externalIDs"][0]["value"],
            "variants": lambda each: each["externalID"],
            "listings": lambda each: (each.get("variantID"), each["instanceID"], each["languageCode"]),
            "listingImages": lambda each: (each["instanceID"], each["type"], each["fileName"]),
            "listingAssets": lambda each: (each["instanceID"], each["fileName"]),
            "packages": lambda each: each["fileName"],
        }
        for collection, key in keys.items():
            counts = Counter(map(key, held[collection]))
            assert max(counts.values(), default=1) == 1, f"{collection} twice: {counts}"
        for collection in ("listingImages", "listingAssets", "packages"):
            waiting = [each["fileName"] for each in held[collection] if each["state"] == "PendingUpload"]
            assert not waiting, f"{collection} wait for bytes: {waiting}"
        there = {each["id"] for each in held["packages"]}
        named = {
            reference["value"]
            for each in held["packageConfigurations"]
            for reference in each.get("packageReferences", [])
        }
        assert named <= there, "a plan refers to a package that is not there"


@contextmanager
def unhurried() -> Iterator[None]:
    """While this lasts, pauses take no time."""
    with contextlib.ExitStack() as stack:
        for each in (ApiClient, Blobs):
            without_sleep = functools.partial(each, sleep=lambda _: None)
            stack.enter_context(mock.patch.object(client, each.__name__, without_sleep))
        yield


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.resources.interleavings", description="Two runs.")
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--only", nargs="+", choices=SCENARIOS, default=SCENARIOS, metavar="SCENARIO")
    options = parser.parse_args()
    broken = 0
    with serve(seed=1) as emulator, unhurried():
        cases = Interleaving(emulator)
        for scenario in options.only:
            outcomes = []
            for seed in range(options.seeds):
                with contextlib.redirect_stdout(io.StringIO()):
                    outcomes.append(cases.outcome(scenario, seed))
            wrong = [each for each in outcomes if each.why]
            broken += len(wrong)
            failed = sum(bool(each.failed) for each in outcomes)
            print(
                f"{scenario}: {options.seeds - len(wrong)} of {options.seeds} hold, in {failed} a run was refused",
                flush=True,
            )
            for each in wrong[:5]:
                print(f"  seed {each.seed}: {each.why}\n    refused: {each.failed}", flush=True)
    sys.exit(bool(broken))


if __name__ == "__main__":
    main()

"""Two concurrent runs on one offer with files and packages; a seed decides the order of their requests.

    python -m tests.resources.interleavings [--seeds 200] [--only SCENARIO …]

Afterwards a failed run follows the advice of its error message. Then no object exists twice, no upload is incomplete,
every plan refers to an existing package, and a refresh and another run of each stack agree with the service.
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
from provider.tools.emulators import RunningEmulator, serve
from tests.resources import samples
from tests.resources.card import assert_readable
from tests.resources.examples import MANAGED, PLANS, emulator_config
from tests.resources.harness import Declaration, Plugin, Program, Record, Ref, Stack

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

__all__ = ["SCENARIOS", "Interleaving", "IsolatedStack", "run_interleaved", "without_pauses"]

TENANT = "11111111-2222-4333-8444-555555555555"
COMMANDS = 2
"""Maximum number of commands after a failed run, including a refresh that detects the other run's change."""


@dataclass
class OwnPlugin(Plugin):
    """A plugin process with its own client."""

    api: SubmissionApi | None = None

    def provider(self, payload: str) -> Any:
        provider = super().provider(payload)
        provider.lifecycle._client = self.api
        return provider


class IsolatedStack(Stack):
    """A stack whose operations share no client with others of this process."""

    @contextmanager
    def operation(self) -> Iterator[Plugin]:
        with open_client(Settings.load(self.config)) as api:
            yield OwnPlugin(self.config, api=api)


@dataclass
class Turns:
    """Order of requests: a run waits with its request until every other run has a request too or has ended."""

    random_source: random.Random
    running: set[str] = field(default_factory=set)
    waiting: set[str] = field(default_factory=set)
    turn: str = ""
    condition: threading.Condition = field(default_factory=threading.Condition)

    @contextmanager
    def take_turn(self) -> Iterator[None]:
        name = threading.current_thread().name
        with self.condition:
            self.waiting.add(name)
            self._choose()
            assert self.condition.wait_for(lambda: self.turn == name, 60)
        try:
            yield
        finally:
            with self.condition:
                self.waiting.discard(name)
                self.turn = ""

    def finish(self) -> None:
        with self.condition:
            self.running.discard(threading.current_thread().name)
            self._choose()

    def _choose(self) -> None:
        if not self.turn and self.running and self.waiting == self.running:
            self.turn = self.random_source.choice(sorted(self.waiting))
            self.condition.notify_all()


def run_interleaved(
    seed: int, stacks: Sequence[Stack], programs: Sequence[Program]
) -> list[PartnerCenterError | None]:
    """Run `up` of all stacks. Return the error of each, None for success."""
    names = [f"run-{number}" for number in range(len(programs))]
    turns, send = Turns(random.Random(seed), set(names)), httpx.HTTPTransport.handle_request

    def send_in_turn(wire: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        if threading.current_thread().name not in names:
            return send(wire, request)
        with turns.take_turn():
            return send(wire, request)

    def up(name: str, stack: Stack, program: Program) -> PartnerCenterError | None:
        threading.current_thread().name = name
        try:
            stack.up(program)
        except PartnerCenterError as error:
            return error
        finally:
            turns.finish()
        return None

    patch = mock.patch.object(httpx.HTTPTransport, "handle_request", send_in_turn)
    with patch, ThreadPoolExecutor(len(programs)) as pool:
        return list(pool.map(up, names, stacks, programs))


def program(content: str = "one", version: str = "1.0.0") -> dict[str, Declaration]:
    """Return an offer with every kind of upload. `content` selects the contents of the files."""
    offer = {"offer": Ref("offer")}
    colour = {"one": "navy", "other": "maroon"}.get(content, "green")
    logo = samples.picture(f"{content}/logo.png", 216, 216, colour)
    leaflet = samples.pdf(f"{content}/leaflet.pdf", content)
    source = samples.application(f"{content}/app", outputs={"content": {"type": "string", "value": content}})
    listing = {**offer, "title": "Contoso Backup", "summary": "Keeps files"}
    document = {**offer, "title": "Leaflet", "source": leaflet, "file_name": "leaflet.pdf"}
    plan_package = {
        "plan": Ref("plan"),
        "version": version,
        "package": Ref("package"),
        "subtype": MANAGED,
        "tenant": TENANT,
        "authorizations": [{"principal": TENANT, "role": "Owner"}],
    }
    return {
        **PLANS,
        "listing": Declaration(OfferListing, listing),
        "logo": Declaration(ListingImage, {**offer, "kind": "AzureLogoLarge", "source": logo}),
        "leaflet": Declaration(ListingDocument, document),
        "package": Declaration(Package, {**offer, "source": source}),
        "plan-package": Declaration(PlanPackage, plan_package),
    }


def with_adopt(program: Program) -> Program:
    return {
        name: replace(declaration, arguments={**declaration.arguments, "adopt": True})
        for name, declaration in program.items()
    }


@dataclass(frozen=True)
class Scenario:
    """Programs of two runs, and the programs that were applied before."""

    programs: tuple[Program, Program]
    before: tuple[Program | None, Program | None] = (None, None)
    is_interrupted: bool = False
    """A run was killed during each upload, so that the uploads stay incomplete."""

    @property
    def is_agreed(self) -> bool:
        """Return whether both programs are equal."""
        return self.programs[0] == self.programs[1]


@functools.cache
def scenarios() -> Mapping[str, Scenario]:
    first, newer, other = program(), program("newer", "1.1.0"), program("other", "1.2.0")
    return {
        "both make the same": Scenario((first, first)),
        "both make the same, which a killed run began": Scenario((first, first), is_interrupted=True),
        "both exchange the same": Scenario((newer, newer), (first, first)),
        "both exchange it for different things": Scenario((newer, other), (first, first)),
        "one exchanges what the other finds": Scenario((newer, first), (first, None)),
        "both make different things": Scenario((first, other)),
    }


SCENARIOS = list(scenarios())


@dataclass(frozen=True)
class Outcome:
    """Result of a case; `problem` is empty if it passed."""

    scenario: str
    seed: int
    error_messages: tuple[str, ...]
    problem: str = ""


class Interleaving:
    """Cases on one emulator."""

    def __init__(self, emulator: RunningEmulator) -> None:
        self.emulator = emulator
        self._baselines: dict[str, tuple[Snapshot, list[dict[str, Record]]]] = {}

    def outcome(self, scenario: str, seed: int) -> Outcome:
        case = scenarios()[scenario]
        stacks = self._start_stacks(scenario, case)
        errors = run_interleaved(seed, stacks, case.programs)
        error_messages = tuple(str(error) for error in errors if error)
        try:
            self._check_outcome(case, stacks, errors)
        except (AssertionError, PartnerCenterError) as error:
            return Outcome(scenario, seed, error_messages, f"{type(error).__name__}: {error}")
        return Outcome(scenario, seed, error_messages)

    def _start_stacks(self, scenario: str, case: Scenario) -> list[Stack]:
        stacks: list[Stack] = [IsolatedStack(emulator_config(self.emulator)) for _ in case.programs]
        if scenario not in self._baselines:
            self.emulator.reset()
            for stack, before in zip(stacks, case.before, strict=True):
                if before:
                    stack.up(before)
            if case.is_interrupted:
                self._interrupt_uploads(case.programs[0])
            states = [copy.deepcopy(stack.state) for stack in stacks]
            self._baselines[scenario] = self.emulator.snapshot(), states
        snapshot, states = self._baselines[scenario]
        self.emulator.restore(snapshot)
        for stack, state in zip(stacks, states, strict=True):
            stack.state = copy.deepcopy(state)
        return stacks

    def _interrupt_uploads(self, desired: Program) -> None:
        """Interrupt each upload before its bytes arrive."""
        stack = IsolatedStack(emulator_config(self.emulator))
        for name in ("logo", "leaflet", "package"):
            self.emulator.fault("PUT /_blob", status=403, times=1)
            with contextlib.suppress(PartnerCenterError):
                stack.up(
                    {
                        key: declaration
                        for key, declaration in desired.items()
                        if key not in ("plan-package", name)
                    }
                )
            self.emulator.unfault()
            with contextlib.suppress(PartnerCenterError):
                self.emulator.fault("PUT /_blob", status=403, times=0)
                stack.up(desired)
            self.emulator.unfault()

    def _check_outcome(
        self, case: Scenario, stacks: Sequence[Stack], errors: Sequence[PartnerCenterError | None]
    ) -> None:
        runs = list(zip(stacks, case.programs, errors, strict=True))
        for _, _, error in runs:
            if error:
                assert_readable(error)
                assert error.next, f"says not what to type: {error}"
        if not any(errors):
            self._check_consistency()
        if case.is_agreed:
            self._check_agreement([(stack, desired) for stack, desired, error in runs if not error])
        for stack, desired, error in runs:
            if error:
                self._follow_advice(error, stack, desired, COMMANDS)
        self._check_consistency()
        if case.is_agreed:
            self._check_agreement([(stack, desired) for stack, desired, _ in runs])
        elif any(errors):
            stack, desired, _ = [run for run in runs if run[2]][-1]
            self._check_agreement([(stack, desired)])
        else:  # both succeeded in turn: the later run decides every difference
            drifts = [stack.refresh() for stack in stacks]
            assert not all(drifts), f"what is there is nobody's: {drifts}"

    def _follow_advice(
        self, error: PartnerCenterError, stack: Stack, desired: Program, remaining: int
    ) -> None:
        """Follow the advice of an error message, as a user would."""
        try:
            if isinstance(error, AdoptionRefused):
                desired = with_adopt(desired)
            if "refresh" in error.next:
                stack.refresh()
            stack.up(desired)
        except PartnerCenterError as next_error:
            if remaining == 1:
                raise AssertionError(f"after `{error.next}`: {next_error}") from None
            self._follow_advice(next_error, stack, desired, remaining - 1)

    def _check_agreement(self, runs: Sequence[tuple[Stack, Program]]) -> None:
        for stack, desired in runs:
            assert (drift := stack.refresh()) == {}, f"a refresh finds {drift}"
            assert (changes := stack.up(desired)) == {}, f"a further run does {changes}"

    def _check_consistency(self) -> None:
        state = self.emulator.state()
        keys: Mapping[str, Callable[[dict[str, Any]], object]] = {
            "products": lambda row: row["externalIDs"][0]["value"],
            "variants": lambda row: row["externalID"],
            "listings": lambda row: (row.get("variantID"), row["instanceID"], row["languageCode"]),
            "listingImages": lambda row: (row["instanceID"], row["type"], row["fileName"]),
            "listingAssets": lambda row: (row["instanceID"], row["fileName"]),
            "packages": lambda row: row["fileName"],
        }
        for collection, key in keys.items():
            counts = Counter(map(key, state[collection]))
            assert max(counts.values(), default=1) == 1, f"{collection} twice: {counts}"
        for collection in ("listingImages", "listingAssets", "packages"):
            pending = [row["fileName"] for row in state[collection] if row["state"] == "PendingUpload"]
            assert not pending, f"{collection} wait for bytes: {pending}"
        package_ids = {row["id"] for row in state["packages"]}
        referenced_ids = {
            reference["value"]
            for row in state["packageConfigurations"]
            for reference in row.get("packageReferences", [])
        }
        assert referenced_ids <= package_ids, "a plan refers to a package that is not there"


@contextmanager
def without_pauses() -> Iterator[None]:
    """Context in which clients never pause."""
    with contextlib.ExitStack() as stack:
        for client_class in (ApiClient, Blobs):
            without_sleep = functools.partial(client_class, sleep=lambda _: None)
            stack.enter_context(mock.patch.object(client, client_class.__name__, without_sleep))
        yield


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.resources.interleavings", description="Two runs.")
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--only", nargs="+", choices=SCENARIOS, default=SCENARIOS, metavar="SCENARIO")
    options = parser.parse_args()
    failure_count = 0
    with serve(seed=1) as emulator, without_pauses():
        cases = Interleaving(emulator)
        for scenario in options.only:
            outcomes = []
            for seed in range(options.seeds):
                with contextlib.redirect_stdout(io.StringIO()):
                    outcomes.append(cases.outcome(scenario, seed))
            failures = [outcome for outcome in outcomes if outcome.problem]
            failure_count += len(failures)
            refused_count = sum(bool(outcome.error_messages) for outcome in outcomes)
            print(
                f"{scenario}: {options.seeds - len(failures)} of {options.seeds} hold, "
                f"in {refused_count} a run was refused",
                flush=True,
            )
            for outcome in failures[:5]:
                print(
                    f"  seed {outcome.seed}: {outcome.problem}\n    refused: {outcome.error_messages}",
                    flush=True,
                )
    sys.exit(bool(failure_count))


if __name__ == "__main__":
    main()

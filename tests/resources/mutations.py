"""Odd answers, one at a time: a member of an answer is absent, null, empty, of another type, or says something else.

    python -m tests.resources.mutations [--only CARD …]

For every resource, each member of each answer of a refresh, of the `up` that makes it and of the `up` that changes it.
Nothing is deleted or replaced because of one, people read words and no traceback, and once the service answers rightly
again everything is as it was. Prints how many cases there are and writes them to `.bench/mutations.json`;
`test_mutations.py` asserts a sample.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import functools
import io
import itertools
import json
import os
import random
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from unittest import mock

import httpx
from provider.tools.emulators import Serving, serve
from provider.tools.engine.engine import CHECKOUT
from tests.resources.card import Subject, assert_readable, comparable_content, replace_ids
from tests.resources.faults import READY, Process, subjects
from tests.resources.harness import Record

from pulumi_partnercenter import PartnerCenterError, Rejected
from pulumi_partnercenter.api.http.blobs import Blobs
from pulumi_partnercenter.api.http.client import ApiClient
from pulumi_partnercenter.api.submission import client

__all__ = ["Case", "World", "mutated", "sample", "world"]

OPERATIONS = ("read", "create", "update")
ELEMENTS = 2
"""As many elements of a list are mutated: the others are like them."""
ROWS = frozenset(
    {"DELETE images", "DELETE videos", "DELETE assets", "DELETE packages", "DELETE cosellAssets"}
)
"""What a run that was cut off leaves half made, and the next one puts away."""

Steps = tuple[str | int, ...]


@dataclass(frozen=True)
class Case:
    """`why` it did not hold; empty: it did. `told`: the first line of what people read."""

    card: str
    operation: str
    answer: str
    member: str
    mutation: str
    told: str
    why: str = ""


@dataclass
class Line:
    """Where answers arrive: keeps each JSON answer of the API, and changes one of them."""

    answers: list[tuple[str, Any]] = field(default_factory=list)
    number: int = -1
    """The answer to change; negative: none."""
    change: Callable[[Any], Any] = copy.deepcopy

    def handle(
        self, send: Callable[..., httpx.Response], wire: httpx.HTTPTransport, request: httpx.Request
    ) -> httpx.Response:
        response = send(wire, request)
        if not request.url.path.startswith("/v1.0/ingestion/") or not response.is_success:
            return response
        content = response.read()
        response.close()
        if content:
            body = json.loads(content)
            self.answers.append((_label(request), body))
            if len(self.answers) - 1 == self.number:
                return httpx.Response(response.status_code, json=self.change(body), request=request)
        # What was read once is not there to be read again.
        return httpx.Response(
            response.status_code, headers=response.headers, content=content, request=request
        )


@dataclass
class Situation:
    """What an operation starts from, its answers, and what it leads to when all of them are right."""

    before: Any
    state: dict[str, Record]
    answers: list[tuple[str, Any]] = field(default_factory=list)
    deletes: frozenset[str] = frozenset()
    expected: Any = None
    after: dict[str, Record] = field(default_factory=dict)


class World:
    """An emulator whose answers arrive odd, and clients whose pauses take no time."""

    def __init__(self, emulator: Serving, line: Line) -> None:
        self.emulator, self.line = emulator, line
        self.stack = Process({"partnercenter:endpoint": emulator.url})
        self._situations: dict[tuple[str, str], Situation] = {}

    def mutations(self, name: str, operation: str) -> Iterator[tuple[int, Steps, str]]:
        """Every answer, member and mutation of one operation of a subject."""
        for number, (_, body) in enumerate(self._situation(name, operation).answers):
            for steps, mutation in mutations_of(body):
                yield number, steps, mutation

    def case(self, name: str, operation: str, number: int, steps: Steps, mutation: str) -> Case:
        situation = self._situation(name, operation)
        label = situation.answers[number][0]
        self._return_to(situation)
        told, why = self._odd(name, operation, number, lambda body: mutated(body, steps, mutation))
        why = (
            why
            or self._untouched(situation, operation, told)
            or self._difference(
                name, operation, situation, is_written_back=operation != "read" and label.startswith("GET")
            )
        )
        return Case(
            name,
            operation,
            f"{number + 1}: {label}",
            ".".join(map(str, steps)) or "(all)",
            mutation,
            told,
            why,
        )

    def _situation(self, name: str, operation: str) -> Situation:
        if (name, operation) not in self._situations:
            subject = subjects()[name]()
            self._make(subject, operation)
            found = Situation(self.emulator.snapshot(), copy.deepcopy(self.stack.state))
            self._clear()
            self._operation(subject, operation).act(self.stack)
            found.answers, found.deletes = list(self.line.answers), frozenset(self._deletes())
            found.expected = self._outcome()
            found.after = copy.deepcopy(self.stack.state)
            self._situations[name, operation] = found
        return self._situations[name, operation]

    def _make(self, subject: Subject, operation: str) -> None:
        self.line.number = -1
        self.emulator.reset()
        self.stack.forget()
        subject.prepare_emulator(self.emulator)
        self._operation(subject, operation).before(self.stack)

    def _operation(self, subject: Subject, operation: str) -> Any:
        return subject.operations()[operation]

    def _return_to(self, situation: Situation) -> None:
        self.emulator.restore(situation.before)
        self.stack.state = copy.deepcopy(situation.state)
        self.stack.replaced = []
        self._clear()

    def _clear(self) -> None:
        self.emulator.clear()
        self.line.answers.clear()
        self.line.number = -1

    def _odd(self, name: str, operation: str, number: int, change: Callable[[Any], Any]) -> tuple[str, str]:
        """What people read, and what is wrong with that."""
        self.line.number, self.line.change = number, change
        try:
            self._operation(subjects()[name](), operation).act(self.stack)
        except Rejected as error:
            return str(error).splitlines()[0], ""  # a line for each finding
        except PartnerCenterError as error:
            try:
                assert_readable(error)
            except AssertionError:
                return str(error), f"more than three lines: {error}"
            return str(error).splitlines()[0], ""
        except Exception as error:
            return "", f"a traceback: {type(error).__name__}: {error}"
        finally:
            self.line.number = -1
        return "", ""

    def _untouched(self, situation: Situation, operation: str, told: str) -> str:
        """A refresh that was refused leaves each state as it was, or as a refresh with right answers has it."""
        if operation != "read" or not told:
            return ""
        right = (situation.state, situation.after)
        odd = [
            name
            for name, record in self.stack.state.items()
            if record not in [each.get(name) for each in right]
        ]
        is_gone = situation.state.keys() != self.stack.state.keys()
        return f"the refresh was refused, and the state of {odd} is another" if odd or is_gone else ""

    def _difference(self, name: str, operation: str, situation: Situation, *, is_written_back: bool) -> str:
        """Why the next runs, with right answers, do not end where an undisturbed run does."""
        subject = subjects()[name]()
        act = self._operation(subject, "create" if operation == "read" else operation).act
        try:
            done = act(self.stack)
            self.stack.refresh()
            act(self.stack)
        except (PartnerCenterError, AssertionError) as error:
            return f"the next run failed: {type(error).__name__}: {error}"
        if "replace" in (done or {}).values():
            return f"replaced: {done}"
        allowed = situation.deletes | (ROWS if operation != "read" else frozenset())
        if gone := sorted({each for each in self._deletes() if each not in allowed}):
            return f"deleted: {gone}"
        held, inputs = self._outcome()
        expected, expected_inputs = situation.expected
        if inputs != expected_inputs:
            return "the state holds something else"
        if is_written_back:  # a write sends what it read, also what is not ours: nobody can know better
            held, expected = ({name: len(each) for name, each in side.items()} for side in (held, expected))
        if held != expected:
            return "the service holds something else"
        return ""

    def _deletes(self) -> list[str]:
        """By collection, since the last `clear`."""
        return [
            f"DELETE {each['path'].partition('?')[0].rsplit('/', 2)[-2]}"
            for each in self.emulator.requests()
            if each["method"] == "DELETE"
        ]

    def _outcome(self) -> Any:
        held = {name: [_filled(each) for each in found] for name, found in self.emulator.state().items()}
        inputs = {name: record.inputs for name, record in self.stack.state.items()}
        return comparable_content(held), replace_ids(json.dumps(inputs, sort_keys=True), held)


def mutations_of(body: Any) -> Iterator[tuple[Steps, str]]:
    """Each member at any depth, with the name of each mutation that makes it another."""
    for steps in ((), *_members(body, ())):
        value = functools.reduce(lambda found, step: found[step], steps, body)
        for name in MUTATIONS:
            if (
                not (name == "absent" and (not steps or isinstance(steps[-1], int)))
                and _other(name, value) != value
            ):
                yield steps, name


def _members(body: Any, before: Steps) -> Iterator[Steps]:
    inner = body.items() if isinstance(body, dict) else enumerate(body[:ELEMENTS])
    for step, value in inner:
        yield (*before, step)
        if isinstance(value, dict | list):
            yield from _members(value, (*before, step))


MUTATIONS = ("absent", "null", "empty text", "empty list", "a number", "an object", "other text")
ABSENT = object()


def _other(mutation: str, value: Any) -> Any:
    if mutation == "other text":
        return f"{value}x" if isinstance(value, str) else value
    return {
        "absent": ABSENT,
        "null": None,
        "empty text": "",
        "empty list": [],
        "a number": 7,
        "an object": {"a": 1},
    }[mutation]


def mutated(body: Any, steps: Steps, mutation: str) -> Any:
    """The answer with one member changed."""
    if not steps:
        return _other(mutation, body)
    body = copy.deepcopy(body)
    holder = functools.reduce(lambda found, step: found[step], steps[:-1], body)
    if (value := _other(mutation, holder[steps[-1]])) is ABSENT:
        del holder[steps[-1]]
    else:
        holder[steps[-1]] = value
    return body


@contextlib.contextmanager
def world(emulator: Serving) -> Iterator[World]:
    """While this lasts, answers go through the world's line, and pauses take no time."""
    line, send = Line(), httpx.HTTPTransport.handle_request
    with contextlib.ExitStack() as stack:
        patch = functools.partial(mock.patch.object, httpx.HTTPTransport, "handle_request")
        stack.enter_context(patch(lambda wire, request: line.handle(send, wire, request)))
        stack.enter_context(mock.patch.dict(os.environ, READY))
        for each in (ApiClient, Blobs):
            without_sleep = functools.partial(each, sleep=lambda _: None)
            stack.enter_context(mock.patch.object(client, each.__name__, without_sleep))
        yield World(emulator, line)


def everything(here: World, names: list[str]) -> Iterator[tuple[str, str, int, Steps, str]]:
    for name, operation in itertools.product(names, OPERATIONS):
        if operation in subjects()[name]().operations():
            yield from ((name, operation, *each) for each in here.mutations(name, operation))


def sample(here: World, name: str, operation: str, most: int, seed: int) -> list[Case]:
    """A seeded choice of the cases of one operation."""
    every = list(here.mutations(name, operation))
    chosen = random.Random(seed).sample(every, min(most, len(every)))
    return [here.case(name, operation, *each) for each in chosen]


def _filled(value: Any) -> Any:
    """Without what is empty: absent and empty are one (2.7)."""
    if isinstance(value, dict):
        return {name: _filled(each) for name, each in value.items() if each not in (None, "", [])}
    return [_filled(each) for each in value] if isinstance(value, list) else value


def _label(request: httpx.Request) -> str:
    last = [each for each in request.url.path.split("/") if not any(map(str.isdigit, each.partition("(")[0]))]
    return f"{request.method} {last[-1].partition('(instance')[0]}"


def main() -> None:
    names = list(subjects())
    parser = argparse.ArgumentParser(prog="python -m tests.resources.mutations", description="Odd answers.")
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="CARD")
    parser.add_argument("--operations", nargs="+", choices=OPERATIONS, default=list(OPERATIONS))
    parser.add_argument(
        "--each", type=int, default=sys.maxsize, help="as many cases of each operation, by seed 1"
    )
    options = parser.parse_args()
    cases: list[Case] = []
    with serve(seed=1) as emulator, world(emulator) as here:
        for name, operation in itertools.product(options.only, options.operations):
            if operation not in subjects()[name]().operations():
                continue
            print(f"{name} {operation}", file=sys.stderr, flush=True)
            nowhere = io.StringIO()
            with contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
                cases += sample(here, name, operation, options.each, seed=1)
    for each in cases:
        if each.why:
            print(f"{each.card} {each.operation}, {each.answer}, {each.member} {each.mutation}: {each.why}")
    file = CHECKOUT / ".bench" / "mutations.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps([asdict(each) for each in cases], indent=1, ensure_ascii=False) + "\n")
    print(summary(cases))
    print(f"written to {file}")
    sys.exit(any(each.why for each in cases))


def summary(cases: list[Case]) -> str:
    kinds: Mapping[str, int] = {
        kind: sum(each.why.startswith(kind) for each in cases)
        for kind in ("deleted", "replaced", "a traceback")
    }
    counts = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    refused = sum(bool(each.told) for each in cases)
    return (
        f"{len(cases)} odd answers (answer, member, mutation): {refused} refused, {counts}, "
        f"{sum(bool(each.why) for each in cases)} that do not converge"
    )


if __name__ == "__main__":
    main()

"""Odd responses: a single member is absent, null, empty, of another type, or has another value.

    python -m tests.resources.mutations [--only CARD …]

Mutates each member of each response of a refresh, of the `up` that creates a resource, and of the `up` that changes it.
No such response deletes or replaces an object or causes a traceback, and runs with right responses restore the
expected result. Prints the number of cases and writes them to `.bench/mutations.json`; `test_mutations.py` asserts
a sample.
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
from provider.tools.emulators import RunningEmulator, serve
from provider.tools.engine.engine import CHECKOUT
from tests.resources.card import Subject, assert_readable, comparable_content, replace_ids
from tests.resources.faults import READY_TOKEN, Process, subjects
from tests.resources.harness import Record

from pulumi_partnercenter import PartnerCenterError, Rejected
from pulumi_partnercenter.api.http.blobs import Blobs
from pulumi_partnercenter.api.http.client import ApiClient
from pulumi_partnercenter.api.portal import client as portal_client
from pulumi_partnercenter.api.submission import client

__all__ = ["Case", "MutationLab", "mutate", "mutation_lab", "sample"]

OPERATIONS = ("read", "create", "update")
SERVICES = ("/v1.0/ingestion/", "/api/publishers/", "/api/operations/")
"""Beginnings of the paths whose responses are changed."""
ELEMENTS = 2
"""Maximum number of mutated elements of a list."""
UPLOAD_DELETIONS = frozenset(
    {"DELETE images", "DELETE videos", "DELETE assets", "DELETE packages", "DELETE cosellAssets"}
)
"""Incomplete objects of an interrupted run, which the next run removes."""

Steps = tuple[str | int, ...]


@dataclass(frozen=True)
class Case:
    """Result of a case. `message` is the first line of the error; `problem` is empty if the case passed."""

    card: str
    operation: str
    response: str
    member: str
    mutation: str
    message: str
    problem: str = ""


@dataclass
class ResponseGate:
    """Transport of the clients: records each JSON response of the API, and changes one of them."""

    responses: list[tuple[str, Any]] = field(default_factory=list)
    number: int = -1
    """Index of the response to change; negative for none."""
    change: Callable[[Any], Any] = copy.deepcopy

    def handle(
        self, send: Callable[..., httpx.Response], wire: httpx.HTTPTransport, request: httpx.Request
    ) -> httpx.Response:
        response = send(wire, request)
        if not request.url.path.startswith(SERVICES) or not response.is_success:
            return response
        content = response.read()
        response.close()
        if content:
            body = json.loads(content)
            self.responses.append((_label(request), body))
            if len(self.responses) - 1 == self.number:
                return httpx.Response(response.status_code, json=self.change(body), request=request)
        # The content of the original response has been read and cannot be read again.
        return httpx.Response(
            response.status_code, headers=response.headers, content=content, request=request
        )


@dataclass
class Situation:
    """State before an operation, its responses, and the expected outcome with unchanged responses."""

    before: Any
    state: dict[str, Record]
    responses: list[tuple[str, Any]] = field(default_factory=list)
    deletes: frozenset[str] = frozenset()
    expected: Any = None
    after: dict[str, Record] = field(default_factory=dict)


class MutationLab:
    """An emulator with one changed response, and clients that never pause."""

    def __init__(self, emulator: RunningEmulator, gate: ResponseGate) -> None:
        self.emulator, self.gate = emulator, gate
        self.stack = Process({"partnercenter:endpoint": emulator.url})
        self._situations: dict[tuple[str, str], Situation] = {}

    def mutations(self, name: str, operation: str) -> Iterator[tuple[int, Steps, str]]:
        """Yield every response, member and mutation of an operation of a subject."""
        for number, (_, body) in enumerate(self._situation(name, operation).responses):
            for steps, mutation in list_mutations(body):
                yield number, steps, mutation

    def case(self, name: str, operation: str, number: int, steps: Steps, mutation: str) -> Case:
        situation = self._situation(name, operation)
        label = situation.responses[number][0]
        self._restore(situation)
        message, problem = self._run_with_mutation(
            name, operation, number, lambda body: mutate(body, steps, mutation)
        )
        problem = (
            problem
            or self._state_problem(situation, operation, message)
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
            message,
            problem,
        )

    def _situation(self, name: str, operation: str) -> Situation:
        if (name, operation) not in self._situations:
            subject = subjects()[name]()
            self._make(subject, operation)
            situation = Situation(self.emulator.snapshot(), copy.deepcopy(self.stack.state))
            self._clear()
            self._operation(subject, operation).act(self.stack)
            situation.responses, situation.deletes = list(self.gate.responses), frozenset(self._deletes())
            situation.expected = self._outcome()
            situation.after = copy.deepcopy(self.stack.state)
            self._situations[name, operation] = situation
        return self._situations[name, operation]

    def _make(self, subject: Subject, operation: str) -> None:
        self.gate.number = -1
        self.emulator.reset()
        self.stack.forget()
        subject.prepare_emulator(self.emulator)
        self._operation(subject, operation).before(self.stack)

    def _operation(self, subject: Subject, operation: str) -> Any:
        return subject.operations()[operation]

    def _restore(self, situation: Situation) -> None:
        self.emulator.restore(situation.before)
        self.stack.state = copy.deepcopy(situation.state)
        self.stack.pending_deletions = []
        self._clear()

    def _clear(self) -> None:
        self.emulator.clear()
        self.gate.responses.clear()
        self.gate.number = -1

    def _run_with_mutation(
        self, name: str, operation: str, number: int, change: Callable[[Any], Any]
    ) -> tuple[str, str]:
        """Return the first line of the error message, and its problem; both empty if there is none."""
        self.gate.number, self.gate.change = number, change
        try:
            self._operation(subjects()[name](), operation).act(self.stack)
        except Rejected as error:
            # Such a message has a line for each finding, not three at most.
            return str(error).splitlines()[0], ""
        except PartnerCenterError as error:
            try:
                assert_readable(error)
            except AssertionError:
                return str(error), f"more than three lines: {error}"
            return str(error).splitlines()[0], ""
        except Exception as error:
            return "", f"a traceback: {type(error).__name__}: {error}"
        finally:
            self.gate.number = -1
        return "", ""

    def _state_problem(self, situation: Situation, operation: str, message: str) -> str:
        """Check that a refused refresh left each state as before, or as after a refresh with right responses."""
        if operation != "read" or not message:
            return ""
        right = (situation.state, situation.after)
        changed_names = [
            name
            for name, record in self.stack.state.items()
            if record not in [state.get(name) for state in right]
        ]
        is_gone = situation.state.keys() != self.stack.state.keys()
        return (
            f"the refresh was refused, and the state of {changed_names} is another"
            if changed_names or is_gone
            else ""
        )

    def _difference(self, name: str, operation: str, situation: Situation, *, is_written_back: bool) -> str:
        """Return the difference of the next runs, with right responses, from an undisturbed run; empty if equal."""
        subject = subjects()[name]()
        act = self._operation(subject, _first(subject) if operation == "read" else operation).act
        try:
            changes = act(self.stack)
            self.stack.refresh()
            act(self.stack)
        except (PartnerCenterError, AssertionError) as error:
            return f"the next run failed: {type(error).__name__}: {error}"
        if "replace" in (changes or {}).values():
            return f"replaced: {changes}"
        allowed = situation.deletes | (UPLOAD_DELETIONS if operation != "read" else frozenset())
        if unexpected_deletes := sorted({delete for delete in self._deletes() if delete not in allowed}):
            return f"deleted: {unexpected_deletes}"
        state, inputs = self._outcome()
        expected, expected_inputs = situation.expected
        if inputs != expected_inputs:
            return "the state holds something else"
        # A write repeats all members of the response: a wrong value in a member without a model is undetectable.
        if is_written_back:
            state, expected = (
                {name: len(delete) for name, delete in side.items()} for side in (state, expected)
            )
        if state != expected:
            return "the service holds something else"
        return ""

    def _deletes(self) -> list[str]:
        """Return the DELETE requests since the last `clear`, by collection."""
        return [
            f"DELETE {request['path'].partition('?')[0].rsplit('/', 2)[-2]}"
            for request in self.emulator.requests()
            if request["method"] == "DELETE"
        ]

    def _outcome(self) -> Any:
        state = {
            name: [_without_empty(document) for document in documents]
            for name, documents in self.emulator.state().items()
        }
        inputs = {name: record.inputs for name, record in self.stack.state.items()}
        return comparable_content(state), replace_ids(json.dumps(inputs, sort_keys=True), state)


def _first(subject: Subject) -> str:
    """Return the operation that makes a subject, whose repetition restores it."""
    return next(iter(subject.operations()))


def list_mutations(body: Any) -> Iterator[tuple[Steps, str]]:
    """Yield each member at any depth, with the name of each mutation that changes it."""
    for steps in ((), *_members(body, ())):
        value = functools.reduce(lambda inner_value, step: inner_value[step], steps, body)
        for name in MUTATIONS:
            if (
                not (name == "absent" and (not steps or isinstance(steps[-1], int)))
                and _mutated_value(name, value) != value
            ):
                yield steps, name


def _members(body: Any, path: Steps) -> Iterator[Steps]:
    inner = body.items() if isinstance(body, dict) else enumerate(body[:ELEMENTS])
    for step, value in inner:
        yield (*path, step)
        if isinstance(value, dict | list):
            yield from _members(value, (*path, step))


MUTATIONS = ("absent", "null", "empty text", "empty list", "a number", "an object", "other text")
ABSENT = object()


def _mutated_value(mutation: str, value: Any) -> Any:
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


def mutate(body: Any, steps: Steps, mutation: str) -> Any:
    """Return the response with one changed member."""
    if not steps:
        return _mutated_value(mutation, body)
    body = copy.deepcopy(body)
    holder = functools.reduce(lambda inner_value, step: inner_value[step], steps[:-1], body)
    if (value := _mutated_value(mutation, holder[steps[-1]])) is ABSENT:
        del holder[steps[-1]]
    else:
        holder[steps[-1]] = value
    return body


@contextlib.contextmanager
def mutation_lab(emulator: RunningEmulator) -> Iterator[MutationLab]:
    """Context in which responses pass the lab's gate and clients never pause."""
    gate, send = ResponseGate(), httpx.HTTPTransport.handle_request
    with contextlib.ExitStack() as stack:
        patch = functools.partial(mock.patch.object, httpx.HTTPTransport, "handle_request")
        stack.enter_context(patch(lambda wire, request: gate.handle(send, wire, request)))
        stack.enter_context(mock.patch.dict(os.environ, READY_TOKEN))
        for module, client_class in ((client, ApiClient), (client, Blobs), (portal_client, ApiClient)):
            without_sleep = functools.partial(client_class, sleep=lambda _: None)
            stack.enter_context(mock.patch.object(module, client_class.__name__, without_sleep))
        yield MutationLab(emulator, gate)


def all_mutations(lab: MutationLab, names: list[str]) -> Iterator[tuple[str, str, int, Steps, str]]:
    for name, operation in itertools.product(names, OPERATIONS):
        if operation in subjects()[name]().operations():
            yield from ((name, operation, *mutation) for mutation in lab.mutations(name, operation))


def sample(lab: MutationLab, name: str, operation: str, limit: int, seed: int) -> list[Case]:
    """Return a seeded choice of the cases of an operation."""
    mutations = list(lab.mutations(name, operation))
    selection = random.Random(seed).sample(mutations, min(limit, len(mutations)))
    return [lab.case(name, operation, *mutation) for mutation in selection]


def _without_empty(value: Any) -> Any:
    """Remove empty members: the service treats absent and empty alike."""
    if isinstance(value, dict):
        return {
            name: _without_empty(inner_value)
            for name, inner_value in value.items()
            if inner_value not in (None, "", [])
        }
    return [_without_empty(inner_value) for inner_value in value] if isinstance(value, list) else value


def _label(request: httpx.Request) -> str:
    segments = [
        segment
        for segment in request.url.path.split("/")
        if not any(map(str.isdigit, segment.partition("(")[0]))
    ]
    return f"{request.method} {segments[-1].partition('(instance')[0]}"


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
    with serve(seed=1) as emulator, mutation_lab(emulator) as lab:
        for name, operation in itertools.product(options.only, options.operations):
            if operation not in subjects()[name]().operations():
                continue
            print(f"{name} {operation}: ", end="", file=sys.stderr, flush=True)
            discarded = io.StringIO()
            with contextlib.redirect_stdout(discarded), contextlib.redirect_stderr(discarded):
                new_cases = sample(lab, name, operation, options.each, seed=1)
            print(summary(new_cases), file=sys.stderr, flush=True)
            for case in new_cases:
                if case.problem:
                    print(f"  {case.response}, {case.member} {case.mutation}: {case.problem}", flush=True)
            cases += new_cases
    file = CHECKOUT / ".bench" / "mutations.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps([asdict(case) for case in cases], indent=1, ensure_ascii=False) + "\n")
    print(summary(cases))
    print(f"written to {file}")
    sys.exit(any(case.problem for case in cases))


def summary(cases: list[Case]) -> str:
    kinds: Mapping[str, int] = {
        kind: sum(case.problem.startswith(kind) for case in cases)
        for kind in ("deleted", "replaced", "a traceback")
    }
    counts = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    refused = sum(bool(case.message) for case in cases)
    return (
        f"{len(cases)} odd answers (answer, member, mutation): {refused} refused, {counts}, "
        f"{sum(bool(case.problem) for case in cases)} that do not converge"
    )


if __name__ == "__main__":
    main()

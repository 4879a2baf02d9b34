"""A fault at each request of each operation of each resource: after the next run nothing is lost or duplicated.

    python -m tests.resources.faults [--only RESOURCE …]

prints the number of cases and the cases that do not converge, and writes all cases to `.bench/faults.json`.
`test_faults.py` asserts the same cases; an even choice if an operation has many.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import email.utils
import functools
import io
import itertools
import json
import os
import re
import ssl
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import httpx
import trustme
from provider.tools.emulators import TOKEN, RunningEmulator, serve
from provider.tools.engine.engine import CHECKOUT
from rich.console import Console
from rich.table import Table
from tests.resources.card import GUID, Operation, Subject, assert_readable, comparable_content, replace_ids
from tests.resources.harness import Plugin, Record, Stack

from pulumi_partnercenter import PartnerCenterError
from pulumi_partnercenter.api.http import tokens
from pulumi_partnercenter.api.http.blobs import Blobs
from pulumi_partnercenter.api.http.client import ApiClient
from pulumi_partnercenter.api.portal import client as portal_client
from pulumi_partnercenter.api.submission import client
from pulumi_partnercenter.emulator.entra import CLIENT, LIFETIME_SECONDS, SECRET, TENANT

__all__ = ["FAULTS", "Case", "FaultLab", "emulator_with_sign_in", "fault_lab", "subjects"]

SLOW_SECONDS, PATIENCE_SECONDS = 0.02, 0.005
EXTRA_REQUESTS = 6
"""Requests that a run and its repetition may need in addition to two undisturbed runs: the disturbed request again (1),
a new sign-in (2), and reads of plan, branch and draft, which find out the request's effect (3).
"""


@dataclass(frozen=True)
class Fault:
    """Fault of one request: `emulator_fault` is set at the emulator, the others apply in the client's transport."""

    emulator_fault: Callable[[], Mapping[str, Any]] = dict
    is_slow: bool = False
    """The client gives up before the service begins; the service then continues."""
    expires: bool = False
    """The token expires before the request."""


def _always(**order: Any) -> Callable[[], Mapping[str, Any]]:
    return lambda: order


def _asks_to_wait_until() -> Mapping[str, Any]:
    date = email.utils.formatdate(time.time() + 3, usegmt=True)
    return {"status": 429, "headers": {"Retry-After": date}}


FAULTS: Mapping[str, Fault] = {
    "cut before the work": Fault(_always(drop="before")),
    "cut after the work": Fault(_always(drop="after")),
    "cut in the answer": Fault(_always(drop="during")),
    "slow": Fault(_always(delay_seconds=SLOW_SECONDS), is_slow=True),
    "429": Fault(_always(status=429)),
    "429, seconds": Fault(_always(status=429, headers={"Retry-After": "2"})),
    "429, a date": Fault(_asks_to_wait_until),
    "401": Fault(_always(status=401)),
    "token expired": Fault(expires=True),
    "412": Fault(_always(status=412)),
    "500": Fault(_always(status=500)),
    "502": Fault(_always(status=502)),
    "503": Fault(_always(status=503)),
    "504": Fault(_always(status=504)),
}


LOST_CONNECTIONS = ("cut before the work", "cut after the work", "cut in the answer", "slow")
SIGN_IN = ("token", "openid-configuration")
BUSY_SERVICE = ("429", "429, seconds", "429, a date", "502", "503", "504")


def is_recoverable(
    fault: str, method: str, target: str, *, signs_in: bool, repeats_500: bool = False
) -> bool | None:
    """Whether the run recovers by itself (True) or fails and the next run converges (False). None: both are correct.

    A run recovers from lost connections and a busy service at any request: it looks for the object that a lost POST may
    have created. It fails at a 500, unless the service's client repeats requests after it, and at a 401 if it cannot
    get a new token. It repeats a write after a 412 if no other client changed the document.
    """
    if target in SIGN_IN:
        return None  # the sign-in library has its own retries, for some of its requests
    if fault in (*LOST_CONNECTIONS, *BUSY_SERVICE, "token expired"):
        return True
    if fault == "500":
        return target == "blob" or repeats_500
    if fault == "401":
        return signs_in and target != "blob"
    if method == "POST" or (method, target) == ("PUT", "blob"):
        return None  # without a condition in the request, a 412 has no meaning
    return method == "PUT"


READY_TOKEN = {"PARTNERCENTER_ACCESS_TOKEN": TOKEN}
FAULTS_WITH_REFRESH = ("cut before the work", "cut after the work")
"""Faults whose runs are followed by a refresh. After other faults, the comparison covers what a refresh reads."""


@dataclass(frozen=True)
class Case:
    """Result of a case. `request` is the disturbed one, as `3: PUT listings`. `problem` is empty if it converged."""

    resource: str
    card: str
    operation: str
    request: str
    fault: str
    message: str
    """First line of the error message; empty if the run recovered by itself."""
    requests: int
    """Requests of the disturbed run and its repetition; `undisturbed` is the number for a single run without a fault.
    """
    undisturbed: int
    problem: str = ""


class Process(Stack):
    """A stack whose operations each sign in, as separate processes do."""

    @contextlib.contextmanager
    def operation(self) -> Iterator[Plugin]:
        try:
            with super().operation() as plugin:
                yield plugin
        finally:
            tokens._shared_sources.clear()


@dataclass
class RequestGate:
    """Transport of the clients: counts requests, and disturbs one request in ways that a service cannot."""

    emulator: RunningEmulator
    remaining: int = -1
    """Number of requests before the faulty one; negative for no fault."""
    fault: Fault = field(default_factory=Fault)

    def handle(
        self, send: Callable[..., httpx.Response], wire: httpx.HTTPTransport, request: httpx.Request
    ) -> httpx.Response:
        if request.url.path.startswith("/_emulator/"):
            return send(wire, request)
        is_here, self.remaining = self.remaining == 0, self.remaining - 1
        if is_here and self.fault.expires:
            self.emulator.advance(2 * LIFETIME_SECONDS)
        if is_here and self.fault.is_slow:
            patience = {**request.extensions["timeout"], "read": PATIENCE_SECONDS}
            request.extensions = {**request.extensions, "timeout": patience}
        return send(wire, request)

    def pause(self, _: float) -> None:
        """Let the service finish its operations, without waiting."""
        if self.fault.is_slow:
            while self.emulator.faults() or any(
                request["status"] == 0 for request in self.emulator.requests()
            ):
                pass


@dataclass
class Situation:
    """State before an operation, and its expected outcome without a fault."""

    before: Any
    state: dict[str, Record]
    pending_deletions: list[Record]
    labels: list[str] = field(default_factory=list)
    expected: Any = None


class FaultLab:
    """An emulator, and clients that never pause."""

    def __init__(self, emulator: RunningEmulator, gate: RequestGate, *, signs_in: bool) -> None:
        self.emulator, self.gate = emulator, gate
        self.fault_names = [name for name, fault in FAULTS.items() if signs_in or not fault.expires]
        self.stack = Process({"partnercenter:endpoint": emulator.url})

    def cases(self, subject: Subject, name: str, limit: int = sys.maxsize) -> Iterator[Case]:
        """Yield the cases of every fault at every request of an operation; at most `limit`, evenly chosen."""
        operation = subject.operations()[name]
        situation = self._situation(subject, operation)
        combinations = list(itertools.product(range(len(situation.labels)), self.fault_names))
        for number, fault in combinations[:: max(1, -(-len(combinations) // limit))]:
            yield self._case(subject, name, situation, number, fault)

    def _situation(self, subject: Subject, operation: Operation) -> Situation:
        self.emulator.reset()
        self.stack.forget()
        subject.prepare_emulator(self.emulator)
        operation.before(self.stack)
        situation = Situation(
            self.emulator.snapshot(),
            copy.deepcopy(self.stack.state),
            copy.deepcopy(self.stack.pending_deletions),
        )
        self.emulator.clear()
        operation.act(self.stack)
        situation.labels = [_label(request) for request in self.emulator.requests()]
        situation.expected = self._outcome()
        return situation

    def _case(self, subject: Subject, name: str, situation: Situation, number: int, fault: str) -> Case:
        self._restore(situation)
        act = subject.operations()[name].act
        message, problem = self._run_with_fault(act, number, FAULTS[fault])
        requests = 0
        try:
            if message:
                act(self.stack)
            requests = len(self.emulator.requests())
            problem = problem or self._unexpected_end(subject, name, situation.labels[number], fault, message)
            problem = problem or self._difference(
                situation, requests, act, is_thorough=fault in FAULTS_WITH_REFRESH
            )
        except (PartnerCenterError, AssertionError) as error:
            problem = problem or f"the repetition failed: {type(error).__name__}: {error}"
        return Case(
            subject.kind.__name__,
            type(subject).__name__.removeprefix("Test"),
            name,
            f"{number + 1}: {situation.labels[number]}",
            fault,
            message,
            requests,
            len(situation.labels),
            problem,
        )

    def _unexpected_end(self, subject: Subject, operation: str, label: str, fault: str, message: str) -> str:
        """Return the problem of a run that should have failed or succeeded; empty without a problem."""
        method, _, target = label.partition(" ")
        expected = is_recoverable(
            fault,
            method,
            target,
            signs_in="token expired" in self.fault_names,
            repeats_500=500 in subject.system.transient_statuses,
        )
        if fault == "412" and operation in subject.unconditional_operations:
            expected = None
        if expected is None or expected is not bool(message):
            return ""
        return f"should have gone on by itself: {message}" if expected else "should have told, and went on"

    def _restore(self, situation: Situation) -> None:
        self.emulator.restore(situation.before)
        self.stack.state = copy.deepcopy(situation.state)
        self.stack.pending_deletions = copy.deepcopy(situation.pending_deletions)

    def _run_with_fault(self, act: Callable[[Stack], object], number: int, fault: Fault) -> tuple[str, str]:
        """Return the first line of the error message, and its problem; both empty if there is none."""
        if order := fault.emulator_fault():
            self.emulator.fault(".", after=number, **order)
        self.gate.remaining, self.gate.fault = number, fault
        message = problem = ""
        try:
            act(self.stack)
        except PartnerCenterError as error:
            message = str(error).splitlines()[0]
            problem = _readability_problem(error)
        self.gate.remaining = -1
        self.emulator.unfault()
        return message, problem

    def _outcome(self) -> Any:
        """Return the comparable content of the service and the inputs in the state."""
        inputs = {name: record.inputs for name, record in self.stack.state.items()}
        state = self.emulator.state()
        return (
            comparable_content(state),
            self._bytes(state),
            replace_ids(json.dumps(inputs, sort_keys=True), state),
        )

    def _bytes(self, state: Mapping[str, list[dict[str, Any]]]) -> list[str]:
        """Return the digests of the documents' files."""
        assert self.emulator.store is not None
        digests = {blob.id: blob.body.get("md5", "") for blob in self.emulator.store.select("blob")}
        return sorted(
            digests[document["@file"]["blob"]]
            for documents in state.values()
            for document in documents
            if document.get("@file")
        )

    def _difference(
        self, situation: Situation, requests: int, act: Callable[[Stack], object], *, is_thorough: bool
    ) -> str:
        """Return the difference to an undisturbed run; empty without a difference."""
        if self._outcome() != situation.expected:
            return "the service or the state holds something else"
        if requests > 2 * len(situation.labels) + EXTRA_REQUESTS:
            return f"{requests} requests, of {len(situation.labels)} undisturbed"
        if is_thorough and (drift := self.stack.refresh()):
            return f"a refresh finds {drift}"
        self.emulator.clear()
        act(self.stack)
        if [
            request
            for request in self.emulator.requests()
            if request["method"] != "GET" and request["service"] != "entra"
        ]:
            return "a further run writes"
        return ""


def _readability_problem(error: PartnerCenterError) -> str:
    try:
        assert_readable(error)
    except AssertionError:
        return f"more than three lines: {error}"
    return ""


def _label(request: Mapping[str, Any]) -> str:
    """Return method and kind of a request: `PUT listings`, `POST token`, `PUT blob`."""
    if request["service"] == "blob":
        return f"{request['method']} blob"
    path = re.sub(GUID, "{id}", request["path"].partition("?")[0])
    parts = [segment for segment in path.split("/") if segment not in ("", "{id}")]
    return f"{request['method']} {parts[-1].partition('(instance')[0]}"


def subjects() -> dict[str, type[Subject]]:
    """Return the subjects of the test modules of this folder, by name."""
    from tests.resources.cards import SUBJECTS  # imports the test modules

    return {subject.__name__.removeprefix("Test"): subject for subject in SUBJECTS}


@contextlib.contextmanager
def fault_lab(emulator: RunningEmulator, login: Mapping[str, str] = READY_TOKEN) -> Iterator[FaultLab]:
    """Context in which clients of this process use this login and never pause."""
    gate, send = RequestGate(emulator), httpx.HTTPTransport.handle_request
    with contextlib.ExitStack() as stack:
        patch = functools.partial(mock.patch.object, httpx.HTTPTransport, "handle_request")
        stack.enter_context(patch(lambda wire, request: gate.handle(send, wire, request)))
        stack.enter_context(mock.patch.dict(os.environ, login))
        for module, client_class in ((client, ApiClient), (client, Blobs), (portal_client, ApiClient)):
            without_sleep = functools.partial(client_class, sleep=gate.pause)
            stack.enter_context(mock.patch.object(module, client_class.__name__, without_sleep))
        yield FaultLab(emulator, gate, signs_in=login is not READY_TOKEN)


@contextlib.contextmanager
def emulator_with_sign_in() -> Iterator[tuple[RunningEmulator, dict[str, str]]]:
    """An emulator with TLS, which the sign-in with a secret requires, and the login's configuration."""
    with tempfile.TemporaryDirectory() as folder:
        authority, authority_file, server_file = (
            trustme.CA(),
            Path(folder, "ca.pem"),
            Path(folder, "server.pem"),
        )
        authority.cert_pem.write_to_path(authority_file)
        authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(server_file)
        login = {"AZURE_TENANT_ID": TENANT, "AZURE_CLIENT_ID": CLIENT, "AZURE_CLIENT_SECRET": SECRET}
        ssl_context = ssl.create_default_context(cafile=str(authority_file))
        with serve(seed=1, certificate=server_file, key=server_file, verify=ssl_context) as emulator:
            yield emulator, {**login, "SSL_CERT_FILE": str(authority_file)}


def main() -> None:
    names = list(subjects())
    parser = argparse.ArgumentParser(
        prog="python -m tests.resources.faults", description="A fault at every request."
    )
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="CARD")
    options = parser.parse_args()
    with emulator_with_sign_in() as (emulator, login), fault_lab(emulator, login) as lab:
        cases = [case for name in options.only for case in _collect_cases(lab, name)]
    print_cases(cases)
    file = CHECKOUT / ".bench" / "faults.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps([asdict(case) for case in cases], indent=1, ensure_ascii=False) + "\n")
    print(f"written to {file}")
    sys.exit(any(case.problem for case in cases))


def _collect_cases(lab: FaultLab, name: str) -> Iterator[Case]:
    """Yield the cases of a subject, and discard the output of the providers."""
    subject = subjects()[name]()
    for operation in subject.operations():
        print(f"{name} {operation}", file=sys.stderr, flush=True)
        discarded = io.StringIO()
        with contextlib.redirect_stdout(discarded), contextlib.redirect_stderr(discarded):
            cases = list(lab.cases(subject, operation))
        yield from cases


def print_cases(cases: Sequence[Case]) -> None:
    """Print a row for each resource, and for each operation the numbers of all cases and of failed cases."""
    console = Console() if sys.stdout.isatty() else Console(width=150)
    operations = list(dict.fromkeys(case.operation for case in cases))
    table = Table(title="A fault at every request: cases", title_justify="left")
    for name in ("resource", *operations):
        table.add_column(name, justify="left" if name == "resource" else "right")
    for resource in sorted({case.resource for case in cases}):
        counts = [
            [bool(case.problem) for case in cases if (case.resource, case.operation) == (resource, operation)]
            for operation in operations
        ]
        table.add_row(
            resource,
            *(
                f"{len(problems)}{f' ({sum(problems)} NOT)' * any(problems)}" if problems else ""
                for problems in counts
            ),
        )
    console.print(table)
    for case in cases:
        if case.problem:
            console.print(f"{case.card} {case.operation}, {case.request}, {case.fault}: {case.problem}")
    unaided = sum(not case.message for case in cases)
    converged = sum(not case.problem for case in cases)
    print(f"{len(cases)} cases, {converged} converged: {unaided} in the same run, the others in the next")


if __name__ == "__main__":
    main()

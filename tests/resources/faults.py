"""Trouble at each request of each operation of each resource, in turn: run again, and nothing is lost or there twice.

    python -m tests.resources.faults [--only RESOURCE …]

prints how many cases there are and which do not converge, and writes every one of them to `.bench/faults.json`.
`test_faults.py` asserts the same cases, or an even choice where an operation has very many.
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
from provider.tools.emulators import TOKEN, Serving, serve
from provider.tools.engine.engine import CHECKOUT
from rich.console import Console
from rich.table import Table
from tests.resources.card import GUID, Operation, Subject, assert_readable, comparable_content, replace_ids
from tests.resources.harness import Plugin, Record, Stack

from pulumi_partnercenter import PartnerCenterError
from pulumi_partnercenter.api.http import tokens
from pulumi_partnercenter.api.http.blobs import Blobs
from pulumi_partnercenter.api.http.client import ApiClient
from pulumi_partnercenter.api.submission import client
from pulumi_partnercenter.emulator.entra import CLIENT, LIFETIME_SECONDS, SECRET, TENANT

__all__ = ["TROUBLES", "Case", "World", "guarded", "subjects", "world"]

SLOW_SECONDS, PATIENCE_SECONDS = 0.02, 0.005
MORE = 6
"""Requests that a run and its repetition may need beyond two undisturbed ones: the disturbed request once more, and the
longest way of finding out what became of it (sign-in again: 2; plan, branch and draft read anew: 3)."""


@dataclass(frozen=True)
class Trouble:
    """What befalls one request. `fault` is ordered at the emulator; the rest is done where the request leaves."""

    fault: Callable[[], Mapping[str, Any]] = dict
    is_slow: bool = False
    """The client gives up before the service has begun, which then works on."""
    expires: bool = False
    """The token ends before the request."""


def _always(**fault: Any) -> Callable[[], Mapping[str, Any]]:
    return lambda: fault


def _asks_to_wait_until() -> Mapping[str, Any]:
    date = email.utils.formatdate(time.time() + 3, usegmt=True)
    return {"status": 429, "headers": {"Retry-After": date}}


TROUBLES: Mapping[str, Trouble] = {
    "cut before the work": Trouble(_always(drop="before")),
    "cut after the work": Trouble(_always(drop="after")),
    "cut in the answer": Trouble(_always(drop="during")),
    "slow": Trouble(_always(delay_seconds=SLOW_SECONDS), is_slow=True),
    "429": Trouble(_always(status=429)),
    "429, seconds": Trouble(_always(status=429, headers={"Retry-After": "2"})),
    "429, a date": Trouble(_asks_to_wait_until),
    "401": Trouble(_always(status=401)),
    "token expired": Trouble(expires=True),
    "412": Trouble(_always(status=412)),
    "500": Trouble(_always(status=500)),
    "502": Trouble(_always(status=502)),
    "503": Trouble(_always(status=503)),
    "504": Trouble(_always(status=504)),
}


LOST = ("cut before the work", "cut after the work", "cut in the answer", "slow")
SIGN_IN = ("token", "openid-configuration")
BUSY = ("429", "429, seconds", "429, a date", "502", "503", "504")


def goes_on(trouble: str, method: str, place: str, *, signs_in: bool) -> bool | None:
    """Whether the run itself gets over it, or fails and leaves the rest to the next one. None: either is right.

    Lost connections and a service that is busy pass, whatever the request; what a lost POST has made is looked for.
    A refusal is told: 500 of the service, a token that is not accepted and cannot be had anew. A 412 that names no
    change of somebody else's is written again.
    """
    if place in SIGN_IN:
        return None  # the library that signs in has its own patience, for some of its requests
    if trouble in (*LOST, *BUSY, "token expired"):
        return True
    if trouble == "500":
        return place == "blob"
    if trouble == "401":
        return signs_in and place != "blob"
    if method == "POST" or (method, place) == ("PUT", "blob"):
        return None  # no condition was sent: a 412 tells nothing
    return method == "PUT"


READY = {"PARTNERCENTER_ACCESS_TOKEN": TOKEN}
THOROUGH = ("cut before the work", "cut after the work")
"""After these a refresh looks as well. After the others it would only read again what is compared anyway."""


@dataclass(frozen=True)
class Case:
    """`request` is where the trouble was: `3: PUT listings`. `why` it did not converge; empty: it did."""

    resource: str
    card: str
    operation: str
    request: str
    trouble: str
    told: str
    """The first line of what people read; empty when the run went on by itself."""
    requests: int
    """Of the disturbed run and its repetition; `undisturbed` is what one takes."""
    undisturbed: int
    why: str = ""


class Process(Stack):
    """A stack whose every operation signs in anew, as every process does."""

    @contextlib.contextmanager
    def operation(self) -> Iterator[Plugin]:
        try:
            with super().operation() as plugin:
                yield plugin
        finally:
            tokens._shared_sources.clear()


@dataclass
class Line:
    """Where requests leave the clients: counts them, and does to one of them what no service can do."""

    emulator: Serving
    left: int = -1
    """Requests before the one that suffers; negative: nobody does."""
    trouble: Trouble = field(default_factory=Trouble)

    def handle(
        self, send: Callable[..., httpx.Response], wire: httpx.HTTPTransport, request: httpx.Request
    ) -> httpx.Response:
        if request.url.path.startswith("/_emulator/"):
            return send(wire, request)
        is_here, self.left = self.left == 0, self.left - 1
        if is_here and self.trouble.expires:
            self.emulator.advance(2 * LIFETIME_SECONDS)
        if is_here and self.trouble.is_slow:
            patience = {**request.extensions["timeout"], "read": PATIENCE_SECONDS}
            request.extensions = {**request.extensions, "timeout": patience}
        return send(wire, request)

    def pause(self, _: float) -> None:
        """No time passes, but what the service has begun comes to its end."""
        if self.trouble.is_slow:
            while self.emulator.faults() or any(each["status"] == 0 for each in self.emulator.requests()):
                pass


@dataclass
class Situation:
    """What an operation starts from, and what it leads to when nothing goes wrong."""

    before: Any
    state: dict[str, Record]
    replaced: list[Record]
    labels: list[str] = field(default_factory=list)
    expected: Any = None


class World:
    """An emulator, and clients whose pauses take no time."""

    def __init__(self, emulator: Serving, line: Line, *, signs_in: bool) -> None:
        self.emulator, self.line = emulator, line
        self.troubles = [name for name, each in TROUBLES.items() if signs_in or not each.expires]
        self.stack = Process({"partnercenter:endpoint": emulator.url})

    def cases(self, subject: Subject, name: str, most: int = sys.maxsize) -> Iterator[Case]:
        """Every trouble at every request of one operation of a subject; `most` of these, evenly chosen."""
        operation = subject.operations()[name]
        situation = self._situation(subject, operation)
        every = list(itertools.product(range(len(situation.labels)), self.troubles))
        for number, trouble in every[:: max(1, -(-len(every) // most))]:
            yield self._case(subject, name, situation, number, trouble)

    def _situation(self, subject: Subject, operation: Operation) -> Situation:
        self.emulator.reset()
        self.stack.forget()
        subject.prepare_emulator(self.emulator)
        operation.before(self.stack)
        found = Situation(
            self.emulator.snapshot(), copy.deepcopy(self.stack.state), copy.deepcopy(self.stack.replaced)
        )
        self.emulator.clear()
        operation.act(self.stack)
        found.labels = [_label(each) for each in self.emulator.requests()]
        found.expected = self._outcome()
        return found

    def _case(self, subject: Subject, name: str, situation: Situation, number: int, trouble: str) -> Case:
        self._return_to(situation)
        act = subject.operations()[name].act
        told, why = self._disturbed(act, number, TROUBLES[trouble])
        requests = 0
        try:
            if told:
                act(self.stack)
            requests = len(self.emulator.requests())
            why = why or self._misjudged(situation.labels[number], trouble, told)
            why = why or self._difference(situation, requests, act, is_thorough=trouble in THOROUGH)
        except (PartnerCenterError, AssertionError) as error:
            why = why or f"the repetition failed: {type(error).__name__}: {error}"
        return Case(
            subject.kind.__name__,
            type(subject).__name__.removeprefix("Test"),
            name,
            f"{number + 1}: {situation.labels[number]}",
            trouble,
            told,
            requests,
            len(situation.labels),
            why,
        )

    def _misjudged(self, label: str, trouble: str, told: str) -> str:
        """Why the disturbed run should have ended otherwise; empty when it should not."""
        method, _, place = label.partition(" ")
        expected = goes_on(trouble, method, place, signs_in="token expired" in self.troubles)
        if expected is None or expected is not bool(told):
            return ""
        return f"should have gone on by itself: {told}" if expected else "should have told, and went on"

    def _return_to(self, situation: Situation) -> None:
        self.emulator.restore(situation.before)
        self.stack.state = copy.deepcopy(situation.state)
        self.stack.replaced = copy.deepcopy(situation.replaced)

    def _disturbed(self, act: Callable[[Stack], object], number: int, trouble: Trouble) -> tuple[str, str]:
        """What people read, and what is wrong with that."""
        if fault := trouble.fault():
            self.emulator.fault(".", after=number, **fault)
        self.line.left, self.line.trouble = number, trouble
        told = why = ""
        try:
            act(self.stack)
        except PartnerCenterError as error:
            told = str(error).splitlines()[0]
            why = _unreadable(error)
        self.line.left = -1
        self.emulator.unfault()
        return told, why

    def _outcome(self) -> Any:
        """What the service holds, and what the state says of it."""
        inputs = {name: record.inputs for name, record in self.stack.state.items()}
        held = self.emulator.state()
        return (
            comparable_content(held),
            self._bytes(held),
            replace_ids(json.dumps(inputs, sort_keys=True), held),
        )

    def _bytes(self, held: Mapping[str, list[dict[str, Any]]]) -> list[str]:
        """Digests of the files behind the documents."""
        assert self.emulator.store is not None
        kept = {blob.id: blob.body.get("md5", "") for blob in self.emulator.store.select("blob")}
        return sorted(
            kept[each["@file"]["blob"]]
            for documents in held.values()
            for each in documents
            if each.get("@file")
        )

    def _difference(
        self, situation: Situation, requests: int, act: Callable[[Stack], object], *, is_thorough: bool
    ) -> str:
        """Why this is not where an undisturbed run ends; empty when it is."""
        if self._outcome() != situation.expected:
            return "the service or the state holds something else"
        if requests > 2 * len(situation.labels) + MORE:
            return f"{requests} requests, of {len(situation.labels)} undisturbed"
        if is_thorough and (drift := self.stack.refresh()):
            return f"a refresh finds {drift}"
        self.emulator.clear()
        act(self.stack)
        if [
            each
            for each in self.emulator.requests()
            if each["method"] != "GET" and each["service"] != "entra"
        ]:
            return "a further run writes"
        return ""


def _unreadable(error: PartnerCenterError) -> str:
    try:
        assert_readable(error)
    except AssertionError:
        return f"more than three lines: {error}"
    return ""


def _label(request: Mapping[str, Any]) -> str:
    """`PUT listings`, `POST token`, `PUT blob`."""
    if request["service"] == "blob":
        return f"{request['method']} blob"
    path = re.sub(GUID, "{id}", request["path"].partition("?")[0])
    parts = [each for each in path.split("/") if each not in ("", "{id}")]
    return f"{request['method']} {parts[-1].partition('(instance')[0]}"


def subjects() -> dict[str, type[Subject]]:
    """All that the test modules beside this one declare, by name."""
    from tests.resources.cards import SUBJECTS  # which imports them

    return {each.__name__.removeprefix("Test"): each for each in SUBJECTS}


@contextlib.contextmanager
def world(emulator: Serving, login: Mapping[str, str] = READY) -> Iterator[World]:
    """While this lasts, clients of this process log in like this, and pauses take no time."""
    line, send = Line(emulator), httpx.HTTPTransport.handle_request
    with contextlib.ExitStack() as stack:
        patch = functools.partial(mock.patch.object, httpx.HTTPTransport, "handle_request")
        stack.enter_context(patch(lambda wire, request: line.handle(send, wire, request)))
        stack.enter_context(mock.patch.dict(os.environ, login))
        for each in (ApiClient, Blobs):
            without_sleep = functools.partial(each, sleep=line.pause)
            stack.enter_context(mock.patch.object(client, each.__name__, without_sleep))
        yield World(emulator, line, signs_in=login is not READY)


@contextlib.contextmanager
def guarded() -> Iterator[tuple[Serving, dict[str, str]]]:
    """An emulator behind TLS, because no secret goes over plain HTTP; and the login with a secret."""
    with tempfile.TemporaryDirectory() as folder:
        authority, trusted, own = trustme.CA(), Path(folder, "ca.pem"), Path(folder, "server.pem")
        authority.cert_pem.write_to_path(trusted)
        authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(own)
        secret = {"AZURE_TENANT_ID": TENANT, "AZURE_CLIENT_ID": CLIENT, "AZURE_CLIENT_SECRET": SECRET}
        trust = ssl.create_default_context(cafile=str(trusted))
        with serve(seed=1, certificate=own, key=own, verify=trust) as emulator:
            yield emulator, {**secret, "SSL_CERT_FILE": str(trusted)}


def main() -> None:
    names = list(subjects())
    parser = argparse.ArgumentParser(
        prog="python -m tests.resources.faults", description="Trouble at every request."
    )
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="CARD")
    options = parser.parse_args()
    with guarded() as (emulator, login), world(emulator, login) as here:
        cases = [case for name in options.only for case in _shown(here, name)]
    show(cases)
    file = CHECKOUT / ".bench" / "faults.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps([asdict(each) for each in cases], indent=1, ensure_ascii=False) + "\n")
    print(f"written to {file}")
    sys.exit(any(each.why for each in cases))


def _shown(here: World, name: str) -> Iterator[Case]:
    """Its cases, without what providers tell people meanwhile."""
    subject = subjects()[name]()
    for operation in subject.operations():
        print(f"{name} {operation}", file=sys.stderr, flush=True)
        nowhere = io.StringIO()
        with contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
            cases = list(here.cases(subject, operation))
        yield from cases


def show(cases: Sequence[Case]) -> None:
    """A row for each resource, a column for each operation: how many cases, and how many do not converge."""
    console = Console() if sys.stdout.isatty() else Console(width=150)
    operations = list(dict.fromkeys(each.operation for each in cases))
    table = Table(title="Trouble at every request: cases", title_justify="left")
    for name in ("resource", *operations):
        table.add_column(name, justify="left" if name == "resource" else "right")
    for resource in sorted({each.resource for each in cases}):
        counts = [
            [bool(each.why) for each in cases if (each.resource, each.operation) == (resource, operation)]
            for operation in operations
        ]
        table.add_row(resource, *(f"{len(n)}{f' ({sum(n)} NOT)' * any(n)}" if n else "" for n in counts))
    console.print(table)
    for each in cases:
        if each.why:
            console.print(f"{each.card} {each.operation}, {each.request}, {each.trouble}: {each.why}")
    unaided = sum(not each.told for each in cases)
    converged = sum(not each.why for each in cases)
    print(f"{len(cases)} cases, {converged} converged: {unaided} in the same run, the others in the next")


if __name__ == "__main__":
    main()

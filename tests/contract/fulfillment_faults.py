"""A fault at each request of each operation of the fulfillment client: nothing is done or charged twice.

    python -m tests.contract.fulfillment_faults [--only OPERATION …] [--behaviour live …] [--client blocking …]

prints a table, operation × fault, of the cases that were tried and of those that converged: the call, or the same call
again after the fault, leaves what an undisturbed one leaves. `test_fulfillment_faults.py` has a sample of it.
"""

from __future__ import annotations

import argparse
import email.utils
import json
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from provider.tools.emulators import RunningEmulator
from provider.tools.engine.engine import CHECKOUT
from rich.console import Console
from rich.table import Table
from tests.contract.marketplace import Marketplace
from tests.resources.faults import emulator_with_sign_in
from tests.unit.fulfillment_clients import KINDS, Client, open_client

from pulumi_partnercenter import Invalid, PartnerCenterError, Unavailable
from pulumi_partnercenter.api.http.async_client import Wire
from pulumi_partnercenter.fulfillment import Settings, UsageEvent

__all__ = ["BEHAVIOURS", "FAULTS", "OPERATIONS", "Case", "FaultLab", "open_lab"]

SERVICES = "/api/(saas|usage|batch)"
BEHAVIOURS: Mapping[str, Mapping[str, Any]] = {
    "live": {"behaviour": "live"},
    "live, late": {"behaviour": "live", "delay_seconds": 3},
    "documented": {"behaviour": "documented"},
    "microsoft": {"behaviour": "microsoft"},
}
"""How the emulator behaves; late: changes and operations are visible 3 seconds after they are accepted."""


# --- Faults


@dataclass(frozen=True)
class Fault:
    """Fault of one request. `order` is for the emulator; `late_requests`: the request gets no answer, and reaches the
    service only after so many more requests. `lasts`: all further requests have it, until the next call.
    """

    order: Callable[[], Mapping[str, Any]] = dict
    late_requests: int = 0
    lasts: bool = False
    is_processed: bool = False
    """Whether the service does the work, and only the answer is lost."""


def _always(**order: Any) -> Callable[[], Mapping[str, Any]]:
    return lambda: order


def _asks_to_wait_until() -> Mapping[str, Any]:
    return {"status": 429, "headers": {"Retry-After": email.utils.formatdate(time.time() + 3, usegmt=True)}}


FAULTS: Mapping[str, Fault] = {
    "cut before": Fault(_always(drop="before")),
    "cut after": Fault(_always(drop="after"), is_processed=True),
    "cut during": Fault(_always(drop="during"), is_processed=True),
    "slow": Fault(late_requests=1),
    "slower": Fault(late_requests=2),
    "slowest": Fault(late_requests=3),
    "429": Fault(_always(status=429, headers={"Retry-After": "2"})),
    "429, date": Fault(_asks_to_wait_until),
    "500": Fault(_always(status=500)),
    "503": Fault(_always(status=503)),
    "504": Fault(_always(status=504)),
    "401": Fault(_always(status=401)),
    "403": Fault(_always(status=403)),
    "cut after, lasting": Fault(_always(drop="after"), lasts=True),
    "500, lasting": Fault(_always(status=500), lasts=True),
}


class LateWire:
    """Wire that loses one answer: the request waits, and reaches the service with a later one."""

    def __init__(self, inner: Wire, number: int, late_requests: int) -> None:
        self._inner, self._number, self._late_requests = inner, number, late_requests
        self._count = 0
        self._waiting: httpx.Request | None = None

    async def send(self, request: httpx.Request) -> httpx.Response:
        self._count += 1
        if self._count == self._number:
            self._waiting = request
            raise httpx.ReadTimeout("no answer", request=request)
        if self._waiting and self._count >= self._number + self._late_requests:
            waiting, self._waiting = self._waiting, None
            await self._inner.send(waiting)
        return await self._inner.send(request)

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)

    async def close(self) -> None:
        if self._waiting:
            await self._inner.send(self._waiting)
        await self._inner.close()


# --- Operations


@dataclass(frozen=True)
class Operation:
    """An operation of the client: what is there before it, and its call with that."""

    call: Callable[[Client, dict[str, Any]], Any]
    prepare: Callable[[Marketplace], dict[str, Any]] = field(
        default=lambda market: {"id": market.subscribe("team", quantity=20)}
    )
    is_idempotent: bool = True
    """Whether the same call again is success; else the service refuses it, because everything is done."""


def _pending(market: Marketplace) -> dict[str, Any]:
    return market.buy("team", quantity=20) | {"plan": "team"}


def _outstanding(market: Marketplace) -> dict[str, Any]:
    id = market.subscribe("team", quantity=20)
    change = market.control("change", {"subscription": id, "quantity": 30})
    return {"id": id, "operation": change["id"]}


def _changing(market: Marketplace) -> dict[str, Any]:
    id = market.subscribe("team", quantity=20)
    return {
        "id": id,
        "operation": market.call("PATCH", f"/{id}", json={"quantity": 30}).headers["operation-id"],
    }


def _metered(market: Marketplace) -> dict[str, Any]:
    return {"id": market.subscribe("pro"), "ids": [market.subscribe("pro") for _ in range(26)]}


def _event(id: str, quantity: float = 3.5) -> UsageEvent:
    start = datetime.now(UTC) - timedelta(hours=2)
    hour = start.replace(minute=0, second=0, microsecond=0)
    return UsageEvent(
        resource_id=id, dimension="exports", quantity=quantity, effective_start_time=hour, plan_id="pro"
    )


OPERATIONS: Mapping[str, Operation] = {
    "resolve": Operation(lambda client, it: client.resolve(it["token"]), _pending),
    "activate": Operation(lambda client, it: client.activate(it["subscription"]["id"], "team", 20), _pending),
    "list_subscriptions": Operation(lambda client, _: client.list_subscriptions()),
    "get_subscription": Operation(lambda client, it: client.get_subscription(it["id"])),
    "list_available_plans": Operation(lambda client, it: client.list_available_plans(it["id"])),
    "change_plan": Operation(lambda client, it: client.change_plan(it["id"], "company"), is_idempotent=False),
    "change_plan_and_wait": Operation(
        lambda client, it: client.change_plan_and_wait(it["id"], "company"), is_idempotent=False
    ),
    "change_quantity": Operation(lambda client, it: client.change_quantity(it["id"], 7), is_idempotent=False),
    "change_quantity_and_wait": Operation(
        lambda client, it: client.change_quantity_and_wait(it["id"], 7), is_idempotent=False
    ),
    "cancel": Operation(lambda client, it: client.cancel(it["id"])),
    "cancel_and_wait": Operation(lambda client, it: client.cancel_and_wait(it["id"])),
    "list_operations": Operation(lambda client, it: client.list_operations(it["id"]), _outstanding),
    "get_operation": Operation(
        lambda client, it: client.get_operation(it["id"], it["operation"]), _outstanding
    ),
    "update_operation": Operation(
        lambda client, it: client.update_operation(it["id"], it["operation"], "Failure"), _outstanding
    ),
    "wait_operation": Operation(
        lambda client, it: client.wait_operation(it["id"], it["operation"]), _changing
    ),
    "report_usage": Operation(lambda client, it: client.report_usage(_event(it["id"])), _metered),
    "report_usage_batch": Operation(
        lambda client, it: client.report_usage_batch(
            [_event(id, number + 1) for number, id in enumerate(it["ids"])]
        ),
        _metered,
    ),
    "list_usage": Operation(
        lambda client, _: client.list_usage(datetime.now(UTC) - timedelta(days=1)), _metered
    ),
}


# --- The lab


@dataclass(frozen=True)
class Case:
    """A fault at one request of an operation; `problem` is empty if it converged, `calls` the calls that it took."""

    operation: str
    fault: str
    request: int
    behaviour: str
    client: str
    calls: int
    problem: str


class FaultLab:
    """An emulated marketplace, and clients of it that sign in."""

    def __init__(self, emulator: RunningEmulator, login: Mapping[str, str]) -> None:
        self.emulator, self.market = emulator, Marketplace(emulator)
        self._is_late = False
        self._cancels_again = False
        """Whether cancelling a cancelled subscription is one more operation, as for Microsoft's own emulator."""
        self._settings = Settings.load_fulfillment({"partnercenter:endpoint": emulator.url}, login)

    def cases(self, name: str, behaviour: str, kind: str, faults: Sequence[str] = ()) -> Iterator[Case]:
        """Try each fault at each request of an operation."""
        operation = OPERATIONS[name]
        self._is_late = "delay_seconds" in BEHAVIOURS[behaviour]
        self._cancels_again = behaviour == "microsoft"
        self.emulator.reset()
        self.market.sell()
        self.market.behave(**BEHAVIOURS[behaviour])
        given = operation.prepare(self.market)
        self.emulator.advance(10)  # everything before is visible
        before = self.emulator.snapshot()
        requests, expected = self._run_undisturbed(operation, given, kind)
        for fault in faults or FAULTS:
            for request in range(1, requests + 1):
                self.emulator.restore(before)
                calls, problem = self._run(operation, given, kind, FAULTS[fault], request, expected)
                yield Case(name, fault, request, behaviour, kind, calls, problem)

    def _run_undisturbed(self, operation: Operation, given: dict[str, Any], kind: str) -> tuple[int, Any]:
        self.emulator.clear()
        with self._open(kind) as client:
            operation.call(client, given)
        return len(self._sent()), {"writes": self._writes(), **self._facts()}

    def _run(
        self,
        operation: Operation,
        given: dict[str, Any],
        kind: str,
        fault: Fault,
        request: int,
        expected: Any,
    ) -> tuple[int, str]:
        if order := fault.order():
            times = 0 if fault.lasts else 1
            self.emulator.fault(SERVICES, after=request - 1, times=times, **order)

        def disturb(wire: Wire) -> Wire:
            return LateWire(wire, request, fault.late_requests) if fault.late_requests else wire

        calls, error = 1, self._call(operation, given, kind, disturb)
        self.emulator.unfault()
        if error and not (fault.lasts and isinstance(error, Unavailable)):
            return calls, f"the call failed: {error!r}"
        if error:
            calls, again = 2, self._call(operation, given, kind)
            if again and (operation.is_idempotent or not isinstance(again, Invalid)):
                return calls, f"the next call failed: {again!r}"
        writes = self._writes()
        if fault.is_processed and not self._is_late and writes > expected["writes"]:
            return calls, f"sent {writes} changes: one was made already"
        actual = self._facts() | {"writes": expected["writes"]}
        return calls, "" if actual == expected else f"left {actual}, not {expected}"

    def _call(
        self,
        operation: Operation,
        given: dict[str, Any],
        kind: str,
        wrap: Callable[[Wire], Wire] = lambda wire: wire,
    ) -> PartnerCenterError | None:
        try:
            with self._open(kind, wrap) as client:
                operation.call(client, given)
        except PartnerCenterError as error:
            return error
        return None

    @contextmanager
    def _open(self, kind: str, wrap: Callable[[Wire], Wire] = lambda wire: wire) -> Iterator[Client]:
        with open_client(kind, self._settings, on_pause=self.emulator.advance, wrap=wrap) as client:
            yield client

    def _sent(self) -> list[dict[str, Any]]:
        """The requests that arrived, also those of a fault."""
        return [entry for entry in self.emulator.requests() if re.search(SERVICES, entry["path"])]

    def _writes(self) -> int:
        """Requests that activate, change or cancel a subscription; the service itself takes usage and answers once."""
        writes = [entry for entry in self._sent() if entry["method"] in ("POST", "PATCH", "DELETE")]
        return len([entry for entry in writes if not re.search("resolve|sage|operations", entry["path"])])

    def _facts(self) -> dict[str, Any]:
        """What customers have and pay for, once everything is through."""
        self.emulator.advance(30)
        state = self.emulator.state()
        operations = [(item["action"], item["status"]) for item in state["saasOperations"]]
        if self._cancels_again:
            operations = [*{*operations}]
        return {
            "subscriptions": sorted(
                (item["id"], item["saasSubscriptionStatus"], item["planId"], item.get("quantity"))
                for item in state["saasSubscriptions"]
            ),
            "operations": sorted(operations),
            "usage": sorted((item["resourceId"], item["quantity"]) for item in state["usageEvents"]),
        }


@contextmanager
def open_lab() -> Iterator[FaultLab]:
    """An emulator with TLS, which sign-in requires."""
    with emulator_with_sign_in() as (emulator, login):
        yield FaultLab(emulator, login)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.contract.fulfillment_faults",
        description="A fault at every request of the client.",
    )
    parser.add_argument("--only", nargs="+", choices=list(OPERATIONS), default=list(OPERATIONS))
    parser.add_argument("--behaviour", nargs="+", choices=list(BEHAVIOURS), default=list(BEHAVIOURS))
    parser.add_argument("--client", nargs="+", choices=KINDS, default=KINDS)
    options = parser.parse_args()
    cases = list[Case]()
    with open_lab() as lab:
        for name in options.only:
            print(name, file=sys.stderr, flush=True)
            for behaviour in options.behaviour:
                for kind in options.client:
                    cases += lab.cases(name, behaviour, kind)
    print_cases(cases)
    file = CHECKOUT / ".bench" / "fulfillment_faults.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps([asdict(case) for case in cases], indent=1, ensure_ascii=False) + "\n")
    print(f"written to {file}")
    sys.exit(any(case.problem for case in cases))


def print_cases(cases: Sequence[Case]) -> None:
    """Print for each operation and fault how many cases were tried, and how many of them did not converge."""
    console = Console() if sys.stdout.isatty() else Console(width=190)
    table = Table(title="A fault at every request of the fulfillment client: cases", title_justify="left")
    table.add_column("operation", no_wrap=True)
    for fault in FAULTS:
        table.add_column(fault, justify="right")
    for name in dict.fromkeys(case.operation for case in cases):
        table.add_row(name, *(_count(cases, name, fault) for fault in FAULTS))
    console.print(table)
    for case in cases:
        if case.problem:
            where = f"{case.behaviour}, {case.client}, request {case.request}"
            console.print(f"{case.operation}, {case.fault}, {where}: {case.problem}", markup=False)
    converged = [case for case in cases if not case.problem]
    unaided = sum(case.calls == 1 for case in converged)
    print(
        f"{len(cases)} cases, {len(converged)} converged: {unaided} in the same call, the others in the next"
    )


def _count(cases: Sequence[Case], operation: str, fault: str) -> str:
    problems = [bool(case.problem) for case in cases if (case.operation, case.fault) == (operation, fault)]
    return f"{len(problems)}{f' ({sum(problems)} NOT)' * any(problems)}"


if __name__ == "__main__":
    main()

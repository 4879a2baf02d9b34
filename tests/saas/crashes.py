"""`kill -9` of a real service at random moments: nothing is lost, and nothing is done or charged twice.

    python -m tests.saas.crashes [--times 50] [--seed 1] [--only sqlite]

prints a line for each kill: database, requests of the customers by then, and what is wrong afterwards. While
customers buy, sign in and confirm, change, suspend and cancel subscriptions, and the publisher's application reports
usage, the service is killed and started again. At the end the time moves on by hours, so that leases end and everything
that waits is done.
"""

from __future__ import annotations

import argparse
import functools
import itertools
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from provider.tools.emulators import RunningEmulator, serve
from provider.tools.hangs import HANG_SECONDS
from provider.tools.postgresql import NoPostgresql, serve_cluster
from tests.saas.deployment import (
    SECRETS,
    Deployment,
    MovableClock,
    open_visitor,
    register_applications,
    serve_deployment,
    service_environment,
)
from tests.saas.journal import Journal
from tests.saas.notifications import subscribe
from tests.saas.processes import ServiceProcess, find_port
from tests.saas.visitors import find_confirmation

from pulumi_partnercenter.saas import tables
from pulumi_partnercenter.saas.database import Database
from pulumi_partnercenter.saas.job_kinds import JOB_KINDS
from pulumi_partnercenter.saas.tables import JobState
from pulumi_partnercenter.saas.worker import add_periodic_jobs

__all__ = ["CHANGES", "Kill", "Outcome", "run_kill"]

LONGEST_PAUSE = 0.3
"""Seconds after a request in which the kill comes: the jobs behind it take about so long."""
REQUESTS_OF_A_PURCHASE = 7
"""The link, the sign-in and back, the page, its form, and the account."""
TICK_SECONDS = 0.002
CUSTOMER = "dana@fabrikam.example"
USAGE_KEY = {"Authorization": f"Bearer {SECRETS['USAGE_KEYS']}"}
SETUP_AGE = timedelta(hours=8)
"""Age of the subscriptions, so that usage of earlier hours can be reported."""
CHANGES: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "plan": ("change", {"plan_id": "company"}),
    "quantity": ("change", {"quantity": 12}),
    "suspend": ("suspend", {}),
    "cancel": ("cancel", {}),
}
"""Requests to the emulator's control plane by what a customer does to a subscription."""
EXPECTED = {
    "purchase": ("activated", "subscription.activated"),
    "plan": ("plan changed", "subscription.plan_changed"),
    "quantity": ("quantity changed", "subscription.quantity_changed"),
    "suspend": ("suspended", "subscription.suspended"),
    "cancel": ("unsubscribed", "subscription.unsubscribed"),
}
"""By what a customer does to a subscription: the line in its history, and the event for the publisher."""
RESULTS = {
    "purchase": ("Subscribed", "team", 10),
    "plan": ("Subscribed", "company", 10),
    "quantity": ("Subscribed", "team", 12),
    "suspend": ("Suspended", "team", 10),
    "cancel": ("Unsubscribed", "team", 10),
}
"""Status, plan and seats afterwards."""
MOST_ROUNDS = 30


@dataclass(frozen=True)
class Kill:
    database: str
    seed: int
    each_way: int = 3
    """Subscriptions that are changed in the same way."""
    purchases: int = 6
    reports: int = 8
    """Requests with ten reports of usage each."""

    @property
    def moment(self) -> tuple[int, float]:
        """The number of requests before the kill, and the seconds that go by then."""
        chance = random.Random(self.seed)
        return chance.randrange(self.total), chance.uniform(0, LONGEST_PAUSE)

    @property
    def total(self) -> int:
        """Requests of all customers, about."""
        purchases = self.purchases * REQUESTS_OF_A_PURCHASE
        return len(CHANGES) * self.each_way + purchases + self.reports


@dataclass
class Outcome:
    """`requests` is the number of those that customers had an answer to when the service was killed."""

    kill: Kill
    requests: int = 0
    problems: list[str] = field(default_factory=list)


class Customers:
    """Subscriptions, what is done to each of them, and the usage that is reported."""

    def __init__(
        self, deployment: Deployment, seed: int, *, each_way: int, reports: int, purchases: int = 0
    ) -> None:
        self.marketplace = deployment.marketplace
        self.random = random.Random(seed)
        self.ways = {
            way: [subscribe(deployment, "team", quantity=10) for _ in range(each_way)] for way in CHANGES
        }
        self.ways["purchase"] = []
        self.purchases = purchases
        self.metered = [subscribe(deployment, "pro") for _ in range(2 if reports else 0)]
        self.reports = reports
        self.reported: Counter[tuple[str, str]] = Counter()
        self.answered = 0
        self.report_ids = itertools.count()

    def list_actions(self) -> list[Callable[[], object]]:
        """Return everything that will be done, in a random order."""
        actions: list[Callable[[], object]] = [
            functools.partial(self.marketplace.control, name, {"subscription": id, **members})
            for way, (name, members) in CHANGES.items()
            for id in self.ways[way]
        ]
        actions += [self.buy for _ in range(self.purchases)]
        actions += [self.report_usage for _ in range(self.reports)]
        self.random.shuffle(actions)
        return actions

    def buy(self) -> None:
        """Buy, sign in and confirm. Follow the link again until the service has answered."""
        purchase = self.marketplace.buy("team", quantity=10)
        self.ways["purchase"].append(purchase["subscription"]["id"])
        with open_visitor(self.url) as visitor:
            hooks = visitor.event_hooks
            visitor.event_hooks = {**hooks, "response": [*hooks["response"], self._count]}
            while not self._confirm(visitor, purchase["landing_page"]):
                self.restarted.wait(1)

    def _count(self, _answer: object) -> None:
        self.answered += 1

    def _confirm(self, visitor: httpx.Client, landing_page: str) -> bool:
        """Return whether the visit has ended at the customer's account."""
        try:
            page = visitor.get(landing_page, follow_redirects=True)
            if page.is_success and not page.url.path.startswith("/account/"):
                address, fields = find_confirmation(page)
                page = visitor.post(address, data=fields, follow_redirects=True)
        except httpx.TransportError:
            return False
        assert page.status_code == 200 or page.status_code >= 500, page.text
        return page.status_code == 200

    def report_usage(self) -> None:
        """Report usage of earlier hours, and again until the service has answered."""
        reports = []
        for _ in range(10):
            id = self.random.choice(self.metered)
            dimension = self.random.choice(["reports", "exports"])
            quantity = self.random.randint(1, 9)
            used_at = time.time() - self.random.choice([2, 3, 4]) * 3600
            reports.append(
                {
                    "id": f"report-{next(self.report_ids)}",
                    "subscription_id": id,
                    "dimension": dimension,
                    "quantity": quantity,
                    "used_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(used_at)),
                }
            )
            self.reported[id, dimension] += quantity
        while not self._send(reports):
            self.restarted.wait(1)

    def _send(self, reports: Sequence[Any]) -> bool:
        try:
            answer = httpx.post(
                f"{self.url}/usage", json=reports, headers=USAGE_KEY, trust_env=False, timeout=HANG_SECONDS
            )
        except httpx.TransportError:
            return False
        assert answer.status_code == 200 or answer.status_code >= 500, answer.text
        return answer.status_code == 200

    def act(self, url: str, restarted: threading.Event) -> None:
        """Do everything, against the service at this address; `restarted` is set once it has come back."""
        self.url, self.restarted = url, restarted
        for action in self.list_actions():
            answered = self.answered
            action()
            self.answered = max(self.answered, answered + 1)


def run_kill(kill: Kill, database_url: str, folder: Path) -> Outcome:
    """Kill a service once while customers act, let it go on, and compare both sides."""
    clock, outcome, journal = MovableClock(), Outcome(kill), Journal(folder / "journal")
    database = Database(database_url)
    database.migrate()
    database.close()
    with serve(now=clock) as emulator:
        clock.offset_seconds = -SETUP_AGE.total_seconds()
        with serve_deployment(emulator, clock, database_url) as deployment:
            customers = Customers(
                deployment,
                kill.seed,
                each_way=kill.each_way,
                reports=kill.reports,
                purchases=kill.purchases,
            )
        clock.offset_seconds = 0.0
        emulator.clear()
        _kill_once(kill, outcome, customers, emulator, database_url, journal)
        with serve_deployment(emulator, clock, database_url, handlers=journal) as deployment:
            finish(deployment)
            outcome.problems = [*find_problems(deployment, customers, journal)]
    return outcome


def _kill_once(
    kill: Kill,
    outcome: Outcome,
    customers: Customers,
    emulator: RunningEmulator,
    database_url: str,
    journal: Journal,
) -> None:
    port, folder = find_port(), journal.path.parent
    url = f"http://127.0.0.1:{port}"
    environment = {
        **service_environment(emulator.url, url, database_url, HANDLERS="tests.saas.journal:open_journal"),
        "JOURNAL": str(journal.path),
    }
    set_addresses(customers, url)
    register_applications(emulator, url)
    emulator.client.post("/_emulator/sign-in", json={"user": CUSTOMER}).raise_for_status()
    service = ServiceProcess(port, environment, folder / "log")
    service.wait_until_ready()
    restarted = threading.Event()
    errors = list[BaseException]()

    def act() -> None:
        try:
            customers.act(url, restarted)
        except BaseException as error:
            errors.append(error)

    customers_thread = threading.Thread(target=act, name="customers")
    customers_thread.start()
    count, pause = kill.moment
    while customers.answered < count and customers_thread.is_alive():
        assert not service.wait(TICK_SECONDS), service.log.read_text()[-2000:]
    assert not service.wait(pause), service.log.read_text()[-2000:]
    service.kill()
    outcome.requests = customers.answered
    service = ServiceProcess(port, environment, folder / "log")
    service.wait_until_ready()
    restarted.set()
    customers_thread.join()
    code = service.stop()
    assert code == 0, f"exit code {code}: {service.log.read_text()[-2000:]}"
    for error in errors:
        raise error


def set_addresses(customers: Customers, url: str) -> None:
    """Let the offers name the service at this address."""
    for offer in customers.marketplace.control("offers", method="GET"):
        changed = {**offer, "landing_page_url": f"{url}/", "webhook_url": f"{url}/webhook"}
        customers.marketplace.control("offers", changed)


def finish(deployment: Deployment) -> None:
    """Let hours go by: leases end, the marketplace sends again what was not answered, usage is due."""
    for _ in range(MOST_ROUNDS):
        deployment.advance(minutes=20)
        add_periodic_jobs(deployment.service, JOB_KINDS)
        deployment.run_jobs()
        deliveries = deployment.marketplace.control("deliveries", method="GET")
        waiting = [
            job
            for state in (JobState.WAITING, JobState.LEASED)
            for job in deployment.rows(tables.Job, state=state)
            if not job.key.startswith("periodic:")
        ]
        open_records = [
            record
            for record in deployment.rows(tables.UsageRecord)
            if record.state in {tables.UsageState.OPEN, tables.UsageState.SENDING}
        ]
        if (
            not waiting
            and not open_records
            and {delivery["outcome"] for delivery in deliveries} <= {"accepted"}
        ):
            return


def find_problems(deployment: Deployment, customers: Customers, journal: Journal) -> Iterator[str]:
    """Yield everything that was lost, or done twice."""
    event_ids = {(entry["subscription"], entry["type"], entry["id"]) for entry in journal.entries()}
    events = Counter((subscription, type) for subscription, type, _ in event_ids)
    for way, ids in customers.ways.items():
        for id in ids:
            yield from (f"{way}: {problem}" for problem in _compare(deployment, id, way, events))
    for id in customers.ways["purchase"]:
        yield from (f"purchase: {problem}" for problem in _compare_activation(deployment, id, events))
    for job in deployment.rows(tables.Job):
        if job.state != JobState.DONE and not job.key.startswith("periodic:"):
            yield f"job {job.key} is {job.state}: {job.last_error}"
    charged: Counter[tuple[str, str]] = Counter()
    for event in deployment.emulator.state()["usageEvents"]:
        charged[event["resourceId"], event["dimension"]] += event["quantity"]
    if charged != customers.reported:
        yield f"usage: reported {dict(customers.reported)}, charged {dict(charged)}"


def _compare(deployment: Deployment, id: str, way: str, events: Counter[tuple[str, str]]) -> Iterator[str]:
    """Yield what is wrong with a subscription that was changed in this way."""
    marketplace, row = deployment.marketplace.read(id), deployment.row(id)
    here = (row.status, row.plan_id, row.quantity) if row else None
    actual = (marketplace["saasSubscriptionStatus"], marketplace["planId"], marketplace["quantity"])
    if actual != here:
        yield f"the marketplace has {actual}, the service {here}"
    if actual != RESULTS[way]:
        yield f"the marketplace has {actual}, not {RESULTS[way]}"
    line, type = EXPECTED[way]
    count = deployment.history(id).count(line)
    if count != 1:
        yield f"{line} is {count} times in the history"
    if deployment.history(id).count(f"{way} change accepted") > 1:
        yield f"the {way} change was accepted more than once"
    if events[id, type] != 1:
        yield f"{events[id, type]} different events {type}"
    if deployment.marketplace.list_operations(id):
        yield "an operation was never answered"


def _compare_activation(deployment: Deployment, id: str, events: Counter[tuple[str, str]]) -> Iterator[str]:
    """Yield what is wrong with how a purchase was activated: by handler, history and the marketplace's own log."""
    count = deployment.history(id).count("activation requested")
    if count != 1:
        yield f"the activation was requested {count} times"
    if events[id, "subscription.provisioning"] != 1:
        yield f"{events[id, 'subscription.provisioning']} different events for the provisioning"
    accepted = [
        request
        for request in deployment.emulator.requests()
        if f"/{id}/activate" in request["path"] and request["status"] == 200
    ]
    if len(accepted) != 1:
        yield f"the marketplace accepted {len(accepted)} activations"


@contextmanager
def open_database(name: str, folder: Path) -> Iterator[str]:
    """Yield the address of a new, empty database. Raises: NoPostgresql."""
    if name == "sqlite":
        yield f"sqlite:///{folder / 'saas.db'}"
        return
    with serve_cluster(folder.parent) as cluster:
        yield cluster.create(folder.name)
        cluster.drop(folder.name)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--times", type=int, default=50, help="kills on each database")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=["sqlite", "postgresql"], action="append")
    arguments = parser.parse_args()
    counts: Counter[str] = Counter()
    databases = arguments.only or ["sqlite", "postgresql"]
    with tempfile.TemporaryDirectory() as root, serve_databases(Path(root), databases):
        for name, number in itertools.product(databases, range(arguments.times)):
            kill = Kill(name, arguments.seed * 1000 + number)
            folder = Path(root) / f"{name}_{number}"
            folder.mkdir()
            with open_database(name, folder) as url:
                outcome = run_kill(kill, url, folder)
            counts[name] += not outcome.problems
            result = "; ".join(outcome.problems) or "nothing lost, nothing twice"
            moment = f"{outcome.requests:2} of about {kill.total} requests"
            print(f"{name:10}  killed after {moment}: {result}", flush=True)
    for name in databases:
        print(f"{name}: {counts[name]} of {arguments.times} kills lost nothing and did nothing twice")
    sys.exit(any(counts[name] < arguments.times for name in databases))


@contextmanager
def serve_databases(root: Path, names: Sequence[str]) -> Iterator[None]:
    """Keep one server of PostgreSQL for all kills. Ends the program if it is asked for, and cannot be had."""
    if "postgresql" not in names:
        yield
        return
    try:
        with serve_cluster(root):
            yield
    except NoPostgresql as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()

"""Usage under faults: every report is charged once, whatever is lost, cut, repeated or killed on its way.

    python -m tests.saas.usage_faults [--events 10000] [--database sqlite postgresql] [--seed 7]

prints a table, fault × database: reports, requests, and how many reports were lost or charged twice. Two replicas take
reports and send at the same time. `test_usage_faults.py` has a sample of it.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import sys
import tempfile
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import httpx
from provider.tools.emulators import RunningEmulator, serve
from provider.tools.hangs import HANG_SECONDS
from provider.tools.postgresql import serve_cluster
from rich.console import Console
from rich.table import Table
from tests.saas.deployment import Deployment, MovableClock, serve_deployment
from tests.saas.usage_lab import HEADERS, UsageLab

from pulumi_partnercenter.errors import PartnerCenterError
from pulumi_partnercenter.saas import usage_sending
from pulumi_partnercenter.saas.database import Database
from pulumi_partnercenter.saas.service import Service
from pulumi_partnercenter.saas.tables import UsageRecord

__all__ = ["FAULTS", "Case", "run_case"]

FAULTS: Mapping[str, Mapping[str, Any]] = {
    "none": {},
    "cut before": {"drop": "before"},
    "cut after": {"drop": "after"},
    "cut during": {"drop": "during"},
    "429": {"status": 429, "headers": {"Retry-After": "1"}},
    "500": {"status": 500},
    "killed": {},
    "all together": {},
}
"""Faults of requests to the metering service; `killed`: a worker dies between the answer and its settlement."""
HOURS, DIMENSIONS = 6, ("reports", "exports")
REPORTS_PER_CUSTOMER = 10
MOST_AT_ONCE = 40
MOST_FAULTS = 9
"""Faults in a row. The client gives up after five attempts, and the job begins again."""


class Killed(BaseException):
    """A worker that dies."""


@dataclass(frozen=True)
class Case:
    """Outcome of a run."""

    fault: str
    database: str
    reports: int
    repeated: int
    requests: int
    faulty: int
    killed: int
    hours: int
    lost: int
    doubled: int
    unsettled: int

    @property
    def is_well(self) -> bool:
        return not (self.lost or self.doubled or self.unsettled)


class FaultyUsage:
    """Two replicas, an emulator, and faults by a seed."""

    def __init__(self, replicas: Sequence[Deployment], fault: str, seed: int) -> None:
        self.replicas, self.fault, self.random = replicas, fault, random.Random(seed)
        self.lab = UsageLab(replicas[0])
        self.reports: list[dict[str, Any]] = []
        self.repeated = self.killed = self.requests = self.faulty = 0
        self.is_faulty = True
        self._lock = threading.Lock()

    def run(self, count: int, hours: int) -> None:
        """Report `count` uses over some hours, and send them; then go on without faults until nothing waits."""
        subscriptions = [self.lab.subscribe() for _ in range(max(2, count // REPORTS_PER_CUSTOMER))]
        with self._kill_workers():
            for hour in range(hours):
                last = count * (hour + 1) // hours
                self._report([self._use(subscriptions) for _ in range(last - len(self.reports))])
                self.lab.end_hour()
                self._send()
        self.is_faulty = False
        for _ in range(4):
            self.lab.end_hour()
            self._send()

    def _use(self, subscriptions: Sequence[str]) -> dict[str, Any]:
        """Return a report of this hour, or of one of the last three. Eighths have exact sums."""
        age = timedelta(hours=self.random.choice((0, 0, 0, 1, 3)), minutes=self.random.randrange(30))
        report = self.lab.build(
            self.random.choice(subscriptions),
            self.random.randrange(1, 80) / 8,
            dimension=self.random.choice(DIMENSIONS),
            used_at=(self.replicas[0].now() - age).isoformat(),
        )
        self.reports.append(report)
        return report

    def _report(self, reports: list[dict[str, Any]]) -> None:
        """Report in lists, a third of them twice, to either replica, while hours of earlier reports are sent."""
        batches = []
        while reports:
            size = self.random.randrange(1, MOST_AT_ONCE)
            batches.append(reports[:size])
            reports = reports[size:]
        again = [batch for batch in batches if self.random.random() < 1 / 3]
        self.repeated += sum(len(batch) for batch in again)
        orders = [(batch, self.random.randrange(2)) for batch in [*batches, *again]]
        self.random.shuffle(orders)
        with ThreadPoolExecutor(5) as pool:
            sending = pool.submit(self._send_from, self.replicas[0].service)
            list(pool.map(lambda order: self._post(*order), orders))
            sending.result()

    def _post(self, batch: list[dict[str, Any]], replica: int) -> None:
        url = f"{self.replicas[replica].url}/usage"
        answer = httpx.post(url, json=batch, headers=HEADERS, timeout=HANG_SECONDS, trust_env=False)
        while answer.status_code == 503:  # the machine is busy: as the answer says
            answer = httpx.post(url, json=batch, headers=HEADERS, timeout=HANG_SECONDS, trust_env=False)
        assert answer.status_code == 200, answer.text

    def _send(self) -> None:
        """Send from both replicas at the same time, with faults; a few minutes later again."""
        for _ in range(3):
            self._add_faults()
            with ThreadPoolExecutor(len(self.replicas)) as pool:
                list(pool.map(lambda replica: self._send_from(replica.service), self.replicas))
            self.faulty -= sum(fault["times"] for fault in self.replicas[0].emulator.faults())
            self.replicas[0].emulator.unfault()
            self.replicas[0].advance(minutes=6)
        requests = self.replicas[0].emulator.requests()
        self.requests += sum("batchUsageEvent" in request["path"] for request in requests)
        self.replicas[0].emulator.clear()
        self.replicas[0].advance(minutes=-18)

    def _send_from(self, service: Service) -> None:
        with contextlib.suppress(PartnerCenterError, Killed):
            usage_sending.send_usage(service, None)  # type: ignore[arg-type]

    def _add_faults(self) -> None:
        names = [name for name, fault in FAULTS.items() if fault]
        chosen = names if self.fault == "all together" else [self.fault] if self.fault in names else []
        for name in chosen if self.is_faulty else ():
            times = self.random.randrange(1, MOST_FAULTS + 1)
            self.replicas[0].emulator.fault("batchUsageEvent", times=times, **FAULTS[name])
            self.faulty += times

    @contextmanager
    def _kill_workers(self) -> Iterator[None]:
        """Let workers die between the answer and its settlement, one in three times."""
        settle, is_on = usage_sending._settle, self.fault in ("killed", "all together")

        def settle_or_die(*arguments: Any) -> None:
            with self._lock:
                dies = is_on and self.random.random() < 1 / 3
                self.killed += dies
            if dies:
                raise Killed
            settle(*arguments)

        with mock.patch.object(usage_sending, "_settle", settle_or_die):
            yield

    def compare(self, database: str) -> Case:
        """Compare what was reported with what the marketplace charges: sums of each customer and dimension."""
        reported, charged = (
            defaultdict[tuple[str, str], list[float]](list),
            defaultdict[tuple[str, str], float](float),
        )
        for report in self.reports:
            reported[report["subscription_id"], report["dimension"]].append(report["quantity"])
        for subscription_id, dimension, _, quantity in self.lab.charged():
            charged[subscription_id, dimension] += quantity
        lost = sum(len(uses) for key, uses in reported.items() if sum(uses) > charged[key])
        doubled = sum(len(uses) for key, uses in reported.items() if sum(uses) < charged[key])
        records = self.replicas[0].rows(UsageRecord)
        return Case(
            fault=self.fault,
            database=database,
            reports=len(self.reports),
            repeated=self.repeated,
            requests=self.requests,
            faulty=self.faulty,
            killed=self.killed,
            hours=len(records),
            lost=lost,
            doubled=doubled,
            unsettled=sum(record.state not in ("accepted", "duplicate") for record in records),
        )


def run_case(
    emulator: RunningEmulator,
    clock: MovableClock,
    database_url: str,
    fault: str,
    *,
    count: int,
    seed: int,
    hours: int = HOURS,
) -> Case:
    """Run a fault on an empty database with all tables."""
    emulator.reset()

    async def skip_pause(_wire: object, _seconds: float) -> None:
        return

    with (
        mock.patch("pulumi_partnercenter.api.http.async_client.BlockingWire.sleep", skip_pause),
        serve_deployment(emulator, clock, database_url) as first,
        serve_deployment(emulator, clock, database_url) as second,
    ):
        usage = FaultyUsage([first, second], fault, seed)
        usage.run(count, hours)
        return usage.compare(database_url.partition(":")[0])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=10_000, help="for each database (10000)")
    parser.add_argument("--database", nargs="+", default=["sqlite", "postgresql"], metavar="NAME")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    cases = [*_run_all(options.events // len(FAULTS), options.database, options.seed)]
    print_cases(cases)
    sys.exit(not all(case.is_well for case in cases))


def _run_all(count: int, databases: Sequence[str], seed: int) -> Iterator[Case]:
    clock = MovableClock()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        emulator = stack.enter_context(serve(now=clock))
        cluster = stack.enter_context(serve_cluster(folder)) if "postgresql" in databases else None
        for database in databases:
            for number, fault in enumerate(FAULTS):
                name = f"usage_{number}"
                url = f"sqlite:///{folder / name}.db"
                if database == "postgresql":
                    assert cluster is not None
                    url = cluster.create(name)
                tables = Database(url)
                tables.migrate()
                tables.close()
                print(f"{database}, {fault}: {count} reports", file=sys.stderr, flush=True)
                yield run_case(emulator, clock, url, fault, count=count, seed=seed + number)


def print_cases(cases: Sequence[Case]) -> None:
    columns = ("reports", "repeated", "requests", "faulty", "killed", "hours", "lost", "doubled", "unsettled")
    table = Table(title="Usage under faults, two replicas", title_justify="left")
    table.add_column("fault", no_wrap=True)
    table.add_column("database")
    for column in columns:
        table.add_column(column, justify="right")
    for case in cases:
        table.add_row(case.fault, case.database, *(str(getattr(case, column)) for column in columns))
    (Console() if sys.stdout.isatty() else Console(width=130)).print(table)
    for database in dict.fromkeys(case.database for case in cases):
        own = [case for case in cases if case.database == database]
        lost, doubled = sum(case.lost for case in own), sum(case.doubled for case in own)
        print(f"{database}: {sum(case.reports for case in own)} reports, {lost} lost, {doubled} doubled")


if __name__ == "__main__":
    main()

"""Killed services, and several at once: a sample of `python -m tests.saas.crashes`, and storms of webhooks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from provider.tools.emulators import RunningEmulator
from provider.tools.hangs import HANG_SECONDS
from tests.saas.crashes import CHANGES, Customers, Kill, find_problems, finish, run_kill, set_addresses
from tests.saas.deployment import MovableClock, serve_deployment, service_environment
from tests.saas.journal import Journal
from tests.saas.notifications import issue
from tests.saas.processes import ServiceProcess, find_port
from tests.stacks.cli import NOBODY

from pulumi_partnercenter.saas import tables

DELIVERIES = 3
"""Times that each replica gets each notification."""


def test_a_killed_service_loses_nothing_and_does_nothing_twice(database_url: str, tmp_path: Path) -> None:
    kill = Kill("any", seed=1, each_way=1, purchases=2, reports=2)
    assert run_kill(kill, database_url, tmp_path).problems == []


@pytest.mark.sample(1)
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize(("replicas", "each_way"), [(2, 1), (2, 5), (4, 5)])
def test_replicas_under_a_storm_of_equal_webhooks_do_everything_once(
    replicas: int,
    each_way: int,
    database_url: str,
    emulator: RunningEmulator,
    clock: MovableClock,
    tmp_path: Path,
) -> None:
    """Every replica gets every notification several times, all at once, while jobs run in all of them."""
    journal = Journal(tmp_path / "journal")
    with serve_deployment(emulator, clock, database_url, handlers=journal) as deployment:
        customers = Customers(deployment, seed=1, each_way=each_way, reports=0)
        set_addresses(customers, NOBODY)
        for action in customers.list_actions():
            action()
        deliveries = deployment.marketplace.control("deliveries", method="GET")
        payloads = [delivery["payload"] for delivery in deliveries if delivery["outcome"] == "pending"]
        assert len(payloads) == len(CHANGES) * each_way
        headers = {"Authorization": f"Bearer {issue(deployment)}"}
    with ExitStack() as stack:
        services = [start(stack, emulator, database_url, journal, tmp_path) for _ in range(replicas)]
        for service in services:
            service.wait_until_ready()
        storm = [(service, payload) for payload in payloads for service in services * DELIVERIES]

        def send(delivery: tuple[ServiceProcess, Any]) -> int:
            """Deliver it again as long as the service asks for that, as a busy one does. Return the last status."""
            service, payload = delivery
            while True:
                answer = httpx.post(
                    f"{service.url}/webhook",
                    json=payload,
                    headers=headers,
                    trust_env=False,
                    timeout=HANG_SECONDS,
                )
                if answer.status_code != 503:
                    return answer.status_code

        with ThreadPoolExecutor(8) as threads:
            statuses = list(threads.map(send, storm))
        assert {*statuses} == {200}
        for service in services:
            service.stop()
    with serve_deployment(emulator, clock, database_url, handlers=journal) as deployment:
        arrived = [webhook.deliveries for webhook in deployment.rows(tables.Webhook)]
        assert arrived == [replicas * DELIVERIES] * len(payloads)
        finish(deployment)
        assert [*find_problems(deployment, customers, journal)] == []


def start(
    stack: ExitStack, emulator: RunningEmulator, database_url: str, journal: Journal, folder: Path
) -> ServiceProcess:
    port = find_port()
    names = {"HANDLERS": "tests.saas.journal:open_journal"}
    environment = service_environment(emulator.url, f"http://127.0.0.1:{port}", database_url, **names)
    service = ServiceProcess(port, {**environment, "JOURNAL": str(journal.path)}, folder / f"log-{port}")
    stack.callback(service.kill)
    return service

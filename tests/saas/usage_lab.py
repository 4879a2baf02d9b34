"""Usage of customers in a deployment: reported, sent and read back from the marketplace."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import httpx
from tests.saas.deployment import SECRETS, Deployment

from pulumi_partnercenter.saas import subscriptions, tables
from pulumi_partnercenter.saas.tables import UsageRecord
from pulumi_partnercenter.saas.usage_sending import KINDS
from pulumi_partnercenter.saas.worker import add_periodic_jobs, run_due

HEADERS = {"Authorization": f"Bearer {SECRETS['USAGE_KEYS']}"}


class UsageLab:
    """Reports, sends and reads usage. The time is half past an hour."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        now = deployment.now()
        half_past = now.replace(minute=30, second=0, microsecond=0)
        deployment.advance(seconds=(half_past - now).total_seconds() % 3600)
        self.count = 0

    @property
    def hour(self) -> datetime:
        """Start of the current hour."""
        return self.deployment.now().replace(minute=0, second=0, microsecond=0)

    def subscribe(self, plan_id: str = "pro") -> str:
        """Activate a subscription that the service has read."""
        id = self.deployment.marketplace.subscribe(plan_id)
        self.read(id)
        return id

    def read(self, id: str, **values: Any) -> None:
        """Read a subscription from the marketplace, as a webhook makes the service do; then change its row."""
        self.deployment.read(id, **values)

    def change_plan(self, id: str, plan_id: str) -> None:
        """Change the plan at the marketplace, and let the service hear of it."""
        service = self.deployment.service
        former = service.client.get_subscription(id).plan_id
        service.client.change_plan_and_wait(id, plan_id)
        self.read(id)
        with service.database.transaction() as session:
            details = {"plan_id": plan_id, "former_plan_id": former}
            subscriptions.add_history(
                session, id, "marketplace", "plan changed", now=service.now(), details=details
            )

    def build(self, subscription_id: str, quantity: Any = 1, **members: Any) -> dict[str, Any]:
        """Return a report of the current hour, with an id of its own."""
        self.count += 1
        return {
            "id": f"report-{self.count}",
            "subscription_id": subscription_id,
            "dimension": "reports",
            "quantity": quantity,
            "used_at": self.deployment.now().isoformat(),
            **members,
        }

    def post(self, body: Any, **options: Any) -> httpx.Response:
        return self.deployment.http.post("/usage", json=body, headers=HEADERS, **options)

    def report(self, subscription_id: str, quantity: float = 1, **members: Any) -> dict[str, Any]:
        """Report usage that is accepted. Returns the result."""
        answer = self.post(self.build(subscription_id, quantity, **members))
        assert answer.status_code == 200, answer.text
        result: dict[str, Any] = answer.json()
        return result

    def end_hour(self) -> None:
        """Move the clock to half past the next hour: the one before is over."""
        self.deployment.advance(hours=1)

    def send(self) -> None:
        """Run the periodic jobs of usage once more."""
        self.deployment.advance(minutes=1)
        add_periodic_jobs(self.deployment.service, KINDS)
        run_due(self.deployment.service, KINDS)

    def records(self, subscription_id: str) -> list[UsageRecord]:
        rows: list[UsageRecord] = self.deployment.rows(UsageRecord, subscription_id=subscription_id)
        return rows

    def states(self, subscription_id: str) -> list[str]:
        return [record.state for record in self.records(subscription_id)]

    def charged(self, *subscription_ids: str) -> list[tuple[str, str, datetime, float]]:
        """What the marketplace charges: subscription, dimension, hour and quantity."""
        events = self.deployment.emulator.state()["usageEvents"]
        return sorted(
            (
                event["resourceId"],
                event["dimension"],
                datetime.fromisoformat(event["effectiveStartTime"]),
                event["quantity"],
            )
            for event in events
            if not subscription_ids or event["resourceId"] in subscription_ids
        )

    def quantities(self, subscription_id: str) -> Sequence[float]:
        """Quantities that the marketplace charges, by dimension and hour."""
        return [quantity for _, _, _, quantity in self.charged(subscription_id)]

    def events(self) -> list[dict[str, Any]]:
        """Events for the publisher's handlers."""
        return [job.payload for job in self.deployment.rows(tables.Job, kind="event")]

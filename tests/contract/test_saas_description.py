"""Every operation of Microsoft's OpenAPI descriptions of fulfillment and metering, driven by Schemathesis.

No undocumented status or shape, but for the waivers. Requests combine generated values with existing ids and valid
bodies, so that every operation succeeds too and is not only refused.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from provider.tools.emulators import RunningEmulator, in_process
from tests.contract.marketplace import NOBODY, VERSION, Marketplace
from tests.contract.openapi import FILE, assert_waived, list_differences, list_operations

if TYPE_CHECKING:
    import schemathesis

FILES = [FILE.parent / f"saas-{name}-api.openapi.json" for name in ("fulfillment", "metering")]
ABSENT = "no descriptions: ../shared/reference/saas-….openapi.json are not beside this checkout"
START = 1_800_000_000.0
SETTINGS = settings(derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))

UNDESCRIBED = "The descriptions have no bodies of errors, and the service does (recorded)."
NEWER = "newer than the description (documented)."
STATUSES = {
    "401": "Undocumented, and reported of the live service.",
    "400": "An api-version that is missing or another is 400 everywhere (recorded).",
    "200 of DELETE /saas/subscriptions/{subscriptionId}": f"Cancelled already: {NEWER}",
}
SHAPES = {
    "a body of 400": UNDESCRIBED,
    "a body of 403": UNDESCRIBED,
    "a body of 404": UNDESCRIBED,
    "a body of 409": UNDESCRIBED,
    "a body of 500": UNDESCRIBED,
    "no body of 200": "Plans of an unknown subscription (documented in words).",
    "Subscription.lastModified: not a member": f"Documented in words, {NEWER}",
    "SaaSOperation.errorStatusCode: not a member": "Documented in words, and recorded.",
    "SaaSOperation.errorMessage: not a member": "Documented in words, and recorded.",
    "SaaSOperation.operationRequestSource: not a member": "Documented for webhooks, recorded of operations.",
    "SaaSOperation.action: not one of its values": f"Subscribe is {NEWER}",
    "UsageBatchEventOkMessage.messageTime: not a date-time": "What failed has the year 1, without Z (documented).",
    "UsageEventConflictResponse.target: not a member": "Errors of a batch are like those of one event (inferred).",
    "UsageEventBadRequestResponse.Error: not a member": "An api-version that is missing or another (recorded).",
}


class Driver:
    """Sends requests of an operation to sample data, and records the answers.

    `statuses` counts the statuses by operation, `differences` has an example of every difference.
    """

    def __init__(self, emulator: RunningEmulator) -> None:
        self.emulator, self.market = emulator, Marketplace(emulator)
        self.statuses: dict[str, Counter[str]] = defaultdict(Counter)
        self.differences: dict[str, str] = {}
        sample = self.market.control("sample", {})["subscriptions"]
        self.subscriptions = {item["name"].removeprefix("Fabrikam "): item for item in sample}
        seats = self.subscriptions["seats"]["id"]
        change = self.market.control("change", {"subscription": seats, "quantity": 20})
        self.operations = {seats: change["id"], **self.change_plan()}
        for subscription in self.emulator.state()["saasOperations"]:
            self.operations.setdefault(subscription["subscriptionId"], subscription["id"])
        self.token = self.market.control("token", {"subscription": seats})["token"]
        answer = self.market.send("POST", "/api/usageEvent", json=self.event("reports", 7200.0))
        assert answer.status_code == 200, answer.text
        self.snapshot = emulator.snapshot()

    def change_plan(self) -> dict[str, str]:
        """A subscription that the publisher has changed, and the operation."""
        plan = {"offer_id": "contoso-analytics", "plan_id": "basic"}
        changed = self.market.control("purchase", plan)["subscription"]
        assert self.market.call("POST", f"/{changed['id']}/activate", json={"planId": "basic"}).is_success
        answer = self.market.call("PATCH", f"/{changed['id']}", json={"planId": "pro"})
        self.subscriptions["changed"] = self.market.read(changed["id"])
        return {changed["id"]: answer.headers["operation-id"]}

    def event(self, name: str, ago: float = 0.0) -> dict[str, Any]:
        time = dt.datetime.fromtimestamp(START - ago, dt.UTC).isoformat()
        subscription = self.subscriptions[name]
        return {
            "resourceId": subscription["id"],
            "quantity": 2.5,
            "dimension": "reports",
            "effectiveStartTime": time,
            "planId": subscription["planId"],
        }

    def valid_body(self, operation: Any, name: str) -> Any:
        subscription = self.subscriptions[name]
        if operation.path.endswith("/activate"):
            return {"planId": subscription["planId"]}
        if operation.path.endswith("/operations/{operationId}"):
            return {"status": "Success"}
        if operation.path == "/usageEvent":
            return self.event(name)
        if operation.path == "/batchUsageEvent":
            return {"request": [self.event(name), self.event(name, 7200.0), self.event(name, 1e6)]}
        if operation.method == "patch":
            return {"quantity": 21} if "quantity" in subscription else {"planId": "pro"}
        return None

    def path(self, operation: Any, subscription: str, other: str) -> str:
        own = self.operations.get(subscription, NOBODY)
        return str(operation.path).format(subscriptionId=subscription, operationId=other or own)

    def query(self, operation: Any) -> dict[str, Any]:
        dates = {"usageStartDate": "2027-01-01"} if operation.path == "/usageEvents" else {}
        return {**VERSION, **dates}

    def walk(self, operation: Any) -> None:
        """Valid requests about every subscription, and requests that are refused. Needs every waiver."""
        for name, subscription in self.subscriptions.items():
            path, body = self.path(operation, subscription["id"], ""), self.valid_body(operation, name)
            self.send(operation, path, json=body)
        path, body = self.path(operation, NOBODY, NOBODY), self.valid_body(operation, "seats")
        self.send(operation, path, json=body)
        for members in ({"headers": {"Authorization": "Bearer nobody's"}}, {"params": {"api-version": "2"}}):
            self.send(operation, path, json=body, **members)
        self.send(operation, self.path(operation, self.subscriptions["seats"]["id"], ""), json={})
        stranger = {"headers": {"Authorization": f"Bearer {self.stranger()}"}}
        self.send(operation, path, restore=False, json=body, **stranger)
        own = self.path(operation, self.subscriptions["seats"]["id"], "")
        self.send(operation, own, restore=False, json=body, **stranger)
        if operation.method == "delete":  # twice
            path = self.path(operation, self.subscriptions["seats"]["id"], "")
            self.send(operation, path)
            self.send(operation, path, restore=False)

    def stranger(self) -> str:
        """A token of an application that no offer names."""
        self.emulator.restore(self.snapshot)
        return self.market.sign_in("77777777-7777-7777-7777-777777777777")

    def fuzz(self, operation: Any) -> None:
        @settings(SETTINGS, max_examples=settings().max_examples // 4)
        @given(case=operation.as_strategy(), data=st.data())
        def send(case: schemathesis.Case, data: st.DataObject) -> None:
            name = data.draw(st.sampled_from(sorted(self.subscriptions)))
            generated = case.path_parameters or {}
            id = data.draw(
                st.sampled_from(
                    [self.subscriptions[name]["id"], str(generated.get("subscriptionId", NOBODY))]
                )
            )
            other = data.draw(st.sampled_from(["", str(generated.get("operationId", NOBODY))]))
            choice = data.draw(st.integers(0, 3))
            query = {**self.query(operation), **(case.query or {})} if choice == 3 else self.query(operation)
            options: dict[str, Any] = {"params": query, "headers": dict(case.headers or {})}
            if operation.body:
                options["json"] = self.draw_body(operation, name, case, data)
            if data.draw(st.booleans()):
                options["headers"].pop("x-ms-marketplace-token", None)
            self.send(operation, self.path(operation, id, other), **options)

        send()

    def draw_body(self, operation: Any, name: str, case: schemathesis.Case, data: st.DataObject) -> Any:
        valid, generated = self.valid_body(operation, name), case.body
        if not isinstance(generated, dict):
            return valid
        if data.draw(st.booleans()):
            return generated
        chosen = data.draw(st.lists(st.sampled_from(sorted(generated)), unique=True)) if generated else []
        return {**valid, **{name: generated[name] for name in chosen}}

    def send(self, operation: Any, path: str, *, restore: bool = True, **options: Any) -> None:
        if restore:
            self.emulator.restore(self.snapshot)
        headers = options.pop("headers", {})
        if operation.path.endswith("/resolve"):
            headers = {"x-ms-marketplace-token": self.token, **headers}
        query = {**self.query(operation), **options.pop("params", {})}
        if options.get("json") is None:
            options.pop("json", None)
        answer = self.emulator.client.request(
            operation.method.upper(), f"/api{path}", params=query, headers=headers, **options
        )
        self.statuses[operation.label][str(answer.status_code)] += 1
        for difference in self.find_differences(operation, answer):
            self.differences.setdefault(difference, f"{operation.label}: {answer.text[:300]}")

    def find_differences(self, operation: Any, answer: Any) -> list[str]:
        documented = operation.definition.raw["responses"].get(str(answer.status_code))
        if documented is None:
            return [f"{answer.status_code} of {operation.label}"]
        content = documented.get("content", {}).get("application/json")
        if content is None:
            return [f"a body of {answer.status_code}"] if answer.content else []
        if not answer.content:
            return [f"no body of {answer.status_code}"]
        return list(list_differences(content["schema"], answer.json(), str(answer.status_code)))


def test_every_operation_answers_as_described():
    if not FILE.parent.is_dir():
        pytest.skip(ABSENT)
    operations = [operation for file in FILES for operation in list_operations(file)]
    assert len(operations) == 13
    with in_process(seed=1, now=lambda: START) as emulator:
        driver = Driver(emulator)
        for operation in operations:
            driver.walk(operation)
            driver.fuzz(operation)
    for label, statuses in driver.statuses.items():
        print(f"{label}: {dict(sorted(statuses.items()))}")
    assert_waived(driver.differences, STATUSES, SHAPES)
    for operation in operations:
        successes = {status for status in operation.definition.raw["responses"] if status.startswith("2")}
        assert successes & driver.statuses[operation.label].keys(), f"{operation.label} never succeeded"

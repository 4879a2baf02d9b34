"""Invariants of subscriptions, for any order of customer, publisher, clock and answers to webhooks."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from provider.tools.emulators import in_process
from tests.contract.marketplace import DAY, FLAT, SEATS, Marketplace
from tests.contract.webhook_receiver import Reply, serve_receiver

START = 1_800_000_000.0
PENDING, ACTIVE, SUSPENDED, CANCELLED = "PendingFulfillmentStart", "Subscribed", "Suspended", "Unsubscribed"
REACHABLE = {
    PENDING: {PENDING, ACTIVE, SUSPENDED, CANCELLED},
    ACTIVE: {ACTIVE, SUSPENDED, CANCELLED},
    SUSPENDED: {ACTIVE, SUSPENDED, CANCELLED},
    CANCELLED: {CANCELLED},
}
"""States that can follow a state, after any number of events."""
GUARDS = {
    "suspend": {ACTIVE},
    "reinstate": {SUSPENDED},
    "renew": {ACTIVE},
    "cancel": {PENDING, ACTIVE, SUSPENDED},
}
RESULTS = {"suspend": SUSPENDED, "reinstate": SUSPENDED, "renew": ACTIVE, "cancel": CANCELLED}
LIMITS = {"team": (2, 50), "company": (10, 1_000_000)}
INDEX = st.sampled_from([0, 0, 0, 1, 2])
PLANS = st.sampled_from(["team", "company", "team", "company", "basic", "pro"])
SEAT_NUMBERS = st.sampled_from([1, 10, 12, 30, 50, 51])
MOST_SUBSCRIPTIONS = 3


class Subscriptions(RuleBasedStateMachine):
    """A few subscriptions; `seen_states` and `ended` are what was observed of them and of their operations."""

    def __init__(self) -> None:
        super().__init__()
        self._stack = ExitStack()
        self.receiver = self._stack.enter_context(serve_receiver())
        emulator = self._stack.enter_context(in_process(now=lambda: START))
        self.market = Marketplace(emulator)
        self.ids: list[str] = []
        self.last_states: dict[str, str] = {}
        self.ended: dict[str, str] = {}
        self.purchased: dict[str, dict[str, Any]] = {}

    def teardown(self) -> None:
        self._stack.close()

    @initialize(behaviour=st.sampled_from(["documented", "live"]), delay=st.sampled_from([0, 0, 30]))
    def open(self, behaviour: str, delay: int) -> None:
        self.market.behave(behaviour=behaviour, delay_seconds=delay)
        for offer in (FLAT, SEATS):
            self.market.control("offers", {**offer, "webhook_url": f"{self.receiver.url}/webhook"})
        self.buy("team", csp=False, auto_renew=True)
        self.activate(0)

    # --- What is so now

    def pick(self, index: int) -> str:
        return self.ids[index % len(self.ids)]

    def stored(self, kind: str, id: str) -> list[dict[str, Any]]:
        """The documents of a subscription as they are stored, which reads may show late."""
        documents: list[dict[str, Any]] = self.market.emulator.state()[kind]
        return [document for document in documents if id in (document["id"], document.get("subscriptionId"))]

    def subscription(self, id: str) -> dict[str, Any]:
        (subscription,) = self.stored("saasSubscriptions", id)
        return subscription

    def state_of(self, id: str) -> str:
        return str(self.subscription(id)["stage"])

    def is_locked(self, id: str) -> bool:
        return any(item["status"] == "InProgress" for item in self.stored("saasOperations", id))

    # --- The customer

    @precondition(lambda self: len(self.ids) < MOST_SUBSCRIPTIONS)
    @rule(plan=PLANS, csp=st.booleans(), auto_renew=st.booleans())
    def buy(self, plan: str, csp: bool, auto_renew: bool) -> None:
        members = {"quantity": 12} if plan in LIMITS else {}
        purchase = self.market.buy(plan, csp=csp, auto_renew=auto_renew, **members)
        id = purchase["subscription"]["id"]
        self.ids.append(id)
        self.purchased[id] = purchase["subscription"]
        assert self.state_of(id) == PENDING

    @precondition(lambda self: self.ids)
    @rule(index=INDEX, name=st.sampled_from(list(GUARDS)))
    def happen(self, index: int, name: str) -> None:
        id = self.pick(index)
        before, locked = self.state_of(id), self.is_locked(id)
        answer = self.market.emulator.client.post(f"/_emulator/saas/{name}", json={"subscription": id})
        allowed = before in GUARDS[name] and not (name == "reinstate" and locked)
        assert answer.status_code == (200 if allowed else 400), answer.text
        assert self.state_of(id) == (RESULTS[name] if allowed else before)

    @precondition(lambda self: self.ids)
    @rule(index=INDEX, plan=PLANS, seats=SEAT_NUMBERS, of_plan=st.booleans())
    def change_as_customer(self, index: int, plan: str, seats: int, of_plan: bool) -> None:
        id = self.pick(index)
        allowed = self.may_change(id, plan if of_plan else None, seats)
        change = {"plan_id": plan} if of_plan else {"quantity": seats}
        answer = self.market.emulator.client.post(
            "/_emulator/saas/change", json={"subscription": id, **change}
        )
        assert answer.status_code == (200 if allowed else 400), answer.text

    def may_change(self, id: str, plan: str | None, seats: int) -> bool:
        """Whether a subscription can be changed to a plan, or to a number of seats."""
        subscription = self.subscription(id)
        own_plan, quantity = subscription["planId"], subscription.get("quantity")
        if subscription["stage"] != ACTIVE or self.is_locked(id):
            return False
        if plan is None:
            low, high = LIMITS.get(own_plan, (1, 0))
            return seats != quantity and low <= seats <= high
        low, high = LIMITS.get(plan, (0, 0))
        same_offer = (plan in LIMITS) == (own_plan in LIMITS)
        return plan != own_plan and same_offer and low <= (quantity or 0) <= high

    # --- The publisher

    @precondition(lambda self: self.ids)
    @rule(index=INDEX)
    def activate(self, index: int) -> None:
        id = self.pick(index)
        before, plan = self.state_of(id), self.subscription(id)["planId"]
        answer = self.market.call("POST", f"/{id}/activate", json={"planId": plan})
        expected = {PENDING: (200,), ACTIVE: (200, 400), SUSPENDED: (400,), CANCELLED: (404,)}
        assert answer.status_code in expected[before]
        assert self.state_of(id) == (ACTIVE if before == PENDING else before)

    @precondition(lambda self: self.ids)
    @rule(index=INDEX, plan=PLANS, seats=SEAT_NUMBERS, of_plan=st.booleans())
    def change_as_publisher(self, index: int, plan: str, seats: int, of_plan: bool) -> None:
        id = self.pick(index)
        own = "Update" in self.subscription(id)["allowedCustomerOperations"]
        allowed = own and self.may_change(id, plan if of_plan else None, seats)
        answer = self.market.call(
            "PATCH", f"/{id}", json={"planId": plan} if of_plan else {"quantity": seats}
        )
        assert answer.status_code == (202 if allowed else 400), answer.text

    @precondition(lambda self: self.ids)
    @rule(index=INDEX)
    def cancel_as_publisher(self, index: int) -> None:
        id = self.pick(index)
        before = self.state_of(id)
        own = "Delete" in self.subscription(id)["allowedCustomerOperations"]
        answer = self.market.call("DELETE", f"/{id}")
        assert answer.status_code == (200 if before == CANCELLED else 202 if own else 400)

    @precondition(lambda self: self.ids)
    @rule(index=INDEX, number=INDEX, status=st.sampled_from(["Success", "Failure"]))
    def decide(self, index: int, number: int, status: str) -> None:
        """Decide the newest operation or an older one."""
        id = self.pick(index)
        operations = self.stored("saasOperations", id)
        if not operations:
            return
        operation = operations[-1 - number % min(len(operations), 3)]
        is_own = operation["source"] == "Partner"
        answer = self.market.update(id, operation["id"], status)
        if is_own:
            assert answer.status_code in (200, 409, 500)
        else:
            assert answer.status_code == (200 if operation["status"] == "InProgress" else 409)

    @rule(statuses=st.lists(st.sampled_from([200, 200, 400, 404, 500]), max_size=3))
    def answer_webhooks(self, statuses: list[int]) -> None:
        """Answer the next webhooks so."""
        self.receiver.replies = [Reply(status) for status in statuses]

    # --- The clock

    @rule(seconds=st.sampled_from([0, 9, 10, 31, 600, DAY, 15 * DAY, 31 * DAY]))
    def wait(self, seconds: float) -> None:
        self.market.emulator.advance(seconds)

    # --- What always holds

    @invariant()
    def rules_of_the_marketplace_hold(self) -> None:
        self.market.control("deliveries", method="GET")  # what is due is sent
        answer = self.market.emulator.client.post("/_emulator/clock", json={"advance_seconds": 0})
        state = self.market.emulator.state()
        for subscription in state["saasSubscriptions"]:
            operations = [
                operation
                for operation in state["saasOperations"]
                if operation["subscriptionId"] == subscription["id"]
            ]
            self.check_state(subscription, answer.json()["now"])
            self.check_operations(subscription["stage"], operations)
            self.check_target(subscription, operations)
        sent = [delivery["operation"] for delivery in state["saasDeliveries"]]
        assert len(sent) == len(set(sent)), "an operation has two webhooks"

    def check_state(self, subscription: dict[str, Any], now: float) -> None:
        """States follow each other, and none is over: a term, or the days that a state may last."""
        id, state = subscription["id"], subscription["stage"]
        assert state in REACHABLE[self.last_states.get(id, PENDING)]
        self.last_states[id] = state
        assert subscription["saasSubscriptionStatus"] == state
        assert ("due" in subscription) is (state != CANCELLED)
        assert subscription.get("due", now + 1) > now
        assert ("startDate" in subscription["term"]) is ("active_until" in subscription or state == ACTIVE)

    def check_operations(self, state: str, operations: list[dict[str, Any]]) -> None:
        """One is in progress at most, and fits the state; what has ended stays as it is."""
        running = [operation["action"] for operation in operations if operation["status"] == "InProgress"]
        assert len(running) <= (state != CANCELLED)
        for action in running:
            assert action == "Unsubscribe" or state == (SUSPENDED if action == "Reinstate" else ACTIVE)
        for operation in operations:
            before = self.ended.get(operation["id"], "InProgress")
            assert before in ("InProgress", operation["status"])
            self.ended[operation["id"]] = operation["status"]

    def check_target(self, subscription: dict[str, Any], operations: list[dict[str, Any]]) -> None:
        """Plan and seats are those of the last change that succeeded, and within the plan's limits."""
        for member, action in (("planId", "ChangePlan"), ("quantity", "ChangeQuantity")):
            targets = [self.purchased[subscription["id"]].get(member)] + [
                operation[member]
                for operation in operations
                if (operation["action"], operation["status"]) == (action, "Succeeded")
            ]
            assert subscription.get(member) == targets[-1], member
        if subscription["planId"] in LIMITS:
            low, high = LIMITS[subscription["planId"]]
            assert low <= subscription["quantity"] <= high
        else:
            assert "quantity" not in subscription

    @invariant()
    def lists_have_every_subscription_as_it_is_read(self) -> None:
        listed = [item for page in self.market.pages() for item in page] if self.ids else []
        assert [item["id"] for item in listed] == self.ids
        for item in listed:
            assert self.market.read(item["id"]).items() >= item.items()


TestSubscriptions = Subscriptions.TestCase
TestSubscriptions.settings = settings(
    max_examples=settings().max_examples // 7,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
